/* A folder as a file system of its own that refuses locks (flock, fcntl) and memory that is shared through a file, as some
 * network disks do. What is in it is in another folder.
 *
 *     cc $(pkg-config --cflags fuse3) -o refusing-disk refusing-disk.c $(pkg-config --libs fuse3)
 *     ./refusing-disk -f -o default_permissions FOLDER MOUNT-POINT
 */
#define FUSE_USE_VERSION 31
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* The folder; every path begins with a slash and is below it. */
static int root;

static const char *below(const char *path) { return path[1] == '\0' ? "." : path + 1; }

static int answer(long result) { return result == -1 ? -errno : (int)result; }

static void *begin(struct fuse_conn_info *connection, struct fuse_config *config) {
    (void)connection;
    /* Links to one file have one number, and nothing is kept: another machine may have changed it. */
    config->use_ino = 1;
    config->attr_timeout = config->entry_timeout = config->negative_timeout = 0;
    config->nullpath_ok = 0;
    return NULL;
}

static int get_attributes(const char *path, struct stat *info, struct fuse_file_info *file) {
    return answer(file ? fstat((int)file->fh, info) : fstatat(root, below(path), info, AT_SYMLINK_NOFOLLOW));
}

static int read_link(const char *path, char *text, size_t size) {
    ssize_t count = readlinkat(root, below(path), text, size - 1);
    if (count == -1) return -errno;
    text[count] = '\0';
    return 0;
}

static int make_folder(const char *path, mode_t mode) { return answer(mkdirat(root, below(path), mode)); }
static int remove_file(const char *path) { return answer(unlinkat(root, below(path), 0)); }
static int remove_folder(const char *path) { return answer(unlinkat(root, below(path), AT_REMOVEDIR)); }
static int make_symbolic_link(const char *text, const char *path) { return answer(symlinkat(text, root, below(path))); }
static int make_link(const char *from, const char *to) { return answer(linkat(root, below(from), root, below(to), 0)); }

static int rename_file(const char *from, const char *to, unsigned int flags) {
    return answer(renameat2(root, below(from), root, below(to), flags));
}

static int set_mode(const char *path, mode_t mode, struct fuse_file_info *file) {
    return answer(file ? fchmod((int)file->fh, mode) : fchmodat(root, below(path), mode, 0));
}

static int set_owner(const char *path, uid_t user, gid_t group, struct fuse_file_info *file) {
    return answer(file ? fchown((int)file->fh, user, group)
                       : fchownat(root, below(path), user, group, AT_SYMLINK_NOFOLLOW));
}

static int set_size(const char *path, off_t size, struct fuse_file_info *file) {
    if (file) return answer(ftruncate((int)file->fh, size));
    int opened = openat(root, below(path), O_WRONLY | O_CLOEXEC);
    if (opened == -1) return -errno;
    int result = answer(ftruncate(opened, size));
    close(opened);
    return result;
}

static int set_times(const char *path, const struct timespec times[2], struct fuse_file_info *file) {
    return answer(file ? futimens((int)file->fh, times) : utimensat(root, below(path), times, AT_SYMLINK_NOFOLLOW));
}

static int keep(int opened, struct fuse_file_info *file) {
    if (opened == -1) return -errno;
    file->fh = (uint64_t)opened;
    /* The kernel keeps no pages then, and refuses to share them. */
    file->direct_io = 1;
    return 0;
}

static int open_file(const char *path, struct fuse_file_info *file) {
    return keep(openat(root, below(path), (file->flags & ~O_APPEND) | O_CLOEXEC), file);
}

static int create_file(const char *path, mode_t mode, struct fuse_file_info *file) {
    return keep(openat(root, below(path), (file->flags & ~O_APPEND) | O_CREAT | O_CLOEXEC, mode), file);
}

static int read_file(const char *path, char *bytes, size_t size, off_t offset, struct fuse_file_info *file) {
    (void)path;
    return answer(pread((int)file->fh, bytes, size, offset));
}

static int write_file(const char *path, const char *bytes, size_t size, off_t offset, struct fuse_file_info *file) {
    (void)path;
    return answer(pwrite((int)file->fh, bytes, size, offset));
}

static int flush_file(const char *path, int data_only, struct fuse_file_info *file) {
    (void)path;
    return answer(data_only ? fdatasync((int)file->fh) : fsync((int)file->fh));
}

static int close_file(const char *path, struct fuse_file_info *file) {
    (void)path;
    return answer(close((int)file->fh));
}

static int list_folder(const char *path, void *list, fuse_fill_dir_t add, off_t offset, struct fuse_file_info *file,
                       enum fuse_readdir_flags flags) {
    (void)offset;
    (void)file;
    (void)flags;
    int opened = openat(root, below(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = opened == -1 ? NULL : fdopendir(opened);
    if (!folder) return -errno;
    for (struct dirent *entry; (entry = readdir(folder));) {
        struct stat info = {.st_ino = entry->d_ino, .st_mode = (mode_t)entry->d_type << 12};
        add(list, entry->d_name, &info, 0, 0);
    }
    closedir(folder);
    return 0;
}

static int get_room(const char *path, struct statvfs *info) {
    (void)path;
    return answer(fstatvfs(root, info));
}

static int refuse_lock(const char *path, struct fuse_file_info *file, int operation) {
    (void)path;
    (void)file;
    (void)operation;
    return -ENOLCK;
}

static int refuse_range_lock(const char *path, struct fuse_file_info *file, int command, struct flock *range) {
    (void)path;
    (void)file;
    (void)command;
    (void)range;
    return -ENOLCK;
}

static const struct fuse_operations operations = {
    .init = begin, .getattr = get_attributes, .readlink = read_link, .mkdir = make_folder, .unlink = remove_file,
    .rmdir = remove_folder, .symlink = make_symbolic_link, .rename = rename_file, .link = make_link, .chmod = set_mode,
    .chown = set_owner, .truncate = set_size, .utimens = set_times, .open = open_file, .create = create_file,
    .read = read_file, .write = write_file, .fsync = flush_file, .release = close_file, .readdir = list_folder,
    .statfs = get_room, .flock = refuse_lock, .lock = refuse_range_lock,
};

int main(int count, char **arguments) {
    if (count < 3) {
        fprintf(stderr, "usage: refusing-disk [options] FOLDER MOUNT-POINT\n");
        return 2;
    }
    /* The library sees all but the folder. */
    root = open(arguments[count - 2], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (root == -1) {
        perror(arguments[count - 2]);
        return 1;
    }
    arguments[count - 2] = arguments[count - 1];
    arguments[count - 1] = NULL;
    umask(0);
    return fuse_main(count - 1, arguments, &operations, NULL);
}
