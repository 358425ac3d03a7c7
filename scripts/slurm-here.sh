#!/bin/sh
# Slurm on this machine alone: a controller and four nodes of one processor each, of Debian's slurm-wlm and munge.
#
#   scripts/slurm-here.sh start FOLDER    then: export SLURM_CONF=FOLDER/slurm.conf
#   scripts/slurm-here.sh stop FOLDER
#
# All that it writes is in FOLDER. It has to be root, who may run jobs as others.
set -eu

usage() {
    echo 'usage: scripts/slurm-here.sh start|stop FOLDER' >&2
    exit 2
}

[ $# -eq 2 ] || usage
mkdir -p "$2"
folder=$(cd "$2" && pwd)
nodes='1 2 3 4'

stop() {
    for file in "$folder"/slurmd-n?.pid "$folder/slurmctld.pid" "$folder/munged.pid"; do
        [ -s "$file" ] || continue
        process=$(cat "$file")
        kill "$process" 2>/dev/null || true
        for _ in $(seq 50); do
            kill -0 "$process" 2>/dev/null || break
            sleep 0.1
        done
        kill -KILL "$process" 2>/dev/null || true
        rm -f "$file"
    done
    # Those of jobs outlive their node, and work in its folder.
    for process in $(pgrep slurmstepd || true); do
        case $(readlink "/proc/$process/cwd" || true) in
        "$folder"/*) kill -KILL "$process" 2>/dev/null || true ;;
        esac
    done
}

start() {
    for program in munged slurmctld slurmd; do
        command -v "$program" >/dev/null || {
            echo "slurm-here: there is no $program; apt-get install slurm-wlm munge" >&2
            exit 1
        }
    done
    [ "$(id -u)" = 0 ] || {
        echo 'slurm-here: only root can start nodes' >&2
        exit 1
    }
    chmod 755 "$folder"
    mkdir -p "$folder/munge" "$folder/state" "$folder/spool"
    chmod 700 "$folder/munge"
    head -c 1024 /dev/urandom >"$folder/munge/key"
    chmod 400 "$folder/munge/key"
    # Its socket is for all; the folder of its key is not.
    munged --force --key-file="$folder/munge/key" --socket="$folder/munge.socket" --pid-file="$folder/munged.pid" \
        --log-file="$folder/munged.log" --seed-file="$folder/munge/seed"
    host=$(hostname -s)
    # A task that was put back waits until its first life's credential is over, by default two minutes.
    cat >"$folder/slurm.conf" <<END
ClusterName=here
SlurmctldHost=$host(127.0.0.1)
AuthType=auth/munge
AuthInfo=socket=$folder/munge.socket,cred_expire=5
CredType=cred/munge
SlurmUser=root
SlurmctldPort=16817
SlurmctldPidFile=$folder/slurmctld.pid
SlurmctldLogFile=$folder/slurmctld.log
StateSaveLocation=$folder/state
SlurmdPidFile=$folder/slurmd-%n.pid
SlurmdLogFile=$folder/slurmd-%n.log
SlurmdSpoolDir=$folder/spool/%n
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_min_interval=100000,requeue_setup_env_fail,sched_interval=2
ReturnToService=2
SlurmdTimeout=10
InactiveLimit=0
KillWait=5
MinJobAge=600
JobRequeue=1
$(for node in $nodes; do
        echo "NodeName=n$node NodeHostname=$host NodeAddr=127.0.0.1 Port=1681$node CPUs=1 RealMemory=1000 State=UNKNOWN"
    done)
PartitionName=main Nodes=n[1-4] Default=YES MaxTime=60 State=UP OverSubscribe=NO
END
    export SLURM_CONF="$folder/slurm.conf"
    slurmctld -c
    for node in $nodes; do
        mkdir -p "$folder/spool/n$node"
        slurmd -N "n$node"
    done
    for _ in $(seq 100); do
        [ "$(sinfo -h -N -o '%T' 2>/dev/null | grep -c '^idle')" = 4 ] && return
        sleep 0.2
    done
    echo "slurm-here: the nodes did not come up; see the logs in $folder" >&2
    stop
    exit 1
}

case $1 in
start) start ;;
stop) stop ;;
*) usage ;;
esac
