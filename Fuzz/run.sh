#!/usr/bin/env bash
#
# Looks for files that end the media engine, hold it past its deadline, or make it grow without bound; and for texts that
# do so to what reads them.
#
#   Fuzz/run.sh [SECONDS [TARGET]]        60 and media by default; exit code 0 if nothing was found
#   Fuzz/run.sh --again FILE...           what these media files do
#
# TARGET is media, yaml, manifest, json (answers of the services), request (targets of requests to the local service) or
# worker (what a media worker says).
#
# Everything is kept in .cache/fuzz: seeds (made once), corpus (grows from run to run), finds; of texts in a folder for each
# target. A find becomes a regression test: make it smaller with
#
#   .cache/fuzz/build/release/MediaFuzz -minimize_crash=1 -max_total_time=60 -exact_artifact_path=small.mp4 FIND
#
# and put it into Tests/Regressions.

set -euo pipefail
export LC_ALL=C
cd "$(dirname "${BASH_SOURCE[0]}")/.."
cache=$PWD/.cache/fuzz

fail() {
    printf 'fuzz: %s\n' "$*" >&2
    exit 1
}

# ---------------------------------------------------------------------------------------------------------------------
# Seeds: small files, one for each kind that clipship meets.
# ---------------------------------------------------------------------------------------------------------------------

# seed NAME OPTION... - eight frames of 64 x 48, encoded as the options say. What this ffmpeg can't make is left out.
seed() {
    local name=$1
    shift
    ffmpeg -nostdin -v error -y -f lavfi -i testsrc2=size=64x48:rate=10:duration=0.8 "$@" -bitexact \
        -f mp4 "$cache/unfinished.mp4" 2>"$cache/ffmpeg.log" && mv "$cache/unfinished.mp4" "$cache/seeds/$name.mp4" ||
        printf 'fuzz: no seed %s: %s\n' "$name" "$(tail -n 1 "$cache/ffmpeg.log")" >&2
}

make_seeds() {
    local x264=(-c:v libx264 -preset ultrafast -g 4 -bf 2 -x264-params log=-1 -pix_fmt yuv420p)
    local x265=(-c:v libx265 -preset ultrafast -tag:v hvc1)
    local sound=(-f lavfi -i sine=duration=0.5 -c:a aac -b:a 16k)
    mkdir -p "$cache/seeds"
    seed h264 "${x264[@]}"
    seed h264-front "${x264[@]}" -movflags +faststart -metadata creation_time=2024-01-01T00:00:00Z
    seed h264-sound "${sound[@]}" "${x264[@]}"
    seed h264-intra -c:v libx264 -preset ultrafast -g 1 -x264-params log=-1 -pix_fmt yuv422p
    seed h264-aspect "${x264[@]}" -vf setsar=4/3
    seed h264-turned "${x264[@]}" -metadata:s:v rotate=90
    seed fragmented "${x264[@]}" -movflags +frag_keyframe+empty_moov+default_base_moof
    seed fragmented-partly "${x264[@]}" -movflags +frag_keyframe
    seed fragmented-sidx "${sound[@]}" "${x264[@]}" -movflags +dash+frag_keyframe -frag_duration 200000
    seed encrypted "${x264[@]}" -encryption_scheme cenc-aes-ctr \
        -encryption_key 76a6c65c5ea762046bd749a2e632ccbb -encryption_kid a7e61c373e219033c21091fa607bf3b8
    seed hevc "${x265[@]}" -x265-params log-level=none:keyint=4 -pix_fmt yuv420p
    seed hevc-hdr10 "${x265[@]}" -pix_fmt yuv420p10le -color_primaries bt2020 -color_trc smpte2084 \
        -colorspace bt2020nc -x265-params \
        'log-level=none:hdr10=1:master-display=G(8500,39850)B(6550,2300)R(35400,14600)WP(15635,16450)L(10000000,1):max-cll=1000,400'
    seed hevc-hlg "${x265[@]}" -pix_fmt yuv420p10le -color_primaries bt2020 -color_trc arib-std-b67 \
        -colorspace bt2020nc -x265-params log-level=none
    seed vp9 -c:v libvpx-vp9 -deadline realtime -g 4
    seed av1 -c:v libaom-av1 -usage realtime -cpu-used 8 -g 4
    seed mpeg4 -c:v mpeg4 -bf 2 -g 4
    seed mjpeg -c:v mjpeg -pix_fmt yuvj420p
    # An edit list that starts between keyframes.
    ffmpeg -nostdin -v error -y -ss 0.5 -i "$cache/seeds/h264.mp4" -c copy -bitexact "$cache/seeds/edit-list.mp4"
    # Cut off in the middle.
    head -c 2000 "$cache/seeds/h264-front.mp4" >"$cache/seeds/cut-off.mp4"
}

# ---------------------------------------------------------------------------------------------------------------------

# Texts to begin with: those of the repository, and what clipship makes of a sample.
make_texts() {
    local seeds=$cache/$target/seeds
    mkdir -p "$seeds"
    case $target in
        yaml) cp pipelines/*.yaml samples/*.yaml "$seeds" ;;
        json) cp Tests/LiveAnswers/*.json "$seeds" ;;
        request)
            sed -nE 's|^  (/[^:]*):.*|\1?skipItems=1\&maxItems=%32\&a+b=%C3%A9|p' docs/openapi.yaml |
                split -l 1 - "$seeds/path-"
            ;;
        manifest)
            swift build -c release --product clipship >>"$cache/build.log" 2>&1
            swift build -c release --product clipship-media >>"$cache/build.log" 2>&1
            "$(swift build -c release --show-bin-path)/clipship" manifest samples/*.mp4 --session samples/session.yaml \
                --output "$cache/$target/out" --quiet
            cp "$cache/$target"/out/manifests/*.json "$seeds"
            ;;
        worker)
            printf '\1\0\0\0\20\0\0\0{"facts":{"container":"mp4","durationSeconds":1,"video":{"codec":"h264","width":64,%s' \
                '"height":64,"frameRate":"30/1","sampleAspectRatio":"1/1","rotation":0,"mirrored":false}},"warnings":["a"]}' \
                >"$seeds/answer"
            printf '\1\0\0\0\20\0\0\0{"kind":"damaged","message":"It is damaged.","code":5}' >"$seeds/refusal"
            printf '\1\0\0\0\20\0\0\0\377\330\377\300\0\21\10\1\250\3\130\3\1\42\0\2\21\1\3\21\1\377\331' >"$seeds/picture"
            ;;
    esac
}

mkdir -p "$cache"
swift build -c release --package-path Fuzz --scratch-path "$cache/build" >"$cache/build.log" 2>&1 || {
    cat "$cache/build.log" >&2
    fail "the fuzzer can't be built"
}
fuzzer=$cache/build/release/MediaFuzz
# A worker process ends at 1 GiB, which is how files end that FFmpeg makes much room for; nothing ends this one, and the
# sanitizer's own share comes on top.
export ASAN_OPTIONS=quarantine_size_mb=32
limits=(-timeout=20 -rss_limit_mb=4096 -max_len=65536)

if [[ ${1-} == --again ]]; then
    shift
    exec "$fuzzer" "${limits[@]}" "$@"
fi
seconds=${1:-60}
[[ $seconds =~ ^[1-9][0-9]*$ ]] || fail "SECONDS is a number from 1 on, not $seconds"
target=${2:-media}
case $target in
    media) ;;
    yaml | manifest | json | request | worker)
        export CLIPSHIP_FUZZ=$target
        [[ -d $cache/$target/seeds ]] || make_texts
        mkdir -p "$cache/$target/corpus" "$cache/$target/finds"
        exec "$cache/build/release/TextFuzz" -timeout=10 -rss_limit_mb=1024 -max_len=65536 -max_total_time="$seconds" \
            -artifact_prefix="$cache/$target/finds/" -print_final_stats=1 "$cache/$target/corpus" "$cache/$target/seeds"
        ;;
    *) fail "TARGET is media, yaml, manifest, json, request or worker, not $target" ;;
esac
[[ -e $cache/seeds/cut-off.mp4 ]] || make_seeds
mkdir -p "$cache/corpus" "$cache/finds"
# Old finds first: one that is still there needs no new search.
# What was slow only is kept there as well, but is no find: a worker has limits of time and memory.
mapfile -t finds < <(find "$cache/finds" -type f -not -name 'slow-unit-*')
if ((${#finds[@]} > 0)); then
    "$fuzzer" "${limits[@]}" "${finds[@]}" || fail "an old find in .cache/fuzz/finds is still one; the report is above"
fi
code=0
"$fuzzer" "${limits[@]}" -max_total_time="$seconds" -artifact_prefix="$cache/finds/" -print_final_stats=1 \
    "$cache/corpus" "$cache/seeds" || code=$?
case $code in
    0) ;;
    70 | 71 | 77) fail "the find is in .cache/fuzz/finds; the report is above" ;;
    *) fail "the fuzzer ended early, with $code" ;;
esac
