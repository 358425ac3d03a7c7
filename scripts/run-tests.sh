#!/usr/bin/env bash
#
# Runs the tests, a few at once: many of them start programs, and each of those takes a core. What is given goes to
# `swift test`. The last line says how many were skipped, and why.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

option=--experimental-maximum-parallelization-width
few=()
# Swift 6.2 does not know it, and starts all tests at once.
if [[ $(swift test --help-hidden) == *"$option"* ]]; then few=("$option" "$((3 * $(nproc)))"); fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
status=0
swift test "${few[@]}" "$@" 2>&1 | tee "$log" || status=$?
awk '
    / skipped: "/ { count++; reason = $0; sub(/.* skipped: "/, "", reason); sub(/"$/, "", reason); reasons[reason]++ }
    END {
        printf "%d tests were skipped", count
        for (reason in reasons) printf "%s %d: %s", (first++ ? ";" : ":"), reasons[reason], reason
        print ""
    }' "$log"
exit "$status"
