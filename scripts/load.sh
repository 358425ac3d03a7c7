#!/usr/bin/env bash
#
# Uploads many small clips to the local service at once: Tests/Programs/load.py says how.
#
#   scripts/load.sh [CLIPS]      CLIPS: how many, 1000 unless said

set -euo pipefail
cd "$(dirname "$0")/.."

clips=${1:-1000}
most_megabytes=200
clipship=$(swift build -c release --show-bin-path)/clipship
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A connection for each client.
ulimit -n "$(ulimit -H -n)"
ffmpeg -v error -f lavfi -i testsrc2=size=128x96:rate=30:duration=0.3 -c:v libx264 -pix_fmt yuv420p "$work/clip.mp4"

for how in '' kill; do
    mkdir "$work/run$how"
    # shellcheck disable=SC2086
    figures=$(/usr/bin/python3 Tests/Programs/load.py "$clipship" "$work/run$how" "$work/clip.mp4" "$clips" $how)
    echo "$clips clips at once${how:+, the service killed in the middle}: $figures"
    /usr/bin/python3 - "$figures" "$clips" "$most_megabytes" <<'END'
import json, sys
figures, clips, most = json.loads(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
if figures["clips"] != clips:
    sys.exit(f"load: the service has {figures['clips']} clips instead of {clips}")
if figures["megabytes"] > most:
    sys.exit(f"load: the service took {figures['megabytes']} MB; at most {most} are allowed")
END
done
