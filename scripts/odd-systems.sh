#!/usr/bin/env bash
#
# Runs clipship on systems that are small, odd or restricted: each does the main job, which is to publish a sample, or
# says in a sentence what it lacks, and how to exit says whether the same command can go on.
#
#   scripts/odd-systems.sh [PROGRAM]
#
# PROGRAM defaults to the release build. What can't be had here (namespaces, control groups, strace) is left out and
# counted.

set -euo pipefail
export LC_ALL=C
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
program=$(readlink -f "${1:-$root/.build/release/clipship}")
work=$(mktemp -d)
passed=0 failed=0 skipped=0

clean_up() {
    local group
    for group in "${groups[@]}"; do rmdir "$group" 2>/dev/null || true; done
    rm -rf "$work"
}
groups=()
trap clean_up EXIT

cat >"$work/pipeline.yaml" <<END
name: odd
session: $root/samples/session.yaml
clips: ["$root/samples/instant-replay.mp4"]
service: local
output: out
END
export program work

# try NAME EXIT SENTENCE SCRIPT - $run is the run; SENTENCE must be in what it prints; 60 s are enough for all of them.
try() {
    local name=$1 expected=$2 sentence=$3 code=0
    rm -rf "$work/out"
    (cd "$work" && run="'$program' run pipeline.yaml" timeout --kill-after 5 60 bash -c "$4") >"$work/said" 2>&1 || code=$?
    if [[ $code == "$expected" ]] && grep -q -- "$sentence" "$work/said"; then
        printf 'passed   %s\n' "$name"
        passed=$((passed + 1))
    else
        printf 'FAILED   %s: exit code %s instead of %s\n' "$name" "$code" "$expected"
        sed 's/^/         /' "$work/said" | tail -n 6
        failed=$((failed + 1))
    fi
}

skip() {
    printf 'skipped  %s: %s\n' "$1" "$2"
    skipped=$((skipped + 1))
}

# Whether a script can be run at all.
can() {
    bash -c "$1" >/dev/null 2>&1
}

published='1 published'
try 'one core' 0 "$published" 'taskset -c 0 bash -c "$run"'
try '64 descriptors' 0 "$published" 'ulimit -n 64; eval "$run"'
try '46 descriptors' 75 'only 46 files may be open' 'ulimit -n 46; eval "$run"'
try '38 descriptors' 75 'only 38 files may be open' 'ulimit -n 38; eval "$run"'
try '400 MB of address space' 75 'MiB of address space are allowed' 'ulimit -v 400000; eval "$run"'
try 'a mask of 077' 0 "$published" 'umask 077; eval "$run"; [[ $(find out -perm /077) == "" ]]'
try 'a mask of 022' 0 "$published" 'umask 022; eval "$run"; [[ $(stat -c %a out/journal.db out/batch.json | xargs) == "600 644" ]]'
for locale in C tr_TR.UTF-8; do
    try "the locale $locale" 0 "$published" "export LC_ALL=$locale; eval \"\$run\""
done

if can 'strace -f -o /dev/null true'; then
    for fault in close_range:error=ENOSYS close_range:error=EPERM setpgid:error=EPERM; do
        try "$fault" 0 "$published" "strace -f -o /dev/null -e inject=$fault bash -c \"\$run\""
    done
    try 'clone3:error=EPERM' 75 'clone3' "strace -f -o /dev/null -e inject=clone3:error=EPERM '$program' run pipeline.yaml"
    try 'socketpair:error=EPERM' 75 'socketpair' "strace -f -o /dev/null -e inject=socketpair:error=EPERM '$program' run pipeline.yaml"
    try 'no IPv6' 2 'not supported' "strace -f -o /dev/null -e inject=socket:error=EAFNOSUPPORT '$program' serve --host ::1 --data data"
else
    skip 'denied system calls' 'no strace'
fi

if can 'unshare --mount --pid --fork true'; then
    try 'no /proc' 75 'there is no /proc' "unshare --mount --pid --fork bash -c 'mount -t tmpfs none /proc; eval \"\$run\"'"
    try 'no /dev/shm' 0 "$published" "unshare --mount bash -c 'umount /dev/shm 2>/dev/null; rm -rf /dev/shm/x; mount -t tmpfs -o mode=0,size=4k none /dev/shm 2>/dev/null; eval \"\$run\"'"
    try 'a /tmp without programs' 0 "$published" "unshare --mount bash -c 'cp -r \"\$work\" /var/tmp/odd.\$\$; mount -t tmpfs -o noexec none /tmp; cd /var/tmp/odd.\$\$; code=0; eval \"\$run\" || code=\$?; rm -rf /var/tmp/odd.\$\$; exit \$code'"
else
    skip 'no /proc, no /dev/shm, a /tmp without programs' 'no mount namespaces'
fi

if can 'unshare --net true'; then
    try 'no network but loopback' 0 "$published" "unshare --net bash -c 'ip link set lo up && eval \"\$run\"'"
    try 'no network at all' 0 '1 ready' "unshare --net bash -c 'eval \"\$run --no-submit\"'"
else
    skip 'no network' 'no network namespaces'
fi

if can 'cd "$work" && unshare --mount sh -c "truncate -s 1M small && mkfs.ext4 -q -b 1024 small && mkdir -p at && mount -o loop small at"'; then
    try 'a full disk, three times' 0 'run 75 75 75' "unshare --mount bash -c '
        truncate -s 3M disk; mkfs.ext4 -q -F -b 1024 disk; mkdir -p out; mount -o loop disk out
        head -c 1500k /dev/zero >out/rest || true
        codes=; for round in 1 2 3; do code=0; eval \"\$run\" || code=\$?; codes+=\" \$code\"; done
        \"\$program\" status out >/dev/null; echo \"run\$codes\"'"
else
    skip 'a full disk' 'no file system can be made and mounted'
fi

# group NAME CONTROLLER FILE VALUE EXIT SENTENCE - in a control group of either version.
group() {
    local place
    for place in "/sys/fs/cgroup/$2" /sys/fs/cgroup; do
        local made=$place/clipship-odd-$$-$2
        [[ -w $place ]] && mkdir "$made" 2>/dev/null || continue
        groups+=("$made")
        local file=$3
        [[ -e $made/$file ]] || file=${3/limit_in_bytes/max}
        if ! echo "$4" 2>/dev/null >"$made/$file"; then continue; fi
        try "$1" "$5" "$6" "echo \$\$ >'$made/cgroup.procs' && eval \"\$run\""
        return
    done
    skip "$1" 'no control group can be made'
}
group '512 MB of memory' memory memory.limit_in_bytes $((512 << 20)) 0 "$published"
group '10 processes' pids pids.max 10 75 'threads can be started'

printf '%s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped"
((failed == 0))
