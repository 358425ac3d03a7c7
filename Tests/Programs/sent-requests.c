/* Notes the first line of each HTTP request that a program is about to send, so that a test can tell whose of several
 * programs a request was which a service has seen.
 *
 *     cc -shared -fPIC -o sent-requests.so sent-requests.c
 *     LD_PRELOAD=./sent-requests.so SENT_REQUESTS=requests.txt program
 *
 * Lines are added to SENT_REQUESTS before the request is sent. Children are left alone. Only what goes out by send(2)
 * is seen, without TLS.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static int notes = -1;

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("SENT_REQUESTS");
    if (path) notes = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    unsetenv("LD_PRELOAD");
}

static int is_request(const char *text, size_t count) {
    static const char *methods[] = {"GET /", "POST /", "PUT /", "DELETE /"};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        size_t length = strlen(methods[i]);
        if (count >= length && memcmp(text, methods[i], length) == 0) return 1;
    }
    return 0;
}

ssize_t send(int file, const void *bytes, size_t count, int flags) {
    ssize_t (*real)(int, const void *, size_t, int) = dlsym(RTLD_NEXT, "send");
    if (notes >= 0 && is_request(bytes, count)) {
        const char *end = memchr(bytes, '\n', count);
        size_t length = end ? (size_t)(end - (const char *)bytes) + 1 : 0;
        /* Not write(2) of the C library, which another library may count. */
        if (length && syscall(SYS_write, notes, bytes, length) != (long)length) _exit(99);
    }
    return real(file, bytes, count, flags);
}
