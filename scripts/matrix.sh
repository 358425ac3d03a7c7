#!/usr/bin/env bash
#
# Builds, runs and tests clipship in minimal Debian systems of its own, as root and as an ordinary user.
#
#   scripts/matrix.sh [full|media|package|systems] [RELEASE...]
#
# full     README's two commands: `make run` twice, and `make test` (default); manifests and thumbnails of the samples
#          are compared with those of the first release
# media    only the tests that depend on FFmpeg, in the systems as they were left
# systems  only makes the systems, with what the toolchain needs
# package  makes the package in each system, and installs it in one without Swift and without a compiler
#
# RELEASE is bookworm, trixie, testing (default: all three). Needs root and debootstrap. The systems are kept in
# $CLIPSHIP_MATRIX_FOLDER (default /var/tmp/clipship-matrix); the toolchain is the one in PATH, by a bind mount.

set -euo pipefail
export LC_ALL=C
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=${CLIPSHIP_MATRIX_FOLDER:-/var/tmp/clipship-matrix}
mode=full
case ${1-} in full | media | package | systems) mode=$1 && shift ;; esac
releases=("$@")
((${#releases[@]})) || releases=(bookworm trixie testing)
user=1234

# What Swift's own instructions say that it needs on Debian, and README's make and git.
needed='make git binutils gcc libc6-dev libcurl4 libedit2 libncurses6 libsqlite3-0 tzdata zlib1g-dev'

fail() {
    printf 'matrix: %s\n' "$*" >&2
    exit 1
}

((EUID == 0)) || fail 'only root can make systems'
command -v debootstrap >/dev/null || fail 'there is no debootstrap (in Debian the package of that name)'
toolchain=$(readlink -f "$(dirname "$(readlink -f "$(command -v swift)")")/../..")
mirror=${CLIPSHIP_MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | head -n 1)}

# inside SYSTEM USER COMMAND... - with mounts that are gone when it ends.
inside() {
    # shellcheck disable=SC2016
    unshare --mount --pid --fork --kill-child bash -euc '
        system=$1 toolchain=$2 user=$3
        shift 3
        mkdir -p "$system/opt/toolchain" "$system/dev" "$system/proc" "$system/sys"
        mount --make-rprivate /
        if [[ -n $toolchain ]]; then
            mount --bind "$toolchain" "$system/opt/toolchain"
            mount -o remount,bind,ro "$system/opt/toolchain"
        fi
        mount --rbind /dev "$system/dev"
        mount -t proc proc "$system/proc"
        mount --rbind /sys "$system/sys" 2>/dev/null || true
        cp /etc/resolv.conf /etc/hosts "$system/etc/"
        exec chroot --userspec="$user:$user" "$system" env -i HOME="/home/$user" LANG=C.UTF-8 TERM=dumb \
            DEBIAN_FRONTEND=noninteractive PATH=/opt/toolchain/usr/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
    ' - "$system" "$tools" "$@"
}

# make_system RELEASE SYSTEM - a minimal one.
make_system() {
    [[ -e $2/.made ]] && return
    rm -rf --one-file-system "$2"
    mkdir -p "$2" "$folder/cache/$1"
    # What it mounts goes away with it, even when it is killed.
    unshare --mount --fork --kill-child \
        debootstrap --variant=minbase --include=ca-certificates --cache-dir="$folder/cache/$1" "$1" "$2" "$mirror" \
        >"$folder/$1.debootstrap" 2>&1 || fail "debootstrap of $1 failed: $(tail -n 3 "$folder/$1.debootstrap")"
    # A mirror may be a snapshot.
    echo 'Acquire::Check-Valid-Until "false";' >"$2/etc/apt/apt.conf.d/90snapshot"
    touch "$2/.made"
}

# add_swift RELEASE - what the toolchain needs; one that is made for Debian 12 needs an older libxml2 than testing has.
add_swift() {
    # shellcheck disable=SC2086
    inside 0 sh -c "apt-get -qq update && apt-get -qq install --yes --no-install-recommends $needed \
        \$(apt-cache --names-only search '^libstdc\\+\\+-1[0-9]-dev$' | cut -d' ' -f1 | sort -V | tail -n 1) \
        \$(apt-cache --names-only search '^libxml2$' | cut -d' ' -f1)" >"$folder/$1.apt" 2>&1 ||
        fail "the toolchain's libraries can't be installed: $(tail -n 3 "$folder/$1.apt")"
    if ! inside 0 swift --version >/dev/null 2>&1 || [[ ! -e $(echo "$system"/usr/lib/*/libxml2.so.2) ]]; then
        local older=$folder/systems/trixie
        compgen -G "$older/usr/lib/*/libxml2.so.2*" >/dev/null ||
            fail "the toolchain lacks a library on $1: $(inside 0 swift --version 2>&1); libxml2 of trixie would do"
        cp -a "$older"/usr/lib/*/libxml2.so.2* "$system/usr/local/lib/"
        inside 0 ldconfig
    fi
}

# take_sources PLACE OWNER - what is committed and changed, in a folder with a blank and an umlaut in its name.
take_sources() {
    mkdir -p "$1"
    # What was built there stays; a source that is gone must not.
    find "$1" -mindepth 1 -maxdepth 1 ! -name .build -exec rm -rf --one-file-system {} +
    (cd "$root" && git ls-files -z --cached --others --exclude-standard | tar --null --files-from=- --create) |
        tar --extract --directory "$1"
    chown -R "$2:$2" "$1"
}

report() { # RELEASE WHO WHAT SECONDS RESULT
    printf '%s\t%s\t%s\t%s\t%s\n' "$@" | tee -a "$folder/results.tsv"
}

# step RELEASE WHO WHAT COMMAND... - runs it and reports; goes on after a failure.
step() {
    local release=$1 who=$2 what=$3 start=$SECONDS result=passed
    shift 3
    "$@" >"$folder/$release.$who.${what// /-}.log" 2>&1 || { result=FAILED && failures=1; }
    report "$release" "$who" "$what" $((SECONDS - start)) "$result"
}

# image_steps FILE - what a recipe for an image runs in it, for there is no engine here: the steps of RUN, or of %post; and
# a word of the program as its entry point says it.
image_steps() {
    case $1 in
        Containerfile) sed -n 's/^RUN //p' "$root/packaging/$1" && echo 'su clipship -c "clipship --version"' ;;
        *) sed -n '/^%post/,/^%/{/^%/!p}' "$root/packaging/$1" && echo 'set -- --version' &&
            sed -n '/^%runscript/,/^%/{/^%/!p}' "$root/packaging/$1" ;;
    esac
}

# same_outputs PLACE LIST - whether the samples have the manifests and thumbnails that they had in the first system; but
# for HDR, which is mapped in floating point (docs/determinism.md).
same_outputs() {
    (cd "$1/out/post-session" && find manifests thumbnails -type f ! -name 'sunset-hdr10.*' -print0 | sort -z | xargs -0 sha256sum) >"$2"
    [[ -s $2 ]] && { [[ -e $folder/first.outputs ]] || cp "$2" "$folder/first.outputs"; } &&
        diff "$folder/first.outputs" "$2"
}

failures=0
mkdir -p "$folder/systems"
[[ $mode != full || ${releases[0]} != bookworm ]] || rm -f "$folder/first.outputs"
: >"$folder/results.tsv"
tools=$toolchain
for release in "${releases[@]}"; do
    system=$folder/systems/$release
    make_system "$release" "$system"
    add_swift "$release"
    case $mode in
        full)
            for who in root ordinary; do
                owner=$([[ $who == root ]] && echo 0 || echo $user)
                place="/home/$owner/a földer"
                rm -rf --one-file-system "$system/home/$owner"
                take_sources "$system$place" "$owner"
                chown "$owner:$owner" "$system/home/$owner"
                mask=$([[ $who == root ]] && echo 022 || echo 077)
                for what in 'run' 'run again' 'test'; do
                    step "$release" "$who" "make $what" inside "$owner" sh -c \
                        "umask $mask && cd '$place' && make ${what%% *}"
                done
                step "$release" "$who" 'same bytes' same_outputs "$system$place" "$folder/$release.$who.outputs"
            done
            ;;
        media)
            place=/home/0/media
            take_sources "$system$place" 0
            step "$release" root 'media tests' inside 0 sh -c \
                "cd $place && scripts/setup.sh test && scripts/run-tests.sh --filter 'MediaKitTests|MediaWorkerTests'"
            ;;
        package)
            place=/home/0/package
            take_sources "$system$place" 0
            step "$release" root 'make deb' inside 0 sh -c \
                "cd $place && rm -rf dist && make deb && lintian --fail-on error,warning dist/*.deb"
            bare=$folder/bare/$release
            rm -rf --one-file-system "$bare"
            make_system "$release" "$bare"
            for image in Containerfile clipship.def; do
                cp "$system$place"/dist/clipship_*.deb "$bare/tmp/"
                system=$bare tools= step "$release" root "$image" inside 0 sh -euxc "$(image_steps "$image")"
            done
            system=$bare tools= step "$release" root 'package alone' inside 0 sh -euc '
                apt-get -qq update
                apt-get -qq install --yes --no-install-recommends man-db bash-completion
                ! command -v cc && ! command -v swift
                useradd --create-home --uid 1234 ordinary 2>/dev/null || true
                cp -r /usr/share/doc/clipship/examples /home/ordinary/
                chown -R ordinary /home/ordinary
                su ordinary -c "cd && clipship run examples/pipelines/post-session.yaml"
                man clipship | grep -q "GameClips"
                bash -c ". /usr/share/bash-completion/completions/clipship
                    COMP_WORDS=(clipship ru) COMP_CWORD=1; _clipship; test \"\${COMPREPLY[*]}\" = run"'
            ;;
    esac
    report "$release" - disk - "$(du -sh "$folder/systems/$release" | cut -f1)"
    report "$release" - FFmpeg - "$(tools=$toolchain inside 0 sh -c "dpkg-query -W -f '\${Version}' 'libavcodec[0-9]*'" 2>/dev/null)"
done
exit $failures
