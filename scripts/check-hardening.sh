#!/usr/bin/env bash
#
# Checks how programs were linked: position independent, read-only relocations, all symbols bound at the start, no
# search path of their own, stack protector, fortified C library calls where there are any, nothing left to strip.
#
#   scripts/check-hardening.sh PROGRAM...

set -euo pipefail
export LC_ALL=C
failures=0

complain() {
    printf '%s: %s\n' "$1" "$2" >&2
    failures=1
}

for program; do
    headers=$(readelf --wide --file-header --program-headers "$program")
    dynamic=$(readelf --wide --dynamic "$program")
    symbols=$(readelf --wide --dyn-syms "$program")
    sections=$(readelf --wide --section-headers "$program")
    grep -q 'Type:.*DYN' <<<"$headers" || complain "$program" 'is not position independent (PIE)'
    grep -q GNU_RELRO <<<"$headers" || complain "$program" 'has no read-only relocations (RELRO)'
    grep -Eq 'BIND_NOW|FLAGS_1.*NOW' <<<"$dynamic" || complain "$program" 'binds symbols late (RELRO is partial)'
    ! grep -Eq 'RUNPATH|RPATH' <<<"$dynamic" || complain "$program" 'has a search path for libraries (RUNPATH)'
    grep -q __stack_chk_fail <<<"$symbols" || complain "$program" 'has no stack protector'
    ! grep -E 'GNU_STACK.*RWE' <<<"$headers" || complain "$program" 'has an executable stack'
    ! grep -Eq ' \.(symtab|debug_info) ' <<<"$sections" || complain "$program" 'is not stripped'
    needed=$(sed -nE 's/.*NEEDED.*\[(.*)\]/\1/p' <<<"$dynamic")
    ! grep -q swift <<<"$needed" || complain "$program" "needs Swift's shared libraries"
done
((failures == 0))
