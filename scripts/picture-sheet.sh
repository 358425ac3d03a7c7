#!/usr/bin/env bash
#
# Shows what clipship makes of every MP4 in a folder: a page with both thumbnails of each, the facts, the warnings or the
# reason for refusing it; and all large thumbnails in one picture.
#
#   scripts/picture-sheet.sh FOLDER [OUTPUT [OFFSET]]
#
# OUTPUT/sheet.html and OUTPUT/sheet.png; OUTPUT is out/sheet, OFFSET 1000 ms unless said. Needs ffmpeg, python3 and a
# built release.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

folder=${1:?the folder with the recordings}
output=${2:-out/sheet}
offset=${3:-1000}
clipship=${CLIPSHIP:-$(swift build -c release --show-bin-path)/clipship}

"$clipship" manifest "$folder" --session samples/session.yaml --output "$output" --offset "$offset" || [[ $? == 1 ]]

# Prints the large thumbnails' paths: pictures of another folder's clips may be beside them.
listing=$(/usr/bin/python3 - "$output" <<'PYTHON'
import html, json, pathlib, sys

output = pathlib.Path(sys.argv[1])
batch = json.loads((output / "batch.json").read_text())


def facts(manifest):
    video, request = manifest["media"]["video"], manifest["request"]
    parts = [
        f'{video["width"]} x {video["height"]}', f'{video["codec"]} {video.get("profile") or ""}'.strip(),
        f'{manifest["media"]["durationSeconds"]:.3f} s', f'{request["fileSize"]:,} bytes',
        f'frame at {manifest["thumbnails"]["frameMilliseconds"]} ms',
    ]
    if video.get("rotation") or video.get("mirrored"):
        parts.append(f'turned by {video["rotation"]}{", mirrored" if video.get("mirrored") else ""}')
    if video.get("hdr"):
        parts.append(video["hdr"])
    return ", ".join(parts)


rows = []
for clip in batch["clips"]:
    name = clip["clip"]
    if clip.get("manifest"):
        manifest = json.loads((output / clip["manifest"]).read_text())
        pictures = "".join(
            f'<img src="thumbnails/{html.escape(name)}.{size}.jpg" alt="{size}">' for size in ("large", "small"))
        words = [facts(manifest)] + manifest["warnings"]
    else:
        pictures, words = "", [clip["reason"]]
    text = "".join(f"<p>{html.escape(word)}</p>" for word in words)
    rows.append(f"<section><h2>{html.escape(name)}</h2>{pictures}{text}</section>")

(output / "sheet.html").write_text(
    "<!doctype html><meta charset=utf-8><title>Picture sheet</title><style>body{font:15px system-ui;margin:2rem}"
    "img{margin-right:1rem;max-width:100%;vertical-align:top}p{margin:.3rem 0}</style>" + "\n".join(rows) + "\n")
for clip in batch["clips"]:
    if clip.get("manifest"):
        print(output / "thumbnails" / f'{clip["clip"]}.large.jpg')
PYTHON
)
pictures=()
[[ -z $listing ]] || mapfile -t pictures <<<"$listing"
count=${#pictures[@]}
if ((count > 0)); then
    columns=4
    cat "${pictures[@]}" | ffmpeg -nostdin -v error -y -f image2pipe -c:v mjpeg -i /dev/stdin -vf \
        "scale=428:-1,tile=${columns}x$(((count + columns - 1) / columns)):padding=6:margin=6" -frames:v 1 -update 1 \
        "$output/sheet.png"
fi
echo "$output/sheet.html and $output/sheet.png: $count clips with thumbnails"
