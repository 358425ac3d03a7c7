/* Has the nth of a program's calls on files below a folder fail, as a disk or a file system does: for want of something
 * that it may have later, or for good.
 *
 *     cc -shared -fPIC -o fail-call.so fail-call.c
 *     LD_PRELOAD=./fail-call.so FAIL_CALL=17 FAIL_KIND=temporary FAIL_BELOW=/folder FAIL_LOG=calls.txt program
 *
 * With FAIL_CALL=0 nothing fails. FAIL_LOG gets a line at the end: how many calls there were, and which one failed on
 * what. Children are left alone.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static atomic_long calls;
static long chosen;
static int is_temporary, is_child;
static char below[4096], log_path[4096], failed[8192];
static __thread int is_inside;

static void begin_child(void) {
    is_child = 1;
}

__attribute__((constructor)) static void begin(void) {
    const char *number = getenv("FAIL_CALL"), *kind = getenv("FAIL_KIND"), *path = getenv("FAIL_LOG");
    const char *folder = getenv("FAIL_BELOW");
    chosen = number ? atol(number) : 0;
    is_temporary = kind && strcmp(kind, "temporary") == 0;
    if (path) snprintf(log_path, sizeof log_path, "%s", path);
    if (folder) snprintf(below, sizeof below, "%s/", folder);
    unsetenv("LD_PRELOAD");
    pthread_atfork(NULL, NULL, begin_child);
}

__attribute__((destructor)) static void end(void) {
    char line[8300];
    is_inside = 1;
    if (is_child || !log_path[0]) return;
    int file = REAL(open)(log_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file < 0) return;
    int length = snprintf(line, sizeof line, "%ld %s\n", (long)calls, failed[0] ? failed : "end");
    if (REAL(write)(file, line, length) != length) _exit(99);
}

/* Whether this is the call; then errno is set. */
static int fails(const char *what, const char *path, int temporary, int permanent) {
    if (is_child || is_inside || !below[0] || strncmp(path, below, strlen(below)) != 0) return 0;
    if (atomic_fetch_add(&calls, 1) + 1 != chosen) return 0;
    errno = is_temporary ? temporary : permanent;
    snprintf(failed, sizeof failed, "%s %s: %s", what, path, strerror(errno));
    return 1;
}

static int fails_of(const char *what, int file, int temporary, int permanent) {
    struct stat info;
    char link[64], path[4096] = "";
    int before = errno;
    if (is_child || is_inside || !below[0]) return 0;
    if (fstat(file, &info) != 0 || !(S_ISREG(info.st_mode) || S_ISDIR(info.st_mode))) return errno = before, 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    if (readlink(link, path, sizeof path - 1) < 0) path[0] = 0;
    errno = before;
    return fails(what, path, temporary, permanent);
}

#define ON_FILE(result, name, parameters, arguments, temporary, permanent) \
    result name parameters { \
        if (fails_of(#name, file, temporary, permanent)) return (result)-1; \
        return REAL(name) arguments; \
    }
#define ON_PATH(result, name, parameters, arguments, temporary, permanent) \
    result name parameters { \
        if (fails(#name, path, temporary, permanent)) return (result)-1; \
        return REAL(name) arguments; \
    }
#define ON_OPEN(name) \
    int name(const char *path, int flags, ...) { \
        mode_t mode = 0; \
        if (flags & (O_CREAT | __O_TMPFILE)) { \
            va_list more; \
            va_start(more, flags); \
            mode = va_arg(more, mode_t); \
            va_end(more); \
        } \
        if (fails(#name, path, flags & O_CREAT ? ENOSPC : EMFILE, EACCES)) return -1; \
        return REAL(name)(path, flags, mode); \
    }

ON_OPEN(open)
ON_OPEN(open64)
ON_FILE(ssize_t, read, (int file, void *bytes, size_t count), (file, bytes, count), ENOMEM, EIO)
ON_FILE(ssize_t, pread, (int file, void *bytes, size_t count, off_t at), (file, bytes, count, at), ENOMEM, EIO)
ON_FILE(ssize_t, pread64, (int file, void *bytes, size_t count, off64_t at), (file, bytes, count, at), ENOMEM, EIO)
ON_FILE(ssize_t, write, (int file, const void *bytes, size_t count), (file, bytes, count), ENOSPC, EIO)
ON_FILE(ssize_t, pwrite, (int file, const void *bytes, size_t count, off_t at), (file, bytes, count, at), ENOSPC, EIO)
ON_FILE(ssize_t, pwrite64, (int file, const void *bytes, size_t count, off64_t at), (file, bytes, count, at), ENOSPC, EIO)
ON_FILE(int, fsync, (int file), (file), EDQUOT, EIO)
ON_FILE(int, fdatasync, (int file), (file), EDQUOT, EIO)
ON_FILE(int, ftruncate, (int file, off_t size), (file, size), ENOSPC, EIO)
ON_FILE(int, ftruncate64, (int file, off64_t size), (file, size), ENOSPC, EIO)
ON_FILE(int, flock, (int file, int operation), (file, operation), ENOLCK, EOPNOTSUPP)
ON_FILE(int, fchmod, (int file, mode_t mode), (file, mode), EINTR, EROFS)
ON_PATH(int, mkdir, (const char *path, mode_t mode), (path, mode), ENOSPC, EROFS)
ON_PATH(int, unlink, (const char *path), (path), EBUSY, EROFS)

int rename(const char *from, const char *to) {
    return fails("rename", to, ENOSPC, EROFS) ? -1 : REAL(rename)(from, to);
}

void *mmap(void *at, size_t length, int protection, int flags, int file, off_t offset) {
    if (file >= 0 && fails_of("mmap", file, ENOMEM, EACCES)) return MAP_FAILED;
    return REAL(mmap)(at, length, protection, flags, file, offset);
}

void *mmap64(void *at, size_t length, int protection, int flags, int file, off64_t offset) {
    if (file >= 0 && fails_of("mmap64", file, ENOMEM, EACCES)) return MAP_FAILED;
    return REAL(mmap64)(at, length, protection, flags, file, offset);
}
