#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include "CLinux.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

int clinux_mkostemp(char *path_template) { return mkostemp(path_template, O_CLOEXEC); }

int64_t clinux_copy_file_range(int source, int64_t *source_offset, int target, size_t length) {
    off64_t offset = *source_offset;
    int64_t copied = copy_file_range(source, &offset, target, NULL, length, 0);
    *source_offset = offset;
    return copied;
}

int clinux_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int clinux_terminal_columns(int descriptor) {
    struct winsize size = {0};
    return ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}
