#!/usr/bin/env bash
#
# Builds both programs as they are installed: with Swift's runtime in them, hardened, stripped, and the same bytes for
# the same sources, tools and libraries, whatever folder they are built in.
#
#   scripts/build-release.sh [FOLDER] [SCRATCH]
#
# FOLDER (default .build/dist) gets clipship and clipship-media, and symbols/ with what was stripped, by build id.

set -euo pipefail
export LC_ALL=C
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
out=${1:-$root/.build/dist}
scratch=${2:-$root/.build/package}
cd "$root"
objcopy=$(dirname "$(readlink -f "$(command -v swift)")")/llvm-objcopy

# What `clipship --version --verbose` calls it by; nothing where there is no git, + where files differ from the commit.
if [[ -z ${CLIPSHIP_COMMIT+set} ]]; then
    CLIPSHIP_COMMIT=$(git rev-parse --short=12 HEAD 2>/dev/null || true)
    if [[ -n $CLIPSHIP_COMMIT ]] && ! git diff --quiet HEAD -- Package.swift Sources schemas; then CLIPSHIP_COMMIT+=+; fi
fi

# The linker's own build id depends on the folder, by way of symbols that are stripped later. This one stands for
# everything that the bytes depend on.
inputs=$({
    find Package.swift Sources schemas -type f | sort | xargs -d '\n' sha256sum
    printf '%s\n' "$CLIPSHIP_COMMIT"
    swift --version 2>&1
    pkg-config --modversion libavformat libavcodec libavutil libswscale libturbojpeg libcurl libmicrohttpd sqlite3 \
        yaml-0.1 jansson libseccomp libcrypto
    getconf GNU_LIBC_VERSION
} | sha256sum)

# The toolchain's own linker: GNU ld, which newer systems have instead of gold, leaves out the read-only relocations.
build() { # PRODUCT
    local id
    id=$(printf '%s %s' "$inputs" "$1" | sha1sum)
    swift build --configuration release --static-swift-stdlib --disable-local-rpath --scratch-path "$scratch" \
        --product "$1" -Xcc "-DCLIPSHIP_COMMIT=\"$CLIPSHIP_COMMIT\"" -Xswiftc -no-toolchain-stdlib-rpath -Xswiftc -use-ld=lld \
        -Xlinker -z -Xlinker relro -Xlinker -z -Xlinker now -Xlinker "--build-id=0x${id%% *}"
    install -d "$out/symbols/${id:0:2}"
    local built
    built=$(readlink -f "$scratch/release")/$1
    objcopy --only-keep-debug "$built" "$out/symbols/${id:0:2}/${id:2:38}.debug"
    # .swift_modhash is of no use at run time, and different in each folder. GNU strip loses the read-only relocations
    # with it.
    "$objcopy" --strip-all --remove-section .swift_modhash --remove-section .comment "$built" "$out/$1"
    chmod 755 "$out/$1"
}

rm -rf "$out"
mkdir -p "$out"
build clipship
build clipship-media
