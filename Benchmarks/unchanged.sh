#!/usr/bin/env bash
#
# What a run costs that has nothing to do: the second one over UNCHANGED_CLIPS clips, against `find -printf`, which
# looks at each file once, over the same tree and what was made of it, and against what it takes to start clipship at all.
#
#   UNCHANGED_CLIPS=10000 ROUNDS=7 Benchmarks/unchanged.sh

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=Benchmarks/common.sh
. Benchmarks/common.sh

UNCHANGED_CLIPS=${UNCHANGED_CLIPS:-10000}
ROUNDS=${ROUNDS:-7}
at_least_one UNCHANGED_CLIPS
at_least_one ROUNDS

# Files of their own, each of two frames, a hundred to a folder.
make_tree() {
    [[ -e $cache/tree-$UNCHANGED_CLIPS ]] && return
    rm -rf "$cache"/tree* "$cache/out-unchanged"
    ffmpeg -nostdin -v error -y -f lavfi -i testsrc2=size=64x64:rate=2:duration=1 -c:v libx264 "$cache/unfinished.mp4"
    /usr/bin/python3 - "$cache/unfinished.mp4" "$cache/tree" "$UNCHANGED_CLIPS" <<'PYTHON'
import os, shutil, sys
source, tree, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
for number in range(count):
    folder = f"{tree}/session-{number // 100:03d}"
    os.makedirs(folder, exist_ok=True)
    shutil.copyfile(source, f"{folder}/clip-{number:05d}.mp4")
PYTHON
    mv "$cache/tree" "$cache/tree-$UNCHANGED_CLIPS"
}

run_unchanged() {
    "$clipship" run "$cache/unchanged.yaml" --no-submit
}

run_find() {
    find "$cache/tree-$UNCHANGED_CLIPS" "$cache/out-unchanged/manifests" "$cache/out-unchanged/thumbnails" \
        -printf '%i %s %T@ %C@ %p\n'
}

run_start() {
    "$clipship" --version
}

find_clipship
make_tree
write_pipeline unchanged "tree-$UNCHANGED_CLIPS/**/*.mp4" 0
say "bench: the first run over $UNCHANGED_CLIPS clips"
"$clipship" run "$cache/unchanged.yaml" --no-submit --quiet
clock unchanged run_unchanged
[[ $(tail -n 1 "$cache/output.log") == *"nothing has changed"* ]] || fail "the second run found something to do"

forget unchanged find start
for ((round = 1; round <= ROUNDS; round++)); do
    for command in unchanged find start; do clock "$command" "run_$command"; done
done
printf 'second run over %d unchanged clips, medians of %d rounds\n' "$UNCHANGED_CLIPS" "$ROUNDS"
beyond_start=()
for ((round = 0; round < ROUNDS; round++)); do
    # Both are read by name.
    # shellcheck disable=SC2154
    beyond_start+=("$(calculate "${wall_unchanged[round]} - ${wall_start[round]}")")
done
report unchanged "less the start: $(ratio beyond_start wall_find) times find"
report find
report start
