#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# run.sh SECONDS [TARGET…]: each fuzzer for so long, from the seeds and what earlier runs found.
# Build first: cmake --preset fuzz && cmake --build --preset fuzz. BUILD names another build folder.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:?usage: run.sh SECONDS [TARGET…]}
shift
build=${BUILD:-build/fuzz}
targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
  for program in "$build"/tests/fuzz/*_fuzz; do targets+=("$(basename "$program")"); done
fi
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
for target in "${targets[@]}"; do
  corpus=$build/corpus/$target
  mkdir -p "$corpus" "$build/findings"
  seeds=$build/tests/fuzz/${target%_fuzz}_seeds
  if [ -x "$seeds" ]; then "$seeds" "$build/corpus/$target.seeds"; fi
  echo "== $target, $seconds s"
  "$build/tests/fuzz/$target" -max_total_time="$seconds" -timeout=60 -rss_limit_mb=2048 \
    -print_final_stats=1 -artifact_prefix="$build/findings/$target-" \
    "$corpus" $([ -d "$build/corpus/$target.seeds" ] && echo "$build/corpus/$target.seeds") \
    2>&1 | grep -Ev '^#[0-9]+\s+(REDUCE|NEW|pulse|RELOAD)' || exit 1
done
