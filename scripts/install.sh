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
zsh=$prefix/share/zsh/site-functions
# Where Debian's shells look for what packages bring.
if [[ ${PREFIX:-/usr/local} == /usr ]]; then zsh=$prefix/share/zsh/vendor-completions; fi
fish=$prefix/share/fish/vendor_completions.d
units=$prefix/lib/systemd/user

# All that is put there; folders that are left empty go with it.
files=("$prefix/bin/clipship" "$prefix/libexec/clipship/clipship-media" "$completions/clipship"
    "$zsh/_clipship" "$fish/clipship.fish" "$units/clipship-serve.service" "$units/clipship-watch@.service")
folders=("$prefix/libexec/clipship" "$prefix/share/clipship/schemas" "$prefix/share/clipship")

case ${1-} in
    install)
        built=$2
        install -D -m 755 "$built/clipship" "${files[0]}"
        install -D -m 755 "$built/clipship-media" "${files[1]}"
        install -d "$prefix/share/man/man1" "$prefix/share/man/man5" "$completions" "$zsh" "$fish" "$units" "$prefix/share/clipship/schemas"
        "$built/clipship" manual "$prefix/share/man/man1"
        mv "$prefix/share/man/man1"/clipship-*.5 "$prefix/share/man/man5/"
        for page in "$prefix/share/man"/man1/clipship*.1 "$prefix/share/man"/man5/clipship-*.5; do
            gzip -9nf "$page" && chmod 644 "$page.gz"
        done
        "$built/clipship" completions bash >"${files[2]}"
        "$built/clipship" completions zsh >"${files[3]}"
        "$built/clipship" completions fish >"${files[4]}"
        for unit in "${files[@]:5}"; do
            sed "s|@PREFIX@|${PREFIX:-/usr/local}|" "$root/packaging/$(basename "$unit")" >"$unit"
        done
        install -m 644 "$root"/schemas/*.json "$prefix/share/clipship/schemas/"
        chmod 644 "${files[@]:2}"
        ;;
    uninstall)
        rm -f "${files[@]}" "$prefix/share/man/man1"/clipship.1.gz "$prefix/share/man/man1"/clipship-*.1.gz \
            "$prefix/share/man/man5"/clipship-{pipeline,manifest}.5.gz
        for schema in "$root"/schemas/*.json; do rm -f "$prefix/share/clipship/schemas/$(basename "$schema")"; done
        for folder in "${folders[@]}"; do rmdir --ignore-fail-on-non-empty "$folder" 2>/dev/null || true; done
        ;;
    *)
        echo 'usage: scripts/install.sh install BUILT | uninstall' >&2
        exit 2
        ;;
esac
