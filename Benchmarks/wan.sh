#!/usr/bin/env bash
#
# Uploading over a wide area network, timed: `clipship submit` of ready manifests against `curl --parallel` with the same
# blocks, to `clipship serve --tls` at the other end of a line that delays, is only so fast, and loses packets.
# Benchmarks/line/line.c is that line, between two network namespaces of this machine. Both have 16 connections, and take
# turns. curl's ids are asked for before its clock starts; clipship asks for its own.
#
#   ROUNDS=5 DELAYS='5 80 250' RATES='50 200 500' LOSSES='0 0.5' UPLOADS=4 MEGABYTES=36 Benchmarks/wan.sh
#
# DELAYS are milliseconds of a round trip, RATES Mbit/s, LOSSES per cent of the packets each way. Only root can make
# network namespaces; for others it is left out.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=Benchmarks/common.sh
. Benchmarks/common.sh
# shellcheck source=Benchmarks/uploads.sh
. Benchmarks/uploads.sh

UPLOADS=${UPLOADS:-4}
MEGABYTES=${MEGABYTES:-36}
ROUNDS=${ROUNDS:-5}
read -ra delays <<<"${DELAYS:-5 80 250}"
read -ra rates <<<"${RATES:-50 200 500}"
read -ra losses <<<"${LOSSES:-0 0.5}"
for name in UPLOADS MEGABYTES ROUNDS; do at_least_one "$name"; done

left_out() {
    say "bench: the wide area network is left out: $*"
    exit 0
}

((EUID == 0)) || left_out 'only root can make network namespaces'
[[ -c /dev/net/tun ]] || left_out 'there is no /dev/net/tun'
command -v ip >/dev/null || left_out 'there is no ip (in Debian in the package iproute2)'

home=$cache/wan
place=clipship-$$
here=(ip netns exec "$place-here")
there=(ip netns exec "$place-there")
host=10.211.0.2
line_pid=

clean_up() {
    kill $service_pid $line_pid 2>/dev/null || true
    wait
    ip netns delete "$place-here" 2>/dev/null || true
    ip netns delete "$place-there" 2>/dev/null || true
}
trap clean_up EXIT

# make_line DELAY RATE LOSS - in place of the one before.
make_line() {
    local answer
    if [[ -n $line_pid ]]; then
        exec {line_input}>&-
        wait "$line_pid"
    fi
    coproc LINE { exec "$cache/line" "$place-here" "$place-there" "$(calculate "$1 / 2")" "$2" "$3"; }
    # What is named after the coprocess goes away with it.
    line_pid=$LINE_PID
    exec {line_input}>&"${LINE[1]}"
    eval "exec ${LINE[1]}>&-"
    read -r answer <&"${LINE[0]}" && [[ $answer == ready ]] || fail "there is no line"
    ip -n "$place-here" address add 10.211.0.1 peer $host dev line
    ip -n "$place-there" address add $host peer 10.211.0.1 dev line
    ip -n "$place-here" link set line up
    ip -n "$place-there" link set line up
}

# Milliseconds that the line takes for the bytes alone: a packet of 1500 bytes has 1448 of them.
alone() {
    calculate "$bytes * 8 / ($2 * 1000) * 1500 / 1448 + $1"
}

# compare DELAY RATE LOSS
compare() {
    local round contestant order line
    make_line "$@"
    forget clipship curl
    for ((round = 0; round < ROUNDS; round++)); do
        order=(clipship curl)
        ((round % 2)) && order=(curl clipship)
        for contestant in "${order[@]}"; do
            begin "$contestant"
            [[ $contestant == curl ]] && ids "$service"
            clock "$contestant" "run_$contestant" "$service"
            (($(stored "$home/data") >= bytes)) || fail "$contestant sent too little"
        done
    done
    line=$(alone "$1" "$2")
    printf '%5s ms %5s Mbit/s %4s %% %8.2f s %8.2f s %8.2f s %8s %8s\n' "$1" "$2" "$3" "$(calculate "$line / 1000")" \
        "$(calculate "$(median "${wall_clipship[@]}") / 1000")" "$(calculate "$(median "${wall_curl[@]}") / 1000")" \
        "$(ratio wall_clipship wall_curl)" "$(calculate "$(median "${wall_clipship[@]}") / $line")"
}

find_clipship
make_clips "${CLIPS:-32}"
mkdir -p "$home"
cc -O2 -Wall -Wextra -o "$cache/line" Benchmarks/line/line.c
make_uploads "$UPLOADS" $((MEGABYTES * 1000000))
bytes=$((UPLOADS * MEGABYTES * 1000000))
ip netns add "$place-here"
ip netns add "$place-there"
ip -n "$place-here" link set lo up
ip -n "$place-there" link set lo up
service=https://$host:8443
serving=(--host $host --tls)
authority=$home/data/certificate.pem

printf '%d clips of %d MB, %d connections with %s, medians of %d rounds\n\n' "$UPLOADS" "$MEGABYTES" "$connections" \
    "$(<"/proc/sys/net/ipv4/tcp_congestion_control")" "$ROUNDS"
printf '%8s %12s %6s %10s %10s %10s %8s %8s\n' trip rate loss line clipship curl 'of curl' 'of line'
for delay in "${delays[@]}"; do
    for rate in "${rates[@]}"; do
        for loss in "${losses[@]}"; do compare "$delay" "$rate" "$loss"; done
    done
done
