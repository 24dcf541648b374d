// SPDX-License-Identifier: Apache-2.0
// The slow truth of the compressor, written from [Giannoulis2012]: level in dB, eq. 4, then eq. 17
// (smooth decoupled) or eq. 16 (smooth branching) on the gain reduction in dB.
#pragma once

#include "host/dsp/compressor.hpp"
#include "tests/reference/dynamics.hpp"

namespace tutti::reference {

inline Signal compress(const CompressorSpec& spec, double sample_rate_hz, const Signal& input,
                       const Signal& key = {}, double mix = 1) {
  Signal levels = heard(input, key, spec.sidechain, sample_rate_hz);
  for (auto& channel : levels) {
    double mean_square = 0;
    const double window = pole(spec.rms_window_ms, sample_rate_hz);
    for (double& x : channel) {
      mean_square = window * mean_square + (1 - window) * x * x;
      x = level_db(spec.detector == Detector::rms ? std::sqrt(mean_square) : x);
    }
  }
  link_levels(levels, spec.link);
  const double attack = pole(spec.attack_ms, sample_rate_hz);
  const double release = pole(spec.release_ms, sample_rate_hz);
  Signal gain = levels;
  for (auto& channel : gain) {
    double y1 = 0, y = 0;
    for (double& value : channel) {
      const double reduction = knee_db(value - spec.threshold_db, spec.knee_db, 1 - 1 / spec.ratio);
      if (spec.ballistics == Ballistics::decoupled) {
        y1 = std::max(reduction, release * y1 + (1 - release) * reduction);
        y = attack * y + (1 - attack) * y1;
      } else {
        const double a = reduction > y ? attack : release;
        y = a * y + (1 - a) * reduction;
      }
      value = std::pow(10.0, (spec.makeup_db - y) / 20);
    }
  }
  return apply(input, gain, spec.lookahead_ms, mix, sample_rate_hz);
}

}  // namespace tutti::reference
