#!/bin/bash
# 120 clips of 6 sessions over 16 shards on a Slurm of this machine: one run and the merged shards are equal to the byte,
# although a node is lost, and tasks are cancelled, stopped, killed and put back; nothing is submitted twice. Then GNU parallel
# and Snakemake.
#
#   scripts/cluster-test.sh FOLDER-OF-THE-PROGRAMS
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
programs=$(cd "$1" && pwd)
for program in slurmctld slurmd munged parallel; do
    if ! command -v "$program" >/dev/null; then
        echo "cluster-test: installing slurm-wlm, munge, parallel"
        apt-get install -y --no-install-recommends slurm-wlm munge parallel >/dev/null
        break
    fi
done
work=$(mktemp -d "${TMPDIR:-/tmp}/clipship-cluster.XXXXXX")
services=()
finish() {
    for service in "${services[@]}"; do kill "$service" 2>/dev/null || true; done
    "$root/scripts/slurm-here.sh" stop "$work/slurm" || true
    rm -rf "$work"
}
trap finish EXIT
export PATH="$programs:$PATH"
cd "$work"
fail() {
    echo "cluster-test: $*" >&2
    tail -n 5 -- "$work"/*.log "$work"/*/shards/slurm/*.log >&2 2>/dev/null || true
    exit 1
}

names='ash birch cedar elm fir oak'
for name in $names; do
    mkdir -p "rec/$name"
    sed "s#^sessionRef:.*#sessionRef: /serviceconfigs/00000000-0000-0012-0023-000000000070/sessiontemplates/raid/session/$name#" \
        "$root/samples/session.yaml" >"rec/$name/session.yaml"
    for number in $(seq -w 20); do
        sample=$root/samples/instant-replay.mp4
        if [ $((10#$number % 5)) = 0 ]; then sample=$root/samples/phone-portrait.mp4; fi
        cp -p "$sample" "rec/$name/clip-$number.mp4"
    done
done
cat >night.yaml <<END
name: night
sessions: rec/*/session.yaml
clips: "*.mp4"
request: {userCaption: "{session.title}: {clip.name}"}
output: one
END
clipship run night.yaml --no-submit --quiet >/dev/null
same() {
    diff -r --exclude=shards --exclude=plan.json --exclude='journal*' --exclude=timings.json --exclude='*.seal' \
        --exclude=report.html one "$1" || fail "$1 is not what one run makes"
}
# Waits until a command succeeds, for as many seconds at most.
until_true() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.2
    done
}

echo 'cluster-test: Slurm, 16 shards, four at a time'
"$root/scripts/slurm-here.sh" start "$work/slurm"
export SLURM_CONF=$work/slurm/slurm.conf
# The number of a job that clipship slurm has told of.
job() { sed -n "s/^$1: job \([0-9]*\).*/\1/p" sent.log; }
is_over() { [ -z "$(squeue -h -j "$1" 2>/dev/null)" ]; }
clipship slurm night.yaml --shards 16 --limit 4 --output quiet --no-submit --submit -- --time=10 >sent.log
until_true 300 is_over "$(job merge)" || fail 'the shards did not end'
[ -s quiet/batch.json ] || fail 'nothing was merged'
same quiet

# A folder and a shard of it: its first life has begun, is stopped, goes on; there is a second one.
has_begun() { [ -e "$1/shards/00$2/owner-0001.json" ]; }
process() { sed -n 's/.*"process" : \([0-9][0-9]*\),/\1/p' "$1/shards/00$2/owner-0001.json"; }
hold() {
    until_true 60 has_begun "$1" "$2" || fail "shard $2 of $1 did not begin"
    kill -STOP "$(process "$1" "$2")" 2>/dev/null || fail "shard $2 of $1 was faster than its test"
}
goes_on() { kill -CONT "$(process "$1" "$2")" 2>/dev/null || fail "the first life of shard $2 of $1 is gone"; }
has_second_life() { [ -e "$1/shards/00$2/owner-0002.json" ]; }
stops_itself() { grep -q "shard $2 was taken over" "$1/shards/slurm/prepare-${array}_$2.log"; }
ends_with() { grep -q "\"exitCode\" : $3" "$1/shards/00$2/owner-0001.json"; }
# SIGTERM waits for a process that is stopped.
is_told() { [ $((0x$(sed -n 's/^ShdPnd:[[:space:]]*//p' "/proc/$(process "$1" "$2")/status") & 0x4000)) != 0 ]; }
# A second life of a task whose first one is stopped, as from a scheduler that has given that up.
by_hand() {
    SLURM_JOB_ID=$array SLURM_ARRAY_JOB_ID=$array SLURM_ARRAY_TASK_ID=$2 SLURM_RESTART_COUNT=1 \
        clipship run --plan "$1/plan.json" --shard auto --quiet "${@:3}" >/dev/null ||
        fail "the second life of shard $2 of $1 failed"
}

echo 'cluster-test: a node is lost, a task is cancelled, one meets its time limit, one is taken over while it is stopped'
clipship slurm night.yaml --shards 8 --limit 4 --output rough --no-submit --submit -- --time=10 >sent.log
array=$(job prepare)
merge=$(job merge)
for shard in 1 2 3 4; do hold rough $shard; done
scancel "${array}_2"
node=$(squeue -h -o %N -j "${array}_3")
kill -KILL "$(cat "$work/slurm/slurmd-$node.pid")"
# Two minutes before the end of its time a task is told, so this one is told as soon as Slurm looks at the time.
scontrol update jobid="${array}_4" TimeLimit=1
by_hand rough 1
has_second_life rough 1 || fail 'nobody took over'
until_true 120 has_second_life rough 3 || fail 'Slurm did not start the shard of the lost node again'
for shard in 1 3; do
    goes_on rough $shard
    until_true 60 stops_itself rough $shard || fail "shard $shard of the past did not stop by itself"
done
slurmd -N "$node"
until_true 120 is_told rough 4 || fail 'Slurm did not tell shard 4 that its time is over'
goes_on rough 4
until_true 60 ends_with rough 4 143 || fail 'the shard that met its time limit did not end in order'
scontrol update jobid="${array}_4" TimeLimit=10 || fail 'Slurm did not put shard 4 back'
until_true 300 is_over "$merge" || fail 'the shards did not end'
grep -q 'shard 2 is not done' "rough/shards/slurm/merge-$merge.log" || fail 'a cancelled shard is not told of'
if has_second_life rough 2; then fail 'a cancelled task came back'; fi
if [ -e rough/batch.json ]; then fail 'something was merged before all were done'; fi
clipship slurm night.yaml --output rough --no-submit --retry -- --time=10 >sent.log
grep -q '^prepare: job .*: shards 2$' sent.log || fail 'not only the cancelled shard is sent again'
until_true 120 is_over "$(job merge)" || fail 'the last shard did not end'
same rough

echo 'cluster-test: submitting after the merging, and in shards that are taken over, killed and cancelled'
for name in after within; do
    clipship serve --data "service-$name" --port 0 --no-page --delay 0 >"serve-$name.log" 2>&1 &
    services+=($!)
    until_true 30 grep -q '^token:' "serve-$name.log" || fail 'the local service did not start'
    address=$(sed -n 's/^listening on //p' "serve-$name.log")
    python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["tokens"][0]["token"])' \
        "service-$name/tokens.json" >"token-$name"
    chmod 600 "token-$name"
    { cat night.yaml; echo "service: {metadata: \"$address\", token: {file: token-$name}, rates: {metadata: none}}"; } >"$name.yaml"
done
# What the service has in its own records: each clip of the night once, and nothing else.
published() {
    python3 - "service-$1/service.db" <<'END' || fail "not each clip of $1 is published once"
import json, sqlite3, sys
rows = sqlite3.connect(sys.argv[1]).execute("SELECT state, request FROM clips").fetchall()
requests = [json.loads(request) for _, request in rows]
clips = {(request["sessionRef"], request["userCaption"]) for request in requests}
if len(rows) != 120 or len(clips) != 120 or {state for state, _ in rows} != {"Published"}:
    sys.exit(f"{len(rows)} ids for {len(clips)} clips, in the states {({state for state, _ in rows})}")
END
}
clipship slurm after.yaml --shards 16 --limit 4 --output after --submit -- --time=10 >sent.log
until_true 300 is_over "$(job submit)" || fail 'the shards were not submitted'
published after

clipship slurm within.yaml --shards 8 --limit 4 --output within --submit-in-shards --submit -- --time=10 >sent.log
array=$(job prepare)
merge=$(job merge)
for shard in 1 2 3; do hold within $shard; done
by_hand within 1 --submit-in-shards 4
kill -KILL "$(process within 2)"
scancel "${array}_3"
goes_on within 1
until_true 60 stops_itself within 1 || fail 'shard 1 of the past did not stop by itself'
until_true 300 is_over "$merge" || fail 'the shards did not end'
clipship slurm within.yaml --output within --limit 4 --submit-in-shards --retry -- --time=10 >sent.log
until_true 300 is_over "$(job merge)" || fail 'the last shards did not end'
[ -s within/batch.json ] || fail 'the shards that submit were not merged'
published within
for folder in one/*/manifests one/*/thumbnails; do
    diff -r "$folder" "within/${folder#one/}" || fail 'submitting has changed what was made'
done

# The first try of two shards ends with 75; whoever runs them has to run them again.
cat >shard.sh <<'END'
#!/bin/sh
folder=$1
shard=$2
limit=''
if [ "$shard" -le 2 ] && [ ! -e "$folder.tried-$shard" ]; then limit='--max-duration 10ms'; fi
touch "$folder.tried-$shard"
exec clipship run --plan "$folder/plan.json" --shard "$shard" $limit --quiet
END
chmod +x shard.sh
again() { grep -q '"exitCode" : 75' "$1"/shards/001/owner-0001.json && [ -e "$1/shards/001/owner-0002.json" ]; }

echo 'cluster-test: GNU parallel'
clipship plan night.yaml --shards 8 --output many --quiet >/dev/null
parallel --will-cite --jobs 2 --retries 5 ./shard.sh many '{}' ::: $(seq 8) >/dev/null || fail 'parallel did not end well'
again many || fail 'parallel did not run again what ended with 75'
clipship merge many --quiet || fail 'the shards of parallel can not be merged'
same many

echo 'cluster-test: Snakemake'
if ! command -v snakemake >/dev/null; then
    dpkg -s python3-venv >/dev/null 2>&1 || apt-get install -y --no-install-recommends python3-venv >/dev/null
    python3 -m venv venv && venv/bin/pip install --quiet snakemake || fail 'Snakemake can not be installed'
    export PATH="$PATH:$work/venv/bin"
fi
clipship plan night.yaml --shards 4 --output snake --quiet >/dev/null
cat >Snakefile <<'END'
rule merged:
    input: expand("done/{shard}", shard=range(1, 5))
    output: "snake/batch.json"
    shell: "clipship merge snake"
rule shard:
    output: touch("done/{shard}")
    retries: 5
    shell: "./shard.sh snake {wildcards.shard}"
END
snakemake --cores 2 merged >snake.log 2>&1 || fail 'Snakemake did not end well'
again snake || fail 'Snakemake did not run again what ended with 75'
same snake
echo 'cluster-test: all is equal'
