// SPDX-License-Identifier: Apache-2.0
// The slow truth of the downward expander: the compressor's structure mirrored. The gain falls
// below the threshold, not beyond the range; rising is the attack, falling the release.
#pragma once

#include "host/dsp/expander.hpp"
#include "tests/reference/dynamics.hpp"

namespace tutti::reference {

inline double expander_gain_db(const ExpanderSpec& spec, double level) {
  return std::max(-knee_db(spec.threshold_db - level, spec.knee_db, spec.ratio - 1), spec.range_db);
}

inline Signal expand(const ExpanderSpec& spec, double sample_rate_hz, const Signal& input,
                     const Signal& key = {}, double mix = 1) {
  Signal levels = heard(input, key, spec.sidechain, sample_rate_hz);
  for (auto& channel : levels) {
    for (double& x : channel) x = level_db(x);
  }
  link_levels(levels, spec.link);
  const double attack = pole(spec.attack_ms, sample_rate_hz);
  const double release = pole(spec.release_ms, sample_rate_hz);
  const double silent = expander_gain_db(spec, level_db(0));
  Signal gain = levels;
  for (auto& channel : gain) {
    double opened = silent, y = silent;
    for (double& value : channel) {
      const double g = expander_gain_db(spec, value);
      opened = std::max(g, release * opened + (1 - release) * g);
      y = attack * y + (1 - attack) * opened;
      value = std::pow(10.0, y / 20);
    }
  }
  return apply(input, gain, spec.lookahead_ms, mix, sample_rate_hz);
}

}  // namespace tutti::reference
