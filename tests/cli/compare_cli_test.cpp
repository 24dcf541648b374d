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

class Compare : public ::testing::Test {
 protected:
  // Writes a.wav and b.wav and compares them.
  ProgramResult run(const std::vector<float>& a, const std::vector<float>& b, int channels,
                    std::vector<std::string> options = {}) {
    folder_.write("a.wav", wav_bytes(a, channels, 48000));
    folder_.write("b.wav", wav_bytes(b, channels, 48000));
    std::vector<std::string> arguments = {"compare", "a.wav", "b.wav", "--json", "-"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    ProgramResult result = tutti_program(arguments, folder_.path());
    if (!result.out.empty()) json_ = Json::parse(result.out);
    return result;
  }

  TemporaryFolder folder_;
  Json json_;
};

TEST_F(Compare, CallsEqualFilesIdentical) {
  const std::vector<float> sound = noise(0.5, 96000);
  EXPECT_EQ(run(sound, sound, 2, {"--tolerance", "-200"}).exit_code, 0);
  EXPECT_EQ(json_["identical"], true);
  EXPECT_EQ(json_["within_tolerance"], true);
  EXPECT_TRUE(json_["peak_difference_dbfs"].is_null());
  EXPECT_TRUE(json_["rms_difference_dbfs"].is_null());
  EXPECT_TRUE(json_["first_difference_frame"].is_null());
  EXPECT_EQ(json_["offset_frames"], 0);
}

TEST_F(Compare, FindsOneSampleThatDiffers) {
  const std::vector<float> a = noise(0.25, 96000);
  std::vector<float> b = a;
  b[2 * 31234 + 1] += 0.125f;
  EXPECT_EQ(run(a, b, 2).exit_code, 0) << "without a tolerance the result is only reported";
  EXPECT_EQ(json_["identical"], false);
  EXPECT_EQ(json_["first_difference_frame"], 31234);
  EXPECT_NEAR(json_["peak_difference_dbfs"], 20 * std::log10(0.125), 1e-5);
  EXPECT_NEAR(json_["rms_difference_dbfs"], 20 * std::log10(0.125) - 10 * std::log10(96000), 1e-4);
  EXPECT_TRUE(json_["within_tolerance"].is_null());
}

TEST_F(Compare, EndsWithOneAboveTheToleranceOnly) {
  const std::vector<float> a = noise(0.25, 4800);
  std::vector<float> b = a;
  b[100] += 0.001f;  // −60 dBFS
  EXPECT_EQ(run(a, b, 1, {"--tolerance", "-61"}).exit_code, 1);
  EXPECT_EQ(json_["within_tolerance"], false);
  EXPECT_EQ(run(a, b, 1, {"--tolerance", "-59"}).exit_code, 0);
  EXPECT_EQ(json_["within_tolerance"], true);
  EXPECT_EQ(run(a, b, 1, {"--tolerance=-inf"}).exit_code, 1);
  EXPECT_EQ(run(a, a, 1, {"--tolerance=-inf"}).exit_code, 0);
}

TEST_F(Compare, CountsWhatOnlyOneFileHasAsADifference) {
  const std::vector<float> a = noise(0.25, 4800);
  std::vector<float> b = a;
  b.resize(4000);
  run(a, b, 1);
  EXPECT_EQ(json_["identical"], false);
  EXPECT_EQ(json_["first_difference_frame"], 4000);
  std::vector<float> padded = a;
  padded.resize(6000);
  run(a, padded, 1);
  EXPECT_EQ(json_["identical"], false) << "silence at the end is a difference too";
  EXPECT_EQ(json_["first_difference_frame"], 4800);
  EXPECT_TRUE(json_["peak_difference_dbfs"].is_null());
}

TEST_F(Compare, FindsOffsetGainAndPolarity) {
  const std::vector<float> a = noise(0.25, 2 * 40000);
  std::vector<float> b(2 * 1234);
  for (const float sample : a) b.push_back(-0.5f * sample);
  EXPECT_EQ(run(a, b, 2, {"--align", "--tolerance", "-140"}).exit_code, 0);
  EXPECT_EQ(json_["offset_frames"], 1234);
  EXPECT_NEAR(json_["gain_db"], -6.0206, 1e-3);
  EXPECT_EQ(json_["polarity"], "inverted");
  EXPECT_EQ(json_["identical"], false);
}

TEST_F(Compare, FindsANegativeOffsetUnderNoise) {
  // b begins 0.75 s into a and carries other noise 12 dB below.
  const std::vector<float> a = noise(0.25, 200000, 1);
  std::vector<float> b(a.begin() + 36000, a.end());
  const std::vector<float> other = noise(0.0625, b.size(), 2);
  for (std::size_t n = 0; n < b.size(); ++n) b[n] += other[n];
  run(a, b, 1, {"--align"});
  EXPECT_EQ(json_["offset_frames"], -36000);
  EXPECT_NEAR(json_["gain_db"], 0, 0.1);
  EXPECT_EQ(json_["polarity"], "normal");
  EXPECT_NEAR(json_["rms_difference_dbfs"], 20 * std::log10(0.0625 / std::sqrt(3)), 0.1);
}

TEST_F(Compare, AlignsAWideSignalThatVanishesInMono) {
  const std::vector<float> side = noise(0.25, 50000);
  std::vector<float> a, b(2 * 777);
  for (const float sample : side) a.insert(a.end(), {sample, -sample});
  b.insert(b.end(), a.begin(), a.end());
  run(a, b, 2, {"--align"});
  EXPECT_EQ(json_["offset_frames"], 777);
  EXPECT_TRUE(json_["peak_difference_dbfs"].is_null());
}

TEST_F(Compare, SaysThatUnrelatedFilesCanNotBeAligned) {
  run(noise(0.25, 100000, 1), noise(0.25, 100000, 2), 1, {"--align"});
  EXPECT_TRUE(json_["offset_frames"].is_null());
  EXPECT_TRUE(json_["gain_db"].is_null());
  EXPECT_TRUE(json_["polarity"].is_null());
  EXPECT_FALSE(json_["peak_difference_dbfs"].is_null()) << "the unmoved difference is reported";
  run(std::vector<float>(5000), noise(0.25, 5000), 1, {"--align"});
  EXPECT_TRUE(json_["offset_frames"].is_null()) << "silence";
}

TEST_F(Compare, RefusesOtherRatesAndChannels) {
  folder_.write("mono.wav", wav_bytes(noise(0.5, 4800), 1, 48000));
  folder_.write("stereo.wav", wav_bytes(noise(0.5, 9600), 2, 48000));
  folder_.write("slow.wav", wav_bytes(noise(0.5, 4410), 1, 44100));
  const ProgramResult channels =
      tutti_program({"compare", "mono.wav", "stereo.wav"}, folder_.path());
  EXPECT_EQ(channels.exit_code, 2);
  EXPECT_THAT(channels.err, HasSubstr("different numbers of channels, 1 and 2"));
  const ProgramResult rates = tutti_program({"compare", "mono.wav", "slow.wav"}, folder_.path());
  EXPECT_EQ(rates.exit_code, 2);
  EXPECT_THAT(rates.err, HasSubstr("different sample rates, 48 kHz and 44.1 kHz"));
}

TEST_F(Compare, PrintsForPeople) {
  folder_.write("a.wav", wav_bytes(noise(0.5, 4800), 1, 48000));
  const ProgramResult result = tutti_program({"compare", "a.wav", "a.wav"}, folder_.path());
  EXPECT_THAT(result.out, HasSubstr("identical"));
}

}  // namespace
}  // namespace tutti::test
