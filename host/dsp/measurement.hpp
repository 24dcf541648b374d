// SPDX-License-Identifier: Apache-2.0
// What a level and loudness meter says of a signal.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "host/audio/units.hpp"

namespace tutti {

/// Levels that do not exist (silence, too short) are empty, never a made-up number.
struct Measurement {
  double sample_rate_hz = 0;
  int channels = 0;
  Frames frames = 0;
  std::optional<double> integrated_lufs;      ///< BS.1770-5, gated
  std::optional<double> momentary_max_lufs;   ///< 400 ms, 10 ms hop
  std::optional<double> short_term_max_lufs;  ///< 3 s, 10 ms hop
  std::optional<double> loudness_range_lu;    ///< EBU Tech 3342, 100 ms hop
  std::optional<double> true_peak_dbtp;       ///< 16×, 64 taps a phase
  std::optional<double> sample_peak_dbfs;
  std::optional<double> rms_dbfs;     ///< all channels, full-scale square = 0 dB
  std::optional<double> plr_db;       ///< true peak − integrated
  std::optional<double> psr_min_db;   ///< least true peak − short-term of the audible 3 s windows
  double dc_offset = 0;               ///< largest mean of a channel by magnitude
  std::int64_t clipped_samples = 0;   ///< samples at or over 32767/32768, the top of 16 bits
  std::optional<double> correlation;  ///< of the first two channels; stereo only
};

/// What a Meter measures; figures of parts that are off stay empty.
struct MeterParts {
  bool loudness = true;    ///< integrated, momentary, short-term, range
  bool true_peak = true;   ///< true peak; PLR and PSR need loudness too
  bool statistics = true;  ///< sample peak, RMS, DC, clipping, correlation
};

/// The largest positive sample of a 16-bit file. At this level or over it a converter has nothing
/// left.
inline constexpr float kFullScale = 32767.0F / 32768.0F;

/// True peaks are kept for every 100 ms, the hop of the PSR.
inline constexpr int kMeterPeakBins = 10;

/// Σ x and Σ x² of one channel.
struct ChannelSums {
  double sum = 0;
  double squares = 0;
};

/// What a backend's meter has added up at the end of a stream.
struct MeterReadings {
  double sample_rate_hz = 0;
  int channels = 0;
  Frames frames = 0;
  MeterParts parts;
  std::vector<double> bin_energies;  ///< Σ over channels of G·y² per 10 ms; the last may be open
  std::vector<float> true_peaks;     ///< highest of all channels per kMeterPeakBins bins
  float sample_peak = 0;
  std::vector<ChannelSums> sums;  ///< per channel
  double product = 0;             ///< Σ of first channel × second channel
  std::int64_t clipped_samples = 0;
};

Measurement assemble_measurement(const MeterReadings& readings);

/// Mean powers of the 400 ms gating blocks.
std::vector<double> gating_block_powers(const MeterReadings& readings);

}  // namespace tutti
