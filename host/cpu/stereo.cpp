// SPDX-License-Identifier: Apache-2.0
// One recurrence on one signal: nothing to vectorise, but compiled per target so that the fused
// multiply-adds of the sections are instructions where the machine has them.
#include "host/cpu/stereo.hpp"

#include <algorithm>
#include <cmath>

#include "host/backend/lanes.hpp"
#include "host/cpu/denormals.hpp"
#include "host/cpu/lane_unit.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "host/cpu/stereo.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
// After foreach_target.h:
#include <hwy/highway.h>

#ifndef TUTTI_HOST_CPU_STEREO_ONCE
#define TUTTI_HOST_CPU_STEREO_ONCE
namespace tutti {
namespace {

struct Stretch {
  const float *in_left, *in_right;
  float *left, *right;
  Frames frames;
};

}  // namespace
}  // namespace tutti
#endif

HWY_BEFORE_NAMESPACE();
namespace tutti {
namespace HWY_NAMESPACE {
namespace {

// biquad_step with its fused products as the target has them.
HWY_INLINE double section(const BiquadDesign& d, BiquadState& s, double x) {
  const double y = __builtin_fma(d.b0, x, s.s1);
  s.s1 = __builtin_fma(-d.a1, y, __builtin_fma(d.b1, x, s.s2));
  s.s2 = __builtin_fma(-d.a2, y, d.b2 * x);
  return y;
}

template <int kSections>
void run(const StereoDesign& design, BiquadState* states, const StereoRamp& ramp,
         const Stretch& io) {
  BiquadDesign d[2] = {design.sections[0], design.sections[1]};
  BiquadState s[2] = {states[0], states[1]};
  for (Frames n = 0; n < io.frames; ++n) {
    const double l = io.in_left[n], r = io.in_right[n];
    const double mid = mid_of(l, r, ramp.mid_at(n));
    double side = side_of(l, r, ramp.side_at(n));
    for (int i = 0; i < kSections; ++i) side = section(d[i], s[i], side);
    io.left[n] = static_cast<float>(mid + side);
    io.right[n] = static_cast<float>(mid - side);
  }
  states[0] = s[0];
  states[1] = s[1];
}

void process_stretch(const StereoDesign& design, BiquadState* states, const StereoRamp& ramp,
                     const Stretch& io) {
  if (design.section_count == 0)
    run<0>(design, states, ramp, io);
  else
    run<2>(design, states, ramp, io);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tutti
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tutti {
namespace {
HWY_EXPORT(process_stretch);
}  // namespace

StereoUnit::StereoUnit(const StereoDesign& design)
    : design_(design), glide_(design.mid, design.side, static_cast<int>(kControlFrames)) {}

void StereoUnit::process(ConstBlockView in, BlockView out) {
  const ScopedFlushDenormals flush;
  for (Frames n = 0; n < in.frames;) {
    const auto [ramp, count] = glide_.next(in.frames - n);
    const Stretch io{in.channel(0) + n, in.channel(1) + n, out.channel(0) + n, out.channel(1) + n,
                     count};
    HWY_DYNAMIC_DISPATCH(process_stretch)(design_, states_, ramp, io);
    n += count;
  }
}

void StereoUnit::reset() {
  states_[0] = states_[1] = {};
  glide_.finish();
}

bool StereoUnit::quiet() const {
  return std::all_of(states_, states_ + design_.section_count, [](const BiquadState& s) {
    return std::abs(s.s1) < kQuietAmplitude && std::abs(s.s2) < kQuietAmplitude;
  });
}

}  // namespace tutti
#endif  // HWY_ONCE
