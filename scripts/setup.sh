#!/usr/bin/env bash
#
# Sees to it that what clipship needs is installed.
#
#   scripts/setup.sh build      to build and run it
#   scripts/setup.sh test       to test it too
#   scripts/setup.sh package    to make packages of it
#   scripts/setup.sh bench      to measure it against others, and to fuzz it
#   scripts/setup.sh samples    to make the sample clips again
#
# Looks first, which takes a moment, and installs with apt-get only what is missing.

set -euo pipefail
export LC_ALL=C

swift_needed=6.2

# pkg-config name | oldest version that will do | Debian package. FFmpeg's are those of FFmpeg 5.1.
libraries=(
    'libavformat|59.27|libavformat-dev'
    'libavcodec|59.37|libavcodec-dev'
    'libavutil|57.28|libavutil-dev'
    'libswscale|6.7|libswscale-dev'
    'libavfilter|8.44|libavfilter-dev'
    'libturbojpeg|2.1|libturbojpeg0-dev'
    'libcurl|7.85|libcurl4-openssl-dev'
    'libmicrohttpd|0.9.75|libmicrohttpd-dev'
    'zlib|1.2.11|zlib1g-dev'
    'sqlite3|3.37|libsqlite3-dev'
    'yaml-0.1|0.2.5|libyaml-dev'
    'jansson|2.13|libjansson-dev'
    'libseccomp|2.5|libseccomp-dev'
    'libcrypto|3.0|libssl-dev'
)

# program | Debian package
build_programs=('pkg-config|pkg-config')
test_programs=('ffmpeg|ffmpeg' 'ffprobe|ffmpeg' 'curl|curl' 'sqlite3|sqlite3' 'strace|strace' 'openssl|openssl'
    '/usr/bin/python3|python3' 'cc|gcc')
package_programs=('dpkg-shlibdeps|dpkg-dev' 'objcopy|binutils' 'cc|gcc' 'lintian|lintian' '/usr/bin/python3|python3')
bench_programs=('ffmpegthumbnailer|ffmpegthumbnailer')
sample_programs=('ffmpeg|ffmpeg' 'ffprobe|ffmpeg' 'fc-match|fontconfig')

say() {
    printf 'setup: %s\n' "$*" >&2
}

fail() {
    say "$@"
    exit 1
}

# ---------------------------------------------------------------------------------------------------
# Looking. Each answers by its exit code and adds what it misses to missing (words for people) and to
# packages (words for apt-get).
# ---------------------------------------------------------------------------------------------------

missing=()
packages=()

miss() {
    missing+=("$1")
    [[ " ${packages[*]-} " == *" $2 "* ]] || packages+=("$2")
}

look_for_programs() {
    local entry
    for entry; do
        command -v "${entry%%|*}" >/dev/null || miss "the program ${entry%%|*}" "${entry##*|}"
    done
}

look_for_libraries() {
    local entry name version package found all=()
    for entry in "${libraries[@]}"; do
        IFS='|' read -r name version _ <<<"$entry"
        all+=("$name >= $version")
    done
    # One question when all is well; which ones are missing only matters when something is.
    if command -v pkg-config >/dev/null; then
        pkg-config --exists "${all[@]}" && return
    fi
    for entry in "${libraries[@]}"; do
        IFS='|' read -r name version package <<<"$entry"
        if ! command -v pkg-config >/dev/null || ! pkg-config --exists "$name"; then
            miss "$name $version or newer" "$package"
        elif ! pkg-config --exists "$name >= $version"; then
            found=$(pkg-config --modversion "$name")
            miss "$name $version or newer (found $found)" "$package"
        fi
    done
}

# The python3 that comes first in PATH may be one that doesn't see Debian's packages, so tests name this one.
look_for_python_modules() {
    if ! /usr/bin/python3 -c 'import jsonschema' 2>/dev/null; then
        miss "the Python module jsonschema for /usr/bin/python3" python3-jsonschema
    fi
    if ! /usr/bin/python3 -c 'import yaml' 2>/dev/null; then
        miss "the Python module yaml for /usr/bin/python3" python3-yaml
    fi
}

look_for_font() {
    if [[ $(fc-match --format '%{file}' 'DejaVu Sans Mono:bold' 2>/dev/null) != *DejaVuSansMono* ]]; then
        miss "the font DejaVu Sans Mono" fonts-dejavu-core
    fi
}

look() {
    missing=()
    packages=()
    case $level in
        samples)
            look_for_programs "${sample_programs[@]}"
            look_for_font
            ;;
        build | test | bench | package)
            look_for_programs "${build_programs[@]}"
            look_for_libraries
            if [[ $level == test ]]; then
                look_for_programs "${test_programs[@]}"
                look_for_python_modules
            fi
            if [[ $level == package ]]; then
                look_for_programs "${package_programs[@]}"
            fi
            if [[ $level == bench ]]; then
                look_for_programs "${test_programs[@]}" "${bench_programs[@]}"
            fi
            ;;
    esac
    ((${#missing[@]} == 0))
}

# What only some tests use, which are left out where it can't be had: a browser for the page of the local service.
browsers=(chromium-headless-shell chromium chromium-browser google-chrome)

offer_browser() {
    local browser
    for browser in "${browsers[@]}"; do
        command -v "$browser" >/dev/null && return
    done
    if command -v apt-cache >/dev/null && apt-cache show "${browsers[0]}" >/dev/null 2>&1; then
        packages=("${browsers[0]}")
        (install_missing) && return
    fi
    say "no Chromium here and none to be had: the tests of the page in a browser are left out"
}

list_missing() {
    printf '  - %s\n' "${missing[@]}" >&2
}

# at_least NEEDED FOUND - compares versions number by number, so that 6.10 is newer than 6.2.
at_least() {
    [[ $(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1) == "$1" ]]
}

# A toolchain is made for one release of one system; on another it may lack libraries, which it says only half-way
# through a build.
check_swift_libraries() {
    local folder program lacking
    command -v ldd >/dev/null || return 0
    folder=$(dirname "$(readlink -f "$(command -v swift)")")
    lacking=$(for program in swift-frontend swift-build swift-driver clang lld; do
        ldd "$folder/$program" 2>/dev/null | sed -nE 's/^[[:space:]]*(.*) => not found$/\1/p'
    done | sort -u)
    [[ -z $lacking ]] || fail "the Swift toolchain at $folder lacks" $lacking \
        "- install what it needs on this system, or a toolchain that is made for it: https://www.swift.org/install/"
}

check_swift() {
    local answer found
    if ! command -v swift >/dev/null; then
        fail "Swift is not installed (no 'swift' in PATH); clipship needs Swift $swift_needed or newer: https://www.swift.org/install/"
    fi
    check_swift_libraries
    answer=$(swift --version 2>&1) || fail "'swift --version' failed: $answer"
    found=$(sed -nE 's/.*Swift version ([0-9]+(\.[0-9]+)*).*/\1/p' <<<"$answer" | head -n 1)
    if [[ -z $found ]]; then
        fail "cannot tell the version of $(command -v swift), it says: $answer"
    fi
    at_least "$swift_needed" "$found" ||
        fail "found Swift $found at $(command -v swift); clipship needs $swift_needed or newer: https://www.swift.org/install/"
}

# ---------------------------------------------------------------------------------------------------
# Installing
# ---------------------------------------------------------------------------------------------------

install_missing() {
    local as_root=() install=(install --yes --no-install-recommends) output
    if ! command -v apt-get >/dev/null; then
        say "this system has no apt-get; please install these by its own means, then run the same command again:"
        list_missing
        exit 1
    fi
    if ((EUID != 0)); then
        if ! command -v sudo >/dev/null || ! sudo -v; then
            say "these are missing, and only root can install them:"
            list_missing
            fail "as root, run: apt-get install --no-install-recommends ${packages[*]}"
        fi
        as_root=(sudo)
    fi
    as_root+=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300)

    say "installing what is missing: ${packages[*]}"
    # Package lists may be absent (fresh containers) or name files that the mirror has replaced since.
    if ! "${as_root[@]}" "${install[@]}" "${packages[@]}" >/dev/null 2>&1; then
        say "refreshing the package lists"
        output=$("${as_root[@]}" update 2>&1) || fail "'apt-get update' failed:"$'\n'"$output"
        output=$("${as_root[@]}" "${install[@]}" "${packages[@]}" 2>&1) ||
            fail "'apt-get install ${packages[*]}' failed:"$'\n'"$output"
    fi
}

# ---------------------------------------------------------------------------------------------------

level=${1-}
case $level in
    build | test | bench | package) check_swift ;;
    samples) ;;
    *)
        say "usage: scripts/setup.sh build|test|package|bench|samples"
        exit 2
        ;;
esac

finish() {
    [[ $level != test ]] || offer_browser
    exit 0
}

look && finish
install_missing
hash -r
if ! look; then
    say "apt-get installed ${packages[*]}, yet these are still missing:"
    list_missing
    fail "this release is too old: Debian 12, Ubuntu 24.04 and newer have all of them"
fi
finish
