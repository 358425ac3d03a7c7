#pragma once
#include <stddef.h>
#include <stdint.h>

// Calls that glibc declares for _GNU_SOURCE only, which Swift's Glibc module does not define. No logic.

/// mkostemp(3) with O_CLOEXEC.
int clinux_mkostemp(char *path_template);

/// copy_file_range(2): from `*source_offset` of `source` to the file offset of `target`.
int64_t clinux_copy_file_range(int source, int64_t *source_offset, int target, size_t length);

/// pipe2(2) with O_CLOEXEC: `ends[0]` is read from, `ends[1]` written to.
int clinux_pipe(int ends[2]);

/// ioctl(2) with TIOCGWINSZ: columns of the terminal, or 0 if it is none.
int clinux_terminal_columns(int descriptor);
