// SPDX-License-Identifier: Apache-2.0
// Noise gate with hysteresis and hold.
#pragma once

#include <optional>
#include <vector>

#include "host/audio/units.hpp"
#include "host/dsp/biquad.hpp"
#include "host/dsp/fields.hpp"
#include "host/dsp/sidechain.hpp"

namespace tutti {

struct GateSpec {
  static constexpr const char* kKey = "gate";
  double threshold_db = -50;  ///< opens when the level rises above it
  double hysteresis_db = 3;   ///< closes when the level falls below threshold − hysteresis
  double range_db = -80;      ///< gain when closed
  double attack_ms = 1;
  double hold_ms = 20;
  double release_ms = 100;
  double lookahead_ms = 0;
  double link = 1;
  std::optional<SidechainSpec> sidechain;
};

template <class V>
void visit_fields(V& v, GateSpec& s) {
  v.number("threshold_db", s.threshold_db, {-120, 24}, Automatable::yes);
  v.number("hysteresis_db", s.hysteresis_db, {0, 60}, Automatable::no);
  v.number("range_db", s.range_db, {-120, 0, true}, Automatable::yes);
  v.number("attack_ms", s.attack_ms, {0, 5000}, Automatable::no);
  v.number("hold_ms", s.hold_ms, {0, 10000}, Automatable::no);
  v.number("release_ms", s.release_ms, {0, 20000}, Automatable::no);
  v.number("lookahead_ms", s.lookahead_ms, {0, 200}, Automatable::no);
  v.number("link", s.link, {0, 1}, Automatable::no);
  v.object("sidechain", s.sidechain);
}

struct GateDesign {
  double open_log2 = 0, close_log2 = 0;      ///< levels, log2 of amplitude
  double range_linear = 0;                   ///< gain when closed
  double attack_pole = 0, release_pole = 0;  ///< smoothing of the linear gain towards 1 / range
  Frames hold_frames = 0;
  double link = 1;
  Frames lookahead_frames = 0;  ///< also the latency
  bool has_key_filter = false;
  BiquadDesign key_filter;
};

std::vector<SpecIssue> validate(const GateSpec& spec, double sample_rate_hz);
GateDesign design(const GateSpec& spec, double sample_rate_hz);

/// Float thresholds that a float magnitude passes exactly when it passes the double ones: it opens
/// the gate when `x > open_above` and would close it when `x < close_below`.
struct GateThresholds {
  float open_above, close_below;
};
GateThresholds gate_thresholds(const GateDesign& design);

}  // namespace tutti
