// SPDX-License-Identifier: Apache-2.0
// What a dynamics processor listens to instead of its own input.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/dsp/biquad.hpp"
#include "host/dsp/fields.hpp"

namespace tutti {

/// `source` names a stem or a bus whose signal after its inserts and before its fader is the key;
/// empty: the processor's own input, filtered.
struct SidechainSpec {
  std::string source;
  std::optional<double> high_pass_hz;  ///< 12 dB/oct Butterworth on the key
};

template <class V>
void visit_fields(V& v, SidechainSpec& s) {
  v.text("source", s.source);
  v.optional_number("high_pass_hz", s.high_pass_hz, {10, 20000}, Automatable::no);
}

/// What the field table can not say: the key high-pass lies below half the sample rate.
inline std::vector<SpecIssue> validate(const std::optional<SidechainSpec>& sidechain,
                                       double sample_rate_hz) {
  if (!sidechain || !sidechain->high_pass_hz) return {};
  if (*sidechain->high_pass_hz < sample_rate_hz / 2) return {};
  return {{"sidechain.high_pass_hz", "must lie below half the sample rate",
           "lower it, or leave it out to listen to the whole key"}};
}

/// The key filter of a sidechain that has one; none otherwise.
inline std::optional<BiquadDesign> design_key_filter(const std::optional<SidechainSpec>& sidechain,
                                                     double sample_rate_hz) {
  if (!sidechain || !sidechain->high_pass_hz) return std::nullopt;
  return design_butterworth_high_pass(*sidechain->high_pass_hz, sample_rate_hz);
}

}  // namespace tutti
