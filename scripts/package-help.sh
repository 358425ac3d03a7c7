#!/usr/bin/env bash
#
# Makes what a package has beside a program for people, from what the program says itself.
#
#   scripts/package-help.sh man|bash PROGRAM
#
# Prints a man page, or completions for bash.

set -euo pipefail
export LC_ALL=C.UTF-8
kind=$1
program=$2
commands=$("$program" --help | sed -nE 's/^  ([a-z]+( [a-z]+)?)  +.*/\1/p')
version=$("$program" --version)

# As it stands, with what roff would take for its own escaped.
verbatim() {
    printf '.nf\n'
    sed -E 's/\\/\\e/g; s/-/\\-/g; s/^([.'"'"'])/\\\&\1/'
    printf '.fi\n'
}

case $kind in
    man)
        printf '.TH CLIPSHIP 1 "" "%s" "User Commands"\n' "$version"
        printf '.SH NAME\nclipship \\- ship recorded MP4s to a GameClips service\n'
        printf '.SH SYNOPSIS\n.B clipship\n.I COMMAND\n[\\fIFLAGS\\fR] [\\fIOPERANDS\\fR]\n'
        printf '.SH DESCRIPTION\n'
        "$program" --help | verbatim
        printf '.SH COMMANDS\n'
        while read -r command; do
            printf '.SS %s\n' "$command"
            # shellcheck disable=SC2086
            "$program" $command --help </dev/null | verbatim
        done <<<"$commands"
        ;;
    bash)
        printf '# Completions of clipship for bash.\n_clipship() {\n    local word=${COMP_WORDS[COMP_CWORD]} words=""\n'
        printf '    case "${COMP_WORDS[1]-} ${COMP_WORDS[2]-}" in\n'
        while read -r command; do
            # shellcheck disable=SC2086
            flags=$("$program" $command --help </dev/null | grep -oE -- '--[a-z][a-z-]+' | sort -u | tr '\n' ' ')
            case $command in
                *' '*) printf '        "%s") words="%s" ;;\n' "$command" "${flags% }" ;;
                *) printf '        "%s "*) words="%s" ;;\n' "$command" "${flags% }" ;;
            esac
        done <<<"$(sort -r <<<"$commands")"
        for group in $(sed -nE 's/^([a-z]+) .*/\1/p' <<<"$commands" | sort -u); do
            printf '        "%s "*) words="%s" ;;\n' "$group" \
                "$(sed -nE "s/^$group ([a-z]+)$/\1/p" <<<"$commands" | tr '\n' ' ' | sed 's/ $//')"
        done
        printf '    esac\n    if ((COMP_CWORD == 1)); then\n        words="%s --help --version"\n    fi\n' \
            "$(sed 's/ .*//' <<<"$commands" | sort -u | tr '\n' ' ' | sed 's/ $//')"
        printf '    COMPREPLY=($(compgen -W "$words" -- "$word"))\n'
        printf '    [[ $word == -* ]] || ((COMP_CWORD == 1)) || COMPREPLY+=($(compgen -f -- "$word"))\n}\n'
        printf 'complete -o filenames -F _clipship clipship\n'
        ;;
esac
