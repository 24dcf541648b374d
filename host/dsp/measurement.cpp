// SPDX-License-Identifier: Apache-2.0
#include "host/dsp/measurement.hpp"

#include <algorithm>
#include <cmath>

#include "host/dsp/loudness.hpp"

namespace tutti {
namespace {

constexpr int kWindowPeaks = kShortTermBins / kMeterPeakBins;

/// Energies of the bins that the programme fills.
std::span<const double> complete_bins(const MeterReadings& readings) {
  std::size_t complete = readings.bin_energies.size();
  while (complete > 0 &&
         bin_start(static_cast<std::int64_t>(complete), readings.sample_rate_hz) > readings.frames)
    --complete;
  return std::span(readings.bin_energies).first(complete);
}

std::optional<double> least_psr_db(std::span<const float> peaks,
                                   std::span<const double> short_term_powers) {
  std::optional<double> least;
  for (std::size_t w = 0; w < short_term_powers.size(); ++w) {
    const double level_lufs = power_to_lufs(short_term_powers[w]);
    if (!(level_lufs > -70))
      continue;  // the absolute gate: noise floors have no dynamics to speak of
    const std::span<const float> window = peaks.subspan(w, kWindowPeaks);
    const double psr_db =
        linear_to_db(*std::max_element(window.begin(), window.end())) - level_lufs;
    if (!least || psr_db < *least) least = psr_db;
  }
  return least;
}

void report_loudness(const MeterReadings& readings, Measurement& result) {
  const std::span<const double> heard = complete_bins(readings);
  const auto powers = [&](int window_bins, int hop_bins) {
    return window_powers(heard, readings.sample_rate_hz, window_bins, hop_bins);
  };
  const std::vector<double> short_term = powers(kShortTermBins, kGatingHopBins);
  result.integrated_lufs = gated_loudness_lufs(gating_block_powers(readings));
  result.momentary_max_lufs = loudest_lufs(powers(kMomentaryBins, 1));
  result.short_term_max_lufs = loudest_lufs(powers(kShortTermBins, 1));
  result.loudness_range_lu = loudness_range_lu(short_term);
  if (!readings.parts.true_peak) return;
  result.psr_min_db = least_psr_db(readings.true_peaks, short_term);
  if (result.integrated_lufs && result.true_peak_dbtp)
    result.plr_db = *result.true_peak_dbtp - *result.integrated_lufs;
}

void report_true_peak(const MeterReadings& readings, Measurement& result) {
  const std::vector<float>& peaks = readings.true_peaks;
  const float peak = peaks.empty() ? 0 : *std::max_element(peaks.begin(), peaks.end());
  if (peak > 0) result.true_peak_dbtp = linear_to_db(peak);
}

void report_statistics(const MeterReadings& readings, Measurement& result) {
  result.clipped_samples = readings.clipped_samples;
  if (readings.sample_peak > 0) result.sample_peak_dbfs = linear_to_db(readings.sample_peak);
  const auto frames = static_cast<double>(readings.frames);
  double squares = 0;
  for (const ChannelSums& channel : readings.sums) {
    squares += channel.squares;
    if (readings.frames == 0) continue;
    const double offset = channel.sum / frames;
    if (std::abs(offset) > std::abs(result.dc_offset)) result.dc_offset = offset;
  }
  if (squares > 0)
    result.rms_dbfs = power_to_db(squares / (frames * static_cast<double>(readings.channels)));
  if (readings.channels != 2) return;
  const double power = std::sqrt(readings.sums[0].squares) * std::sqrt(readings.sums[1].squares);
  if (power > 0) result.correlation = std::clamp(readings.product / power, -1.0, 1.0);
}

}  // namespace

std::vector<double> gating_block_powers(const MeterReadings& readings) {
  return window_powers(complete_bins(readings), readings.sample_rate_hz, kMomentaryBins,
                       kGatingHopBins);
}

Measurement assemble_measurement(const MeterReadings& readings) {
  Measurement result;
  result.sample_rate_hz = readings.sample_rate_hz;
  result.channels = readings.channels;
  result.frames = readings.frames;
  if (readings.parts.statistics) report_statistics(readings, result);
  if (readings.parts.true_peak) report_true_peak(readings, result);
  if (readings.parts.loudness) report_loudness(readings, result);
  return result;
}

}  // namespace tutti
