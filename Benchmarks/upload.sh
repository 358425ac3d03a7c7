#!/usr/bin/env bash
#
# Uploading, timed: `clipship submit` of ready manifests against `curl --parallel` sending the same blocks to the same
# server at the same number of connections, in turns, to
#
#   local service   clipship serve, which joins the blocks of each clip and asks the disk to keep them
#   nginx           blocks by WebDAV PUT, each a file of its own; only where nginx is installed
#
# curl has it easier: its blocks are files already, the ids are asked for before its clock starts, and it checks no
# digest and keeps no journal. In a third turn the manifests come from another machine, so clipship has no journal that
# says whether the files are still what was hashed, and compares the digest of every block.
#
#   UPLOADS=8 MEGABYTES=100 ROUNDS=5 Benchmarks/upload.sh
#
# And the memory that clipship needs to upload one file of 4 GB (GIANT=0 leaves it out).

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=Benchmarks/common.sh
. Benchmarks/common.sh

UPLOADS=${UPLOADS:-8}
MEGABYTES=${MEGABYTES:-100}
ROUNDS=${ROUNDS:-5}
GIANT=${GIANT:-1}
for name in UPLOADS MEGABYTES ROUNDS; do at_least_one "$name"; done

connections=16
home=$cache/upload
scid=00000000-0000-0012-0023-000000000070

# ---------------------------------------------------------------------------------------------------------------------
# Servers, ended with this script
# ---------------------------------------------------------------------------------------------------------------------

service_pid=
nginx_pid=
trap 'kill $service_pid $nginx_pid 2>/dev/null; wait' EXIT

free_port() {
    /usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

stop_service() {
    [[ -z $service_pid ]] || { kill "$service_pid"; wait "$service_pid" || true; }
    service_pid=
}

# A service that has nothing, in place of the one before. Sets $token.
start_service() {
    stop_service
    rm -rf "$home/data"
    "$clipship" serve --port "${service##*:}" --data "$home/data" --delay 0 --no-page --quiet >/dev/null &
    service_pid=$!
    curl --silent --retry 50 --retry-connrefused --retry-delay 1 --output /dev/null "$service/"
    token=$(/usr/bin/python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["tokens"][0]["token"])' \
        "$home/data/tokens.json")
    (umask 077 && printf '%s' "$token" >"$home/token")
}

# A place for blocks, in front of the service that gives the ids. Sets $dav.
start_nginx() {
    local port
    port=$(free_port)
    mkdir -p "$home/nginx"/{blocks,temporary}
    # The user is this one: nginx's own may not see the folder.
    cat >"$home/nginx/nginx.conf" <<NGINX
daemon off;
user $(id -un) $(id -gn);
worker_processes $cores;
pid $home/nginx/nginx.pid;
error_log $home/nginx/error.log;
events { worker_connections 256; }
http {
    access_log off;
    client_max_body_size 3m;
    client_body_temp_path $home/nginx/temporary;
    server {
        listen 127.0.0.1:$port;
        location /users/ {
            proxy_pass $service;
            proxy_set_header Host \$http_host;
        }
        location / {
            root $home/nginx/blocks;
            rewrite ^(.*)\$ \$1-\$arg_blockNum break;
            dav_methods PUT;
            create_full_put_path on;
        }
    }
}
NGINX
    nginx -p "$home/nginx" -e "$home/nginx/error.log" -c "$home/nginx/nginx.conf" &
    nginx_pid=$!
    dav=http://127.0.0.1:$port
    curl --silent --retry 20 --retry-connrefused --retry-delay 1 --output /dev/null "$dav/"
}

# ---------------------------------------------------------------------------------------------------------------------
# Clips: what is missing to the size is noise that players skip
# ---------------------------------------------------------------------------------------------------------------------

make_uploads() {
    local number clip size=$((MEGABYTES * 1000000))
    rm -rf "$home/clips" "$home/blocks" "$home/out"
    mkdir -p "$home/clips" "$home/blocks"
    for ((number = 1; number <= UPLOADS; number++)); do
        printf -v clip '%s/clips/clip-%03d.mp4' "$home" "$number"
        pad "$cache/clips/clip-001.mp4" "$clip" "$size"
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

# ---------------------------------------------------------------------------------------------------------------------
# Contestants, each to the server at URL
# ---------------------------------------------------------------------------------------------------------------------

# begin CONTESTANT - what it sends is in memory, and nothing of it is anywhere else.
begin() {
    rm -rf "$home/out" "$home/nginx/blocks"/*
    cp -r "$home/ready" "$home/out"
    [[ $1 != elsewhere ]] || rm "$home"/out/journal.db*
    start_service
    sync
    if [[ $1 == curl ]]; then cat "$home/blocks"/* >/dev/null; else cat "$home/clips"/* >/dev/null; fi
}

run_elsewhere() {
    run_clipship "$1"
}

run_clipship() {
    "$clipship" submit "$home"/out/manifests/*.json --service "$1" --token-file "$home/token" --wait-for uploaded --quiet
}

run_curl() {
    curl --silent --show-error --fail --parallel --parallel-immediate --parallel-max "$connections" \
        --header "Authorization: Xauth=$token" --header 'Expect:' --config "$home/curl.txt"
}

# ids URL - asks for an id for each clip, and writes what curl is to send.
ids() {
    /usr/bin/python3 - "$1" "$token" "$home" "$scid" <<'PYTHON'
import glob, json, os, sys, urllib.request
url, token, home, scid = sys.argv[1:]
lines = []
for path in sorted(glob.glob(f"{home}/out/manifests/*.json")):
    manifest = json.load(open(path))
    body = dict(manifest["request"], systemProperties="curl")
    request = urllib.request.Request(
        f"{url}/users/me/scids/{scid}/clips", json.dumps(body).encode(),
        {"Authorization": f"Xauth={token}", "Content-Type": "application/json", "X-RequestedServiceVersion": "1"})
    answer = json.load(urllib.request.urlopen(request))
    target = answer["uploadUri"] + ("&" if "?" in answer["uploadUri"] else "?")
    if "uploadId=" not in target:
        target += f"uploadId={answer['gameClipId']}&"
    for number, block in enumerate(sorted(glob.glob(f"{home}/blocks/{manifest['clip']}.*"))):
        lines += [f'url = "{target}blockNum={number}"', f'upload-file = "{block}"', 'output = "/dev/null"']
open(f"{home}/curl.txt", "w").write("\n".join(lines) + "\n")
PYTHON
}

# Every byte is there: joined in the service, or as the blocks that nginx has.
check() {
    local bytes
    if [[ $1 == "$service" ]]; then bytes=$(stored "$home/data"); else bytes=$(stored "$home/nginx/blocks"); fi
    ((bytes >= UPLOADS * MEGABYTES * 1000000)) || fail "$2 sent $bytes bytes of $((UPLOADS * MEGABYTES)) MB"
}

stored() {
    find "$1" -type f -printf '%s\n' | awk '{ sum += $1 } END { print sum + 0 }'
}

# compare TITLE URL
compare() {
    local round contestant order
    forget clipship curl elsewhere
    for ((round = 0; round <= ROUNDS; round++)); do
        # The first is to warm up.
        ((round == 1)) && forget clipship curl elsewhere
        order=(clipship curl elsewhere)
        ((round % 2)) && order=(elsewhere curl clipship)
        for contestant in "${order[@]}"; do
            begin "$contestant"
            [[ $contestant == curl ]] && ids "$2"
            clock "$contestant" "run_$contestant" "$2"
            check "$2" "$contestant"
        done
    done
    printf '\n%s\n' "$1"
    report clipship
    report curl "clipship takes $(ratio wall_clipship wall_curl) of its time"
    report elsewhere "$(ratio wall_elsewhere wall_curl) of curl's time"
}

# ---------------------------------------------------------------------------------------------------------------------

find_clipship
make_clips "${CLIPS:-32}"
mkdir -p "$home"
make_uploads
service=http://127.0.0.1:$(free_port)
printf '%d clips of %d MB, %d connections, %d cores, medians of %d rounds\n' \
    "$UPLOADS" "$MEGABYTES" "$connections" "$cores" "$ROUNDS"
compare "to the local service" "$service"
if command -v nginx >/dev/null; then
    start_nginx
    compare "to nginx, WebDAV PUT" "$dav"
else
    say "bench: there is no nginx; it is left out"
fi

if ((GIANT)); then
    rm -rf "$home"/{clips,blocks,out,ready}
    mkdir -p "$home/clips"
    pad "$cache/clips/clip-001.mp4" "$home/clips/giant.mp4" 4000000000 sparse
    "$clipship" manifest "$home/clips" --session samples/session.yaml --output "$home/out" --quiet
    start_service
    read -r _ peak <<<"$(/usr/bin/python3 Benchmarks/peak-memory.py "$clipship" submit "$home"/out/manifests/giant.json \
        --service "$service" --token-file "$home/token" --wait-for uploaded --quiet)"
    printf '\none file of 4 GB: peak resident memory of clipship %.1f MB\n' "$peak"
    stop_service
    rm -rf "$home"
fi
