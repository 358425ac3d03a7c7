/* Shows a program a system without libavfilter.
 *
 *     cc -shared -fPIC -o no-filters.so no-filters.c
 *     LD_PRELOAD=./no-filters.so program
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

void *dlopen(const char *file, int mode) {
    static void *(*next)(const char *, int);
    if (file && strncmp(file, "libavfilter", strlen("libavfilter")) == 0) return NULL;
    if (!next) next = (void *(*)(const char *, int))dlsym(RTLD_NEXT, "dlopen");
    return next(file, mode);
}
