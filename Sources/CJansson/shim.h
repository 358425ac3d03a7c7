#pragma once
#include <jansson.h>

// A static inline over an atomic count; wrapped so that Swift sees a plain function.
static inline void cjansson_decref(json_t *value) { json_decref(value); }
