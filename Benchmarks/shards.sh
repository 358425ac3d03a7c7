#!/usr/bin/env bash
#
# What it costs to spread a run over shards: plan, so many shards and merging against one run over the same clips, in processor
# seconds; how shards at the same time use the cores that are there; and the time and memory of a plan of very many clips, of one
# of its shards, and of merging.
#
#   SHARD_CLIPS=1000 PLAN_CLIPS=100000 SHARDS=16 Benchmarks/shards.sh
set -euo pipefail
cd "$(dirname "$0")/.."
. Benchmarks/common.sh

: "${SHARD_CLIPS:=1000}" "${PLAN_CLIPS:=100000}" "${SHARDS:=16}"
at_least_one SHARD_CLIPS
at_least_one PLAN_CLIPS
at_least_one SHARDS
find_clipship
work=$cache/shards
rm -rf "$work"
mkdir -p "$work"
trap 'rm -rf "$work"' EXIT

# links FILE FOLDER COUNT - so many names of a file; a file system allows some ten thousand.
links() {
    mkdir -p "$2"
    cp --preserve=timestamps "$1" "$2/00001.mp4"
    python3 - "$2" "$3" <<'LINKS'
import os, sys
folder, count = sys.argv[1], int(sys.argv[2])
for number in range(2, count + 1):
    os.link(f"{folder}/00001.mp4", f"{folder}/{number:05}.mp4")
LINKS
}

# pipeline NAME - over the sessions in $work/NAME; writes to $work/out-NAME.
pipeline() {
    for folder in "$work/$1"/*/; do
        sed "s#^sessionRef:.*#sessionRef: /serviceconfigs/s/sessiontemplates/t/session/$(basename "$folder")#" \
            samples/session.yaml >"${folder}session.yaml"
    done
    printf '%s\n' "name: $1" "sessions: $1/*/session.yaml" 'clips: "*.mp4"' 'submit: {waitFor: nothing}' "output: out-$1" \
        >"$work/$1.yaml"
}

# spent COMMAND... - its processor seconds and those of all that it has started, in $seconds.
spent() {
    seconds=$(/usr/bin/python3 Benchmarks/processor-seconds.py "$@")
}

# passed COMMAND... - the seconds that it took, in $seconds.
passed() {
    local TIMEFORMAT='%R'
    seconds=$({ time "$@" >/dev/null 2>&3; } 3>&2 2>&1)
}

# shards_of FOLDER - one after the other, as a command of its own.
shards_of() {
    spent xargs -I '{}' "$clipship" run --plan "$1/plan.json" --shard '{}' --quiet < <(seq "$SHARDS")
}

# ---------------------------------------------------------------------------------------------------------------------
# The overhead
# ---------------------------------------------------------------------------------------------------------------------

recording 1 null
recording 2 hflip,hue=h=120
for session in 1 2 3 4; do
    links "$cache/recording-$((session % 2 + 1)).mp4" "$work/night/session-$session" $(((SHARD_CLIPS + 3) / 4))
done
pipeline night
cat "$work"/night/*/00001.mp4 >/dev/null
spent "$clipship" run "$work/night.yaml" --quiet
one=$seconds
spent "$clipship" plan "$work/night.yaml" --shards "$SHARDS" --output "$work/shared" --quiet
plan=$seconds
shards_of "$work/shared"
shards=$seconds
spent "$clipship" merge "$work/shared" --quiet
merge=$seconds
diff -r --exclude=shards --exclude=plan.json --exclude='journal*' --exclude=timings.json --exclude='*.seal' \
    --exclude=report.html "$work/out-night" "$work/shared" || fail 'the shards have made something else'
count=$(find "$work/night" -name '*.mp4' | wc -l)
awk -v count="$count" -v n="$SHARDS" -v one="$one" -v plan="$plan" -v shards="$shards" -v merge="$merge" 'BEGIN {
    printf "%d clips of 30 s, processor seconds\n  one run   %8.2f\n", count, one
    printf "  plan      %8.2f\n  %2d shards %8.2f\n  merge     %8.2f\n", plan, n, shards, merge
    printf "  overhead  %8.1f %%\n", ((plan + shards + merge) / one - 1) * 100
}'

# ---------------------------------------------------------------------------------------------------------------------
# The cores
# ---------------------------------------------------------------------------------------------------------------------

# at_once COUNT - a night of four shards, each with one processor, so many at the same time.
at_once() {
    rm -rf "$work/cores"
    "$clipship" plan "$work/night.yaml" --shards 4 --output "$work/cores" --quiet >/dev/null
    passed xargs -P "$1" -I '{}' "$clipship" run --plan "$work/cores/plan.json" --shard '{}' --jobs 1 --quiet \
        < <(seq 4)
}
at_once 1
alone=$seconds
printf 'four shards of one processor each, on %d cores\n  one at a time %8.2f s\n' "$cores" "$alone"
at_once 4
awk -v alone="$alone" -v all="$seconds" 'BEGIN {
    printf "  all at once   %8.2f s, %.2f times as fast\n", all, alone / all
}'

# ---------------------------------------------------------------------------------------------------------------------
# Very many
# ---------------------------------------------------------------------------------------------------------------------

ffmpeg -nostdin -v error -y -f lavfi -i testsrc2=size=64x48:rate=10:duration=0.2 -pix_fmt yuv420p "$work/tiny.mp4"
touch -d 2025-01-01 "$work/tiny.mp4"
folders=$(((PLAN_CLIPS + 999) / 1000))
for session in $(seq "$folders"); do links "$work/tiny.mp4" "$work/many/session-$session" $((PLAN_CLIPS / folders)); done
pipeline many
count=$(find "$work/many" -name '*.mp4' | wc -l)
"$clipship" plan "$work/many.yaml" --shards "$SHARDS" --output "$work/warm" --quiet >/dev/null
passed "$clipship" plan "$work/many.yaml" --shards "$SHARDS" --output "$work/out-many" --quiet
printf 'a plan of %d clips in %d sessions\n  time          %8.2f s\n' "$count" "$folders" "$seconds"
# memory NAME COMMAND... - its own peak, without that of its workers.
memory() {
    local name=$1 peaks
    shift
    peaks=$(/usr/bin/python3 Benchmarks/peak-memory.py "$@" --quiet)
    printf '  memory of %-9s %5s MB\n' "$name" "${peaks#* }"
}
rm -rf "$work/out-many"
memory plan "$clipship" plan "$work/many.yaml" --shards "$SHARDS" --output "$work/out-many"
memory 'a shard' "$clipship" run --plan "$work/out-many/plan.json" --shard 1
for number in $(seq 2 "$SHARDS"); do
    "$clipship" run --plan "$work/out-many/plan.json" --shard "$number" --quiet >/dev/null
done
memory merging "$clipship" merge "$work/out-many"
