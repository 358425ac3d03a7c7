#pragma once
#include <zlib.h>

// deflateInit2 is a macro. No logic: 16 beside the largest window is how zlib is asked for the gzip format.
static inline int czlib_deflate_init_gzip(z_stream *stream, int level) {
    return deflateInit2(stream, level, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY);
}
