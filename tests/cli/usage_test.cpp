// SPDX-License-Identifier: Apache-2.0
// What the program says when it is asked for help or asked wrongly.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "tests/cli/run_program.hpp"
#include "tests/cli/temporary_folder.hpp"

namespace tutti::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

struct Misuse {
  const char* name;
  std::vector<std::string> arguments;
  const char* says;  ///< part of standard error
};

class MisuseTest : public ::testing::TestWithParam<Misuse> {};

TEST_P(MisuseTest, EndsWithCodeTwoAndSaysWhy) {
  const TemporaryFolder folder;
  folder.write("empty.yaml", "");
  folder.write("tone.wav", wav_bytes(sine(440, 0.5, 0.1), 1, 48000));
  folder.write("mix.yaml",
               "tutti: 1\nstems:\n  - {name: Tone, file: tone.wav}\n"
               "outputs:\n  - {file: out.wav, source: mix}\n");
  const ProgramResult result = tutti_program(GetParam().arguments, folder.path());
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.out, IsEmpty());
  EXPECT_THAT(result.err, HasSubstr(GetParam().says));
  EXPECT_EQ(folder.names().size(), 3u) << "nothing may be written";
}

INSTANTIATE_TEST_SUITE_P(
    Cli, MisuseTest,
    ::testing::Values(
        Misuse{"NoCommand", {}, "no command given"},
        Misuse{"UnknownCommand", {"mesure"}, "did you mean measure?"},
        Misuse{"UnknownOption", {"--verison"}, "unknown option --verison"},
        Misuse{"LaterCommandAlbum", {"album"}, "does not have the command album"},
        Misuse{"LaterCommandImport", {"import"}, "does not have the command import"},
        Misuse{"MeasureNothing", {"measure"}, "no file given"},
        Misuse{"MeasureUnknownOption", {"measure", "tone.wav", "--frobnicate"}, "--frobnicate"},
        Misuse{"MeasureBadScale", {"measure", "tone.wav", "--k-system", "13"}, "13"},
        Misuse{
            "MeasureJsonOverInput", {"measure", "tone.wav", "--json", "tone.wav"}, "is an input"},
        Misuse{"MeasureJsonOverAudio",
               {"measure", "mix.yaml", "--json", "tone.wav"},
               "not a document of this kind"},
        Misuse{"MeasureJsonIntoMissingFolder",
               {"measure", "tone.wav", "--json", "no/such/x.json"},
               "the folder does not exist"},
        Misuse{"MeasureDashName", {"measure", "-tone.wav"}, "goes after --"},
        Misuse{"CompareOneFile", {"compare", "tone.wav"}, "two files are needed"},
        Misuse{"CompareThreeFiles",
               {"compare", "tone.wav", "tone.wav", "tone.wav"},
               "two files are needed"},
        Misuse{"CompareMissing", {"compare", "tone.wav", "gone.wav"}, "gone.wav: "},
        Misuse{"CompareBadTolerance",
               {"compare", "tone.wav", "tone.wav", "--tolerance", "loud"},
               "loud"},
        Misuse{"InitNothing", {"init"}, "no folder given"},
        Misuse{"InitMissingFolder", {"init", "gone"}, "gone"},
        Misuse{"CheckNothing", {"check"}, "no session given"},
        Misuse{"CheckMissing", {"check", "gone.yaml"}, "gone.yaml: "},
        Misuse{"PlanNothing", {"plan"}, "no session given"},
        Misuse{"PlanMissing", {"plan", "gone.yaml"}, "gone.yaml: "},
        Misuse{"RenderNothing", {"render"}, "no session given"},
        Misuse{"RenderMissing", {"render", "gone.yaml"}, "gone.yaml: "},
        Misuse{"RenderEmptySession", {"render", "empty.yaml"}, "empty.yaml"},
        Misuse{"RenderBadRange", {"render", "mix.yaml", "--range", "5"}, "is not a range"},
        Misuse{"RenderBackwardRange", {"render", "mix.yaml", "--range", "5..3"}, "5..3"},
        Misuse{"RenderBackwardMixedRange",
               {"render", "mix.yaml", "--range", "1..40000 smp"},
               "1..40000"},
        Misuse{"RenderBadTime", {"render", "mix.yaml", "--range", "1:75..3:00"}, "is not a time"},
        Misuse{"RenderBadMemory",
               {"render", "mix.yaml", "--max-memory", "4 bananas"},
               "is not a size"},
        Misuse{"RenderNegativeThreads", {"render", "mix.yaml", "--threads", "-1"}, "--threads"},
        Misuse{"RenderBadDevice", {"render", "mix.yaml", "--device", "gpu"}, "is not auto, cpu"},
        Misuse{"RenderBadProgress", {"render", "mix.yaml", "--progress", "loud"}, "loud"},
        Misuse{"RenderUnknownSolo",
               {"render", "mix.yaml", "--solo", "Tine"},
               "did you mean \"Tone\"?"},
        Misuse{"RenderUnknownOnly",
               {"render", "mix.yaml", "--only", "oot.wav"},
               "did you mean \"out.wav\"?"},
        Misuse{
            "RenderReportOverSession", {"render", "mix.yaml", "--json", "mix.yaml"}, "is an input"},
        Misuse{
            "RenderReportOverStem", {"render", "mix.yaml", "--report", "tone.wav"}, "is an input"},
        Misuse{"RenderTwoReportsInOne",
               {"render", "mix.yaml", "--report", "x", "--json", "x"},
               "the same file"}),
    [](const auto& test) { return test.param.name; });

class HelpTest : public ::testing::TestWithParam<const char*> {};

TEST_P(HelpTest, StartsWithAWorkedExample) {
  const std::string command = GetParam();
  const ProgramResult result = tutti_program({command, "--help"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.err, IsEmpty());
  EXPECT_THAT(result.out, StartsWith("Example:\n  tutti " + command));
  EXPECT_THAT(result.out, HasSubstr("Usage: tutti " + command));
  EXPECT_EQ(tutti_program({"help", command}).out, result.out);
}

INSTANTIATE_TEST_SUITE_P(Cli, HelpTest,
                         ::testing::Values("init", "check", "plan", "render", "measure", "compare",
                                           "bench", "presets", "schema", "devices"));

TEST(Program, ListsItsCommandsAndNotTheLaterOnes) {
  const ProgramResult result = tutti_program({"--help"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out, StartsWith("Example:\n"));
  EXPECT_THAT(result.out, HasSubstr("\n  measure "));
  EXPECT_THAT(result.out, Not(HasSubstr("\n  album ")));
}

TEST(Program, NamesTheVersionOfEveryLibrary) {
  const ProgramResult result = tutti_program({"--version"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out, StartsWith("tutti "));
  for (const char* library : {"libsndfile", "libFLAC", "libmpg123", "soxr", "TagLib", "Highway",
                              "oneTBB", "OpenSSL", "nlohmann/json", "CLI11", "fmt"})
    EXPECT_THAT(result.out, HasSubstr(library));
}

TEST(Program, SaysThatADiskIsFullWhenResultsDoNotArrive) {
  ProgramRun run;
  run.arguments = {"--version"};
  run.stdout_path = "/dev/full";
  const ProgramResult result = run_program(run);
  EXPECT_EQ(result.exit_code, 75);
  EXPECT_THAT(result.err, HasSubstr("standard output"));
}

TEST(Program, DoesNotMindAReaderThatWentAway) {
  ProgramRun run;
  run.arguments = {"schema"};
  run.close_stdout_reader = true;
  const ProgramResult result = run_program(run);
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.err, IsEmpty());
}

TEST(Devices, SayWhyCudaCanNotBeUsed) {
  ProgramRun without;
  without.arguments = {"devices"};
  without.environment = {"TUTTI_CUDA_LIBRARY=/nowhere"};
  const ProgramResult result = run_program(without);
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out, StartsWith("cpu: "));
  EXPECT_THAT(result.out, HasSubstr("\ncuda: not available: "));
}

}  // namespace
}  // namespace tutti::test
