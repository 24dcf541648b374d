// SPDX-License-Identifier: Apache-2.0
#include "host/catalogue/batch_script.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/cli/temporary_folder.hpp"

namespace tutti::test {
namespace {

using ::testing::HasSubstr;

BatchJob job() {
  BatchJob job;
  job.program = "/usr/bin/tutti";
  job.manifest = "/data/it's m.jsonl";
  job.out = "/data/out";
  job.shard_count = 12;
  job.shards = {0, 1, 2, 5};
  job.render_options = {"--target", "-16"};
  return job;
}

TEST(ArrayText, JoinsRuns) {
  const std::vector<int> numbers = {0, 1, 2, 5, 7, 8};
  EXPECT_EQ(array_text(numbers), "0-2,5,7-8");
  EXPECT_EQ(array_text(std::vector<int>{3}), "3");
  EXPECT_EQ(array_text({}), "");
}

TEST(ShellQuoted, IsThatTextForTheShell) {
  EXPECT_EQ(shell_quoted("/data/a-b_1.wav"), "/data/a-b_1.wav");
  EXPECT_EQ(shell_quoted(""), "''");
  EXPECT_EQ(shell_quoted("it's"), "'it'\\''s'");
  EXPECT_EQ(shell_quoted("a\nb"), "$'a\\x0ab'");
  // The shell itself says what it reads.
  const TemporaryFolder folder;
  for (const std::string text : {"it's $HOME `id` \"x\" \\ !", "a\nSHARD\nid", "a'\\\x01\x7F\tz",
                                 "Größe *?[]{}~", "-n", " "}) {
    folder.write("s.sh", "printf %s " + shell_quoted(text) + " >'" + folder.file("said") + "'\n");
    ASSERT_EQ(std::system(("bash '" + folder.file("s.sh") + "'").c_str()), 0);
    EXPECT_EQ(folder.read("said"), text);
    EXPECT_EQ(shell_quoted(text).find('\n'), std::string::npos) << "would end a here-document";
  }
}

TEST(SlurmScript, IsTheseLines) {
  BatchJob slurm = job();
  slurm.gres = "gpu:1";
  slurm.time_limit = "1:00:00";
  slurm.sbatch_options = {"--partition=gpu night"};
  EXPECT_EQ(slurm_script(slurm), R"(#!/bin/bash
# 4 of 12 shards as a Slurm job array, and the report after it.
set -euo pipefail
logs=/data/out/logs
mkdir -p "$logs"
shard() {
  cat <<'SHARD'
#!/bin/bash
/usr/bin/tutti catalogue render --manifest '/data/it'\''s m.jsonl' --output /data/out \
    --shard "$SLURM_ARRAY_TASK_ID/12" --target -16 &
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
state=$(squeue --noheader --format=%T --jobs="${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID")
if [ "$state" = RUNNING ] && [ "${SLURM_RESTART_COUNT:-0}" -lt 2 ]; then
  scontrol requeue "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID" && sleep 60
fi
exit "$code"
SHARD
}
report() {
  cat <<'REPORT'
#!/bin/bash
exec /usr/bin/tutti catalogue report --manifest '/data/it'\''s m.jsonl' --output /data/out -q \
    --report /data/out/report.html --json /data/out/report.json
REPORT
}
if ! command -v sbatch >/dev/null; then
  echo "tutti: Slurm's sbatch is not on this machine; submit where it is" >&2
  exit 2
fi
# sbatch has said what it has to say. A Slurm that answers would refuse the same again.
refused() {
  case $(scontrol ping 2>/dev/null) in
    *" is UP"*) echo "tutti: Slurm refused the job array; nothing is submitted" >&2; exit 2 ;;
  esac
  echo "tutti: Slurm can not be reached; nothing is submitted, run the same command again later" >&2
  exit 75
}
array=$(shard | sbatch --parsable --job-name=tutti --array=0-2,5 --requeue \
  --open-mode=append --signal=B:TERM@60 --chdir="$logs" --output=%A_%a.log \
  --gres=gpu:1 \
  --time=1:00:00 \
  '--partition=gpu night') || refused
after=$(report | sbatch --parsable --job-name=tutti-report --dependency="afterany:$array" \
  --chdir="$logs" --output=report-%j.log) || {
  echo "tutti: job array $array is submitted, but no report after it: tutti catalogue report makes one" >&2
  exit 3
}
echo "job array $array, report $after"
)");
}

TEST(ParallelScript, IsTheseLines) {
  BatchJob parallel = job();
  parallel.jobs = 4;
  parallel.gpus = 2;
  EXPECT_EQ(parallel_script(parallel), R"(#!/bin/bash
# 4 of 12 shards with GNU parallel, 4 at a time, and the report after them.
set -uo pipefail
logs=/data/out/logs
mkdir -p "$logs" || exit 2
shard() {  # shard INDEX SLOT
  local try code
  export CUDA_VISIBLE_DEVICES=$((($2 - 1) % 2))
  for ((try = 1; try <= 3; ++try)); do
    /usr/bin/tutti catalogue render --manifest '/data/it'\''s m.jsonl' --output /data/out \
    --shard "$1/12" --target -16
    code=$?
    case $code in
      0|1|2|3|130) break ;;  # done, or nothing that another try would change
    esac
  done
  return "$code"
}
export -f shard
export SHELL=/bin/bash
printf '%s\n' 0 1 2 5 |
  parallel --will-cite --jobs 4 --joblog "$logs/joblog" --termseq TERM,20000,KILL shard {} {%}
/usr/bin/tutti catalogue report --manifest '/data/it'\''s m.jsonl' --output /data/out -q \
    --report /data/out/report.html --json /data/out/report.json
# The log's seventh column is the exit code, the eighth the signal.
awk -F '\t' 'NR > 1 { code[$8 + 0 ? 75 : $7 + 0 == 2 || $7 + 0 == 3 || $7 + 0 == 0 ? $7 + 0 : 75] = 1 }
  END { exit 2 in code ? 2 : 75 in code ? 75 : 3 in code ? 3 : 0 }' "$logs/joblog"
)");
}

/// Runs a script with programs of this folder first in the PATH; the exit code.
int run_with(const TemporaryFolder& folder, const std::string& script) {
  folder.write("script.sh", script);
  const int status = std::system(("PATH='" + folder.file("bin") + "':\"$PATH\" bash '" +
                                  folder.file("script.sh") + "' >/dev/null 2>&1")
                                     .c_str());
  return WEXITSTATUS(status);
}

void add_program(const TemporaryFolder& folder, const std::string& name, const std::string& text) {
  folder.write("bin/" + name, "#!/bin/bash\n" + text);
  std::filesystem::permissions(folder.path() / "bin" / name, std::filesystem::perms::owner_all);
}

BatchJob job_in(const TemporaryFolder& folder) {
  BatchJob here = job();
  here.program = folder.path() / "bin/tutti";
  here.manifest = folder.path() / "a 'strange' $m\n.jsonl";
  here.out = folder.path() / "out %j";
  return here;
}

TEST(SlurmScript, HandsTheShardToSbatchAndTheReportAfterIt) {
  // A stand-in for sbatch keeps what it is given; the shard's script is then run as Slurm would.
  const TemporaryFolder folder;
  add_program(folder, "sbatch",
              "n=$(ls " + folder.file("") +
                  " | grep -c ^given)\n"
                  "printf '%s\\n' \"$@\" >" +
                  folder.file("arguments") +
                  "$n\n"
                  "cat >" +
                  folder.file("given") + "$n\necho 4$n\n");
  add_program(folder, "tutti",
              "printf '%s\\n' \"$@\" >" + folder.file("rendered") + "\nexit ${CODE:-0}\n");
  add_program(folder, "squeue", "echo RUNNING\n");
  add_program(folder, "scontrol", "echo \"$@\" >>" + folder.file("requeued") + "\n");
  add_program(folder, "sleep", "");
  const BatchJob here = job_in(folder);
  ASSERT_EQ(run_with(folder, slurm_script(here)), 0);
  EXPECT_THAT(folder.read("arguments0"), HasSubstr("--array=0-2,5\n"));
  EXPECT_THAT(folder.read("arguments0"), HasSubstr("--chdir=" + here.out.string() + "/logs\n"));
  EXPECT_THAT(folder.read("arguments1"), HasSubstr("--dependency=afterany:40\n"));
  const std::string environment =
      "export SLURM_ARRAY_JOB_ID=40 SLURM_ARRAY_TASK_ID=5 SLURM_RESTART_COUNT=";
  EXPECT_EQ(run_with(folder, environment + "0\n" + folder.read("given0")), 0);
  EXPECT_EQ(folder.read("rendered"), "catalogue\nrender\n--manifest\n" + here.manifest.string() +
                                         "\n--output\n" + here.out.string() +
                                         "\n--shard\n5/12\n--target\n-16\n");
  EXPECT_EQ(folder.read("requeued"), "");
  EXPECT_EQ(run_with(folder, environment + "0 CODE=3\n" + folder.read("given0")), 3);
  EXPECT_EQ(folder.read("requeued"), "") << "failed for good";
  EXPECT_EQ(run_with(folder, environment + "1 CODE=75\n" + folder.read("given0")), 75);
  EXPECT_EQ(folder.read("requeued"), "requeue 40_5\n");
  EXPECT_EQ(run_with(folder, environment + "2 CODE=75\n" + folder.read("given0")), 75);
  EXPECT_EQ(folder.read("requeued"), "requeue 40_5\n") << "the third attempt was the last";
}

TEST(SlurmScript, SaysWhyNothingIsSubmitted) {
  const TemporaryFolder folder;
  const auto run = [&](const char* sbatch, const char* scontrol) {
    add_program(folder, "sbatch", sbatch);
    add_program(folder, "scontrol", scontrol);
    folder.write("said", "");
    return run_with(folder, "exec 2>>'" + folder.file("said") + "'\n" + slurm_script(job_in(folder)));
  };
  const char* const unreachable =
      "cat >/dev/null; echo 'sbatch: error: Unable to contact slurm controller' >&2; exit 1\n";
  EXPECT_EQ(run(unreachable, "echo 'Slurmctld(primary) at head is DOWN'; exit 1\n"), 75);
  EXPECT_THAT(folder.read("said"), HasSubstr("\ntutti: Slurm can not be reached; "));
  EXPECT_EQ(run("cat >/dev/null; echo 'sbatch: error: invalid partition' >&2; exit 1\n",
                "echo 'Slurmctld(primary) at head is UP'\n"),
            2);
  EXPECT_THAT(folder.read("said"), HasSubstr("invalid partition\ntutti: Slurm refused the job array"));
  EXPECT_EQ(run("cat >/dev/null; [[ $* == *report* ]] && exit 1; echo 7\n", "exit 1\n"), 3);
  EXPECT_THAT(folder.read("said"), HasSubstr("tutti: job array 7 is submitted, but no report"));
}

TEST(ParallelScript, EndsWithTheCodeThatSaysMost) {
  if (std::system("command -v parallel >/dev/null 2>&1") != 0)
    GTEST_SKIP() << "GNU parallel is not installed (package parallel)";
  const TemporaryFolder folder;
  // Each shard ends with what its file says, and counts its attempts.
  add_program(folder, "tutti",
              "[ $2 = report ] && exit 0\nshard=${8%/*}\n"
              "echo x >>" +
                  folder.file("tries") + "$shard\nexit $(cat " + folder.file("code") + "$shard)\n");
  const BatchJob here = job_in(folder);
  const auto run = [&](const char* a, const char* b, const char* c, const char* d) {
    folder.write("code0", a);
    folder.write("code1", b);
    folder.write("code2", c);
    folder.write("code5", d);
    for (const char* shard : {"0", "1", "2", "5"}) folder.write(std::string("tries") + shard, "");
    return run_with(folder, parallel_script(here));
  };
  EXPECT_EQ(run("0", "0", "0", "0"), 0);
  EXPECT_EQ(folder.read("tries5"), "x\n");
  EXPECT_EQ(run("0", "3", "0", "0"), 3);
  EXPECT_EQ(folder.read("tries1"), "x\n") << "failed for good: not again";
  EXPECT_EQ(run("0", "3", "75", "0"), 75);
  EXPECT_EQ(folder.read("tries2"), "x\nx\nx\n");
  EXPECT_EQ(run("2", "3", "137", "0"), 2);
}

}  // namespace
}  // namespace tutti::test
