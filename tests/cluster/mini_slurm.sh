#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# mini_slurm.sh ROOT up | down | kill-node N | start-node N: a Slurm cluster of virtual nodes in one folder.
#
# For tests: nothing outside ROOT is touched, and only processes that it started itself are ended. Runs as
# root or as an ordinary user; jobs run as the same. Needs slurm-wlm and munge (Debian 12). NODES, CPUS
# and GPUS (pretended, per node) are read from the environment. Afterwards:
#   export SLURM_CONF=ROOT/etc/slurm.conf; sbatch …
set -euo pipefail

root=${1:?the folder of the cluster}
command=${2:?up, down, kill-node or start-node}
shift 2
nodes=${NODES:-4} cpus=${CPUS:-2} gpus=${GPUS:-2}
export SLURM_CONF=$root/etc/slurm.conf PATH=$PATH:/usr/sbin

# Two clusters at once get different ports: the search begins at a place of its own.
free_port_base() {
  local base=$((20000 + ($$ * 131) % 30000)) port taken
  for ((; ; base = base < 60000 ? base + 200 : 20000)); do
    taken=no
    for ((port = base; port <= base + nodes; ++port)); do
      if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then taken=yes; fi
    done
    [ $taken = yes ] || break
  done
  echo $base
}

write_configuration() {
  local me host base n g
  me=$(id -un)
  host=$(hostname -s)
  base=$(free_port_base)
  # The folder of munge's socket has to be open to all (0711); a unix socket's path has at most 107 bytes.
  [ ${#root} -le 80 ] || { echo "mini_slurm: $root is too long for a socket; use a folder in /tmp" >&2; exit 2; }
  mkdir -p "$root"/{etc,munge,state,log,run,dev,spool}
  chmod 755 "$root"
  chmod 711 "$root/munge"
  : >"$root/etc/gres.conf"
  for ((n = 1; n <= nodes; ++n)); do
    mkdir -p "$root/spool/n$n"
    # A device has to be a character device; a link to /dev/null passes for one.
    for ((g = 0; g < gpus; ++g)); do ln -sfn /dev/null "$root/dev/n${n}gpu$g"; done
    if [ "$gpus" -gt 0 ]; then
      echo "NodeName=n$n Name=gpu Type=fake Flags=nvidia_gpu_env File=$root/dev/n${n}gpu[0-$((gpus - 1))]" \
        >>"$root/etc/gres.conf"
    fi
  done
  echo "CgroupPlugin=cgroup/v1" >"$root/etc/cgroup.conf" # the default needs a cgroup file system
  # cred_expire also shortens the wait of a job that is queued again: 120 s by default.
  cat >"$SLURM_CONF" <<CONF
ClusterName=mini
SlurmctldHost=$host(127.0.0.1)
SlurmUser=$me
SlurmdUser=$me
SlurmctldPort=$base
AuthType=auth/munge
AuthInfo=socket=$root/munge/munge.socket,cred_expire=5
CredType=cred/munge
StateSaveLocation=$root/state
SlurmdSpoolDir=$root/spool/%n
SlurmctldPidFile=$root/run/slurmctld.pid
SlurmdPidFile=$root/run/slurmd.%n.pid
SlurmctldLogFile=$root/log/slurmctld.log
SlurmdLogFile=$root/log/slurmd.%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/filetxt
JobCompLoc=$root/log/jobcomp.txt
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
GresTypes=gpu
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=5,sched_min_interval=100000,batch_sched_delay=0
JobRequeue=1
ReturnToService=2
SlurmdTimeout=5
SlurmctldTimeout=10
KillWait=2
MinJobAge=3600
MpiDefault=none
NodeName=n[1-$nodes] NodeHostname=$host NodeAddr=127.0.0.1 Port=[$((base + 1))-$((base + nodes))] CPUs=$cpus RealMemory=1000$([ "$gpus" -gt 0 ] && echo " Gres=gpu:fake:$gpus") State=UNKNOWN
PartitionName=all Nodes=n[1-$nodes] Default=YES MaxTime=INFINITE State=UP
CONF
  (umask 077 && head -c 1024 /dev/urandom >"$root/munge/munge.key")
}

up() {
  write_configuration
  munged --key-file="$root/munge/munge.key" --socket="$root/munge/munge.socket" \
    --pid-file="$root/munge/munged.pid" --log-file="$root/munge/munged.log" \
    --seed-file="$root/munge/munged.seed" --num-threads=2
  slurmctld -i
  local n end=$((SECONDS + 60))
  for ((n = 1; n <= nodes; ++n)); do slurmd -N "n$n" 2>/dev/null; done
  while [ $SECONDS -lt $end ]; do
    [ "$(sinfo -h -N -t idle -o %n 2>/dev/null | wc -l)" -eq "$nodes" ] && return
    sleep 0.1
  done
  echo "mini_slurm: the cluster did not come up; see $root/log" >&2
  exit 1
}

is_alive() {
  local state
  state=$(cut -d' ' -f3 "/proc/$1/stat" 2>/dev/null) && [ "$state" != Z ]
}

# Ends what the pid files name, and waits: a slurmd whose controller has died ignores TERM.
down() {
  scancel -u "$(id -un)" 2>/dev/null || true
  local pids pid i left
  pids=$(cat "$root"/run/*.pid "$root/munge/munged.pid" 2>/dev/null || true)
  for pid in $pids; do kill "$pid" 2>/dev/null || true; done
  for ((i = 0; i < 50; ++i)); do
    left=
    for pid in $pids; do if is_alive "$pid"; then left+=" $pid"; fi; done
    [ -z "$left" ] && return
    sleep 0.1
  done
  for pid in $left; do kill -9 "$pid" 2>/dev/null || true; done
}

has_environment() { # PID NAME=VALUE…
  local pid=$1 wanted all
  shift
  all=$(tr '\0' '\n' 2>/dev/null <"/proc/$pid/environ") || return 1
  for wanted in "$@"; do grep -qxF "$wanted" <<<"$all" || return 1; done
}

# As if the power went: the node's daemon, its step daemons and their tasks, all at once.
kill_node() {
  local node=n$1 tasks=() steps=() path pid parent
  for path in /proc/[0-9]*; do
    pid=${path#/proc/}
    has_environment "$pid" "SLURMD_NODENAME=$node" "SLURM_CONF=$SLURM_CONF" || continue
    tasks+=("$pid")
    parent=$(awk '/^PPid:/ {print $2}' "$path/status" 2>/dev/null) || continue
    case $(cat "/proc/$parent/comm" 2>/dev/null) in slurmstepd*) steps+=("$parent") ;; esac
  done
  kill -9 "$(cat "$root/run/slurmd.$node.pid")" "${steps[@]}" "${tasks[@]}" 2>/dev/null || true
}

case $command in
  up) up ;;
  down) down ;;
  kill-node) kill_node "${1:?the number of the node}" ;;
  start-node) slurmd -N "n${1:?the number of the node}" ;;
  *) echo "mini_slurm: $command is not up, down, kill-node or start-node" >&2; exit 2 ;;
esac
