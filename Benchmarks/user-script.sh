#!/usr/bin/env bash
#
# What somebody without clipship would write: measures clips, renders both thumbnails from one decode, digests
# the blocks and the file, and writes it all down as JSON. clipship is measured against this, so it is written
# to be fast: it seeks before it decodes, copies nothing, and works on as many clips at once as there are cores.
#
#   Benchmarks/user-script.sh OUTPUT_FOLDER OFFSET_SECONDS CLIP...

set -euo pipefail
export LC_ALL=C

block=2000000

process() {
    local clip=$1 output=$2 offset=$3 threads=$4
    local name size duration digests
    name=$(basename "$clip" .mp4)

    size=$(stat -c %s "$clip")
    duration=$(ffprobe -v error -show_entries format=duration -of default=nw=1:nk=1 "$clip")

    ffmpeg -nostdin -v error -y -threads "$threads" -filter_complex_threads 1 -ss "$offset" -i "$clip" -filter_complex "
        [0:v]scale=856:424:force_original_aspect_ratio=increase,crop=856:424,split[large][rest];
        [rest]scale=424:208:force_original_aspect_ratio=increase,crop=424:208[small]" \
        -map '[large]' -frames:v 1 -q:v 3 "$output/$name.large.jpg" \
        -map '[small]' -frames:v 1 -q:v 3 "$output/$name.small.jpg"

    # split hands each range of bytes to the filter, one after the other, and writes no files.
    digests=$(split --bytes="$block" --filter='sha256sum' "$clip" | sed 's/ .*/"/; s/^/"/' | paste -sd,)

    printf '{"clip": "%s", "durationInSeconds": %.0f, "fileSize": %d, "expectedBlocks": %d, "sha256": "%s", "blocks": [%s]}\n' \
        "$name" "$duration" "$size" $(((size + block - 1) / block)) \
        "$(sha256sum "$clip" | cut -d ' ' -f 1)" "$digests" >"$output/$name.json"
}

if [[ ${1-} == --one ]]; then
    process "$5" "$2" "$3" "$4"
    exit
fi

output=$1 offset=$2
shift 2
mkdir -p "$output"
# One decoder thread for each clip is fastest, unless there are too few clips to keep all cores busy.
threads=1
(($# >= $(nproc))) || threads=0
printf '%s\0' "$@" | xargs -0 -n 1 -P "$(nproc)" "$0" --one "$output" "$offset" "$threads"
