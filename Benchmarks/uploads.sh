# shellcheck shell=bash
#
# What the benchmarks of uploads share; sourced after common.sh. They set $home, a folder of theirs, and may set
#
#   here       words before every command of a contestant
#   there      words before the service
#   authority  a file of the authority to be believed
#   serving    options of the service

connections=16
scid=00000000-0000-0012-0023-000000000070
here=()
there=()
authority=
serving=()

free_port() {
    /usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# ---------------------------------------------------------------------------------------------------------------------
# The local service, to be ended with the script that uses it
# ---------------------------------------------------------------------------------------------------------------------

service_pid=

stop_service() {
    [[ -z $service_pid ]] || { kill "$service_pid"; wait "$service_pid" || true; }
    service_pid=
}

# A service that has nothing, at $service, in place of the one before. Sets $token.
start_service() {
    stop_service
    rm -rf "$home/data"
    "${there[@]}" "$clipship" serve --port "${service##*:}" --data "$home/data" --delay 0 --no-page --quiet \
        "${serving[@]}" >/dev/null &
    service_pid=$!
    "${there[@]}" curl --silent --retry 50 --retry-connrefused --retry-delay 1 --insecure --output /dev/null "$service/"
    token=$(/usr/bin/python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["tokens"][0]["token"])' \
        "$home/data/tokens.json")
    (umask 077 && printf '%s' "$token" >"$home/token")
}

# ---------------------------------------------------------------------------------------------------------------------
# Clips: what is missing to the size is noise that players skip
# ---------------------------------------------------------------------------------------------------------------------

# make_uploads COUNT BYTES - ready manifests in $home/ready, clips in $home/clips, their blocks in $home/blocks.
make_uploads() {
    local number clip
    rm -rf "$home/clips" "$home/blocks" "$home/out"
    mkdir -p "$home/clips" "$home/blocks"
    for ((number = 1; number <= $1; number++)); do
        printf -v clip '%s/clips/clip-%03d.mp4' "$home" "$number"
        pad "$cache/clips/clip-001.mp4" "$clip" "$2"
        split --bytes=2000000 --numeric-suffixes --suffix-length=5 "$clip" "$home/blocks/$(basename "$clip" .mp4)."
    done
    "$clipship" manifest "$home/clips" --session samples/session.yaml --output "$home/out" --quiet
    rm -rf "$home/ready"
    mv "$home/out" "$home/ready"
}

# pad SOURCE TARGET BYTES [sparse] - a copy with a free box behind it.
pad() {
    /usr/bin/python3 - "$@" <<'PYTHON'
import os, shutil, struct, sys
source, target, size = sys.argv[1], sys.argv[2], int(sys.argv[3])
shutil.copyfile(source, target)
with open(target, "r+b") as file:
    rest = size - file.seek(0, os.SEEK_END)
    if rest < 16:
        sys.exit(f"bench: {source} is too large for a clip of {size} bytes")
    file.write(struct.pack(">I4sQ", 1, b"free", rest))
    if len(sys.argv) < 5:
        file.write(os.urandom(rest - 16))
    file.truncate(size)
PYTHON
}

# How many bytes are in the files of a folder.
stored() {
    find "$1" -type f -printf '%s\n' | awk '{ sum += $1 } END { print sum + 0 }'
}

# ---------------------------------------------------------------------------------------------------------------------
# Contestants, each to the server at URL
# ---------------------------------------------------------------------------------------------------------------------

# begin CONTESTANT - what it sends is in memory, and nothing of it is anywhere else.
begin() {
    rm -rf "$home/out"
    cp -r "$home/ready" "$home/out"
    start_service
    sync
    if [[ $1 == curl ]]; then cat "$home/blocks"/* >/dev/null; else cat "$home/clips"/* >/dev/null; fi
}

run_clipship() {
    "${here[@]}" "$clipship" submit "$home"/out/manifests/*.json --service "$1" --token-file "$home/token" \
        --wait-for uploaded --quiet ${authority:+--ca "$authority"}
}

run_curl() {
    "${here[@]}" curl --silent --show-error --fail --parallel --parallel-immediate --parallel-max "$connections" \
        ${authority:+--cacert "$authority"} --header "Authorization: Xauth=$token" --header 'Expect:' \
        --config "$home/curl.txt"
}

# ids URL - asks for an id for each clip, and writes what curl is to send.
ids() {
    "${here[@]}" /usr/bin/python3 - "$1" "$token" "$home" "$scid" "$authority" <<'PYTHON'
import glob, json, os, ssl, sys, urllib.request
url, token, home, scid, authority = sys.argv[1:]
context = ssl.create_default_context(cafile=authority) if authority else None
lines = []
for path in sorted(glob.glob(f"{home}/out/manifests/*.json")):
    manifest = json.load(open(path))
    body = dict(manifest["request"], systemProperties="curl")
    request = urllib.request.Request(
        f"{url}/users/me/scids/{scid}/clips", json.dumps(body).encode(),
        {"Authorization": f"Xauth={token}", "Content-Type": "application/json", "X-RequestedServiceVersion": "1"})
    answer = json.load(urllib.request.urlopen(request, context=context))
    target = answer["uploadUri"] + ("&" if "?" in answer["uploadUri"] else "?")
    if "uploadId=" not in target:
        target += f"uploadId={answer['gameClipId']}&"
    for number, block in enumerate(sorted(glob.glob(f"{home}/blocks/{manifest['clip']}.*"))):
        lines += [f'url = "{target}blockNum={number}"', f'upload-file = "{block}"', 'output = "/dev/null"']
open(f"{home}/curl.txt", "w").write("\n".join(lines) + "\n")
PYTHON
}
