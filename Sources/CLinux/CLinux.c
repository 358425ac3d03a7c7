#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include "CLinux.h"

#include <fcntl.h>
#include <linux/sockios.h>
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>
#include <wchar.h>

static int argument_count;
static char **arguments;

// The loader hands them to whatever runs before main.
__attribute__((constructor)) static void keep_arguments(int count, char **words) {
    argument_count = count;
    arguments = words;
}

int clinux_argument_count(void) { return argument_count; }

const char *clinux_argument(int index) { return arguments[index]; }

const char *clinux_program(void) { return (const char *)getauxval(AT_EXECFN); }

int clinux_mkostemp(char *path_template) { return mkostemp(path_template, O_CLOEXEC); }

int64_t clinux_copy_file_range(int source, int64_t *source_offset, int target, size_t length) {
    off64_t offset = *source_offset;
    int64_t copied = copy_file_range(source, &offset, target, NULL, length, 0);
    *source_offset = offset;
    return copied;
}

int clinux_reserve(int descriptor, int64_t offset, int64_t length) {
    return fallocate(descriptor, FALLOC_FL_KEEP_SIZE, offset, length);
}

int clinux_populate(void *memory, size_t length) {
    const int populate_write = 23;  // MADV_POPULATE_WRITE, which not all headers have.
    return madvise(memory, length, populate_write);
}

int clinux_lease(int descriptor, int kind) { return fcntl(descriptor, F_SETLEASE, kind); }

int clinux_lease_signal(int descriptor, int signal) { return fcntl(descriptor, F_SETSIG, signal); }

int64_t clinux_file_system(int descriptor) {
    struct statfs system;
    return fstatfs(descriptor, &system) == 0 ? system.f_type : -1;
}

int64_t clinux_file_system_of(const char *path) {
    struct statfs system;
    return statfs(path, &system) == 0 ? system.f_type : -1;
}

int clinux_fstat(int descriptor, struct stat *status) { return (int)syscall(SYS_fstat, descriptor, status); }

uint64_t clinux_mount(int descriptor) {
    // STATX_MNT_ID and STATX_MNT_ID_UNIQUE, which not all headers have.
    const unsigned numbers = 0x1000 | 0x4000;
    struct statx info;
    if (statx(descriptor, "", AT_EMPTY_PATH, numbers, &info) != 0 || (info.stx_mask & numbers) == 0) return 0;
    return info.stx_mnt_id;
}

int clinux_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int clinux_nameless_file(void) { return memfd_create("clipship", MFD_CLOEXEC); }

int clinux_terminal_size(int descriptor, int *columns, int *lines) {
    struct winsize size = {0};
    int code = ioctl(descriptor, TIOCGWINSZ, &size);
    *columns = size.ws_col;
    *lines = size.ws_row;
    return code;
}

const char *clinux_commit(void) {
#ifdef CLIPSHIP_COMMIT
    return CLIPSHIP_COMMIT;
#else
    return "";
#endif
}

int clinux_landlock_version(void) { return clinux_landlock_create_ruleset(NULL, 0, 1 << 0); }

int clinux_has_system_call_filters(void) { return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0; }

int clinux_columns(uint32_t character) { return wcwidth((wchar_t)character); }

int clinux_unacknowledged(int socket) {
    int count = -1;
    return ioctl(socket, SIOCOUTQ, &count) == 0 ? count : -1;
}

ssize_t clinux_send(int socket, const void *bytes, size_t count, int descriptor, int flags) {
    struct iovec part = {.iov_base = (void *)bytes, .iov_len = count};
    union {
        char space[CMSG_SPACE(sizeof(int))];
        struct cmsghdr alignment;
    } control = {0};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (descriptor != -1) {
        message.msg_control = control.space;
        message.msg_controllen = sizeof control.space;
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &descriptor, sizeof(int));
    }
    return sendmsg(socket, &message, flags | MSG_NOSIGNAL);
}

ssize_t clinux_receive(int socket, void *bytes, size_t count, int *descriptor) {
    struct iovec part = {.iov_base = bytes, .iov_len = count};
    union {
        char space[CMSG_SPACE(sizeof(int))];
        struct cmsghdr alignment;
    } control = {0};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.space, .msg_controllen = sizeof control.space};
    *descriptor = -1;
    ssize_t received = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    struct cmsghdr *header = received < 0 ? NULL : CMSG_FIRSTHDR(&message);
    if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS)
        memcpy(descriptor, CMSG_DATA(header), sizeof(int));
    return received;
}

int clinux_spawn_changes_folder(posix_spawn_file_actions_t *actions, const char *folder) {
    return posix_spawn_file_actions_addchdir_np(actions, folder);
}

int clinux_spawn_closes_from(posix_spawn_file_actions_t *actions, int lowest) {
    return posix_spawn_file_actions_addclosefrom_np(actions, lowest);
}

pid_t clinux_fork(void) { return fork(); }

int clinux_close_from(int lowest) { return (int)syscall(SYS_close_range, lowest, ~0U, 0); }

int clinux_no_new_privileges(void) { return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); }

int clinux_not_dumpable(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

int clinux_landlock_create_ruleset(const void *attributes, size_t size, uint32_t flags) {
    return (int)syscall(SYS_landlock_create_ruleset, attributes, size, flags);
}

int clinux_landlock_restrict_self(int ruleset, uint32_t flags) {
    return (int)syscall(SYS_landlock_restrict_self, ruleset, flags);
}

int clinux_set_thread_stack(size_t bytes) {
    pthread_attr_t attributes;
    int code = pthread_getattr_default_np(&attributes);
    if (code == 0) code = pthread_attr_setstacksize(&attributes, bytes);
    return code == 0 ? pthread_setattr_default_np(&attributes) : code;
}

int clinux_processors(void) {
    // Room for more than any machine has: with less the kernel refuses the call.
    cpu_set_t set[8];
    CPU_ZERO_S(sizeof set, set);
    return sched_getaffinity(0, sizeof set, set) == 0 ? CPU_COUNT_S(sizeof set, set) : -1;
}

void clinux_name_thread(const char *name) {
    prctl(PR_SET_NAME, name, 0, 0, 0);
}

int clinux_limit_heaps(int count) { return mallopt(M_ARENA_MAX, count); }

int clinux_map_large_memory(int bytes) { return mallopt(M_MMAP_THRESHOLD, bytes); }

#ifndef __has_feature
#define __has_feature(x) 0
#endif

int clinux_is_sanitized(void) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || __has_feature(address_sanitizer) || \
    __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
    return 1;
#else
    return 0;
#endif
}
