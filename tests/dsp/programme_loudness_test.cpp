// SPDX-License-Identifier: Apache-2.0
// Programmes whose 10 ms energies are written down, and what the standards' sums make of them.
#include "host/dsp/programme_loudness.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "host/dsp/loudness.hpp"

namespace tutti::test {
namespace {

/// Seconds at a steady level: energy is the mean power times the frames of a bin.
MeterReadings programme(std::vector<std::pair<double, double>> seconds_at_lufs) {
  MeterReadings readings;
  readings.sample_rate_hz = 48000;
  for (const auto& [seconds, lufs] : seconds_at_lufs)
    readings.bin_energies.insert(readings.bin_energies.end(),
                                 static_cast<std::size_t>(seconds * kBinsPerSecond),
                                 std::pow(10, (lufs + 0.691) / 10) * 480);
  readings.frames = static_cast<Frames>(readings.bin_energies.size()) * 480;
  return readings;
}

std::optional<double> loudness(const std::vector<MeterReadings>& all, LoudnessMode mode,
                               AlbumLoudness album = AlbumLoudness::pooled) {
  std::vector<const MeterReadings*> pointers;
  for (const MeterReadings& one : all) pointers.push_back(&one);
  return programme_loudness_lufs(pointers, mode, album);
}

double power_mean(std::initializer_list<std::pair<double, double>> blocks_at_lufs) {
  double sum = 0, count = 0;
  for (const auto& [blocks, lufs] : blocks_at_lufs) {
    sum += blocks * std::pow(10, lufs / 10);
    count += blocks;
  }
  return 10 * std::log10(sum / count);
}

// n seconds have 10·n − 3 blocks of 400 ms; the blocks of all tracks pass one gate.
TEST(ProgrammeLoudness, PoolsTheBlocksOfAnAlbum) {
  const std::vector<MeterReadings> album = {programme({{10, -20}}), programme({{4, -24}})};
  EXPECT_NEAR(*loudness(album, LoudnessMode::integrated), power_mean({{97, -20}, {37, -24}}), 1e-9);
  EXPECT_NEAR(*loudness(album, LoudnessMode::integrated, AlbumLoudness::loudest_track), -20, 1e-9);
  // A track 30 dB down does not pass the relative gate of the whole.
  const std::vector<MeterReadings> uneven = {programme({{10, -20}}), programme({{4, -50}})};
  EXPECT_NEAR(*loudness(uneven, LoudnessMode::integrated), -20, 1e-9);
}

TEST(ProgrammeLoudness, TakesTheLoudestWindowOfAll) {
  const std::vector<MeterReadings> two = {programme({{4, -30}, {0.4, -10}, {4, -30}}),
                                          programme({{2, -40}, {3, -15}, {2, -40}})};
  EXPECT_NEAR(*loudness(two, LoudnessMode::momentary), -10, 1e-9);
  EXPECT_NEAR(*loudness(two, LoudnessMode::short_term), -15, 1e-9);
}

TEST(ProgrammeLoudness, IsEmptyForSilenceAndWhatIsTooShort) {
  EXPECT_FALSE(loudness({programme({{10, -90}})}, LoudnessMode::integrated));
  EXPECT_FALSE(loudness({programme({{0.3, -20}})}, LoudnessMode::integrated));
  EXPECT_FALSE(loudness({programme({{2.9, -20}})}, LoudnessMode::short_term));
  EXPECT_TRUE(loudness({programme({{2.9, -20}})}, LoudnessMode::momentary));
  EXPECT_FALSE(loudness({}, LoudnessMode::integrated));
}

}  // namespace
}  // namespace tutti::test
