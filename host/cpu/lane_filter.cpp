// SPDX-License-Identifier: Apache-2.0
// Cascades of second-order sections over lanes, in double. Up to kMostSections of them go in one
// pass, so that their states stay in registers; longer cascades pass doubles on.
#include <array>

#include "host/cpu/lane_kernels.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "host/cpu/lane_filter.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// After foreach_target.h:
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace tutti {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<double, kLanes>;
using DF = hn::Rebind<float, D>;
using V = hn::Vec<D>;
constexpr int kWidth = static_cast<int>(hn::MaxLanes(D()));
constexpr int kMostSections = 6;

// Where one pass reads and writes: rows of floats at the ends of the cascade, doubles between.
struct Path {
  const float* in;
  float* out;
  double* between;
};

template <int kSections, bool kFirst, bool kLast>
void filter_pass(const double* coefficients, double* states, int frames, Path path) {
  const D d;
  const DF df;
  V s1[kSections], s2[kSections];
  for (int k = 0; k < kSections; ++k) {
    s1[k] = hn::Load(d, states + (2 * k) * kLanes);
    s2[k] = hn::Load(d, states + (2 * k + 1) * kLanes);
  }
  for (int n = 0; n < frames; ++n) {
    V x = kFirst ? hn::PromoteTo(d, hn::Load(df, path.in + n * kLanes))
                 : hn::Load(d, path.between + n * kWidth);
    for (int k = 0; k < kSections; ++k) {
      const double* c = coefficients + k * kBiquadCoefficients * kLanes;
      const V y = hn::MulAdd(hn::Load(d, c), x, s1[k]);
      s1[k] = hn::NegMulAdd(hn::Load(d, c + 3 * kLanes), y,
                            hn::MulAdd(hn::Load(d, c + kLanes), x, s2[k]));
      s2[k] =
          hn::NegMulAdd(hn::Load(d, c + 4 * kLanes), y, hn::Mul(hn::Load(d, c + 2 * kLanes), x));
      x = y;
    }
    if constexpr (kLast) {
      hn::Store(hn::DemoteTo(df, x), df, path.out + n * kLanes);
    } else {
      hn::Store(x, d, path.between + n * kWidth);
    }
  }
  for (int k = 0; k < kSections; ++k) {
    hn::Store(s1[k], d, states + (2 * k) * kLanes);
    hn::Store(s2[k], d, states + (2 * k + 1) * kLanes);
  }
}

using Pass = void (*)(const double*, double*, int, Path);

template <bool kFirst, bool kLast>
Pass pass_of(int sections) {
  static constexpr std::array<Pass, kMostSections> kPasses = {
      filter_pass<1, kFirst, kLast>, filter_pass<2, kFirst, kLast>, filter_pass<3, kFirst, kLast>,
      filter_pass<4, kFirst, kLast>, filter_pass<5, kFirst, kLast>, filter_pass<6, kFirst, kLast>};
  return kPasses[sections - 1];
}

void filter(const BiquadTable& table, int lanes, int frames, const float* in, float* out) {
  HWY_ALIGN double between[kControlFrames * kWidth];
  for (int lane = 0; lane < lanes; lane += kWidth) {
    const Path path{in + lane, out + lane, between};
    for (int first = 0; first < table.sections; first += kMostSections) {
      const int left = table.sections - first;
      const double* coefficients = table.coefficients + first * kBiquadCoefficients * kLanes + lane;
      double* states = table.states + first * kBiquadStates * kLanes + lane;
      const bool last = left <= kMostSections;
      const Pass pass =
          first == 0 ? (last ? pass_of<true, true>(left) : pass_of<true, false>(kMostSections))
                     : (last ? pass_of<false, true>(left) : pass_of<false, false>(kMostSections));
      pass(coefficients, states, frames, path);
    }
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tutti
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tutti {

HWY_EXPORT(filter);

void filter_rows(const BiquadTable& table, int lanes, int frames, const LaneRows& in,
                 LaneRows& out) {
  HWY_DYNAMIC_DISPATCH(filter)(table, lanes, frames, in.values, out.values);
}

}  // namespace tutti
#endif
