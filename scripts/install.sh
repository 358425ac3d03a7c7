#!/usr/bin/env bash
#
# Puts programs and what belongs to them in place, or takes them away again. Needs no network.
#
#   scripts/install.sh install BUILT
#   scripts/install.sh uninstall
#
# BUILT has clipship and clipship-media. Below $DESTDIR$PREFIX (default /usr/local).

set -euo pipefail
export LC_ALL=C
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
prefix=${DESTDIR-}${PREFIX:-/usr/local}
completions=$prefix/share/bash-completion/completions
units=$prefix/lib/systemd/user

# All that is put there; folders that are left empty go with it.
files=("$prefix/bin/clipship" "$prefix/libexec/clipship/clipship-media" "$prefix/share/man/man1/clipship.1.gz"
    "$completions/clipship" "$units/clipship-service.service")
folders=("$prefix/libexec/clipship" "$prefix/share/clipship/schemas" "$prefix/share/clipship")

case ${1-} in
    install)
        built=$2
        install -D -m 755 "$built/clipship" "${files[0]}"
        install -D -m 755 "$built/clipship-media" "${files[1]}"
        install -d "$prefix/share/man/man1" "$completions" "$units" "$prefix/share/clipship/schemas"
        "$root/scripts/package-help.sh" man "$built/clipship" | gzip -9n >"${files[2]}"
        "$root/scripts/package-help.sh" bash "$built/clipship" >"${files[3]}"
        sed "s|@PREFIX@|${PREFIX:-/usr/local}|" "$root/packaging/clipship-service.service" >"${files[4]}"
        install -m 644 "$root"/schemas/*.json "$prefix/share/clipship/schemas/"
        chmod 644 "${files[@]:2}"
        ;;
    uninstall)
        rm -f "${files[@]}"
        for schema in "$root"/schemas/*.json; do rm -f "$prefix/share/clipship/schemas/$(basename "$schema")"; done
        for folder in "${folders[@]}"; do rmdir --ignore-fail-on-non-empty "$folder" 2>/dev/null || true; done
        ;;
    *)
        echo 'usage: scripts/install.sh install BUILT | uninstall' >&2
        exit 2
        ;;
esac
