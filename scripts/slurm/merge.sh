#!/bin/bash
#SBATCH --job-name=clipship-merge
# All shards as one output: sbatch --dependency=afterany:JOB merge.sh FOLDER. After 75 some shards are not done.
exec clipship merge "$1"
