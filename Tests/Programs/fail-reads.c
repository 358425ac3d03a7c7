/* Has each read of a file at an offset fail as one does from a file server whose file was replaced (ESTALE), which may pass.
 *
 *     cc -shared -fPIC -o fail-reads.so fail-reads.c
 */
#define _GNU_SOURCE
#include <errno.h>
#include <unistd.h>

ssize_t pread(int file, void *bytes, size_t count, off_t offset) {
    (void)file, (void)bytes, (void)count, (void)offset;
    errno = ESTALE;
    return -1;
}

ssize_t pread64(int file, void *bytes, size_t count, off64_t offset) {
    return pread(file, bytes, count, offset);
}
