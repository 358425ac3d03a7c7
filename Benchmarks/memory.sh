#!/usr/bin/env bash
#
# The most memory that clipship and its workers hold at once, for N clips and for ten times as many.
#
#   MEMORY_CLIPS=100 Benchmarks/memory.sh

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=Benchmarks/common.sh
. Benchmarks/common.sh

MEMORY_CLIPS=${MEMORY_CLIPS:-100}
at_least_one MEMORY_CLIPS

# peak COUNT - the figures of one run over so many hard links of the clips, by turns.
peak() {
    local number sources
    rm -rf "$cache/many" "$cache/out-memory"
    mkdir -p "$cache/many"
    sources=("$cache"/clips/*.mp4)
    for ((number = 0; number < $1; number++)); do
        printf '%s\0%s/many/clip-%05d.mp4\0' "${sources[number % ${#sources[@]}]}" "$cache" "$number"
    done | xargs -0 -n 2 -P "$cores" ln
    /usr/bin/python3 Benchmarks/peak-memory.py "$clipship" run "$cache/memory.yaml" --no-submit --quiet --jobs "$cores"
    number=$(find "$cache/out-memory/manifests" -name '*.json' | wc -l)
    ((number == $1)) || fail "clipship wrote $number manifests of $1 clips"
    rm -rf "$cache/many" "$cache/out-memory"
}

find_clipship
make_clips "${CLIPS:-32}"
write_pipeline memory 'many/*.mp4' 16000

read -r few_all few_main < <(peak "$MEMORY_CLIPS")
read -r many_all many_main < <(peak $((10 * MEMORY_CLIPS)))
printf 'peak resident memory, %d jobs\n' "$cores"
printf '  %5d clips %8.1f MB, of which the main process %6.1f MB\n' \
    "$MEMORY_CLIPS" "$few_all" "$few_main" $((10 * MEMORY_CLIPS)) "$many_all" "$many_main"
printf '  ten times the clips take %s times the memory\n' "$(calculate "$many_all / $few_all")"
