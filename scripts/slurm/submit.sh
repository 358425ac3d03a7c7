#!/bin/bash
#SBATCH --job-name=clipship-submit --requeue --open-mode=append --signal=TERM@120
# What was merged goes to the service, by one process on a node with a network:
# sbatch --dependency=afterok:JOB submit.sh PIPELINE FOLDER
exec clipship run "$1" --output "$2"
