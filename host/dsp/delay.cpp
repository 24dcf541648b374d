// SPDX-License-Identifier: Apache-2.0
#include "host/dsp/delay.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>

namespace tutti {

std::vector<SpecIssue> validate(const DelaySpec& spec, double sample_rate_hz) {
  std::vector<SpecIssue> issues;
  if (spec.feedback != 0 && ms_to_frames(spec.time_ms, sample_rate_hz) == 0) {
    issues.push_back(
        {"time_ms",
         fmt::format("time_ms {} is less than one frame at {} Hz, and feedback needs at least one",
                     spec.time_ms, sample_rate_hz),
         fmt::format("write time_ms of at least {:.4g}, or feedback: 0", 1e3 / sample_rate_hz)});
  }
  return issues;
}

DelayDesign design(const DelaySpec& spec, double sample_rate_hz) {
  return {ms_to_frames(spec.time_ms, sample_rate_hz), spec.feedback, db_to_linear(spec.dry_db),
          db_to_linear(spec.wet_db)};
}

Frames memory_frames(const DelayDesign& design) {
  const double feedback = std::abs(design.feedback);
  if (feedback == 0) return design.delay_frames;
  if (feedback >= 1) return std::numeric_limits<Frames>::max();
  // The line holds at most 10³/(1 − f), and f times that after each pass: k passes until 10⁻¹⁵, one
  // more until the line holds nothing but them.
  const double passes = std::ceil(std::log(1e-18 * (1 - feedback)) / std::log(feedback)) + 1;
  return static_cast<Frames>(passes) * design.delay_frames;
}

std::complex<double> response(const DelayDesign& design, double omega) {
  const std::complex<double> z = std::polar(1.0, -omega * static_cast<double>(design.delay_frames));
  return design.dry + design.wet * z / (1.0 - design.feedback * z);
}

}  // namespace tutti
