#!/usr/bin/env bash
#
# Makes Debian packages of what scripts/build-release.sh has built, for the release that this is run on.
#
#   scripts/deb.sh [BUILT] [FOLDER]
#
# BUILT (default .build/dist) has the programs; FOLDER (default dist) gets clipship_*.deb and clipship-dbgsym_*.deb.

set -euo pipefail
export LC_ALL=C
umask 022
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
built=$(readlink -f "${1:-$root/.build/dist}")
mkdir -p "${2:-$root/dist}"
out=$(readlink -f "${2:-$root/dist}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
stage=$work/clipship
symbols=$work/clipship-dbgsym

. /etc/os-release
release=${VERSION_CODENAME:-unknown}
architecture=$(dpkg --print-architecture)
version=$("$built/clipship" --version | sed 's/^clipship //')-1~$release
# As Debian's tools take it; the default is an address that nobody has.
maintainer="${DEBFULLNAME:-clipship maintainers} <${DEBEMAIL:-maintainers@clipship.invalid}>"
# The time of the change that is built, so that the same sources give the same package.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct 2>/dev/null || stat -c %Y "$root/CHANGELOG.md")}
export SOURCE_DATE_EPOCH
date=$(date --utc --rfc-email --date "@$SOURCE_DATE_EPOCH")

DESTDIR=$stage PREFIX=/usr "$root/scripts/install.sh" install "$built"

doc=$stage/usr/share/doc/clipship
install -d "$doc/examples"
cp -r "$root/samples" "$root/pipelines" "$doc/examples/"
rm -f "$doc/examples/samples/"*.sh
find "$doc" -type f -exec chmod 644 {} +
install -m 644 "$root/README.md" "$doc/README.md"
install -d "$doc/docs"
install -d "$doc/docs/decisions"
install -m 644 "$root"/docs/*.md "$root/docs/openapi.yaml" "$doc/docs/"
install -m 644 "$root"/docs/decisions/*.md "$doc/docs/decisions/"
cat >"$doc/copyright" <<END
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: clipship

Files: *
Copyright: 2025-2026 the clipship authors
License: Apache-2.0

License: Apache-2.0
 On Debian systems, the text of the Apache License, version 2.0, is in
 /usr/share/common-licenses/Apache-2.0.
END
chmod 644 "$doc/copyright"
printf 'clipship (%s) %s; urgency=medium\n\n  * Built from the sources; what has changed is in CHANGELOG.md.\n\n -- %s  %s\n' \
    "$version" "$release" "$maintainer" "$date" | gzip -9n >"$doc/changelog.Debian.gz"
gzip -9nc "$root/CHANGELOG.md" >"$doc/changelog.gz"

# Those that are linked, and libavfilter, which is loaded when it is needed: a library that is linked with it stands for
# that.
mkdir -p "$work/debian"
printf 'Source: clipship\n\nPackage: clipship\nArchitecture: any\n' >"$work/debian/control"
echo 'int clipship_loads_libavfilter;' |
    cc -shared -fPIC -x c -o "$work/later.so" - -Wl,--no-as-needed -lavfilter
depends=$(cd "$work" && dpkg-shlibdeps --warnings=0 -O "$built/clipship" "$built/clipship-media" later.so |
    sed 's/^shlibs:Depends=//')

control() { # FOLDER NAME SECTION DEPENDS DESCRIPTION COMPRESSION
    install -d "$1/DEBIAN"
    cat >"$1/DEBIAN/control" <<END
Package: $2
Version: $version
Architecture: $architecture
Maintainer: $maintainer
Installed-Size: $(du -sk --apparent-size "$1/usr" | cut -f1)
Depends: $4
Section: $3
Priority: optional
Description: $5
END
    (cd "$1" && find usr -type f -print0 | sort -z | xargs -0 md5sum >DEBIAN/md5sums)
    chmod 644 "$1/DEBIAN/md5sums"
    find "$1" -newermt "@$SOURCE_DATE_EPOCH" -print0 | xargs -0r touch --no-dereference --date "@$SOURCE_DATE_EPOCH"
    dpkg-deb --root-owner-group --uniform-compression -Zxz -z"$6" --build "$1" "$out" >/dev/null
}

control "$stage" clipship video "$depends" 'ship recorded MP4s to a GameClips service
 One command measures the clips that a play session left behind, renders their
 thumbnails, divides them into upload blocks, writes manifests and submits
 them until they are published. It comes with a local service for development
 and tests.' 6
install -d "$symbols/usr/lib/debug/.build-id" "$symbols/usr/share/doc"
cp -r "$built/symbols/." "$symbols/usr/lib/debug/.build-id/"
find "$symbols" -type f -exec chmod 644 {} +
ln -s clipship "$symbols/usr/share/doc/clipship-dbgsym"
control "$symbols" clipship-dbgsym debug "clipship (= $version)" 'debug symbols for clipship
 What was stripped from the programs of the package clipship.' 0
ls "$out"/*.deb
