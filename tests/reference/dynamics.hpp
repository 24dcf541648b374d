// SPDX-License-Identifier: Apache-2.0
// What the slow truths of compressor, expander and gate share: what they hear, the level in dB, the
// link between channels, and the delayed, blended application of a gain.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "host/dsp/sidechain.hpp"
#include "tests/reference/biquad.hpp"

namespace tutti::reference {

/// [channel][frame].
using Signal = std::vector<std::vector<double>>;

/// Level of silence: 2^−60, about −361 dB.
inline double level_db(double amplitude) {
  return 20 * std::log10(std::max(std::abs(amplitude), std::exp2(-60.0)));
}

/// The pole of a one-pole that covers 63 % of a step in `time_ms`.
inline double pole(double time_ms, double sample_rate_hz) {
  return time_ms > 0 ? std::exp(-1000.0 / (time_ms * sample_rate_hz)) : 0.0;
}

/// The signal the detector hears: the key if there is one, high-passed if asked.
inline Signal heard(const Signal& input, const Signal& key,
                    const std::optional<SidechainSpec>& sidechain, double sample_rate_hz) {
  Signal out = key.empty() ? input : key;
  if (!sidechain || !sidechain->high_pass_hz) return out;
  for (auto& channel : out) {
    const auto filtered = filter(butterworth_high_pass(*sidechain->high_pass_hz, sample_rate_hz),
                                 std::vector<long double>(channel.begin(), channel.end()));
    channel.assign(filtered.begin(), filtered.end());
  }
  return out;
}

/// link · loudest + (1 − link) · own, in dB.
inline void link_levels(Signal& levels_db, double link) {
  for (std::size_t n = 0; n < levels_db[0].size(); ++n) {
    double loudest = levels_db[0][n];
    for (const auto& channel : levels_db) loudest = std::max(loudest, channel[n]);
    for (auto& channel : levels_db) channel[n] = link * loudest + (1 - link) * channel[n];
  }
}

/// Quadratic knee of the paper's eq. 4 for a ratio's slope beyond the threshold: how far the output
/// level departs from the input level, in dB. `over_db` = distance past the threshold.
inline double knee_db(double over_db, double width_db, double slope) {
  if (2 * over_db < -width_db) return 0;
  if (2 * std::abs(over_db) <= width_db && width_db > 0) {
    return slope * (over_db + width_db / 2) * (over_db + width_db / 2) / (2 * width_db);
  }
  return slope * over_db;
}

/// y[n] = x[n − delay] · (mix · gain[n] + 1 − mix).
inline Signal apply(const Signal& input, const Signal& gain, double delay_ms, double mix,
                    double sample_rate_hz) {
  const auto delay = static_cast<std::size_t>(std::llround(delay_ms * sample_rate_hz / 1000));
  Signal out = input;
  for (std::size_t c = 0; c < input.size(); ++c) {
    for (std::size_t n = 0; n < input[c].size(); ++n) {
      const double x = n < delay ? 0.0 : input[c][n - delay];
      out[c][n] = x * (mix * gain[c][n] + (1 - mix));
    }
  }
  return out;
}

}  // namespace tutti::reference
