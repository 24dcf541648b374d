// SPDX-License-Identifier: Apache-2.0
#include "host/flac/subframe_reader.hpp"

#include <algorithm>

#include "host/flac/predictor.hpp"
#include "host/flac/residual_reader.hpp"

namespace tutti::flac {
namespace {

// The codes of a subframe's form; those of predictors end in their order.
constexpr unsigned kConstant = 0, kVerbatim = 1, kFixed = 8, kLinear = 32;
constexpr unsigned kMostFixedOrder = 4;

void take_samples(BitReader& in, int width, int count, std::int32_t* out) {
  for (int n = 0; n < count; ++n) out[n] = static_cast<std::int32_t>(in.take_signed(width));
}

bool take_linear(BitReader& in, RestoreLane& lane) {
  const int width = static_cast<int>(in.take(4)) + 1;
  lane.shift = static_cast<int>(in.take_signed(5));
  if (width == 16 || lane.shift < 0) return false;
  take_samples(in, width, lane.order, lane.coefficients.data());
  return true;
}

}  // namespace

int read_subframe(BitReader& in, int frames, int sample_bits, RestoreLane& lane) {
  lane.order = lane.shift = 0;
  lane.coefficients.fill(0);
  if (in.take(1) != 0) return -1;
  const auto form = static_cast<unsigned>(in.take(6));
  std::uint64_t wasted = 0;
  if (in.take(1) != 0) wasted = in.take_zeros() + 1;
  if (wasted >= static_cast<unsigned>(sample_bits)) return -1;
  const int width = sample_bits - static_cast<int>(wasted);

  if (form == kConstant) {
    std::fill_n(lane.samples, frames, static_cast<std::int32_t>(in.take_signed(width)));
    return static_cast<int>(wasted);
  }
  if (form == kVerbatim) {
    take_samples(in, width, frames, lane.samples);
    return static_cast<int>(wasted);
  }
  const bool linear = form >= kLinear;
  if (!linear && (form < kFixed || form > kFixed + kMostFixedOrder)) return -1;
  lane.order = static_cast<int>(linear ? form - kLinear + 1 : form - kFixed);
  if (lane.order >= frames) return -1;  // nothing would be left to predict
  take_samples(in, width, lane.order, lane.samples);
  if (!linear) {
    const Predictor fixed = fixed_predictor(lane.order);
    std::copy_n(fixed.coefficients.begin(), lane.order, lane.coefficients.begin());
  } else if (!take_linear(in, lane)) {
    return -1;
  }
  if (!read_residual(in, frames, lane.order, lane.samples)) return -1;
  return static_cast<int>(wasted);
}

}  // namespace tutti::flac
