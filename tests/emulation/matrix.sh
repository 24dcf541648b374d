#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tests/emulation/matrix.sh [plain|address|thread|memory …]: builds and runs the emulation's self-test and
# all kernel tests in these builds (default: all four). Fails if a test fails, if a right program is
# accused, or, with all four, if some planted mistake is noticed by none of them.
set -euo pipefail
cd "$(dirname "$0")/../.."

all=(plain address thread memory)
builds=("$@")
[ ${#builds[@]} -gt 0 ] || builds=("${all[@]}")
jobs=${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}
failed=0

preset_of() { [ "$1" = plain ] && echo release || echo "emulation-$1"; }

# Sanitizers lay out the address space themselves, which its randomisation can break.
run_one() {
  local program=$1 logs=$2
  local log=$logs/${program##*/}.log
  local quick=()
  # The planted mistakes are many, and nobody reads their reports.
  [[ $program != *selftest ]] || quick=(env {ASAN,TSAN,MSAN,UBSAN}_OPTIONS=symbolize=0)
  if timeout 600 setarch -R "${quick[@]}" "$program" >"$log" 2>&1; then return; fi
  echo "FAILED $program"
  grep -E '^\[  FAILED|ERROR|WARNING: |SUMMARY|Failure' "$log" | head -20 || tail -20 "$log"
  return 1
}
export -f run_one

for build in "${builds[@]}"; do
  preset=$(preset_of "$build")
  began=$SECONDS
  cmake --preset "$preset" >/dev/null
  cmake --build --preset "$preset" --target tutti_emulation_tests -- -j "$jobs" >"build/$preset/emulation_build.log" ||
    { cat "build/$preset/emulation_build.log"; exit 1; }
  built=$SECONDS
  logs=build/$preset/emulation_logs
  rm -rf "$logs"
  mkdir -p "$logs"
  xargs -P "$jobs" -I{} bash -c 'run_one {} '"$logs" <"build/$preset/emulation_tests.txt" || failed=1
  passed=$(cat "$logs"/*.log | grep -c '^\[       OK' || true)
  echo "$build: $passed tests passed; built in $((built - began)) s, ran in $((SECONDS - built)) s"
done

# Who noticed what.
logs=()
for build in "${builds[@]}"; do logs+=("build/$(preset_of "$build")/emulation_logs/tutti_emulation_selftest.log"); done
awk -v builds="${builds[*]}" -v complete="$([ "${#builds[@]}" -eq ${#all[@]} ] && echo 1 || echo 0)" '
  FNR == 1 { ++file }
  /^outcome / {
    name = substr($2, 1, length($2) - 1)
    if (!(name in seen)) { seen[name] = 1; order[++count] = name }
    how = substr($0, index($0, ": ") + 2)
    outcome[name, file] = how
    if (how != "silent") noticed[name] = 1
  }
  END {
    n = split(builds, titles, " ")
    printf "\n%-32s", "planted"
    for (i = 1; i <= n; ++i) printf "%-20s", titles[i]
    print ""
    for (k = 1; k <= count; ++k) {
      name = order[k]
      printf "%-32s", name
      for (i = 1; i <= n; ++i) printf "%-20s", outcome[name, i] == "silent" ? "-" : outcome[name, i]
      print ""
      if (name !~ /^Right/ && complete && !noticed[name]) { print "  NOTICED BY NOBODY"; bad = 1 }
    }
    exit bad
  }' "${logs[@]}" || failed=1
exit "$failed"
