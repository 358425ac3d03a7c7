#!/usr/bin/env bash
#
# What pictures cost: the coded frames that are decoded for one against the least possible, `--offset auto` against a
# plain offset, and a sheet and a sprite of a long recording against ffmpeg.
#
#   ROUNDS=3 MINUTES=30 Benchmarks/pictures.sh

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source Benchmarks/common.sh

ROUNDS=${ROUNDS:-3}
MINUTES=${MINUTES:-30}
at_least_one ROUNDS
at_least_one MINUTES
find_clipship
make_clips 1
clip=$cache/clips/clip-001.mp4
long=$cache/long-$MINUTES.mp4
if [[ ! -e $long ]]; then
    say "bench: making a recording of $MINUTES minutes (once)"
    ffmpeg -nostdin -v error -y -stream_loop $((MINUTES * 2 - 1)) -i "$cache/recording-1.mp4" -map 0 -c copy \
        "$cache/unfinished.mp4"
    mv "$cache/unfinished.mp4" "$long"
fi

Benchmarks/frames.py "$clipship" "$cache/frames"
echo

thumbnail() { "$clipship" thumbnail "$clip" --small "$cache/small.jpg" --verbose "$@"; }
sheet() { "$clipship" sheet "$long" --output "$cache/sheet.jpg" --verbose "$@"; }
# Every keyframe, scaled; the first so many of them in one picture.
tile() {
    ffmpeg -nostdin -v error -y -skip_frame nokey -i "$long" -an -fps_mode passthrough -vf "$1" -frames:v 1 -update 1 \
        "$cache/tile.jpg"
}
# All of it goes through the decoder, and one in so many of the pictures into the sheet.
keyframes=$(ffprobe -v error -skip_frame nokey -select_streams v -show_entries frame=pts_time -of csv=p=0 "$long" | wc -l)
step() { echo "select='not(mod(n,$((keyframes / $1 > 0 ? keyframes / $1 : 1))))'"; }

contestants=(offset auto sheet tile-sheet sprite tile-sprite)
for ((round = 0; round <= ROUNDS; round++)); do
    # After a round that warms up.
    ((round != 1)) || forget "${contestants[@]//-/_}"
    clock offset thumbnail --offset 2000
    clock auto thumbnail --offset auto
    auto_frames=$(grep -o '[0-9]* coded frames' "$cache/output.log")
    clock sheet sheet --columns 4 --rows 4
    sheet_frames=$(grep -o '[0-9]* coded frames' "$cache/output.log")
    clock tile_sheet tile "$(step 16),scale=320:-2,tile=4x4"
    clock sprite sheet --sprite --columns 10 --rows 10
    sprite_frames=$(grep -o '[0-9]* coded frames' "$cache/output.log")
    clock tile_sprite tile "$(step 100),scale=160:-2,tile=10x10"
done

echo "pictures of a clip of 30 s, medians of $ROUNDS rounds"
report offset "120 coded frames after the keyframe"
report auto "$auto_frames"
echo
echo "sheets of $MINUTES minutes of 1080p60 with $keyframes keyframes"
report sheet "$sheet_frames, $(ratio wall_sheet wall_tile_sheet) of ffmpeg's time"
report tile_sheet
report sprite "$sprite_frames, $(ratio wall_sprite wall_tile_sprite) of ffmpeg's time"
report tile_sprite
