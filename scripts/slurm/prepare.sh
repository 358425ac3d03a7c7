#!/bin/bash
#SBATCH --job-name=clipship-prepare --requeue --open-mode=append --signal=B:TERM@120
# One shard of a plan: sbatch --array=1-16%4 prepare.sh FOLDER. A task that has more to do is put back, five times at most.
set -u
clipship run --plan "$1/plan.json" --shard auto &
child=$!
trap 'kill -TERM "$child" 2>/dev/null' TERM
# A signal ends the first wait, and not the program.
wait "$child"
code=$?
while kill -0 "$child" 2>/dev/null; do
    wait "$child"
    code=$?
done
if { [ "$code" = 75 ] || [ "$code" = 143 ]; } && [ "${SLURM_RESTART_COUNT:-0}" -lt 5 ]; then
    scontrol requeue "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID"
fi
exit "$code"
