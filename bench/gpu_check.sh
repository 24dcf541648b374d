#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Everything that only a machine with a GPU can show, in one run: builds, runs every test on the device,
# the same under compute-sanitizer, hashes over ten runs, the device against the emulation and the CPU,
# the rates of the machine, and the benches, each beside the limit that `tutti plan` predicts for it. Writes
# JSON and logs into one folder and prints a table.
#
#   bench/gpu_check.sh OUT [--prefix DIR] [--stems N] [--seconds S] [--built] [--keep]
#                          [--only NAME,…] [--skip NAME,…]
#   bench/gpu_check.sh OUT --rehearse     the same without a device, on the emulation, in miniature
#
# --prefix DIR: libraries that the machine lacks, unpacked by bench/carry_packages.sh. --built: build/gpu came
# along, built elsewhere for this machine. --only, --skip: steps by their names in the table. --keep: leaves
# stems and tracks there.
set -uo pipefail
cd "$(dirname "$0")/.."
root=$PWD

out=${1:?usage: bench/gpu_check.sh OUT [--rehearse] [options: see the head of this file]}
shift
prefix="" rehearse=no stems=256 seconds=60 built=no keep=no only="" skip=""
while [ $# -gt 0 ]; do
  case $1 in
    --prefix) prefix=$(realpath "$2"); shift 2 ;;
    --rehearse) rehearse=yes stems=4 seconds=2; shift ;;
    --stems) stems=$2; shift 2 ;;
    --seconds) seconds=$2; shift 2 ;;
    --built) built=yes; shift ;;
    --keep) keep=yes; shift ;;
    --only) only=,$2,; shift 2 ;;
    --skip) skip=,$2,; shift 2 ;;
    *) echo "unknown option $1" >&2; exit 2 ;;
  esac
done
mkdir -p "$out"
out=$(realpath "$out")
build=$root/build/gpu
[ $rehearse = yes ] && build=$root/build/release
if [ -n "$prefix" ]; then
  lib=$prefix/usr/lib/x86_64-linux-gnu
  export PKG_CONFIG_PATH=$lib/pkgconfig:$prefix/usr/share/pkgconfig PKG_CONFIG_SYSROOT_DIR=$prefix
  export CMAKE_PREFIX_PATH=$prefix/usr CPATH=$prefix/usr/include LIBRARY_PATH=$lib
  export LD_LIBRARY_PATH=$lib:${LD_LIBRARY_PATH:-}
fi

failures=0
summary=$out/summary.txt
: >"$summary"
# step NAME COMMAND…: logs to NAME.log, one line in the summary, goes on after a failure.
step() {
  local name=$1 start=$SECONDS verdict=ok
  shift
  [[ -n $only && $only != *,$name,* ]] && return
  [[ $skip == *,$name,* ]] && return
  "$@" >"$out/$name.log" 2>&1 || { verdict=FAILED; failures=$((failures + 1)); }
  printf '%-28s %-7s %5d s   %s\n' "$name" "$verdict" $((SECONDS - start)) \
    "$(grep -aE 'tests passed|PASSED|FAILED|ERROR SUMMARY|equal|dBFS|x as fast|at least .* passes|all, cold|at a time|best|all kernels' "$out/$name.log" | tail -1 | cut -c1-90)" |
    tee -a "$summary"
}

describe_machine() {
  nvidia-smi 2>/dev/null || echo "no nvidia-smi"
  nvcc --version 2>/dev/null | tail -2
  lscpu | grep -E 'Model name|^CPU\(s\)'
  git log -1 --format='commit %H' 2>/dev/null
  return 0
}

configure_and_build() {
  local architecture
  architecture=$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader | head -1 | tr -d .)
  cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DTUTTI_CUDA=ON \
    -DTUTTI_CUDA_ARCHITECTURES="${architecture}-real" -DTUTTI_DEVICE_TESTS=ON &&
    cmake --build "$build" --target tutti tutti_cuda tutti_cuda_emulated tutti_kernels_device_test \
      tutti_backend_device_test tutti_cuda_render_test tutti_gpu_probe
}

# Ten renders, one set of bits; and the bits of the emulation.
hashes() {
  local work=$out/hashes.work run
  rm -rf "$work"
  for run in 1 2 3 4 5 6 7 8 9 10; do
    "$tutti" render "$session" -o "$work/$run" --device cuda --progress none -q || return 1
    (cd "$work/$run" && find . -name '*.wav' -o -name '*.flac' | sort | xargs sha256sum) |
      sha256sum >>"$out/hashes.txt"
    [ "$run" = 1 ] || rm -rf "${work:?}/$run"
    [ $rehearse = yes ] && [ "$run" = 2 ] && break
  done
  [ "$(sort -u "$out/hashes.txt" | wc -l)" = 1 ] && echo "all runs equal"
}

against() {  # against NAME DEVICE [LIBRARY]: renders the session there, compares with the first run
  local work=$out/hashes.work/$1 file worst=0
  TUTTI_CUDA_LIBRARY=${3:-$TUTTI_CUDA_LIBRARY} "$tutti" render "$session" -o "$work" --device "$2" \
    --progress none -q || return 1
  for file in "$work"/*.wav; do
    "$tutti" compare "$out/hashes.work/1/$(basename "$file")" "$file" --tolerance -120 || worst=1
  done
  return $worst
}

step machine describe_machine
if [ $rehearse = yes ]; then
  export TUTTI_CUDA_LIBRARY=$build/kernels/emulated/libtutti_cuda_emulated.so
  kernels=$build/tests/kernels/tutti_kernels_test backend=$build/tests/backend/tutti_backend_test
else
  [ $built = yes ] || step build configure_and_build
  export TUTTI_CUDA_LIBRARY=$build/kernels/libtutti_cuda.so
  kernels=$build/tests/kernels/tutti_kernels_device_test
  backend=$build/tests/backend/tutti_backend_device_test
fi
emulated=$build/kernels/emulated/libtutti_cuda_emulated.so
tutti=$build/cli/tutti

step devices "$tutti" devices --json "$out/devices.json"
step kernel_tests "$kernels"
step backend_tests "$backend"
step session_tests "$build/tests/engine/tutti_cuda_render_test"
if [ $rehearse = no ]; then
  step probe "$build/kernels/tutti_gpu_probe" "$out/probe.json"
fi

step material python3 bench/gpu_material.py "$out/material" --stems "$stems" --seconds "$seconds"
session=$out/material/small.yaml
step hashes hashes
step against_emulation against emulation cuda "$emulated"
step against_cpu against cpu cpu
# The limits: of the device's data sheet with the rates that the probe measured; in a rehearsal, of an H200.
machine=h200 rehearsal=""
[ $rehearse = yes ] && rehearsal=--rehearsal
if [ -f "$out/probe.json" ]; then
  python3 bench/roofline.py --machine "$out/probe.json" "$out/devices.json" "$out/machine.json" &&
    machine=$out/machine.json
fi
plan() {  # plan SESSION JSON: what the device would be given to do; needs none
  "$tutti" plan "$1" --device cuda --roofline "$machine" --json "$2"
}
for job in strip send convolution; do
  step "plan_$job" plan "$out/material/$job.yaml" "$out/plan_$job.json"
  step "bench_$job" "$tutti" bench "$out/material/$job.yaml" --devices cpu,cuda --runs 5 \
    --json "$out/bench_$job.json"
  step "roofline_$job" python3 bench/roofline.py "$out/plan_$job.json" "$out/bench_$job.json" \
    "$out/roofline_$job.json" $rehearsal
done
step catalogue python3 bench/gpu_catalogue.py "$tutti" "$out/tracks" "$out/catalogue.json" \
  $([ $rehearse = yes ] && echo --quick)
if python3 -c 'import torch' 2>/dev/null; then
  step torch_peer python3 bench/torch_peer.py "$out/material" "$out/torch.json"
fi
if [ $rehearse = no ]; then
  step counters timeout 60 ncu --clock-control none --cache-control none --csv --page raw \
    --log-file "$out/counters.csv" --metrics "$(python3 bench/kernel_counters.py --metrics)" \
    "$tutti" render "$out/material/strip.yaml" -o "$out/profile.work" --device cuda --progress none -q
  step kernels python3 bench/kernel_counters.py "$out/counters.csv" "$out/kernels.json"
fi
# A mix of 300 stems and 4 minutes; in a rehearsal only planned, its stems holes.
large="--stems 300 --seconds 240"
[ $rehearse = yes ] && large="--stems 8 --seconds 10 --holes"
step large_material python3 bench/gpu_material.py "$out/large" $large
step plan_large plan "$out/large/send.yaml" "$out/plan_large.json"
[ $rehearse = yes ] || step bench_large "$tutti" bench "$out/large/send.yaml" --devices cpu,cuda --runs 4 \
  --json "$out/bench_large.json"
step crossover python3 bench/crossover.py "$tutti" "$out/material" "$out/crossover.json" \
  $([ $rehearse = yes ] && echo --quick)
if [ $rehearse = no ]; then
  # Errors of the interface are some tests' subject.
  for tool in memcheck racecheck synccheck; do
    step $tool timeout 120 compute-sanitizer --report-api-errors no --tool $tool --error-exitcode 9 "$kernels"
  done
  step memcheck_backend timeout 120 compute-sanitizer --report-api-errors no --tool memcheck --error-exitcode 9 \
    "$backend"
fi
[ $rehearse = yes ] || [ -n "$only" ] || step record python3 bench/gpu_results.py "$out"
[ $keep = yes ] || rm -rf "$out"/{hashes.work,profile.work,material,large,tracks}
echo
cat "$summary"
[ $failures = 0 ]
