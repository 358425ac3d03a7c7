#!/usr/bin/env python3
"""Coded frames that clipship decodes for one picture, against the least that gives the same picture.

usage: frames.py CLIPSHIP FOLDER

The least is found with ffmpeg alone: of the coded frames from the last keyframe through the wanted one each is left out
that the wanted picture is the same without, the last ones first. So it knows nothing of what clipship goes by.
"""

import functools
import pathlib
import re
import subprocess
import sys

clipship, folder = sys.argv[1], pathlib.Path(sys.argv[2])
folder.mkdir(parents=True, exist_ok=True)

SIZE = ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=30:duration=2.6", "-pix_fmt", "yuv420p"]


def x264(more):
    return ["-c:v", "libx264", "-preset", "veryfast", "-threads", "1", "-x264-params", "scenecut=0:keyint=40:" + more]


def x265(more):
    return ["-c:v", "libx265", "-preset", "ultrafast", "-tag:v", "hvc1", "-x265-params",
            "log-level=none:pools=none:frame-threads=1:scenecut=0:keyint=40:" + more]


LAYERS = ("ts_number_layers=3:ts_target_bitrate=250,500,1000:ts_rate_decimator=4,2,1:ts_layering_mode=3")
STRUCTURES = {
    "H.264, no B-frames": x264("bframes=0"),
    "H.264, closed GOPs": x264("bframes=3:b-adapt=0:b-pyramid=none"),
    "H.264, open GOPs": x264("bframes=3:b-adapt=0:b-pyramid=none:open-gop=1"),
    "H.264, pyramid": x264("bframes=7:b-adapt=0:b-pyramid=normal:ref=6"),
    "H.264, pyramid, one reference": x264("bframes=3:b-adapt=0:b-pyramid=strict:ref=1"),
    "H.264, intra refresh": x264("bframes=0:intra-refresh=1"),
    "HEVC, pyramid": x265("bframes=4:b-adapt=0:b-pyramid=1:open-gop=0"),
    "HEVC, temporal sub-layers": x265("bframes=3:b-adapt=0:b-pyramid=1:open-gop=0:temporal-layers=1"),
    "VP9, hierarchical P": ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "1M", "-g", "40",
                            "-ts-parameters", LAYERS],
}


def run(*command, data=None):
    return subprocess.run(command, input=data, check=True, capture_output=True).stdout


def make(name, options):
    file = folder / (re.sub(r"\W+", "-", name) + ".mp4")
    if not file.exists():
        run("ffmpeg", "-nostdin", "-v", "error", "-y", *SIZE, *options, str(file))
    return file


def packets(file):
    """Times of presentation and whether it is a keyframe, in the order of decoding."""
    lines = run("ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "packet=pts,flags", "-of", "csv=p=0",
                str(file)).decode().split()
    return [(int(line.split(",")[0]), "K" in line.split(",")[1]) for line in lines]


def picture(file, kept, place):
    """The digest of the frame with the place-th smallest time among those kept; None if it does not come."""
    expression = "not(" + "+".join(f"eq(n\\,{number})" for number in sorted(kept)) + ")"
    cut = run("ffmpeg", "-nostdin", "-v", "quiet", "-copyts", "-i", str(file), "-map", "0:v", "-c", "copy", "-bsf:v",
              f"noise=drop={expression}", "-f", "nut", "-")
    lines = run("ffmpeg", "-v", "quiet", "-copyts", "-threads", "1", "-i", "-", "-fps_mode", "passthrough",
                "-enc_time_base:v", "1/15360", "-f", "framemd5", "-", data=cut).decode().splitlines()
    frames = {int(line.split(",")[2]): line.split(",")[-1] for line in lines if not line.startswith("#")}
    return next((digest for time, digest in frames.items() if abs(time - place) < 100), None)


def least(file, times, start, wanted):
    look = functools.partial(picture, file)
    kept = set(range(start, wanted + 1))
    whole = look(kept, times[wanted])
    if whole is None:
        return None
    for number in range(wanted - 1, start, -1):
        if look(kept - {number}, times[wanted]) == whole:
            kept.remove(number)
    return len(kept)


def decoded(file, milliseconds):
    result = subprocess.run([clipship, "thumbnail", str(file), "--offset", str(milliseconds), "--small",
                             str(folder / "small.jpg"), "--verbose"], check=True, capture_output=True)
    return int(re.search(rb"(\d+) coded frames were decoded", result.stderr)[1])


print(f"{'coded frames for one picture':34}{'frame':>7}{'decoded':>9}{'least':>7}{'from the keyframe':>19}")
for name, options in STRUCTURES.items():
    file = make(name, options)
    listed = packets(file)
    times = [time for time, _ in listed]
    base = int(run("ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "stream=time_base", "-of",
                   "csv=p=0", str(file)).decode().strip().rstrip(",").split("/")[1])
    shown = sorted(range(len(times)), key=lambda number: times[number])
    for place in (33, 70):
        wanted = shown[place]
        start = max(number for number, (time, isKey) in enumerate(listed[:wanted + 1])
                    if isKey and time <= times[wanted])
        milliseconds = -(-(times[wanted] - times[shown[0]]) * 1000 // base)
        fewest = least(file, [time * 15360 // base for time in times], start, wanted)
        print(f"  {name:32}{place:>7}{decoded(file, milliseconds):>9}{fewest if fewest else '-':>7}"
              f"{wanted - start + 1:>19}", flush=True)
