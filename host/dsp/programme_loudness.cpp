// SPDX-License-Identifier: Apache-2.0
#include "host/dsp/programme_loudness.hpp"

#include <algorithm>
#include <vector>

#include "host/dsp/loudness.hpp"

namespace tutti {
namespace {

std::optional<double> louder(std::optional<double> a, std::optional<double> b) {
  if (!a || !b) return a ? a : b;
  return std::max(*a, *b);
}

std::optional<double> loudest_window(std::span<const MeterReadings* const> readings,
                                     int window_bins) {
  std::optional<double> loudest;
  for (const MeterReadings* programme : readings)
    loudest = louder(loudest, loudest_lufs(window_powers(programme->bin_energies,
                                                         programme->sample_rate_hz, window_bins,
                                                         /*hop_bins=*/1)));
  return loudest;
}

}  // namespace

std::optional<double> programme_loudness_lufs(std::span<const MeterReadings* const> readings,
                                              LoudnessMode mode, AlbumLoudness album) {
  if (mode == LoudnessMode::short_term) return loudest_window(readings, kShortTermBins);
  if (mode == LoudnessMode::momentary) return loudest_window(readings, kMomentaryBins);
  std::optional<double> loudest;
  std::vector<double> pool;
  for (const MeterReadings* programme : readings) {
    const std::vector<double> powers = gating_block_powers(*programme);
    loudest = louder(loudest, gated_loudness_lufs(powers));
    pool.insert(pool.end(), powers.begin(), powers.end());
  }
  return album == AlbumLoudness::loudest_track ? loudest : gated_loudness_lufs(pool);
}

std::optional<double> programme_loudness_lufs(const Measurement& measured, LoudnessMode mode) {
  if (mode == LoudnessMode::short_term) return measured.short_term_max_lufs;
  if (mode == LoudnessMode::momentary) return measured.momentary_max_lufs;
  return measured.integrated_lufs;
}

}  // namespace tutti
