// SPDX-License-Identifier: Apache-2.0
// Convolution with a recorded impulse response.
#pragma once

#include <string>
#include <vector>

#include "host/audio/units.hpp"
#include "host/dsp/fields.hpp"

namespace tutti {

struct ConvolverSpec {
  static constexpr const char* kKey = "convolver";
  std::string impulse;  ///< path relative to the session file
  double predelay_ms = 0;
  double wet_db = 0;
  double dry_db = kMinusInfinityDb;
};

template <class V>
void visit_fields(V& v, ConvolverSpec& s) {
  v.text("impulse", s.impulse);
  v.number("predelay_ms", s.predelay_ms, {0, 2000}, Automatable::no);
  v.number("wet_db", s.wet_db, {-120, 24, true}, Automatable::yes);
  v.number("dry_db", s.dry_db, {-120, 24, true}, Automatable::yes);
}

/// What is needed beside the impulse itself.
struct ConvolverDesign {
  Frames predelay_frames = 0;
  double wet = 1, dry = 0;
};

std::vector<SpecIssue> validate(const ConvolverSpec& spec, double sample_rate_hz);
ConvolverDesign design(const ConvolverSpec& spec, double sample_rate_hz);

}  // namespace tutti
