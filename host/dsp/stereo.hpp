// SPDX-License-Identifier: Apache-2.0
// Mid/side width and mono bass, for two-channel signals.
#pragma once

#include <optional>
#include <vector>

#include "host/audio/host_device.hpp"
#include "host/audio/units.hpp"
#include "host/dsp/biquad.hpp"
#include "host/dsp/fields.hpp"

namespace tutti {

struct StereoSpec {
  static constexpr const char* kKey = "stereo";
  double width = 1;       ///< factor on the side signal: 0 mono, 1 unchanged
  double mid_db = 0;
  double side_db = 0;
  std::optional<double> mono_below_hz;  ///< high-pass (24 dB/oct) on the side signal
};

template <class V>
void visit_fields(V& v, StereoSpec& s) {
  v.number("width", s.width, {0, 4}, Automatable::yes);
  v.number("mid_db", s.mid_db, {-120, 24, true}, Automatable::yes);
  v.number("side_db", s.side_db, {-120, 24, true}, Automatable::yes);
  v.optional_number("mono_below_hz", s.mono_below_hz, {10, 2000}, Automatable::no);
}

/// m = (l + r)/2 · mid, s = (l − r)/2 · side through the sections; l' = m + s, r' = m − s.
struct StereoDesign {
  double mid = 1, side = 1;
  int section_count = 0;  ///< 0 or 2: Butterworth high-pass on the side
  BiquadDesign sections[2];
};

/// m and s before the sections; `gain` is the mid or side gain of the frame.
TUTTI_HOST_DEVICE inline double mid_of(double left, double right, double gain) {
  return (left + right) * 0.5 * gain;
}
TUTTI_HOST_DEVICE inline double side_of(double left, double right, double gain) {
  return (left - right) * 0.5 * gain;
}

/// Frames of silence after which no filter holds anything above −300 dBFS of a signal of up to
/// +60 dBFS.
Frames memory_frames(const StereoDesign& design);

std::vector<SpecIssue> validate(const StereoSpec& spec, double sample_rate_hz);
StereoDesign design(const StereoSpec& spec, double sample_rate_hz);

}  // namespace tutti
