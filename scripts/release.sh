#!/usr/bin/env bash
#
# Makes all that a release consists of, in dist/: the packages for the Debian release that this is run on, the bill of
# materials, and SHA256SUMS.

set -euo pipefail
export LC_ALL=C
cd "$(dirname "${BASH_SOURCE[0]}")/.."
rm -rf dist
scripts/build-release.sh
scripts/check-hardening.sh .build/dist/clipship .build/dist/clipship-media
scripts/deb.sh
filter=$(pkg-config --variable=libdir libavfilter)/libavfilter.so
version=$(.build/dist/clipship --version | sed 's/^clipship //')
scripts/bill-of-materials.py "$version" "$(swift --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9.]+).*/\1/p' | head -n 1)" \
    .build/dist/clipship .build/dist/clipship-media --loads "$(basename "$(objdump -p "$filter" | sed -nE 's/.*SONAME +//p')")" \
    >dist/clipship.cdx.json
cp packaging/Containerfile packaging/clipship.def dist/
(cd dist && sha256sum -- * >SHA256SUMS)
cat dist/SHA256SUMS
