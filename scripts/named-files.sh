#!/usr/bin/env bash
#
# Checks that each source file that the documents name is there.

set -euo pipefail
export LC_ALL=C
cd "$(dirname "${BASH_SOURCE[0]}")/.."
known=$(find Sources Tests Fuzz/Sources Package.swift -name '*.swift' -printf '%f\n' | sort -u)
named=$(grep -ohP '(?<![\w.])[A-Za-z][A-Za-z+]*\.swift(?![\w.]*org)' README.md CONTRIBUTING.md docs/*.md docs/decisions/*.md | grep -vF Type+Aspect | sort -u)
missing=$(comm -13 <(echo "$known") <(echo "$named"))
if [[ -n $missing ]]; then
    while read -r name; do
        grep -nF "$name" README.md CONTRIBUTING.md docs/*.md docs/decisions/*.md | sed 's/$/  <- there is no such file/'
    done <<<"$missing" >&2
    exit 1
fi
