/* Ends a program with SIGKILL just before the nth of its steps that anybody else could see: a write to a file, a flush,
 * a rename, a removal, bytes sent to a host, bytes taken from one. Every state that a crash can leave behind on disk or
 * on a service lies between two of these.
 *
 *     cc -shared -fPIC -o stop-at.so stop-at.c
 *     LD_PRELOAD=./stop-at.so STOP_AT=17 STOP_AT_LOG=steps.txt program
 *
 * With STOP_AT=0 nothing is stopped. STOP_AT_LOG gets a line at the end, either way: how many steps were taken, and
 * which one it was stopped before. Children are left alone.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static atomic_long steps;
static long last;
static char log_path[4096];
static int is_child;

static void begin_child(void) {
    is_child = 1;
}

__attribute__((constructor)) static void begin(void) {
    const char *number = getenv("STOP_AT"), *path = getenv("STOP_AT_LOG");
    last = number ? atol(number) : 0;
    if (path) snprintf(log_path, sizeof log_path, "%s", path);
    unsetenv("LD_PRELOAD");
    pthread_atfork(NULL, NULL, begin_child);
}

static void tell(const char *what, const char *path) {
    char line[8192];
    ssize_t (*real_write)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
    int file = open(log_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file < 0) return;
    int length = snprintf(line, sizeof line, "%ld %s %s\n", (long)steps, what, path);
    if (real_write(file, line, length) != length) _exit(99);
}

__attribute__((destructor)) static void end(void) {
    tell("end", "");
}

static void step(const char *what, const char *path) {
    if (is_child) return;
    if (atomic_fetch_add(&steps, 1) + 1 != last) return;
    tell(what, path);
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

static void step_of_file(const char *what, int file) {
    struct stat info;
    char link[64], path[4096] = "";
    if (is_child) return;
    if (fstat(file, &info) != 0 || !(S_ISREG(info.st_mode) || S_ISDIR(info.st_mode))) return;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    if (readlink(link, path, sizeof path - 1) < 0) path[0] = 0;
    step(what, path);
}

static void step_of_socket(const char *what, int file) {
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    if (is_child) return;
    if (getsockname(file, (struct sockaddr *)&address, &size) != 0) return;
    if (address.ss_family == AF_INET || address.ss_family == AF_INET6) step(what, "");
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

#define OF_FILE(result, name, parameters, arguments) \
    result name parameters { step_of_file(#name, file); return REAL(name) arguments; }
#define OF_SOCKET(result, name, parameters, arguments) \
    result name parameters { step_of_socket(#name, file); return REAL(name) arguments; }

OF_FILE(ssize_t, write, (int file, const void *bytes, size_t count), (file, bytes, count))
OF_FILE(ssize_t, pwrite, (int file, const void *bytes, size_t count, off_t at), (file, bytes, count, at))
OF_FILE(ssize_t, pwrite64, (int file, const void *bytes, size_t count, off64_t at), (file, bytes, count, at))
OF_FILE(int, fsync, (int file), (file))
OF_FILE(int, fdatasync, (int file), (file))
OF_FILE(int, ftruncate, (int file, off_t size), (file, size))
OF_FILE(int, ftruncate64, (int file, off64_t size), (file, size))

int rename(const char *from, const char *to) { step("rename", to); return REAL(rename)(from, to); }
int unlink(const char *path) { step("unlink", path); return REAL(unlink)(path); }

OF_SOCKET(ssize_t, send, (int file, const void *bytes, size_t count, int flags), (file, bytes, count, flags))
OF_SOCKET(ssize_t, sendmsg, (int file, const struct msghdr *message, int flags), (file, message, flags))
OF_SOCKET(ssize_t, recv, (int file, void *bytes, size_t count, int flags), (file, bytes, count, flags))
