#!/usr/bin/env bash
#
# Everything up to the manifest, timed: clipship against
#
#   script             Benchmarks/user-script.sh: what somebody without clipship would write
#   ffmpegthumbnailer  both sizes, near the offset only (it goes by keyframes), and no digests
#   floor              Benchmarks/floor/floor.c: the same work in C with nothing else
#
# on the same clips, in turns, so that all meet the same weather, in two cases: the offset is (a) a keyframe's,
# (b) 10 ms before a keyframe's, so that all that can lie between two keyframes is to be decoded.
#
#   CLIPS=32 ROUNDS=5 Benchmarks/speed.sh
#
# CLIPSHIP=/path/to/clipship measures that program instead of building this one.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=Benchmarks/common.sh
. Benchmarks/common.sh

CLIPS=${CLIPS:-32}
ROUNDS=${ROUNDS:-5}
at_least_one CLIPS
at_least_one ROUNDS

keyframe=16000   # milliseconds; every fourth second has one
contestants=(clipship script ffmpegthumbnailer floor)

# ---------------------------------------------------------------------------------------------------------------------
# Contestants: each makes what it makes of all clips in an output folder of its own. OFFSET is in milliseconds.
# ---------------------------------------------------------------------------------------------------------------------

seconds() {
    printf '%d.%03d' $(($1 / 1000)) $(($1 % 1000))
}

run_clipship() {
    "$clipship" run "$cache/speed.yaml" --no-submit --jobs "$cores" --output "$2" --quiet
}

run_script() {
    Benchmarks/user-script.sh "$2" "$(seconds "$1")" "$cache"/clips/*.mp4
}

# It makes one size at a time and counts in whole seconds.
run_ffmpegthumbnailer() {
    local time clip name
    printf -v time '00:00:%02d' $(($1 / 1000))
    for clip in "$cache"/clips/*.mp4; do
        name=$(basename "$clip" .mp4)
        printf '%s\0' -i "$clip" -o "$2/$name.large.jpg" -s 856 -t "$time"
        printf '%s\0' -i "$clip" -o "$2/$name.small.jpg" -s 424 -t "$time"
    done | xargs -0 -n 8 -P "$cores" ffmpegthumbnailer
}

run_floor() {
    "$cache/floor" "$2" "$1" "$cores" "$cache"/clips/*.mp4
}

# ---------------------------------------------------------------------------------------------------------------------
# Checks: a contestant that did less than it should would be fast for nothing.
# ---------------------------------------------------------------------------------------------------------------------

# digests CONTESTANT FOLDER CLIP - of the file and of each block, a line each.
digests() {
    case $1 in
        # As the manifest has them: the blocks' as a list, the file's beside its size.
        clipship) /usr/bin/python3 -c '
import json, sys
manifest = json.load(open(sys.argv[1]))
print(manifest["file"]["sha256"], *manifest["blocks"]["sha256"], sep="\n")' "$2/manifests/$3.json" ;;
        script) grep -oE '[0-9a-f]{64}' "$2/$3.json" ;;
        floor) cat "$2/$3.sha256" ;;
    esac
}

check() {
    local contestant=$1 folder=$cache/out-$1 pictures clip name
    pictures=$(find "$folder" -name '*.jpg' -size +1k | wc -l)
    ((pictures == 2 * CLIPS)) || fail "$contestant made $pictures thumbnails of $CLIPS clips"
    [[ $contestant == ffmpegthumbnailer ]] && return
    for clip in "$cache"/clips/*.mp4; do
        name=$(basename "$clip" .mp4)
        [[ $(digests "$contestant" "$folder" "$name") == "$(cat "$cache/digests/$name")" ]] ||
            fail "the digests that $contestant computed of $name are wrong"
    done
}

# The right digests, by coreutils.
make_digests() {
    local clip
    rm -rf "$cache/digests"
    mkdir "$cache/digests"
    for clip in "$cache"/clips/*.mp4; do
        { sha256sum <"$clip"; split --bytes=2000000 --filter=sha256sum "$clip"; } | cut -d ' ' -f 1 \
            >"$cache/digests/$(basename "$clip" .mp4)"
    done
}

# ---------------------------------------------------------------------------------------------------------------------

# measure CONTESTANT OFFSET - on a fresh output folder. What others have written is on disk by then: clipship is the only
# one that waits for its files to be, and would wait for theirs as well.
measure() {
    rm -rf "$cache/out-$1"
    mkdir "$cache/out-$1"
    sync
    clock "$1" "run_$1" "$2" "$cache/out-$1"
    check "$1"
}

# compare TITLE OFFSET
compare() {
    local contestant round order
    write_pipeline speed 'clips/*.mp4' "$2"
    for contestant in "${contestants[@]}"; do measure "$contestant" "$2"; done   # to warm up
    forget "${contestants[@]}"
    for ((round = 1; round <= ROUNDS; round++)); do
        order=("${contestants[@]}")
        ((round % 2)) || mapfile -t order < <(printf '%s\n' "${contestants[@]}" | tac)
        for contestant in "${order[@]}"; do measure "$contestant" "$2"; done
    done
    printf '\n%s\n' "$1"
    report clipship
    for contestant in "${contestants[@]:1}"; do
        report "$contestant" "clipship takes $(ratio wall_clipship "wall_$contestant") of its time, $(
            ratio cpu_clipship "cpu_$contestant") of its work: $(ratio "wall_$contestant" wall_clipship) times as fast"
    done
}

find_clipship
make_clips "$CLIPS"
# Unquoted: these are lists of options.
# shellcheck disable=SC2046
cc -O2 -Wall -Wextra -o "$cache/floor" Benchmarks/floor/floor.c \
    $(pkg-config --cflags --libs libavformat libavcodec libswscale libavutil libcrypto)
command -v ffmpegthumbnailer >/dev/null || {
    say "bench: there is no ffmpegthumbnailer; it is left out"
    contestants=(clipship script floor)
}
make_digests   # and all find the clips in memory

printf '%d clips, %s, %d cores, medians of %d rounds (smallest and largest against the median)\n' \
    "$CLIPS" "$(du -sh "$cache/clips" | cut -f 1)" "$cores" "$ROUNDS"
compare "(a) the offset is a keyframe's" "$keyframe"
compare "(b) the offset is just before a keyframe's" $((keyframe - 10))
