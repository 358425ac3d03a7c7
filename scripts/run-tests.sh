#!/usr/bin/env bash
#
# Runs the tests, a few at once: many of them start programs, and each of those takes a core. What is given goes to
# `swift test`.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

option=--experimental-maximum-parallelization-width
few=()
# Swift 6.2 does not know it, and starts all tests at once.
if [[ $(swift test --help-hidden) == *"$option"* ]]; then few=("$option" "$((3 * $(nproc)))"); fi
exec swift test "${few[@]}" "$@"
