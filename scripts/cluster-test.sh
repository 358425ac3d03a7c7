#!/bin/bash
# 120 clips of 6 sessions over 16 shards on a Slurm of this machine: one run and the merged shards are equal to the byte,
# although tasks are cancelled, put back while their first life is stopped, and killed. Then GNU parallel, and Snakemake where
# it is there.
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
finish() {
    "$root/scripts/slurm-here.sh" stop "$work/slurm" || true
    rm -rf "$work"
}
trap finish EXIT
export PATH="$programs:$PATH"
cd "$work"
fail() {
    echo "cluster-test: $*" >&2
    tail -n 5 -- "$work"/*.log "$work"/slurm-*.out >&2 2>/dev/null || true
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
clipship plan night.yaml --shards 16 --output quiet --quiet >/dev/null
job=$(sbatch --parsable --array=1-16%4 "$root/scripts/slurm/prepare.sh" "$work/quiet")
merge=$(sbatch --parsable --dependency="afterany:$job" "$root/scripts/slurm/merge.sh" "$work/quiet")
is_over() { [ -z "$(squeue -h -j "$1" 2>/dev/null)" ]; }
until_true 300 is_over "$merge" || fail 'the shards did not end'
[ -s quiet/batch.json ] || fail 'nothing was merged'
same quiet

echo 'cluster-test: a task put back while its first life is stopped, one cancelled, one killed'
clipship plan night.yaml --shards 4 --output rough --quiet >/dev/null
job=$(sbatch --parsable --array=1-4 "$root/scripts/slurm/prepare.sh" "$work/rough")
has_begun() { [ -e "rough/shards/00$1/owner-0001.json" ]; }
for shard in 1 2 3; do until_true 60 has_begun "$shard" || fail "shard $shard did not begin"; done
process() { sed -n 's/.*"process" : \([0-9][0-9]*\),/\1/p' "rough/shards/00$1/owner-0001.json"; }
old=$(process 1)
kill -STOP "$old" 2>/dev/null || fail 'shard 1 was faster than its test'
scancel "${job}_2"
kill -KILL "$(process 3)" 2>/dev/null || true
# Slurm takes the task back; its process, which is stopped, was moved out of its reach.
CLIPSHIP_JOB='' SLURM_JOB_ID=$job SLURM_ARRAY_JOB_ID=$job SLURM_ARRAY_TASK_ID=1 SLURM_RESTART_COUNT=1 \
    clipship run --plan rough/plan.json --shard auto --quiet >/dev/null || fail 'the second life of shard 1 failed'
[ -e rough/shards/001/owner-0002.json ] || fail 'nobody took over'
kill -CONT "$old" 2>/dev/null || true
stands_still() { [ -z "$(squeue -h -j "$job" -t RUNNING,COMPLETING 2>/dev/null)" ]; }
until_true 120 stands_still || fail 'the shards did not end'
grep -q 'shard 1 was taken over' slurm-"$job"_1.out || fail 'the one from the past did not stop by itself'
# Slurm lets a task that was put back wait for two minutes.
scancel "$job"
until_true 60 is_over "$job" || fail 'Slurm does not forget the tasks'
code=0
clipship merge rough 2>merge.log || code=$?
[ "$code" = 75 ] || fail "merging before all are done ended with $code"
grep -q 'shard 2 is not done' merge.log || fail 'a cancelled shard is not told of'
# The same command goes on with what is left.
for shard in 2 3 4; do
    clipship run --plan rough/plan.json --shard "$shard" --quiet >/dev/null || fail "shard $shard does not go on"
done
clipship merge rough --quiet || fail 'the shards can not be merged'
same rough

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
