// SPDX-License-Identifier: Apache-2.0
#include "host/dsp/convolver.hpp"

namespace tutti {

std::vector<SpecIssue> validate(const ConvolverSpec& spec, double /*sample_rate_hz*/) {
  std::vector<SpecIssue> issues;
  if (spec.impulse.empty()) {
    issues.push_back({"impulse", "a convolver needs an impulse response",
                      "write impulse: path/to/response.wav, relative to the session"});
  }
  return issues;
}

ConvolverDesign design(const ConvolverSpec& spec, double sample_rate_hz) {
  return {ms_to_frames(spec.predelay_ms, sample_rate_hz), db_to_linear(spec.wet_db),
          db_to_linear(spec.dry_db)};
}

}  // namespace tutti
