#!/usr/bin/env bash
#
# Has schemathesis, from PyPI, look for answers of the local service that docs/openapi.yaml does not describe.
#
#   scripts/conformance.sh [SECONDS]      SECONDS: about how long, 60 unless said

set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-60}
version=4.32.5
tools=.cache/conformance
clipship=$(swift build -c release --show-bin-path)/clipship

if [[ ! -x $tools/bin/schemathesis || $("$tools/bin/schemathesis" --version) != *"$version"* ]]; then
    python3 -m venv --clear "$tools" || {
        echo 'conformance: no Python environment can be made; on Debian and Ubuntu, install python3-venv' >&2
        exit 1
    }
    "$tools/bin/pip" install --quiet --disable-pip-version-check "schemathesis==$version"
fi

work=$(mktemp -d)
trap 'kill "$service" 2>/dev/null; wait "$service" 2>/dev/null; rm -rf "$work"' EXIT
"$clipship" serve --data "$work/data" --stats Tests/Conformance/stats.yaml --control --no-page \
    --rate statistics=1000000/1000000 >"$work/output" 2>"$work/errors" &
service=$!
for _ in {1..100}; do
    url=$(sed -n 's/^listening on //p' "$work/output")
    [[ -z $url ]] || break
    sleep 0.1
done
[[ -n $url ]] || { cat "$work/errors" >&2; exit 1; }

TOKEN=$(sed -n 's/.*"token" *: *"\([^"]*\)".*/\1/p' "$work/data/tokens.json")
export TOKEN

"$tools/bin/schemathesis" --config-file Tests/Conformance/schemathesis.toml run docs/openapi.yaml --url "$url" \
    --max-time "$seconds" --checks not_a_server_error,status_code_conformance,content_type_conformance \
    --checks response_headers_conformance,response_schema_conformance,unsupported_method,allow_header_conformance \
    --exclude-path /_control/clock --suppress-health-check all --generation-database none --no-color

# Whatever it has sent, the service is as well as before.
kill -0 "$service"
