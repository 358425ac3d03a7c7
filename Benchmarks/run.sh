#!/usr/bin/env bash
#
# Measures everything up to the manifest: clipship against Benchmarks/user-script.sh, on the same clips, in
# turns, so that both meet the same weather.
#
#   CLIPS=16 PAIRS=5 Benchmarks/run.sh
#
# CLIPSHIP=/path/to/clipship measures that program instead of building this one.
# The clips (1080p60, 30 s, B-frames, a keyframe every 240 frames) are made once, in .cache/bench.

set -euo pipefail
export LC_ALL=C

cd "$(dirname "${BASH_SOURCE[0]}")/.."
clips=${CLIPS:-16}
pairs=${PAIRS:-5}
cache=$PWD/.cache/bench
offset=18000   # milliseconds; halfway between two keyframes, which is what a random offset costs on average

say() {
    printf '%s\n' "$*" >&2
}

fail() {
    say "bench: $*"
    exit 1
}

((clips >= 1 && pairs >= 1)) || fail "CLIPS and PAIRS are numbers from 1 on"

# ---------------------------------------------------------------------------------------------------
# Clips
# ---------------------------------------------------------------------------------------------------

# recording NUMBER FILTER - one of the two recordings that the clips are copies of, with a little noise so
# that they are as heavy as real ones.
recording() {
    local file=$cache/recording-$1.mp4
    [[ -e $file ]] && return
    say "bench: making recording $1 of 2 (once)"
    ffmpeg -nostdin -v error -y -stream_loop 1 -i samples/boss-fight.mp4 -t 30 -vf "$2,noise=alls=5:allf=t" \
        -c:v libx264 -preset superfast -bf 3 -x264-params b-pyramid=normal -g 240 -keyint_min 240 -sc_threshold 0 \
        -b:v 8M -maxrate 12M -bufsize 16M -c:a aac -b:a 128k "$cache/unfinished.mp4"
    mv "$cache/unfinished.mp4" "$file"
}

make_clips() {
    local number name
    mkdir -p "$cache/clips"
    recording 1 null
    recording 2 hflip,hue=h=120
    # Exactly as many as asked for: an earlier run may have left more.
    find "$cache/clips" -name '*.mp4' | sort | tail -n +$((clips + 1)) | xargs -r rm --
    for ((number = 1; number <= clips; number++)); do
        printf -v name 'clip-%03d.mp4' "$number"
        [[ -e $cache/clips/$name ]] && continue
        # The title is of another length in each, so every block of every clip differs.
        ffmpeg -nostdin -v error -y -i "$cache/recording-$((number % 2 + 1)).mp4" -map 0 -c copy \
            -metadata title="$(printf 'x%.0s' $(seq "$number"))" -movflags +faststart "$cache/unfinished.mp4"
        mv "$cache/unfinished.mp4" "$cache/clips/$name"
    done
}

# ---------------------------------------------------------------------------------------------------
# Measuring
# ---------------------------------------------------------------------------------------------------

run_clipship() {
    "$clipship" run "$cache/pipeline.yaml" --no-submit --quiet
}

run_script() {
    Benchmarks/user-script.sh "$cache/out-script" "$((offset / 1000)).$(printf '%03d' $((offset % 1000)))" "$cache"/clips/*.mp4
}

# measure NAME - runs run_NAME on an empty output folder; adds the milliseconds it took to times_NAME.
measure() {
    local -n times=times_$1
    local start end
    rm -rf "$cache/out-$1"
    start=${EPOCHREALTIME/./}
    "run_$1" >"$cache/$1.log" 2>&1 || {
        cat "$cache/$1.log" >&2
        fail "$1 failed; its output is above"
    }
    end=${EPOCHREALTIME/./}
    times+=($(((end - start) / 1000)))
}

# median NUMBER... - the middle one, or the mean of the two in the middle.
median() {
    printf '%s\n' "$@" | sort -n | awk '{ v[NR] = $1 } END { print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'
}

# Both must have looked at the same bytes, or the times say nothing.
check_outputs() {
    local clip digest
    for clip in "$cache"/clips/*.mp4; do
        clip=$(basename "$clip" .mp4)
        digest=$(sed -nE 's/.*"sha256": "([0-9a-f]{64})".*/\1/p' "$cache/out-script/$clip.json")
        grep -qF -- "$digest" "$cache/out-clipship/manifests/$clip.json" ||
            fail "the manifest of $clip does not have the digest $digest"
    done
}

# ---------------------------------------------------------------------------------------------------

if [[ -n ${CLIPSHIP-} ]]; then
    clipship=$CLIPSHIP
else
    swift build -c release --product clipship >&2
    clipship=$(swift build -c release --show-bin-path)/clipship
fi
[[ -x $clipship ]] || fail "there is no program at $clipship"

make_clips
cat >"$cache/pipeline.yaml" <<PIPELINE
name: bench
session: ../../samples/session.yaml
clips: ["clips/*.mp4"]
request:
  type: [DeveloperInitiated]
  source: TitleDirect
  visibility: Default
thumbnails:
  source: Offset
  offset: $offset
submit:
  waitFor: nothing
output: out-clipship
PIPELINE

times_clipship=()
times_script=()
say "bench: $clips clips, $(du -sh "$cache/clips" | cut -f 1), $(nproc) cores"
cat "$cache"/clips/*.mp4 >/dev/null   # both shall find the clips in memory
measure clipship
measure script
check_outputs
times_clipship=()
times_script=()

printf '%4s  %12s  %12s\n' pair 'clipship ms' 'script ms'
for ((pair = 1; pair <= pairs; pair++)); do
    if ((pair % 2)); then
        measure clipship
        measure script
    else
        measure script
        measure clipship
    fi
    printf '%4d  %12d  %12d\n' "$pair" "${times_clipship[-1]}" "${times_script[-1]}"
done

clipship_median=$(median "${times_clipship[@]}")
script_median=$(median "${times_script[@]}")
printf 'median  %10s  %12s\n' "$clipship_median" "$script_median"
awk "BEGIN { printf \"the script takes %.2f times as long as clipship\n\", $script_median / $clipship_median }"
