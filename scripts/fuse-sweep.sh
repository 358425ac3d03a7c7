#!/bin/bash
# The short crash sweep with everything on a disk that refuses locks and memory that is shared through a file: a FUSE file system
# of this machine.
#
#   scripts/fuse-sweep.sh
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
if [ ! -e /dev/fuse ] || [ "$(id -u)" != 0 ]; then
    echo 'fuse-sweep: skipped: it takes root, and a kernel with FUSE'
    exit 0
fi
if ! pkg-config --exists fuse3 || ! command -v fusermount3 >/dev/null; then
    echo 'fuse-sweep: installing fuse3, libfuse3-dev'
    apt-get install -y --no-install-recommends fuse3 libfuse3-dev >/dev/null
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/clipship-fuse.XXXXXX")
finish() {
    fusermount3 -u -z "$work/disk" 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT
mkdir "$work/disk" "$work/kept"
# shellcheck disable=SC2046
cc -O2 -Wall -Wextra -Werror $(pkg-config --cflags fuse3) -o "$work/refusing-disk" Tests/Programs/refusing-disk.c \
    $(pkg-config --libs fuse3)
"$work/refusing-disk" -o default_permissions "$work/kept" "$work/disk"

# It is what it says before anything is shown with it.
python3 - "$work/disk" <<'END'
import errno, fcntl, mmap, sys

def refuses(what, code, body):
    try:
        body()
    except OSError as error:
        if error.errno == code:
            return
        sys.exit(f"fuse-sweep: {what} fails with {error}")
    sys.exit(f"fuse-sweep: {what} is not refused")

with open(f"{sys.argv[1]}/a", "w+b", buffering=0) as file:
    file.write(bytes(4096))
    refuses("a lock", errno.ENOLCK, lambda: fcntl.flock(file, fcntl.LOCK_EX))
    refuses("a lock of a range", errno.ENOLCK, lambda: fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB))
    refuses("a shared map", errno.ENODEV, lambda: mmap.mmap(file.fileno(), 4096, mmap.MAP_SHARED))
END
CLIPSHIP_TEST_FOLDER=$work/disk scripts/run-tests.sh "$@" --filter 'CrashSweepTests'
