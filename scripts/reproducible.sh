#!/usr/bin/env bash
#
# Builds the programs twice in this folder and once in a copy of it, and compares them to the byte.

set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$root"
mkdir "$work/copy"
cp -r Package.swift Sources Tests schemas scripts "$work/copy/"
# A copy has no git to ask.
CLIPSHIP_COMMIT=$(git rev-parse --short=12 HEAD 2>/dev/null || true)
export CLIPSHIP_COMMIT
scripts/build-release.sh "$work/first" "$work/scratch-1"
rm -rf "$work/scratch-1"
scripts/build-release.sh "$work/second" "$work/scratch-2"
rm -rf "$work/scratch-2"
"$work/copy/scripts/build-release.sh" "$work/third"
failures=0
for program in clipship clipship-media; do
    sha256sum "$work"/{first,second,third}/"$program" | sed "s|$work/||"
    for other in second third; do
        cmp "$work/first/$program" "$work/$other/$program" || failures=1
    done
done
((failures == 0)) && echo 'the same bytes, twice in one folder and once in another'
