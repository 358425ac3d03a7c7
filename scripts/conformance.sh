#!/usr/bin/env bash
#
# Has software that others wrote talk to the local service, and clipship to the local service through such software.
#
#   scripts/conformance.sh [SECONDS]      SECONDS: about how long schemathesis looks, 60 unless said
#
# What is not there (nginx, tinyproxy, a package of PyPI) is left out, said and counted.

set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-60}
clipship=$(swift build -c release --show-bin-path)/clipship
scid=00000000-0000-0012-0023-000000000070
work=$(mktemp -d)
running=()
passed=0
skipped=0
trap finish EXIT

finish() {
    local process
    for process in "${running[@]}"; do kill "$process" 2>/dev/null || true; done
    wait
    rm -rf "$work"
}

fail() {
    echo "conformance: $*" >&2
    exit 1
}

pass() {
    echo "conformance: $*"
    passed=$((passed + 1))
}

skip() {
    echo "conformance: left out: $*"
    skipped=$((skipped + 1))
}

# Starts the local service in a folder of the work folder, and sets url, token and service.
#   serve NAME [FLAG...]
serve() {
    local folder=$work/$1
    mkdir "$folder"
    # What is in the background may make them later than they are read.
    : >"$folder/output" 2>"$folder/errors"
    "$clipship" serve --data "$folder/data" --delay 0 --no-page "${@:2}" >"$folder/output" 2>"$folder/errors" &
    service=$!
    running+=("$service")
    for _ in {1..100}; do
        url=$(sed -n 's/^listening on //p' "$folder/output")
        [[ -z $url ]] || break
        kill -0 "$service" 2>/dev/null || break
        sleep 0.1
    done
    [[ -n $url ]] || { cat "$folder/errors" >&2; fail "the local service does not start"; }
    token=$(sed -n 's/.*"token" *: *"\([^"]*\)".*/\1/p' "$folder/data/tokens.json")
    (umask 077 && echo "$token" >"$folder/token")
}

# Ships a sample, and fails unless it is published.
#   ship NAME METADATA-URL SERVICE-MEMBERS [FLAG...]
ship() {
    local folder=$work/$1
    cat >"$folder/pipeline.yaml" <<END
session: {scid: $scid, titleId: 1739947423, title: Cinder Hollow}
clips: ["$PWD/samples/instant-replay.mp4", "$PWD/samples/boss-fight.mp4"]
request: {visibility: Public, savedByUser: true}
service: {metadata: "$2", token: {file: token}$3}
output: out
END
    "$clipship" run "$folder/pipeline.yaml" "${@:4}" >"$folder/table" 2>"$folder/told" || {
        cat "$folder/table" "$folder/told" >&2
        fail "$1: not published"
    }
}

# Ports of 127.0.0.1 that nobody listens on.
free_ports() {
    /usr/bin/python3 - "$1" <<'END'
import socket, sys
sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(int(sys.argv[1]))]
print(*(each.getsockname()[1] for each in sockets))
END
}

await_port() {
    for _ in {1..100}; do
        if (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then return; fi
        sleep 0.1
    done
    fail "nothing listens on port $1"
}

# Sees to a Python environment with one package of PyPI, in the folder that it names.
#   package NAME VERSION
package() {
    environment=.cache/conformance/$1
    local marker=$environment/version-$2
    [[ ! -e $marker ]] || return 0
    if ! python3 -m venv --clear "$environment" >"$work/venv" 2>&1; then
        skip "$1: no Python environment can be made; on Debian and Ubuntu, install python3-venv"
        return 1
    fi
    if ! timeout 300 "$environment/bin/pip" install --quiet --disable-pip-version-check --retries 1 "$1==$2" >"$work/pip" 2>&1; then
        skip "$1: PyPI does not give it: $(tail -1 "$work/pip")"
        return 1
    fi
    touch "$marker"
}

# ---------------------------------------------------------------------------------------------------
# Clients of others
# ---------------------------------------------------------------------------------------------------

check_xbox_webapi() {
    package xbox-webapi 2.1.0 || return 0
    serve xbox-webapi --stats Tests/Conformance/stats.yaml
    ship xbox-webapi "$url" ""
    local ids
    ids=$("$clipship" clip list --service "$url" --token-file "$work/xbox-webapi/token" --format json |
        sed -n 's/.*"gameClipId":"\([^"]*\)".*/\1/p' | paste -sd ,)
    "$environment/bin/python" Tests/Conformance/xbox-webapi-client.py "$url" "$token" "$scid" "$ids" \
        >"$work/calls" || fail "xbox-webapi: a call does not work, after $(tail -1 "$work/calls")"
    pass "xbox-webapi: $(wc -l <"$work/calls") calls about clips and statistics work, and their answers parse"
}

# What a farm reads of a run with a bad clip, by the readers that farms have.
check_readers() {
    local folder=$work/readers environment
    mkdir -p "$folder"
    echo 'no video' >"$folder/bad.mp4"
    cat >"$folder/pipeline.yaml" <<END
session: {scid: $scid, titleId: 1739947423, title: Cinder Hollow}
clips: ["$PWD/samples/instant-replay.mp4", "$folder/bad.mp4"]
output: out
END
    "$clipship" run "$folder/pipeline.yaml" --no-submit --junit "$folder/junit.xml" --metrics "$folder/clipship.prom" \
        >"$folder/table" 2>&1 && fail "readers: a run with a bad clip ends with 0"
    if package junitparser 5.0.3; then
        "$environment/bin/python" Tests/Conformance/read-junit.py "$folder/junit.xml" ||
            fail "junitparser does not read the run's test cases"
        pass "junitparser: a clip is a test case, a bad one a failure"
    fi
    if package prometheus_client 0.26.0; then
        "$environment/bin/python" Tests/Conformance/read-metrics.py "$folder/clipship.prom" ||
            fail "prometheus_client does not read the run's numbers"
        pass "prometheus_client: the numbers of a run parse"
    fi
}

# ---------------------------------------------------------------------------------------------------
# Networks
# ---------------------------------------------------------------------------------------------------

# A certificate for this machine, by which all servers here are known.
#   certify NAME SUBJECT-ALTERNATIVE-NAMES
certify() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj '/CN=clipship conformance' \
        -addext "subjectAltName=$2" -keyout "$work/$1.key" -out "$work/$1.pem" 2>"$work/openssl" ||
        fail "no certificate can be made: $(tail -1 "$work/openssl")"
}

check_tls() {
    serve tls --tls
    ship tls "$url" "" --ca "$work/tls/data/certificate.pem"
    pass "clipship run: to clipship serve --tls, with --ca"
}

check_proxy() {
    local proxy address port
    proxy=$(command -v tinyproxy) || { skip "a run through a proxy: tinyproxy is not there"; return 0; }
    # What is for this machine only goes through no proxy, so the service has an address of the network.
    address=$(hostname -I 2>/dev/null | tr ' ' '\n' | grep -m 1 '^[0-9.]*$') || {
        skip "a run through a proxy: this machine has no address but its own"
        return 0
    }
    certify proxy "IP:$address"
    serve proxy --host "$address" --tls-certificate "$work/proxy.pem" --tls-key "$work/proxy.key"
    port=$(free_ports 1)
    cat >"$work/tinyproxy.conf" <<END
Port $port
Listen 127.0.0.1
Allow 127.0.0.1
ConnectPort ${url##*:}
LogFile "$work/tinyproxy.log"
LogLevel Connect
Timeout 60
END
    "$proxy" -d -c "$work/tinyproxy.conf" >"$work/tinyproxy.output" 2>&1 &
    running+=($!)
    await_port "$port"
    https_proxy="http://127.0.0.1:$port" no_proxy='' ship proxy "$url" "" --ca "$work/proxy.pem"
    grep -q "CONNECT $address:${url##*:} " "$work/tinyproxy.log" || fail "proxy: nothing went through tinyproxy"
    pass "clipship run: through a proxy (tinyproxy)"
}

# Starts nginx with these servers in its http section.
#   start_nginx NAME SERVERS
start_nginx() {
    local folder=$work/$1-nginx
    mkdir "$folder"
    cat >"$folder/nginx.conf" <<END
$( ((EUID != 0)) || echo 'user root;')
daemon off;
worker_processes 1;
pid $folder/pid;
error_log $folder/error.log;
events {}
http {
    log_format what '\$server_protocol \$request_method \$status \$sent_http_content_encoding';
    access_log $folder/access.log what;
    client_body_temp_path $folder/body;
    proxy_temp_path $folder/proxy;
    fastcgi_temp_path $folder/fastcgi;
    uwsgi_temp_path $folder/uwsgi;
    scgi_temp_path $folder/scgi;
    client_max_body_size 4m;
    ssl_certificate $work/$1.pem;
    ssl_certificate_key $work/$1.key;
$2
}
END
    nginx -p "$folder" -e "$folder/error.log" -c "$folder/nginx.conf" 2>"$folder/output" &
    running+=($!)
}

check_http2() {
    local port
    command -v nginx >/dev/null || { skip "a run over HTTP/2, compressed: nginx is not there"; return 0; }
    certify http2 IP:127.0.0.1
    serve http2 --tls
    port=$(free_ports 1)
    start_nginx http2 "
    gzip on; gzip_types application/json; gzip_min_length 1; gzip_proxied any;
    server {
        listen 127.0.0.1:$port ssl http2;
        location / {
            proxy_pass $url;
            proxy_http_version 1.1;
            proxy_set_header Host \$http_host;
            proxy_set_header Connection '';
            proxy_set_header Accept-Encoding '';
        }
    }"
    await_port "$port"
    ship http2 "https://127.0.0.1:$port" "" --ca "$work/http2.pem"
    local log=$work/http2-nginx/access.log
    ! grep -v '^HTTP/2.0 ' "$log" >&2 || fail "HTTP/2: these requests came by another version"
    grep -q ' gzip$' "$log" || fail "HTTP/2: no answer was compressed"
    pass "clipship run: over HTTP/2 with gzip (nginx), $(wc -l <"$log") requests"
}

check_redirect() {
    local from to
    command -v nginx >/dev/null || { skip "a run that is redirected to an allowed host: nginx is not there"; return 0; }
    certify redirect IP:127.0.0.1,DNS:localhost
    serve redirect --tls
    read -r from to < <(free_ports 2)
    start_nginx redirect "
    server {
        listen 127.0.0.1:$from ssl;
        location / { return 307 https://localhost:$to\$request_uri; }
    }
    server {
        listen 127.0.0.1:$to ssl;
        location / { proxy_pass $url; proxy_set_header Host 127.0.0.1:$from; }
    }"
    await_port "$to"
    ship redirect "https://127.0.0.1:$from" ", allowHosts: [\"localhost:$to\"]" --ca "$work/redirect.pem"
    for method in GET POST PUT; do
        grep -q "$method 307" "$work/redirect-nginx/access.log" || fail "redirect: no $method was redirected"
    done
    pass "clipship run: every request redirected (307) to an allowed host"
}

# ---------------------------------------------------------------------------------------------------
# Answers that docs/openapi.yaml does not describe
# ---------------------------------------------------------------------------------------------------

check_schema() {
    package schemathesis 4.32.5 || return 0
    serve schema --stats Tests/Conformance/stats.yaml --control --rate statistics=1000000/1000000
    # A clip that is published, and one that waits for blocks.
    ship schema "$url" ""
    local link pending
    link=$("$clipship" clip list --service "$url" --token-file "$work/schema/token" --format json |
        sed -n 's/.*"uri":"[^"]*\(\/download\/[^"]*\/container?[^"]*\)".*/\1/p' | head -1)
    pending=$(curl --silent --fail -H "Authorization: Xauth=$token" -H 'Content-Type: application/json' -d '{
        "dateRecorded": "2026-01-31T20:15:00Z", "durationInSeconds": 27, "expectedBlocks": 100, "fileSize": 200000000,
        "type": "DeveloperInitiated", "source": "TitleDirect", "visibility": "Default", "thumbnailSource": "Upload"}' \
        "$url/users/me/scids/$scid/clips" | sed -n 's/.*"gameClipId":"\([^"]*\)".*/\1/p')
    [[ $link =~ ^/download/xuid\(([0-9]+)\)/([^/]+)/container\?key=([^\&]+)$ && -n $pending ]] ||
        fail "schemathesis: there is no clip to ask for"
    XUID=${BASH_REMATCH[1]} CLIP=${BASH_REMATCH[2]} KEY=${BASH_REMATCH[3]} PENDING=$pending TOKEN=$token \
        "$environment/bin/schemathesis" --config-file Tests/Conformance/schemathesis.toml \
        run docs/openapi.yaml --url "$url" --max-time "$seconds" \
        --checks not_a_server_error,status_code_conformance,content_type_conformance \
        --checks response_headers_conformance,response_schema_conformance,unsupported_method,allow_header_conformance \
        --exclude-path /_control/clock --suppress-health-check all --generation-database none --no-color ||
        fail "schemathesis found answers that docs/openapi.yaml does not describe"
    # Whatever it has sent, the service is as well as before.
    kill -0 "$service" || fail "the service has ended"
    pass "schemathesis: $seconds s, and every answer is one that docs/openapi.yaml describes"
}

check_tls
check_proxy
check_http2
check_redirect
check_xbox_webapi
check_readers
check_schema
echo "conformance: $passed passed, $skipped left out"
