# shellcheck shell=bash
#
# What the benchmarks share; sourced by them, from the repository's root.

export LC_ALL=C
# Seen by those that source this.
# shellcheck disable=SC2034
cores=$(nproc)
cache=$PWD/.cache/bench
mkdir -p "$cache"

say() {
    printf '%s\n' "$*" >&2
}

fail() {
    say "bench: $*"
    exit 1
}

# at_least_one VARIABLE...
at_least_one() {
    [[ ${!1} =~ ^[1-9][0-9]*$ ]] || fail "$1 is a number from 1 on, not ${!1}"
}

# ---------------------------------------------------------------------------------------------------------------------
# Clips: 1080p60 H.264 of 30 s with sound, B-frames, a keyframe every 240 frames, about 8 Mbit/s. Made once.
# ---------------------------------------------------------------------------------------------------------------------

# recording NUMBER FILTER - one of the two that the clips are copies of, with a little noise so that they are as heavy
# as real ones.
recording() {
    local file=$cache/recording-$1.mp4
    [[ -e $file ]] && return
    say "bench: making recording $1 of 2 (once)"
    ffmpeg -nostdin -v error -y -stream_loop 1 -i samples/boss-fight.mp4 -t 30 -vf "$2,noise=alls=5:allf=t" \
        -c:v libx264 -preset superfast -bf 3 -x264-params b-pyramid=normal -g 240 -keyint_min 240 -sc_threshold 0 \
        -b:v 8M -maxrate 12M -bufsize 16M -c:a aac -b:a 128k "$cache/unfinished.mp4"
    mv "$cache/unfinished.mp4" "$file"
}

# make_clips COUNT - exactly so many in .cache/bench/clips: an earlier run may have left more.
make_clips() {
    local number name
    mkdir -p "$cache/clips"
    recording 1 null
    recording 2 hflip,hue=h=120
    find "$cache/clips" -name '*.mp4' | sort | tail -n +$(($1 + 1)) | xargs -r rm --
    for ((number = 1; number <= $1; number++)); do
        printf -v name 'clip-%03d.mp4' "$number"
        [[ -e $cache/clips/$name ]] && continue
        # The title is of another length in each, so every block of every clip differs.
        ffmpeg -nostdin -v error -y -i "$cache/recording-$((number % 2 + 1)).mp4" -map 0 -c copy \
            -metadata title="$(printf 'x%.0s' $(seq "$number"))" -movflags +faststart "$cache/unfinished.mp4"
        mv "$cache/unfinished.mp4" "$cache/clips/$name"
    done
}

# ---------------------------------------------------------------------------------------------------------------------
# clipship
# ---------------------------------------------------------------------------------------------------------------------

# Builds clipship, unless CLIPSHIP names one; its path is in $clipship afterwards.
find_clipship() {
    if [[ -n ${CLIPSHIP-} ]]; then
        clipship=$CLIPSHIP
    else
        swift build -c release >&2
        clipship=$(swift build -c release --show-bin-path)/clipship
    fi
    [[ -x $clipship ]] || fail "there is no program at $clipship"
}

# write_pipeline NAME CLIPS OFFSET - .cache/bench/NAME.yaml over .cache/bench/CLIPS; writes to .cache/bench/out-NAME.
write_pipeline() {
    cat >"$cache/$1.yaml" <<PIPELINE
name: $1
session: ../../samples/session.yaml
clips: ["$2"]
request:
  type: [DeveloperInitiated]
  source: TitleDirect
  visibility: Default
thumbnails:
  source: Offset
  offset: $3
submit:
  waitFor: nothing
output: out-$1
PIPELINE
}

# ---------------------------------------------------------------------------------------------------------------------
# Figures
# ---------------------------------------------------------------------------------------------------------------------

# clock NAME COMMAND... - runs it; adds the milliseconds that passed to the array wall_NAME, and those that all cores
# together worked for it to cpu_NAME: the former is what one waits, the latter hardly depends on what else the machine
# does. Its output is shown only if it fails.
clock() {
    local -n walls=wall_$1 cpus=cpu_$1
    local figures TIMEFORMAT='%R %U %S'
    shift
    figures=$({ time "$@" >"$cache/output.log" 2>&1; } 2>&1) || {
        cat "$cache/output.log" >&2
        fail "$1 failed; its output is above"
    }
    walls+=("$(awk '{ print $1 * 1000 }' <<<"$figures")")
    cpus+=("$(awk '{ print ($2 + $3) * 1000 }' <<<"$figures")")
}

# forget NAME... - what was clocked so far.
forget() {
    local name
    for name; do
        declare -ga "wall_$name=()" "cpu_$name=()"
    done
}

# median NUMBER... - the middle one, or the mean of the two in the middle.
median() {
    printf '%s\n' "$@" | sort -n | awk '{ v[NR] = $1 } END { print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'
}

# spread NUMBER... - how far the smallest and the largest are from the middle, in per cent.
spread() {
    printf '%s\n' "$@" | sort -n | awk '{ v[NR] = $1 } END {
        m = (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2
        printf "%+.0f%% %+.0f%%", (v[1] / m - 1) * 100, (v[NR] / m - 1) * 100 }'
}

# calculate EXPRESSION - to two places.
calculate() {
    awk "BEGIN { printf \"%.2f\", $1 }"
}

# ratio ARRAY ARRAY - the median of the ratios of what was clocked in the same round.
ratio() {
    local -n above=$1 below=$2
    calculate "$(median "$(paste <(printf '%s\n' "${above[@]}") <(printf '%s\n' "${below[@]}") | awk '{ print $1 / $2 }')")"
}

# report NAME [WORDS] - a line of figures: milliseconds that passed (the first and the last of the sorted against the
# middle one), milliseconds of work.
report() {
    # shellcheck disable=SC2178   # a name of the array, not a string
    local -n walls=wall_$1 cpus=cpu_$1
    printf '  %-18s %8.0f ms (%s) %8.0f ms of work  %s\n' "$1" "$(median "${walls[@]}")" "$(spread "${walls[@]}")" \
        "$(median "${cpus[@]}")" "${2-}"
}
