// SPDX-License-Identifier: Apache-2.0
// The slow truth of the gate: a state machine per channel. Open above the threshold; the last frame
// not below threshold − hysteresis starts the hold; closed after it.
#pragma once

#include "host/dsp/gate.hpp"
#include "tests/reference/dynamics.hpp"

namespace tutti::reference {

inline Signal gate(const GateSpec& spec, double sample_rate_hz, const Signal& input,
                   const Signal& key = {}, double mix = 1) {
  Signal levels = heard(input, key, spec.sidechain, sample_rate_hz);
  for (auto& channel : levels) {
    for (double& x : channel) x = level_db(x);
  }
  link_levels(levels, spec.link);
  const auto hold = std::llround(spec.hold_ms * sample_rate_hz / 1000);
  const double range = std::isinf(spec.range_db) ? 0 : std::pow(10.0, spec.range_db / 20);
  Signal gain = levels;
  for (auto& channel : gain) {
    bool open = false;
    long long since_loud = 0;
    double g = range;
    for (double& value : channel) {
      if (value > spec.threshold_db) open = true;
      if (open && value >= spec.threshold_db - spec.hysteresis_db) {
        since_loud = 0;
      } else if (open && ++since_loud > hold) {
        open = false;
      }
      const double a = pole(open ? spec.attack_ms : spec.release_ms, sample_rate_hz);
      g = a * g + (1 - a) * (open ? 1.0 : range);
      value = g;
    }
  }
  return apply(input, gain, spec.lookahead_ms, mix, sample_rate_hz);
}

}  // namespace tutti::reference
