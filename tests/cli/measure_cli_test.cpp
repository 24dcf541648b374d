// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/cli/run_program.hpp"
#include "tests/cli/temporary_folder.hpp"

namespace tutti::test {
namespace {

using Json = nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(Measure, ReadsTheCalibrationToneOfTheStandard) {
  // EBU Tech 3341, case 1: a stereo sine of 1 kHz at −23 dBFS peak reads −23.0 ± 0.1 LUFS; exactly
  // −0.691 − 23 and the K-weighting's 0.6977 dB at 1 kHz.
  const TemporaryFolder folder;
  folder.write("tone.wav", wav_bytes(sine(1000, std::pow(10, -23 / 20.0), 20, 2), 2, 48000));
  const ProgramResult result = tutti_program({"measure", "tone.wav", "--json", "-"}, folder.path());
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const Json file = Json::parse(result.out)["files"][0];
  EXPECT_NEAR(file["integrated_lufs"], -22.9933, 0.002);
  EXPECT_NEAR(file["true_peak_dbtp"], -23.0, 0.03);
  EXPECT_NEAR(file["sample_peak_dbfs"], -23.0, 0.001);
  EXPECT_NEAR(file["rms_dbfs"], -26.0103, 0.001);
  EXPECT_NEAR(file["correlation"], 1.0, 1e-9);
  EXPECT_EQ(file["file"], "tone.wav");
  EXPECT_EQ(file["layout"], "stereo");
  EXPECT_EQ(file["duration_s"], 20.0);
  EXPECT_EQ(file["sample_rate_hz"], 48000);
  EXPECT_TRUE(file["error"].is_null());
}

TEST(Measure, KeepsTheOrderAndGoesOnAfterABadFile) {
  const TemporaryFolder folder;
  std::vector<std::string> arguments = {"measure", "--json", "report.json"};
  for (int i = 0; i < 7; ++i) {
    const std::string name = "tone" + std::to_string(i) + ".wav";
    if (i == 3)
      folder.write(name, "this is no audio");
    else
      folder.write(name, wav_bytes(sine(440, 0.1 * (i + 1), 0.5 + 0.2 * (7 - i)), 1, 48000));
    arguments.push_back(name);
  }
  const ProgramResult result = tutti_program(arguments, folder.path());
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("tone3.wav: "));
  EXPECT_THAT(result.out, HasSubstr("tone6.wav"));
  const Json files = Json::parse(folder.read("report.json"))["files"];
  ASSERT_EQ(files.size(), 7u);
  for (int i = 0; i < 7; ++i) {
    EXPECT_EQ(files[i]["file"], "tone" + std::to_string(i) + ".wav");
    EXPECT_EQ(files[i]["error"].is_null(), i != 3);
  }
  EXPECT_NEAR(files[6]["sample_peak_dbfs"], 20 * std::log10(0.7), 0.01);
}

TEST(Measure, WritesNullForSilenceAndForWhatIsTooShort) {
  const TemporaryFolder folder;
  folder.write("silence.wav", wav_bytes(std::vector<float>(48000), 1, 48000));
  folder.write("short.wav", wav_bytes(sine(440, 0.5, 0.1), 1, 48000));
  const ProgramResult result =
      tutti_program({"measure", "silence.wav", "short.wav", "--json=-"}, folder.path());
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const Json files = Json::parse(result.out)["files"];
  for (const char* key :
       {"integrated_lufs", "true_peak_dbtp", "sample_peak_dbfs", "rms_dbfs", "plr_db"})
    EXPECT_TRUE(files[0][key].is_null()) << key;
  EXPECT_TRUE(files[1]["integrated_lufs"].is_null());
  EXPECT_NEAR(files[1]["sample_peak_dbfs"], -6.02, 0.01);
}

TEST(Measure, TakesNamesThatStartWithADashOrHoldQuotesAndOtherScripts) {
  const TemporaryFolder folder;
  const std::vector<std::string> names = {"-v.wav", "it's \"it\".wav", "弦楽 – Größe.wav",
                                          "a b\nc.wav"};
  std::vector<std::string> arguments = {"measure", "--json", "out.json", "--"};
  for (const std::string& name : names) {
    folder.write(name, wav_bytes(sine(440, 0.5, 0.5), 1, 48000));
    arguments.push_back(name);
  }
  const ProgramResult result = tutti_program(arguments, folder.path());
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("a b\\nc.wav")) << "one line a file";
  const Json files = Json::parse(folder.read("out.json"))["files"];
  for (std::size_t i = 0; i < names.size(); ++i) EXPECT_EQ(files[i]["file"], names[i]);
}

TEST(Measure, EscapesNamesThatWouldSteerTheTerminal) {
  const TemporaryFolder folder;
  const std::string name = "\x1b]0;gone\a\xE9.wav";
  folder.write(name, wav_bytes(sine(440, 0.5, 0.5), 1, 48000));
  const ProgramResult table = tutti_program({"measure", name}, folder.path());
  EXPECT_EQ(table.exit_code, 0);
  EXPECT_THAT(table.out, Not(HasSubstr("\x1b")));
  EXPECT_THAT(table.out, HasSubstr("\\x1b]0;gone\\x07\\xe9.wav"));
  const ProgramResult json = tutti_program({"measure", name, "--json", "-"}, folder.path());
  EXPECT_EQ(Json::parse(json.out)["files"][0]["file"], "\x1b]0;gone\a\\xe9.wav");
  const ProgramResult missing = tutti_program({"measure", name + "x"}, folder.path());
  EXPECT_THAT(missing.err, Not(HasSubstr("\x1b")));
}

TEST(Measure, PrintsCommaSeparatedValues) {
  const TemporaryFolder folder;
  folder.write("a,b.wav", wav_bytes(sine(440, 0.5, 0.5), 1, 48000));
  const ProgramResult result = tutti_program({"measure", "--csv", "a,b.wav"}, folder.path());
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out, ::testing::StartsWith("file,duration_s,"));
  EXPECT_THAT(result.out, HasSubstr("\n\"a,b.wav\",0.5,48000,1,mono,"));
}

TEST(Measure, SaysThatALayoutIsUnknown) {
  const TemporaryFolder folder;
  folder.write("seven.wav", wav_bytes(sine(440, 0.1, 1, 7), 7, 48000));
  const ProgramResult result = tutti_program({"measure", "seven.wav"}, folder.path());
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("note: seven.wav: unknown loudspeaker layout"));
}

TEST(Measure, ReadsKSystemScalesWithTheSineConvention) {
  // A sine of −20 dBFS peak is −20 dB RMS by the sine convention: 0 on K-20, −6 on K-14.
  const TemporaryFolder folder;
  folder.write("tone.wav", wav_bytes(sine(1000, 0.1, 2), 1, 48000));
  for (const auto& [scale, reading] :
       {std::pair("20", 0.0), std::pair("14", -6.0), std::pair("12", -8.0)}) {
    const ProgramResult result =
        tutti_program({"measure", "tone.wav", "--k-system", scale, "--json", "-"}, folder.path());
    const Json k_system = Json::parse(result.out)["files"][0]["k_system"];
    EXPECT_NEAR(k_system["average_max_db"], reading, 1e-3);
    EXPECT_NEAR(k_system["average_db"], reading, 1e-3);
    EXPECT_NEAR(k_system["peak_db"], reading, 1e-2);
  }
}

TEST(Measure, FindsTheLoudest600MsOfTheLoudestChannel) {
  // Right channel: 0.6 s at 0.5 from 1.0 s on, between quieter sound; left: silence.
  const TemporaryFolder folder;
  std::vector<float> samples = sine(1000, 1, 3, 2);
  for (std::size_t n = 0; n < samples.size() / 2; ++n) {
    samples[2 * n] = 0;
    samples[2 * n + 1] *= n >= 48000 && n < 48000 + 28800 ? 0.5f : 0.05f;
  }
  folder.write("burst.wav", wav_bytes(samples, 2, 48000));
  const ProgramResult result =
      tutti_program({"measure", "burst.wav", "--k-system", "20", "--json", "-"}, folder.path());
  const Json k_system = Json::parse(result.out)["files"][0]["k_system"];
  EXPECT_NEAR(k_system["average_max_db"], 20 + 20 * std::log10(0.5), 1e-3);
}

TEST(Measure, ReplacesItsOwnReportOfYesterday) {
  const TemporaryFolder folder;
  folder.write("tone.wav", wav_bytes(sine(440, 0.5, 0.5), 1, 48000));
  folder.write("out.json", "{\"old\": true}");
  EXPECT_EQ(tutti_program({"measure", "tone.wav", "--json", "out.json"}, folder.path()).exit_code,
            0);
  EXPECT_TRUE(Json::parse(folder.read("out.json")).contains("files"));
  EXPECT_EQ(folder.names().size(), 2u);
}

TEST(Measure, WritesToSpecialFilesWithoutReplacingThem) {
  const TemporaryFolder folder;
  folder.write("tone.wav", wav_bytes(sine(440, 0.5, 0.5), 1, 48000));
  const ProgramResult result =
      tutti_program({"measure", "tone.wav", "--json", "/dev/stderr"}, folder.path());
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_TRUE(Json::parse(result.err).contains("files"));
}

TEST(Measure, DoesNotMixTwoDocumentsOnStandardOutput) {
  const TemporaryFolder folder;
  folder.write("tone.wav", wav_bytes(sine(440, 0.5, 0.5), 1, 48000));
  const ProgramResult mixed =
      tutti_program({"measure", "tone.wav", "--csv", "--json", "-"}, folder.path());
  EXPECT_EQ(mixed.exit_code, 2);
  EXPECT_THAT(mixed.out, IsEmpty());
  const ProgramResult both =
      tutti_program({"measure", "tone.wav", "--csv", "--json", "m.json"}, folder.path());
  EXPECT_EQ(both.exit_code, 0) << both.err;
  EXPECT_THAT(both.out, ::testing::StartsWith("file,"));
  EXPECT_TRUE(Json::parse(folder.read("m.json")).contains("files"));
}

TEST(Measure, IsQuietAndShowsProgressWhenAsked) {
  const TemporaryFolder folder;
  folder.write("tone.wav", wav_bytes(sine(440, 0.5, 2), 1, 48000));
  const ProgramResult quiet = tutti_program({"measure", "tone.wav", "-q"}, folder.path());
  EXPECT_EQ(quiet.exit_code, 0);
  EXPECT_THAT(quiet.out + quiet.err, IsEmpty());
  const ProgramResult shown =
      tutti_program({"measure", "tone.wav", "-q", "--progress", "json"}, folder.path());
  EXPECT_THAT(shown.err, HasSubstr("\"stage\":\"measure\""));
  EXPECT_THAT(shown.err, HasSubstr("\"done\":1000,\"total\":1000"));
}

TEST(Measure, ReadsNotANumberAsZeroWhenAsked) {
  const TemporaryFolder folder;
  std::vector<float> samples = sine(440, 0.5, 2);
  samples[5000] = std::nanf("");
  folder.write("nan.wav", wav_bytes(samples, 1, 48000));
  const ProgramResult refused = tutti_program({"measure", "nan.wav"}, folder.path());
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("NaN at frame 5000"));
  const ProgramResult result =
      tutti_program({"measure", "nan.wav", "--allow-non-finite"}, folder.path());
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("NaN at frame 5000"));
}

}  // namespace
}  // namespace tutti::test
