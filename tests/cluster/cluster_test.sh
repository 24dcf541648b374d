#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# cluster_test.sh TUTTI quick | faults: one job of 40 items on a throw-away Slurm cluster and with GNU parallel;
# the outputs have to be those of a single process, byte for byte.
#
# quick: nothing goes wrong. faults: a renderer and a whole node are killed in the middle.
# Exit 77: skipped, with the reason.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
TUTTI=${1:?the program}
mode=${2:?quick or faults}
for needed in sbatch slurmctld munged parallel; do
  PATH=$PATH:/usr/sbin command -v "$needed" >/dev/null || { echo "skipped: $needed is not installed (slurm-wlm, munge, parallel)"; exit 77; }
done
item_length=1 render_options=(--target -16 --device cpu --jobs 1)
# Only long items with a limiter at work are caught in the middle.
[ "$mode" = quick ] || item_length=20 render_options=(--target -2 --ceiling -3 --device cpu --jobs 1)

# Short: the path of a unix socket has at most 107 bytes.
work=$(mktemp -d /tmp/tutti-slurm-XXXXXX)
chmod 711 "$work" # munge wants its socket to be in everyone's reach
cluster=$work/c
finish() {
  "$here/mini_slurm.sh" "$cluster" down >/dev/null 2>&1 || true
  if [ "${passed:-no}" = yes ]; then rm -rf "$work"; else echo "kept for a look: $work" >&2; fi
}
trap finish EXIT
fail() { echo "FAILED: $*" >&2; exit 1; }

# 40 files of one to four seconds in ten albums, each another noise.
make_inputs() {
  python3 - "$work/music" "${ITEM_LENGTH:-$item_length}" <<'PYTHON'
import os, random, sys, wave
for i in range(40):
    folder = os.path.join(sys.argv[1], f"album {i // 4}")
    os.makedirs(folder, exist_ok=True)
    with wave.open(os.path.join(folder, f"{i:02}.wav"), "wb") as file:
        file.setparams((2, 2, 48000, 0, "NONE", ""))
        length = int(48000 * float(sys.argv[2]) * (1 + i % 4))
        file.writeframes(random.Random(i).randbytes(4 * length))
PYTHON
  "$TUTTI" catalogue scan "$work/music" --folder-albums -o "$work/m.jsonl" -q
}

submit() { # ENGINE OUT OPTION…
  local engine=$1 out=$2
  shift 2
  "$TUTTI" catalogue submit --engine "$engine" --program "$TUTTI" --manifest "$work/m.jsonl" -o "$out" --shards 10 "$@" \
    -- "${render_options[@]}"
}

wait_for_jobs() {
  local end=$((SECONDS + 240))
  while [ -n "$(squeue -h -t PD,R,CG,CF 2>/dev/null)" ]; do
    [ $SECONDS -lt $end ] || { squeue; fail "the jobs did not end"; }
    sleep 0.5
  done
}

# Outputs and sidecars, byte for byte; the report too.
compare_with_single_process() { # OUT
  "$TUTTI" catalogue status --manifest "$work/m.jsonl" -o "$1" --shards 10 || fail "$1 is not complete"
  diff -r --exclude=logs --exclude=results --exclude='report.*' --exclude='.*' "$work/single" "$1" || fail "$1 differs"
  cmp "$work/single.json" "$1/report.json" || fail "the report of $1 differs"
}

# The first renderer of a task on this node that is in the middle of its shard.
renderer_on() { # NODE
  local path pid
  for path in /proc/[0-9]*; do
    pid=${path#/proc/}
    tr '\0' '\n' 2>/dev/null <"$path/environ" | grep -qxF "SLURMD_NODENAME=$1" || continue
    tr '\0' '\n' 2>/dev/null <"$path/environ" | grep -qxF "SLURM_CONF=$SLURM_CONF" || continue
    tr '\0' '\n' 2>/dev/null <"$path/cmdline" | head -3 | grep -qxF "$TUTTI" || continue
    echo "$pid"
    return
  done
}

break_things() {
  local i victim
  for ((i = 0; i < 100; ++i)); do
    victim=$(renderer_on n1)
    [ -n "$victim" ] && [ -n "$(renderer_on n2)" ] && break
    sleep 0.1
  done
  [ -n "$victim" ] || fail "no task was caught at work; give ITEM_LENGTH a greater number"
  sleep 0.3
  echo "killing the renderer $victim of n1, and the whole of n2: $(squeue -h -r -t R -w n2 -o %i | paste -sd' ')"
  kill -9 "$victim"
  "$here/mini_slurm.sh" "$cluster" kill-node 2
}

make_inputs
"$TUTTI" catalogue render --manifest "$work/m.jsonl" --output "$work/single" --shard 0/1 "${render_options[@]}"
"$TUTTI" catalogue report --manifest "$work/m.jsonl" -o "$work/single" -q --json "$work/single.json"

"$here/mini_slurm.sh" "$cluster" up
export SLURM_CONF=$cluster/etc/slurm.conf
submit slurm "$work/slurm" --gres gpu:1
[ "$mode" = faults ] && break_things
wait_for_jobs
compare_with_single_process "$work/slurm"
if [ "$mode" = faults ]; then
  grep -oE 'JobState=[A-Z_]+' "$cluster/log/jobcomp.txt" | sort | uniq -c
  grep -q 'JobState=NODE_FAIL' "$cluster/log/jobcomp.txt" || fail "no task was lost with its node"
fi
echo "slurm: 40 items as a single process has them"

rm -r "$work/slurm/album 3" "$work/slurm/album 7"
submit slurm "$work/slurm" --gres gpu:1 --print | grep -oE -- '--array=[0-9,-]+' | grep -qxE -- '--array=[0-9],[0-9]' ||
  fail "not two shards are submitted again"
submit slurm "$work/slurm" --gres gpu:1
wait_for_jobs
compare_with_single_process "$work/slurm"
echo "slurm: two albums that had gone are back"

if [ "$mode" = faults ]; then
  # GNU parallel and all that it has started, killed in the middle; then the same command again.
  set -m
  submit parallel "$work/parallel" --jobs 2 >/dev/null 2>&1 &
  set +m
  sleep 3
  kill -9 -- -$! || fail "GNU parallel was done before it could be killed; give ITEM_LENGTH a greater number"
  wait $! || true
  "$TUTTI" catalogue status --manifest "$work/m.jsonl" -o "$work/parallel" --shards 10 >/dev/null &&
    fail "nothing was left to do after the kill"
fi
submit parallel "$work/parallel" --jobs 2
compare_with_single_process "$work/parallel"
echo "parallel: 40 items as a single process has them"
"$TUTTI" catalogue gc -o "$work/slurm" --older-than 0s -q
[ -z "$(find "$work/slurm" -name '.*.part')" ] || fail "temporaries are left"
passed=yes
