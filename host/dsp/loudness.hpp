// SPDX-License-Identifier: Apache-2.0
// Programme loudness: K-weighting, 10 ms energy bins, windows, gates and range
// [BS1770-5; Tech3341; Tech3342].
#pragma once

#include <cmath>
#include <complex>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "host/audio/host_device.hpp"
#include "host/audio/units.hpp"
#include "host/dsp/biquad.hpp"

namespace tutti {

/// The two sections of the K-weighting filter, in the order of the standard.
struct KWeightingDesign {
  BiquadDesign shelf;
  BiquadDesign high_pass;
};

/// The filter at any rate (≥ 8 kHz): "the same frequency response that the specified filter
/// provides at 48 kHz" [BS1770-5, Annex 1]. At 48 kHz it is the table of the standard.
KWeightingDesign k_weighting(double sample_rate_hz);

std::complex<double> response(const KWeightingDesign& design, double omega);

/// All loudness figures come from energies of 10 ms bins; the windows of the standards are whole
/// numbers of them.
inline constexpr int kBinsPerSecond = 100;
inline constexpr int kMomentaryBins = 40;   // 400 ms, also the gating block
inline constexpr int kShortTermBins = 300;  // 3 s
inline constexpr int kGatingHopBins = 10;   // 75 % overlap of 400 ms; 10 Hz for the range

/// First frame of a bin: the sample nearest to its time, so that bins never drift at any rate.
TUTTI_HOST_DEVICE inline Frames bin_start(std::int64_t bin, double sample_rate_hz) {
  return static_cast<Frames>(llround(static_cast<double>(bin) * sample_rate_hz / kBinsPerSecond));
}

/// The bin that holds a frame ≥ 0.
TUTTI_HOST_DEVICE inline std::int64_t bin_at(Frames frame, double sample_rate_hz) {
  auto bin =
      static_cast<std::int64_t>(static_cast<double>(frame) * kBinsPerSecond / sample_rate_hz);
  while (bin_start(bin, sample_rate_hz) > frame) --bin;
  while (bin_start(bin + 1, sample_rate_hz) <= frame) ++bin;
  return bin;
}

/// Mean channel-weighted power of every complete window of `window_bins`, one each `hop_bins`.
/// `bin_energies`: Σ over channels and frames of G·y² for each bin.
std::vector<double> window_powers(std::span<const double> bin_energies, double sample_rate_hz,
                                  int window_bins, int hop_bins);

/// −0.691 + 10·log10(power) [BS1770-5, eq. 2]; −inf for silence.
double power_to_lufs(double power);
/// Inverse of power_to_lufs.
double lufs_to_power(double level_lufs);

/// Gated loudness of 400 ms blocks: absolute gate −70 LUFS, relative gate −10 LU, both strict
/// [BS1770-5, eq. 5–7]. Blocks of several tracks may be pooled. Empty when no block passes.
std::optional<double> gated_loudness_lufs(std::span<const double> block_powers);

/// Loudness range of 3 s windows taken at ≥ 10 Hz: 95th − 10th percentile over the gates −70 LUFS
/// and −20 LU [Tech3342]. Empty when no window passes.
std::optional<double> loudness_range_lu(std::span<const double> short_term_powers);

/// Loudness of the loudest window, or empty when there is none or all are silent.
std::optional<double> loudest_lufs(std::span<const double> powers);

}  // namespace tutti
