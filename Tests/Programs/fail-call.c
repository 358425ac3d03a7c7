/* Has the nth of a program's calls on files below a folder fail, as a disk or a file system does: for want of something
 * that it may have later, or for good.
 *
 *     cc -shared -fPIC -o fail-call.so fail-call.c
 *     LD_PRELOAD=./fail-call.so FAIL_CALL=17 FAIL_KIND=temporary FAIL_BELOW=/folder FAIL_LOG=calls.txt program
 *
 * With FAIL_CALL=0 nothing fails. FAIL_VARIANT is 0, 1 or 2: which of the errors of its kind that such a call may have. With
 * FAIL_ERRNO it is that one, whatever the call is; with FAIL_NAME=open only calls of that name (or its 64-bit form) count; with
 * FAIL_ON=1 all from the nth on fail. FAIL_BELOW may be a file, too. FAIL_LOG gets a line at the end: how many calls there were,
 * and which one failed on what. Children are left alone.
 */
#define _GNU_SOURCE
#include <dirent.h>
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
static int is_temporary, is_child, variant, given, goes_on;
static char below[4096], log_path[4096], failed[8192], name[32];
static __thread int is_inside;

static void begin_child(void) {
    is_child = 1;
}

__attribute__((constructor)) static void begin(void) {
    const char *number = getenv("FAIL_CALL"), *kind = getenv("FAIL_KIND"), *path = getenv("FAIL_LOG");
    const char *folder = getenv("FAIL_BELOW"), *which = getenv("FAIL_VARIANT"), *code = getenv("FAIL_ERRNO");
    const char *only = getenv("FAIL_NAME"), *on = getenv("FAIL_ON");
    chosen = number ? atol(number) : 0;
    is_temporary = kind && strcmp(kind, "temporary") == 0;
    if (path) snprintf(log_path, sizeof log_path, "%s", path);
    variant = which ? atoi(which) % 3 : 0;
    given = code ? atoi(code) : 0;
    goes_on = on && strcmp(on, "1") == 0;
    if (only) snprintf(name, sizeof name, "%s", only);
    if (folder) snprintf(below, sizeof below, "%s", folder);
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

/* What may become of a call: three errors that may pass by themselves, and three that may not. */
typedef struct {
    int temporary[3], permanent[3];
} errors;

static int is_below(const char *given_path) {
    char path[8192];
    size_t length = strlen(below);
    if (given_path[0] == '/') snprintf(path, sizeof path, "%s", given_path);
    else if (!getcwd(path, 4096)) return 0;
    else snprintf(path + strlen(path), sizeof path - strlen(path), "/%s", given_path);
    return length > 0 && strncmp(path, below, length) == 0 && (path[length] == '/' || path[length] == 0);
}

static int is_named(const char *what) {
    size_t length = strlen(name);
    /* Looks at a file are many, and counted only where they are asked for. */
    if (length == 0) return strstr(what, "stat") == NULL;
    return strncmp(what, name, length) == 0 && (what[length] == 0 || strcmp(what + length, "64") == 0);
}

/* Whether this is the call; then errno is set. */
static int fails(const char *what, const char *path, errors codes) {
    if (is_child || is_inside || !is_below(path) || !is_named(what)) return 0;
    long number = atomic_fetch_add(&calls, 1) + 1;
    if (chosen == 0 || (goes_on ? number < chosen : number != chosen)) return 0;
    errno = given ? given : (is_temporary ? codes.temporary : codes.permanent)[variant];
    if (!failed[0]) {
        int code = errno;
        snprintf(failed, sizeof failed, "%s %s: %s", what, path, strerror(code));
        errno = code;
    }
    return 1;
}

static int fails_of(const char *what, int file, errors codes) {
    struct stat info;
    char link[64], path[4096] = "";
    int before = errno;
    if (is_child || is_inside || !below[0]) return 0;
    if (fstat(file, &info) != 0 || !(S_ISREG(info.st_mode) || S_ISDIR(info.st_mode))) return errno = before, 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    if (readlink(link, path, sizeof path - 1) < 0) path[0] = 0;
    errno = before;
    return fails(what, path, codes);
}

#define TEMPORARY(a, b, c) ((errors){{a, b, c},
#define PERMANENT(a, b, c) {a, b, c}})

#define READING TEMPORARY(ENOMEM, ESTALE, ETIMEDOUT) PERMANENT(EIO, EACCES, EOVERFLOW)
#define WRITING TEMPORARY(ENOSPC, EDQUOT, ESTALE) PERMANENT(EIO, EFBIG, EPERM)
#define FLUSHING TEMPORARY(EDQUOT, ENOSPC, ESTALE) PERMANENT(EIO, EROFS, EIO)
#define CUTTING TEMPORARY(ENOSPC, EDQUOT, ETXTBSY) PERMANENT(EIO, EROFS, EPERM)
#define LOCKING TEMPORARY(ENOLCK, ENOMEM, ESTALE) PERMANENT(EOPNOTSUPP, EIO, EINVAL)
#define CHANGING TEMPORARY(EINTR, ENOMEM, ESTALE) PERMANENT(EROFS, EPERM, EIO)
#define NAMING TEMPORARY(ENOSPC, EDQUOT, EBUSY) PERMANENT(EROFS, EACCES, EIO)
#define REMOVING TEMPORARY(EBUSY, ENOMEM, ESTALE) PERMANENT(EROFS, EACCES, EPERM)
#define MAPPING TEMPORARY(ENOMEM, EAGAIN, ENFILE) PERMANENT(EACCES, ENODEV, EPERM)
#define LISTING TEMPORARY(ENOMEM, EMFILE, ESTALE) PERMANENT(EIO, EACCES, ELOOP)
#define OPENING TEMPORARY(EMFILE, ENFILE, ESTALE) PERMANENT(EACCES, EIO, ELOOP)
#define MAKING TEMPORARY(ENOSPC, EDQUOT, ENFILE) PERMANENT(EACCES, EROFS, EIO)

#define ON_FILE(result, name, parameters, arguments, errors) \
    result name parameters { \
        if (fails_of(#name, file, errors)) return (result)-1; \
        return REAL(name) arguments; \
    }
#define ON_PATH(result, name, parameters, arguments, errors) \
    result name parameters { \
        if (fails(#name, path, errors)) return (result)-1; \
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
        if (flags & O_CREAT ? fails(#name, path, MAKING) : fails(#name, path, OPENING)) return -1; \
        return REAL(name)(path, flags, mode); \
    }
#define ON_LIST(type, name) \
    struct type *name(DIR *folder) { \
        int error = errno; \
        if (fails_of(#name, dirfd(folder), LISTING)) return NULL; \
        errno = error; \
        return REAL(name)(folder); \
    }

ON_OPEN(open)
ON_OPEN(open64)
ON_FILE(ssize_t, read, (int file, void *bytes, size_t count), (file, bytes, count), READING)
ON_FILE(ssize_t, pread, (int file, void *bytes, size_t count, off_t at), (file, bytes, count, at), READING)
ON_FILE(ssize_t, pread64, (int file, void *bytes, size_t count, off64_t at), (file, bytes, count, at), READING)
ON_FILE(ssize_t, write, (int file, const void *bytes, size_t count), (file, bytes, count), WRITING)
ON_FILE(ssize_t, pwrite, (int file, const void *bytes, size_t count, off_t at), (file, bytes, count, at), WRITING)
ON_FILE(ssize_t, pwrite64, (int file, const void *bytes, size_t count, off64_t at), (file, bytes, count, at), WRITING)
ON_FILE(int, fsync, (int file), (file), FLUSHING)
ON_FILE(int, fdatasync, (int file), (file), FLUSHING)
ON_FILE(int, ftruncate, (int file, off_t size), (file, size), CUTTING)
ON_FILE(int, ftruncate64, (int file, off64_t size), (file, size), CUTTING)
ON_FILE(int, flock, (int file, int operation), (file, operation), LOCKING)
ON_FILE(int, fchmod, (int file, mode_t mode), (file, mode), CHANGING)
ON_PATH(int, mkdir, (const char *path, mode_t mode), (path, mode), NAMING)
ON_PATH(int, unlink, (const char *path), (path), REMOVING)
ON_PATH(int, stat, (const char *path, struct stat *info), (path, info), LISTING)
ON_PATH(int, stat64, (const char *path, struct stat64 *info), (path, info), LISTING)
ON_PATH(int, lstat, (const char *path, struct stat *info), (path, info), LISTING)
ON_PATH(int, lstat64, (const char *path, struct stat64 *info), (path, info), LISTING)
ON_LIST(dirent, readdir)
ON_LIST(dirent64, readdir64)

DIR *opendir(const char *path) {
    return fails("opendir", path, LISTING) ? NULL : REAL(opendir)(path);
}

int rename(const char *from, const char *to) {
    return fails("rename", to, NAMING) ? -1 : REAL(rename)(from, to);
}

void *mmap(void *at, size_t length, int protection, int flags, int file, off_t offset) {
    if (file >= 0 && fails_of("mmap", file, MAPPING)) return MAP_FAILED;
    return REAL(mmap)(at, length, protection, flags, file, offset);
}

void *mmap64(void *at, size_t length, int protection, int flags, int file, off64_t offset) {
    if (file >= 0 && fails_of("mmap64", file, MAPPING)) return MAP_FAILED;
    return REAL(mmap64)(at, length, protection, flags, file, offset);
}
