// SPDX-License-Identifier: Apache-2.0
#include "host/report/measured_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

namespace tutti {
namespace {

using Json = nlohmann::ordered_json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// The fields of `tutti measure --json`, in the order of the interface.
const std::vector<std::string> kFields = {"file",
                                          "duration_s",
                                          "sample_rate_hz",
                                          "channels",
                                          "layout",
                                          "integrated_lufs",
                                          "momentary_max_lufs",
                                          "short_term_max_lufs",
                                          "loudness_range_lu",
                                          "true_peak_dbtp",
                                          "sample_peak_dbfs",
                                          "rms_dbfs",
                                          "plr_db",
                                          "psr_min_db",
                                          "dc_offset",
                                          "clipped_samples",
                                          "correlation",
                                          "error"};

MeasuredFile full_file() {
  Measurement m;
  m.sample_rate_hz = 44100;
  m.channels = 2;
  m.frames = 66150;
  m.integrated_lufs = -14.5;
  m.momentary_max_lufs = -10.25;
  m.short_term_max_lufs = -11.5;
  m.loudness_range_lu = 6;
  m.true_peak_dbtp = -1.5;
  m.sample_peak_dbfs = -2;
  m.rms_dbfs = -17;
  m.plr_db = 13;
  m.psr_min_db = 9;
  m.dc_offset = 0.125;
  m.clipped_samples = 3;
  m.correlation = 0.5;
  MeasuredFile file;
  file.file = "mix \"final\", take 2.wav";
  file.layout = "stereo";
  file.measurement = m;
  return file;
}

std::vector<std::string> keys_of(const Json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.push_back(key);
  return keys;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

TEST(MeasuredFileJson, HasExactlyTheFieldsOfTheInterface) {
  const Json json = measured_file_json(full_file());
  EXPECT_EQ(keys_of(json), kFields);
  EXPECT_EQ(json["file"], "mix \"final\", take 2.wav");
  EXPECT_EQ(json["duration_s"], 1.5);
  EXPECT_EQ(json["sample_rate_hz"].dump(), "44100");
  EXPECT_EQ(json["channels"], 2);
  EXPECT_EQ(json["layout"], "stereo");
  EXPECT_EQ(json["integrated_lufs"], -14.5);
  EXPECT_EQ(json["momentary_max_lufs"], -10.25);
  EXPECT_EQ(json["short_term_max_lufs"], -11.5);
  EXPECT_EQ(json["loudness_range_lu"], 6.0);
  EXPECT_EQ(json["true_peak_dbtp"], -1.5);
  EXPECT_EQ(json["sample_peak_dbfs"], -2.0);
  EXPECT_EQ(json["rms_dbfs"], -17.0);
  EXPECT_EQ(json["plr_db"], 13.0);
  EXPECT_EQ(json["psr_min_db"], 9.0);
  EXPECT_EQ(json["dc_offset"], 0.125);
  EXPECT_EQ(json["clipped_samples"], 3);
  EXPECT_EQ(json["correlation"], 0.5);
  EXPECT_TRUE(json["error"].is_null());
}

TEST(MeasuredFileJson, WritesNullForWhatDoesNotExist) {
  MeasuredFile file;
  file.file = "silence.wav";
  file.measurement = Measurement{};
  file.measurement->sample_rate_hz = 48000;
  file.measurement->channels = 1;
  file.measurement->rms_dbfs = -INFINITY;  // must not become a made-up number either
  const Json json = measured_file_json(file);
  for (const char* key : {"layout", "integrated_lufs", "momentary_max_lufs", "short_term_max_lufs",
                          "loudness_range_lu", "true_peak_dbtp", "sample_peak_dbfs", "rms_dbfs",
                          "plr_db", "psr_min_db", "correlation", "error"})
    EXPECT_TRUE(json[key].is_null()) << key;
  EXPECT_EQ(json["clipped_samples"], 0);
  EXPECT_EQ(json["duration_s"], 0.0);
}

TEST(MeasuredFileJson, KeepsEveryFieldWhenTheFileFailed) {
  MeasuredFile file;
  file.file = "gone.wav";
  file.error = "gone.wav: cannot be opened";
  const Json json = measured_file_json(file);
  EXPECT_EQ(keys_of(json), kFields);
  EXPECT_EQ(json["error"], "gone.wav: cannot be opened");
  EXPECT_TRUE(json["channels"].is_null());
  EXPECT_TRUE(json["clipped_samples"].is_null());
}

TEST(MeasuredFileJson, StaysValidWhateverTheFileNameIs) {
  MeasuredFile file = full_file();
  file.file = "caf\xE9\n\x1b.wav";
  const Json document = Json::parse(measured_files_json({&file, 1}));
  EXPECT_EQ(document["files"][0]["file"], "caf\\xe9\n\x1b.wav");
}

TEST(MeasuredFileCsv, QuotesAsTheStandardSaysAndLeavesEmptyWhatDoesNotExist) {
  MeasuredFile files[] = {full_file(), {}};
  files[1].file = "gone.wav";
  files[1].error = "not there";
  const std::vector<std::string> lines = lines_of(measured_files_csv(files));
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0],
            "file,duration_s,sample_rate_hz,channels,layout,integrated_lufs,momentary_max_lufs,"
            "short_term_max_lufs,loudness_range_lu,true_peak_dbtp,sample_peak_dbfs,rms_dbfs,plr_db,"
            "psr_min_db,dc_offset,clipped_samples,correlation,error");
  EXPECT_EQ(lines[1],
            "\"mix \"\"final\"\", take 2.wav\",1.5,44100,2,stereo,-14.5,-10.25,-11.5,6.0,-1.5,-2.0,"
            "-17.0,13.0,9.0,0.125,3,0.5,");
  EXPECT_EQ(lines[2], "gone.wav,,,,,,,,,,,,,,,,,not there");
}

TEST(MeasuredFileText, ShowsDashesForWhatDoesNotExist) {
  MeasuredFile file;
  file.file = "bad\x1bname.wav";
  file.measurement = Measurement{};
  file.measurement->sample_rate_hz = 48000;
  file.measurement->channels = 7;
  file.notes = {"unknown layout"};
  const std::string text = measured_files_text({&file, 1});
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_THAT(text, HasSubstr("bad\\x1bname.wav"));
  EXPECT_THAT(text, HasSubstr("48 kHz 7 ch"));
  EXPECT_THAT(text, HasSubstr("note: bad\\x1bname.wav: unknown layout"));
  EXPECT_EQ(text.find("nan"), std::string::npos);
  EXPECT_EQ(text.find("inf"), std::string::npos);
}

TEST(MeasuredFileText, ShowsKSystemReadingsWhenThereAreSome) {
  MeasuredFile file = full_file();
  EXPECT_EQ(measured_files_text({&file, 1}).find("K-"), std::string::npos);
  file.k_system = KSystemReading{14, 1.5, -2.0, 12.0};
  EXPECT_THAT(measured_files_text({&file, 1}), HasSubstr("K-14"));
  EXPECT_EQ(measured_file_json(file)["k_system"]["average_max_db"], 1.5);
}

}  // namespace
}  // namespace tutti
