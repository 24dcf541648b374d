// SPDX-License-Identifier: Apache-2.0
#include "host/session/presets.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "host/session/issues.hpp"

namespace tutti {
namespace {

// The names that the interface promises, in its order.
constexpr const char* kNames[] = {"spotify",  "apple_music", "youtube",    "tidal",
                                  "amazon",   "deezer",      "soundcloud", "ebu_r128",
                                  "atsc_a85", "netflix",     "cd",         "archive"};

TEST(Presets, HaveThePromisedNames) {
  ASSERT_EQ(delivery_presets().size(), std::size(kNames));
  for (std::size_t i = 0; i < std::size(kNames); ++i) {
    EXPECT_EQ(delivery_presets()[i].name, kNames[i]);
    EXPECT_EQ(find_preset(kNames[i]), &delivery_presets()[i]);
  }
  EXPECT_EQ(find_preset("Spotify"), nullptr);
}

TEST(Presets, SayWhereEveryFigureComesFrom) {
  const std::set<std::string> grades = {"official", "standard", "secondary", "disputed", "choice"};
  for (const DeliveryPreset& preset : delivery_presets()) {
    EXPECT_FALSE(preset.description.empty()) << preset.name;
    EXPECT_FALSE(preset.source.empty()) << preset.name;
    EXPECT_TRUE(preset.date.starts_with("20")) << preset.name;
    EXPECT_EQ(grades.count(preset.ceiling_grade), 1u) << preset.name;
    EXPECT_EQ(grades.count(preset.format_grade), 1u) << preset.name;
    EXPECT_EQ(grades.count(preset.loudness_grade), preset.target_lufs ? 1u : 0u) << preset.name;
    EXPECT_LE(preset.ceiling_dbtp, 0) << preset.name;
  }
}

// Figures printed in the standards themselves.
TEST(Presets, HaveTheFiguresOfTheStandards) {
  EXPECT_EQ(find_preset("ebu_r128")->target_lufs, -23) << "EBU R 128";
  EXPECT_EQ(find_preset("ebu_r128")->ceiling_dbtp, -1);
  EXPECT_EQ(find_preset("atsc_a85")->target_lufs, -24) << "ATSC A/85";
  EXPECT_EQ(find_preset("atsc_a85")->ceiling_dbtp, -2);
  EXPECT_EQ(find_preset("netflix")->target_lufs, -27);
  EXPECT_FALSE(find_preset("cd")->target_lufs);
  EXPECT_EQ(find_preset("cd")->bit_depth, SampleFormat::pcm16) << "IEC 60908";
  EXPECT_EQ(find_preset("cd")->sample_rate_hz, 44100);
  EXPECT_FALSE(find_preset("archive")->target_lufs);
}

TEST(Presets, CarryTheDataFileOfTheSourceTree) {
  std::ifstream in(TUTTI_SOURCE_DIR "/data/presets.yaml");
  std::ostringstream text;
  text << in.rdbuf();
  const std::vector<DeliveryPreset> read = read_presets(text.str(), "presets.yaml");
  ASSERT_EQ(read.size(), delivery_presets().size());
  for (std::size_t i = 0; i < read.size(); ++i) {
    EXPECT_EQ(read[i].target_lufs, delivery_presets()[i].target_lufs);
    EXPECT_EQ(read[i].source, delivery_presets()[i].source);
  }
}

TEST(Presets, RefuseAFileThatIsNone) {
  const char* const texts[] = {"", "tutti_presets: 2\n",
                               "tutti_presets: 1\npresets: [{name: x, target_lufs: loud}]\n",
                               "tutti_presets: 1\npresets: [{name: x, colour: red}]\n"};
  for (const char* text : texts) EXPECT_THROW(read_presets(text, "p.yaml"), SessionError) << text;
}

}  // namespace
}  // namespace tutti
