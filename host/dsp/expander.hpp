// SPDX-License-Identifier: Apache-2.0
// Downward expander: below the threshold, every dB of input becomes `ratio` dB of output.
#pragma once

#include <optional>
#include <vector>

#include "host/dsp/compressor.hpp"

namespace tutti {

struct ExpanderSpec {
  static constexpr const char* kKey = "expander";
  double threshold_db = -45;
  double ratio = 2;
  double knee_db = 6;
  double range_db = -40;    ///< the most it attenuates
  double attack_ms = 5;     ///< time to open
  double release_ms = 150;  ///< time to close
  double lookahead_ms = 0;
  double link = 1;
  std::optional<SidechainSpec> sidechain;
};

template <class V>
void visit_fields(V& v, ExpanderSpec& s) {
  v.number("threshold_db", s.threshold_db, {-120, 24}, Automatable::yes);
  v.number("ratio", s.ratio, {1, 100}, Automatable::yes);
  v.number("knee_db", s.knee_db, {0, 60}, Automatable::yes);
  v.number("range_db", s.range_db, {-120, 0}, Automatable::yes);
  v.number("attack_ms", s.attack_ms, {0, 5000}, Automatable::yes);
  v.number("release_ms", s.release_ms, {0, 20000}, Automatable::yes);
  v.number("lookahead_ms", s.lookahead_ms, {0, 200}, Automatable::no);
  v.number("link", s.link, {0, 1}, Automatable::yes);
  v.object("sidechain", s.sidechain);
}

struct ExpanderDesign {
  double threshold_log2 = 0, slope = 0;  ///< slope = ratio − 1 (≥ 0), below the threshold
  double knee_log2 = 0, range_log2 = 0;
  double attack_pole = 0, release_pole = 0;
  double link = 1;
  Frames lookahead_frames = 0;  ///< also the latency
  bool has_key_filter = false;
  BiquadDesign key_filter;
};

std::vector<SpecIssue> validate(const ExpanderSpec& spec, double sample_rate_hz);
ExpanderDesign design(const ExpanderSpec& spec, double sample_rate_hz);

/// Static gain in log2 units (≤ 0, ≥ range) for a level in log2 units.
double static_gain_log2(const ExpanderDesign& design, double level_log2);

}  // namespace tutti
