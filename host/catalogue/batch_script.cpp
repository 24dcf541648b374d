// SPDX-License-Identifier: Apache-2.0
#include "host/catalogue/batch_script.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tutti {
namespace {

// Filled in: shards, of how many, log folder, render command, requeues, report command, sbatch
// options.
constexpr const char* kSlurmScript = R"(#!/bin/bash
# {} of {} shards as a Slurm job array, and the report after it.
set -euo pipefail
logs={}
mkdir -p "$logs"
shard() {{
  cat <<'SHARD'
#!/bin/bash
{} &
render=$!
# The warning before the time limit reaches the renderer, which leaves its item and exits with 75.
trap 'kill -TERM "$render" 2>/dev/null' TERM
wait "$render"
code=$?
# A signal ends `wait` before the renderer has ended.
while kill -0 "$render" 2>/dev/null; do wait "$render"; code=$?; done
case $code in
  0|1|2|3|130) exit "$code" ;;  # done, or nothing that another try would change
esac
state=$(squeue --noheader --format=%T --jobs="${{SLURM_ARRAY_JOB_ID}}_$SLURM_ARRAY_TASK_ID")
if [ "$state" = RUNNING ] && [ "${{SLURM_RESTART_COUNT:-0}}" -lt {} ]; then
  scontrol requeue "${{SLURM_ARRAY_JOB_ID}}_$SLURM_ARRAY_TASK_ID" && sleep 60
fi
exit "$code"
SHARD
}}
report() {{
  cat <<'REPORT'
#!/bin/bash
exec {}
REPORT
}}
if ! command -v sbatch >/dev/null; then
  echo "tutti: Slurm's sbatch is not on this machine; submit where it is" >&2
  exit 2
fi
# sbatch has said what it has to say. A Slurm that answers would refuse the same again.
refused() {{
  case $(scontrol ping 2>/dev/null) in
    *" is UP"*) echo "tutti: Slurm refused the job array; nothing is submitted" >&2; exit 2 ;;
  esac
  echo "tutti: Slurm can not be reached; nothing is submitted, run the same command again later" >&2
  exit 75
}}
array=$(shard | sbatch --parsable {}) || refused
after=$(report | sbatch --parsable --job-name=tutti-report --dependency="afterany:$array" \
  --chdir="$logs" --output=report-%j.log) || {{
  echo "tutti: job array $array is submitted, but no report after it: tutti catalogue report makes one" >&2
  exit 3
}}
echo "job array $array, report $after"
)";

// Filled in: shards, of how many, at a time, log folder, device, attempts, render command, the
// shards' numbers, at a time, report command.
constexpr const char* kParallelScript = R"(#!/bin/bash
# {} of {} shards with GNU parallel, {} at a time, and the report after them.
set -uo pipefail
logs={}
mkdir -p "$logs" || exit 2
shard() {{  # shard INDEX SLOT
  local try code
{}  for ((try = 1; try <= {}; ++try)); do
    {}
    code=$?
    case $code in
      0|1|2|3|130) break ;;  # done, or nothing that another try would change
    esac
  done
  return "$code"
}}
export -f shard
export SHELL=/bin/bash
printf '%s\n'{} |
  parallel --will-cite --jobs {} --joblog "$logs/joblog" --termseq TERM,20000,KILL shard {{}} {{%}}
{}
# The log's seventh column is the exit code, the eighth the signal.
awk -F '\t' 'NR > 1 {{ code[$8 + 0 ? 75 : $7 + 0 == 2 || $7 + 0 == 3 || $7 + 0 == 0 ? $7 + 0 : 75] = 1 }}
  END {{ exit 2 in code ? 2 : 75 in code ? 75 : 3 in code ? 3 : 0 }}' "$logs/joblog"
)";

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-_./=:,@%+").find(c) != std::string_view::npos;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

std::string program_of(const BatchJob& job) {
  const std::string program = shell_quoted(job.program.string());
  if (job.presets.empty()) return program;
  return "env TUTTI_PRESETS=" + shell_quoted(job.presets.string()) + " " + program;
}

std::string place_of(const BatchJob& job) {
  return fmt::format("--manifest {} --output {}", shell_quoted(job.manifest.string()),
                     shell_quoted(job.out.string()));
}

/// `index` is a shell expression.
std::string render_command(const BatchJob& job, const char* index) {
  std::string out = fmt::format("{} catalogue render {} \\\n    --shard \"{}/{}\"", program_of(job),
                                place_of(job), index, job.shard_count);
  for (const std::string& option : job.render_options) out += " " + shell_quoted(option);
  return out;
}

std::string report_command(const BatchJob& job) {
  std::string out =
      fmt::format("{} catalogue report {} -q \\\n    --report {} --json {}", program_of(job),
                  place_of(job), shell_quoted((job.out / "report.html").string()),
                  shell_quoted((job.out / "report.json").string()));
  for (const std::string& option : job.report_options) out += " " + shell_quoted(option);
  return out;
}

std::string logs_of(const BatchJob& job) { return shell_quoted((job.out / "logs").string()); }

}  // namespace

std::string shell_quoted(std::string_view text) {
  if (!text.empty() && std::all_of(text.begin(), text.end(), is_plain)) return std::string(text);
  const bool controls = std::any_of(text.begin(), text.end(), is_control);
  std::string out = controls ? "$'" : "'";
  for (const char c : text) {
    if (!controls)
      out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    else if (is_control(c))
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    else
      out += c == '\'' || c == '\\' ? fmt::format("\\{}", c) : std::string(1, c);
  }
  return out + "'";
}

std::string array_text(std::span<const int> numbers) {
  std::string out;
  for (std::size_t i = 0; i < numbers.size();) {
    std::size_t last = i;
    while (last + 1 < numbers.size() && numbers[last + 1] == numbers[last] + 1) ++last;
    out += fmt::format("{}{}", out.empty() ? "" : ",", numbers[i]);
    if (last > i) out += fmt::format("-{}", numbers[last]);
    i = last + 1;
  }
  return out;
}

std::string slurm_script(const BatchJob& job) {
  std::string options = fmt::format(
      "--job-name=tutti --array={} --requeue \\\n  --open-mode=append --signal=B:TERM@{} "
      "--chdir=\"$logs\" --output=%A_%a.log",
      array_text(job.shards), job.warning_s);
  if (!job.gres.empty()) options += " \\\n  --gres=" + shell_quoted(job.gres);
  if (!job.time_limit.empty()) options += " \\\n  --time=" + shell_quoted(job.time_limit);
  for (const std::string& option : job.sbatch_options) options += " \\\n  " + shell_quoted(option);
  return fmt::format(kSlurmScript, job.shards.size(), job.shard_count, logs_of(job),
                     render_command(job, "$SLURM_ARRAY_TASK_ID"), job.attempts - 1,
                     report_command(job), options);
}

std::string parallel_script(const BatchJob& job) {
  std::string numbers;
  for (const int shard : job.shards) numbers += fmt::format(" {}", shard);
  const std::string device =
      job.gpus > 0 ? fmt::format("  export CUDA_VISIBLE_DEVICES=$((($2 - 1) % {}))\n", job.gpus)
                   : "";
  return fmt::format(kParallelScript, job.shards.size(), job.shard_count, job.jobs, logs_of(job),
                     device, job.attempts, render_command(job, "$1"), numbers, job.jobs,
                     report_command(job));
}

}  // namespace tutti
