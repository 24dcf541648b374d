// SPDX-License-Identifier: Apache-2.0
#include "host/cpu/lane_biquads.hpp"

#include <algorithm>
#include <cmath>

#include "host/cpu/lane_gain.hpp"
#include "host/cpu/lane_kernels.hpp"

namespace tutti {

void LaneCascade::reserve(int sections) {
  if (sections <= sections_) return;
  auto coefficients = make_aligned<double>(sections * kBiquadCoefficients * kLanes);
  auto states = make_aligned<double>(sections * kBiquadStates * kLanes);
  std::copy_n(coefficients_.get(), sections_ * kBiquadCoefficients * kLanes, coefficients.get());
  std::copy_n(states_.get(), sections_ * kBiquadStates * kLanes, states.get());
  for (int k = sections_; k < sections; ++k) {
    std::fill_n(coefficients.get() + k * kBiquadCoefficients * kLanes, kLanes, 1.0);  // b0
  }
  coefficients_ = std::move(coefficients);
  states_ = std::move(states);
  sections_ = sections;
}

void LaneCascade::set(int lane, std::span<const BiquadDesign> sections) {
  const int count = static_cast<int>(sections.size());
  reserve(count);
  for (int k = 0; k < sections_; ++k) {
    const BiquadDesign d = k < count ? sections[k] : BiquadDesign{};
    double* c = coefficients_.get() + k * kBiquadCoefficients * kLanes + lane;
    for (const double coefficient : {d.b0, d.b1, d.b2, d.a1, d.a2}) {
      *c = coefficient;
      c += kLanes;
    }
  }
}

void LaneCascade::run(const LaneRows& in, LaneRows& out, int lanes, int frames) {
  filter_rows({sections_, coefficients_.get(), states_.get()}, lanes, frames, in, out);
}

bool LaneCascade::quiet() const {
  return std::all_of(states_.get(), states_.get() + sections_ * kBiquadStates * kLanes,
                     [](double s) { return std::abs(s) < kQuietAmplitude; });
}

void LaneCascade::reset() { std::fill_n(states_.get(), sections_ * kBiquadStates * kLanes, 0.0); }

LaneBiquads::LaneBiquads(const LaneShape& shape, const LaneOp& op)
    : shape_(shape), cascade_(1), mixes_(fill_mix(shape, op, mix_)) {
  for (int strip = 0; strip < shape.strips; ++strip) set(strip, op.biquads[strip]);
}

void LaneBiquads::set(int strip, std::span<const BiquadDesign> sections) {
  for (int c = 0; c < shape_.channels; ++c) cascade_.set(strip * shape_.channels + c, sections);
}

void LaneBiquads::run(LaneWork& work, int frames) {
  if (mixes_) work.detector = work.signal;
  cascade_.run(work.signal, work.signal, shape_.lanes(), frames);
  if (mixes_) blend_rows(work.detector, mix_.data(), frames, work.signal);
}

}  // namespace tutti
