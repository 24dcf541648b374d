// SPDX-License-Identifier: Apache-2.0
#include "host/cpu/lane_biquads.hpp"

#include <algorithm>
#include <cmath>

#include "host/cpu/lane_gain.hpp"
#include "host/cpu/lane_kernels.hpp"

namespace tutti {
namespace {

// What stands for b0 where the numerator is divided by it: a b0 of (nearly) nothing may as well be
// 2^−64 of the largest coefficient, far below what a double resolves beside it. 0 only for silence.
double leading_coefficient(const BiquadDesign& design) {
  const double least = 0x1p-64 * std::max(std::abs(design.b1), std::abs(design.b2));
  return std::abs(design.b0) > least ? design.b0 : least;
}

bool is_high_pass(const BiquadDesign& design) {
  return design.b0 != 0 && design.b1 == -2 * design.b0 && design.b2 == design.b0;
}

}  // namespace

void LaneCascade::reserve(int sections) {
  if (sections <= sections_) return;
  auto coefficients = make_aligned<double>(sections * kBiquadCoefficients * kLanes);
  auto states = make_aligned<double>(sections * kBiquadStates * kLanes);
  std::copy_n(states_.get(), sections_ * kBiquadStates * kLanes, states.get());
  coefficients_ = std::move(coefficients);
  states_ = std::move(states);
  designs_.resize(static_cast<std::size_t>(sections));
  while (scales_.size() < designs_.size()) scales_.emplace_back().fill(1.0);
  sections_ = sections;
  for (int lane = 0; lane < kLanes; ++lane) write(lane);
}

void LaneCascade::set(int lane, std::span<const BiquadDesign> sections) {
  const int count = static_cast<int>(sections.size());
  reserve(count);
  for (int k = 0; k < sections_; ++k) designs_[k][lane] = k < count ? sections[k] : BiquadDesign{};
  write(lane);
  lanes_ = std::max(lanes_, lane + 1);
  begins_with_high_pass_ =
      std::all_of(designs_[0].begin(), designs_[0].begin() + lanes_, is_high_pass);
}

// From the last section of each group to its first, which has the gain of all.
void LaneCascade::write(int lane) {
  double scale = 1;
  for (int k = sections_ - 1; k >= 0; --k) {
    const bool first = k % kBiquadGroup == 0;
    const BiquadDesign& d = designs_[k][lane];
    const double leading = leading_coefficient(d);
    const auto relative = [leading](double b) { return leading == 0 ? 0 : b / leading; };
    double* c = coefficients_.get() + k * kBiquadCoefficients * kLanes + lane;
    for (const double coefficient :
         {first ? leading * scale : 1.0, relative(d.b1), relative(d.b2), d.a1, d.a2}) {
      *c = coefficient;
      c += kLanes;
    }
    rescale(k, lane, scale);
    scale = first ? 1 : scale * leading;
  }
}

void LaneCascade::rescale(int section, int lane, double scale) {
  double& old = scales_[section][lane];
  if (scale == old) return;
  const double ratio = old == 0 ? 0 : scale / old;
  double* state = states_.get() + section * kBiquadStates * kLanes + lane;
  for (int s = 0; s < kBiquadStates; ++s) state[s * kLanes] *= ratio;
  old = scale;
}

void LaneCascade::run(const LaneRows& in, LaneRows& out, int lanes, int frames) {
  filter_rows({sections_, coefficients_.get(), states_.get(), begins_with_high_pass_}, lanes,
              frames, in, out);
}

bool LaneCascade::quiet() const {
  const double* state = states_.get();
  for (int k = 0; k < sections_; ++k)
    for (int s = 0; s < kBiquadStates; ++s)
      for (int lane = 0; lane < kLanes; ++lane, ++state)
        if (std::abs(*state) > kQuietAmplitude * std::abs(scales_[k][lane])) return false;
  return true;
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
