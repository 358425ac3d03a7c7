#pragma once
#include <spawn.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

// Calls that glibc declares for _GNU_SOURCE only, which Swift's Glibc module does not define, that are
// variadic or made of macros, or that it has no function for. No logic.

/// How many words the command line has, the program's name among them. glibc tells what runs before main.
int clinux_argument_count(void);

/// A word of the command line; `index` below the count.
const char *clinux_argument(int index);

/// getauxval(3) with AT_EXECFN: the path that the program was started by, perhaps relative to where that was; or NULL.
const char *clinux_program(void);

/// mkostemp(3) with O_CLOEXEC.
int clinux_mkostemp(char *path_template);

/// copy_file_range(2): from `*source_offset` of `source` to the file offset of `target`.
int64_t clinux_copy_file_range(int source, int64_t *source_offset, int target, size_t length);

/// fallocate(2) with FALLOC_FL_KEEP_SIZE.
int clinux_reserve(int descriptor, int64_t offset, int64_t length);

/// madvise(2) with MADV_POPULATE_WRITE.
int clinux_populate(void *memory, size_t length);

/// fcntl(2) with F_SETLEASE: F_RDLCK, or F_UNLCK to give it back.
int clinux_lease(int descriptor, int kind);

/// fcntl(2) with F_SETSIG: what tells that somebody waits for the lease.
int clinux_lease_signal(int descriptor, int signal);

/// fstatfs(2): the kind of file system, or -1.
int64_t clinux_file_system(int descriptor);

/// statfs(2): the same for a path.
int64_t clinux_file_system_of(const char *path);

/// fstat(2) as the kernel knows it by a descriptor alone; the C library asks by an empty path, which a filter of system
/// calls can't tell from any other path.
int clinux_fstat(int descriptor, struct stat *status);

/// statx(2): the number of the mount that a file is on, unique while the system is up where the kernel has that; 0 if it has
/// none.
uint64_t clinux_mount(int descriptor);

/// pipe2(2) with O_CLOEXEC: `ends[0]` is read from, `ends[1]` written to.
int clinux_pipe(int ends[2]);

/// memfd_create(2) with MFD_CLOEXEC: a file without a name.
int clinux_nameless_file(void);

/// ioctl(2) with TIOCGWINSZ: columns and lines of the terminal; -1 if it is none.
int clinux_terminal_size(int descriptor, int *columns, int *lines);

/// What the program was built from; empty unless the build says so.
const char *clinux_commit(void);

/// landlock_create_ruleset(2) with LANDLOCK_CREATE_RULESET_VERSION: the version of the interface, or -1.
int clinux_landlock_version(void);

/// prctl(2) with PR_GET_SECCOMP: 1 where the kernel has filters of system calls.
int clinux_has_system_call_filters(void);

/// wcwidth(3), in the locale of the thread.
int clinux_columns(uint32_t character);

/// ioctl(2) with SIOCOUTQ: bytes that were handed to a socket and that the other end has not acknowledged; or -1.
int clinux_unacknowledged(int socket);

/// sendmsg(2) with MSG_NOSIGNAL, and with SCM_RIGHTS for `descriptor` unless that is -1.
ssize_t clinux_send(int socket, const void *bytes, size_t count, int descriptor, int flags);

/// recvmsg(2) with MSG_CMSG_CLOEXEC: a descriptor that came by SCM_RIGHTS is in `*descriptor`, else -1.
ssize_t clinux_receive(int socket, void *bytes, size_t count, int *descriptor);

/// posix_spawn_file_actions_addchdir_np(3).
int clinux_spawn_changes_folder(posix_spawn_file_actions_t *actions, const char *folder);

/// posix_spawn_file_actions_addclosefrom_np(3).
int clinux_spawn_closes_from(posix_spawn_file_actions_t *actions, int lowest);

/// fork(2). Only for a process that has one thread.
pid_t clinux_fork(void);

/// close_range(2): all descriptors from `lowest` on.
int clinux_close_from(int lowest);

/// prctl(2) with PR_SET_NO_NEW_PRIVS.
int clinux_no_new_privileges(void);

/// prctl(2) with PR_SET_DUMPABLE and 0.
int clinux_not_dumpable(void);

/// landlock_create_ruleset(2): a descriptor, or with flags the version of the interface.
int clinux_landlock_create_ruleset(const void *attributes, size_t size, uint32_t flags);

/// landlock_restrict_self(2).
int clinux_landlock_restrict_self(int ruleset, uint32_t flags);

/// pthread_setattr_default_np(3): the size of the stacks of threads from now on.
int clinux_set_thread_stack(size_t bytes);

/// sched_getaffinity(2) and CPU_COUNT_S(3): processors that this process may run on; -1 if that can't be told.
int clinux_processors(void);

/// prctl(2) with PR_SET_NAME: what ps(1) and gdb(1) call this thread, at most 15 bytes of `name`.
void clinux_name_thread(const char *name);

/// mallopt(3) with M_ARENA_MAX: how many heaps malloc(3) uses at most.
int clinux_limit_heaps(int count);

/// mallopt(3) with M_MMAP_THRESHOLD: from how many bytes on malloc(3) takes memory that goes back to the system when it is free.
int clinux_map_large_memory(int bytes);

/// 1 when this was built with AddressSanitizer, ThreadSanitizer or the like.
int clinux_is_sanitized(void);
