// SPDX-License-Identifier: Apache-2.0
// What a dynamics processor listens to instead of its own input.
#pragma once

#include <optional>
#include <string>

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

}  // namespace tutti
