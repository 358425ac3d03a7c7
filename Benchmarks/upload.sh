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
# shellcheck source=Benchmarks/uploads.sh
. Benchmarks/uploads.sh

UPLOADS=${UPLOADS:-8}
MEGABYTES=${MEGABYTES:-100}
ROUNDS=${ROUNDS:-5}
GIANT=${GIANT:-1}
for name in UPLOADS MEGABYTES ROUNDS; do at_least_one "$name"; done

home=$cache/upload

# ---------------------------------------------------------------------------------------------------------------------
# Servers, ended with this script
# ---------------------------------------------------------------------------------------------------------------------

nginx_pid=
trap 'kill $service_pid $nginx_pid 2>/dev/null; wait' EXIT

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
# Contestants, each to the server at URL
# ---------------------------------------------------------------------------------------------------------------------

run_elsewhere() {
    run_clipship "$1"
}

# Every byte is there: joined in the service, or as the blocks that nginx has.
check() {
    local bytes
    if [[ $1 == "$service" ]]; then bytes=$(stored "$home/data"); else bytes=$(stored "$home/nginx/blocks"); fi
    ((bytes >= UPLOADS * MEGABYTES * 1000000)) || fail "$2 sent $bytes bytes of $((UPLOADS * MEGABYTES)) MB"
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
            rm -rf "$home/nginx/blocks"/*
            begin "$contestant"
            [[ $contestant != elsewhere ]] || rm "$home"/out/journal.db*
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
make_uploads "$UPLOADS" $((MEGABYTES * 1000000))
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
