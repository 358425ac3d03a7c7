/* Every disk as a bad network disk: it says that it is NFS, has no locks of either kind, and no file can be mapped to be
 * written to by several.
 *
 *     cc -shared -fPIC -o shared-disk.so shared-disk.c
 *     LD_PRELOAD=./shared-disk.so program
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static const long nfs = 0x6969;

#define TELLS_KIND(name, parameters, arguments) \
    int name parameters { \
        int code = REAL(name) arguments; \
        if (code == 0) info->f_type = nfs; \
        return code; \
    }

TELLS_KIND(statfs, (const char *path, struct statfs *info), (path, info))
TELLS_KIND(fstatfs, (int file, struct statfs *info), (file, info))
TELLS_KIND(statfs64, (const char *path, struct statfs64 *info), (path, info))
TELLS_KIND(fstatfs64, (int file, struct statfs64 *info), (file, info))

static int refuse(void) {
    errno = ENOLCK;
    return -1;
}

int flock(int file, int operation) {
    (void)file;
    (void)operation;
    return refuse();
}

static int is_lock(int command) {
    return command == F_SETLK || command == F_SETLKW || command == F_OFD_SETLK || command == F_OFD_SETLKW ||
           command == F_GETLK || command == F_SETLEASE;
}

#define WITHOUT_LOCKS(name) \
    int name(int file, int command, ...) { \
        va_list more; \
        va_start(more, command); \
        void *argument = va_arg(more, void *); \
        va_end(more); \
        return is_lock(command) ? refuse() : REAL(name)(file, command, argument); \
    }

WITHOUT_LOCKS(fcntl)
WITHOUT_LOCKS(fcntl64)

#define WITHOUT_SHARING(name, offset_type) \
    void *name(void *address, size_t length, int protection, int flags, int file, offset_type offset) { \
        struct stat info; \
        /* Files without a name are no files of a disk. */ \
        if ((flags & MAP_SHARED) && (protection & PROT_WRITE) && file >= 0 && fstat(file, &info) == 0 && \
            S_ISREG(info.st_mode) && info.st_nlink > 0) { \
            errno = ENODEV; \
            return MAP_FAILED; \
        } \
        return REAL(name)(address, length, protection, flags, file, offset); \
    }

WITHOUT_SHARING(mmap, off_t)
WITHOUT_SHARING(mmap64, off64_t)
