// SPDX-License-Identifier: Apache-2.0
// Cascades of second-order sections over lanes, in double. Up to kMostSections of them go in one
// pass, so that their states stay in registers; longer cascades pass doubles on. The b0 of all
// sections of a group are one gain before it (BiquadTable): four products a section, not five.
#include <algorithm>
#include <array>
#include <utility>

#include "host/cpu/lane_kernels.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "host/cpu/lane_filter.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
// After foreach_target.h:
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tutti {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

using Wide = hn::CappedTag<double, kLanes>;
// Of a group with no more lanes than these: half of a wide vector would be idle and cost as much.
using Narrow = hn::CappedTag<double, 4>;
template <class D>
constexpr int kWidth = static_cast<int>(hn::MaxLanes(D()));
constexpr int kMostSections = 6;

// Where one pass reads and writes: rows of floats at the ends of the cascade, doubles between.
struct Path {
  const float* in;
  float* out;
  double* between;  // rows of kLanes too
};

// A cascade whose sections run skewed: in one iteration section k works on frame t − k, so that the
// sections do not wait for each other and an iteration is as long as one section's recurrence.
template <class D, int kSections, bool kFirst, bool kLast, bool kHighPass = false>
struct Cascade {
  using DF = hn::Rebind<float, D>;
  using V = hn::Vec<D>;
  V coefficients[kSections][kBiquadCoefficients];
  V s1[kSections], s2[kSections];
  V waiting[kSections];  // the input of section k > 0 in the next iteration
  Path path;

  HWY_INLINE V read(int frame) const {
    if constexpr (kFirst) return hn::PromoteTo(D(), hn::Load(DF(), path.in + frame * kLanes));
    return hn::Load(D(), path.between + frame * kLanes);
  }

  HWY_INLINE void write(int frame, V y) const {
    if constexpr (kLast) {
      hn::Store(hn::DemoteTo(DF(), y), DF(), path.out + frame * kLanes);
    } else {
      hn::Store(y, D(), path.between + frame * kLanes);
    }
  }

  HWY_INLINE V step(int k, V x) {
    const V* c = coefficients[k];
    // The gain of the group; where a pass begins within one it is 1: the same bits.
    if (k == 0) x = hn::Mul(c[0], x);
    const V y = hn::Add(x, s1[k]);
    if (kHighPass && k == 0) {  // c[1] is −2 and c[2] is 1: sums, which run beside the products
      s1[0] = hn::NegMulAdd(c[3], y, hn::Sub(s2[0], hn::Add(x, x)));
      s2[0] = hn::NegMulAdd(c[4], y, x);
    } else {
      s1[k] = hn::NegMulAdd(c[3], y, hn::MulAdd(c[1], x, s2[k]));
      s2[k] = hn::NegMulAdd(c[4], y, hn::Mul(c[2], x));
    }
    return y;
  }

  // Iteration `t` of sections kLow … kHigh, the last one first: it takes what the one before left.
  template <int kLow, int kHigh>
  HWY_INLINE void iterate(int t) {
    const V x = kHigh == 0 ? read(t) : waiting[kHigh];
    const V y = step(kHigh, x);
    if constexpr (kHigh + 1 == kSections) {
      write(t - kHigh, y);
    } else {
      waiting[kHigh + 1] = y;
    }
    if constexpr (kHigh > kLow) iterate<kLow, kHigh - 1>(t);
  }

  template <int... kStart>
  HWY_INLINE void fill(std::integer_sequence<int, kStart...>) {
    (iterate<0, kStart>(kStart), ...);
  }

  template <int... kEnd>
  HWY_INLINE void drain(int frames, std::integer_sequence<int, kEnd...>) {
    (iterate<kEnd + 1, kSections - 1>(frames + kEnd), ...);
  }

  HWY_INLINE void run_unskewed(int frames) {
    for (int n = 0; n < frames; ++n) {
      V x = read(n);
      for (int k = 0; k < kSections; ++k) x = step(k, x);
      write(n, x);
    }
  }

  HWY_INLINE void load(const double* table, const double* states) {
    const D d;
    for (int k = 0; k < kSections; ++k) {
      for (int c = 0; c < kBiquadCoefficients; ++c) {
        coefficients[k][c] = hn::Load(d, table + (k * kBiquadCoefficients + c) * kLanes);
      }
      s1[k] = hn::Load(d, states + (2 * k) * kLanes);
      s2[k] = hn::Load(d, states + (2 * k + 1) * kLanes);
    }
  }

  HWY_INLINE void store(double* states) const {
    const D d;
    for (int k = 0; k < kSections; ++k) {
      hn::Store(s1[k], d, states + (2 * k) * kLanes);
      hn::Store(s2[k], d, states + (2 * k + 1) * kLanes);
    }
  }
};

template <class D, int kSections, bool kFirst, bool kLast, bool kHighPass>
void filter_pass(const double* coefficients, double* states, int frames, Path path) {
  Cascade<D, kSections, kFirst, kLast, kHighPass> cascade;
  cascade.path = path;
  cascade.load(coefficients, states);
  if (frames < kSections) {
    cascade.run_unskewed(frames);
  } else {
    constexpr std::make_integer_sequence<int, kSections - 1> kPartial;
    cascade.fill(kPartial);
    for (int t = kSections - 1; t < frames; ++t) cascade.template iterate<0, kSections - 1>(t);
    cascade.drain(frames, kPartial);
  }
  cascade.store(states);
}

// A short cascade is its recurrence and little else: two vectors of it fill each other's waits.
template <int kSections>
void filter_pair(const double* coefficients, double* states, int frames, Path path) {
  constexpr int kNext = kWidth<Wide>;
  Cascade<Wide, kSections, true, true> a, b;
  a.path = path;
  b.path = {path.in + kNext, path.out + kNext, nullptr};
  a.load(coefficients, states);
  b.load(coefficients + kNext, states + kNext);
  if (frames < kSections) {
    a.run_unskewed(frames);
    b.run_unskewed(frames);
  } else {
    constexpr std::make_integer_sequence<int, kSections - 1> kPartial;
    a.fill(kPartial);
    b.fill(kPartial);
    for (int t = kSections - 1; t < frames; ++t) {
      a.template iterate<0, kSections - 1>(t);
      b.template iterate<0, kSections - 1>(t);
    }
    a.drain(frames, kPartial);
    b.drain(frames, kPartial);
  }
  a.store(states);
  b.store(states + kNext);
}

using Pass = void (*)(const double*, double*, int, Path);

template <class D, bool kFirst, bool kLast, bool kHighPass>
Pass pass_of(int sections) {
  static constexpr std::array<Pass, kMostSections> kPasses = {
      filter_pass<D, 1, kFirst, kLast, kHighPass>, filter_pass<D, 2, kFirst, kLast, kHighPass>,
      filter_pass<D, 3, kFirst, kLast, kHighPass>, filter_pass<D, 4, kFirst, kLast, kHighPass>,
      filter_pass<D, 5, kFirst, kLast, kHighPass>, filter_pass<D, 6, kFirst, kLast, kHighPass>};
  return kPasses[sections - 1];
}

template <class D>
Pass pass_of(int sections, bool first, bool last, bool high_pass) {
  if (!first)
    return last ? pass_of<D, false, true, false>(sections)
                : pass_of<D, false, false, false>(sections);
  if (high_pass)
    return last ? pass_of<D, true, true, true>(sections) : pass_of<D, true, false, true>(sections);
  return last ? pass_of<D, true, true, false>(sections) : pass_of<D, true, false, false>(sections);
}

// The passes of one group, of about equal length.
template <class D>
void filter_group(const BiquadTable& table, int group, int frames, int lane, const Path& path) {
  const int end = std::min(group + kBiquadGroup, table.sections);
  const int passes = (end - group + kMostSections - 1) / kMostSections;
  const int most = (end - group + passes - 1) / passes;
  const bool paired = table.sections <= 2 && kWidth<D> == kWidth<Wide>;
  for (int first = group; first < end; first += most) {
    const int sections = std::min(most, end - first);
    const Pass pass = paired ? (sections == 1 ? filter_pair<1> : filter_pair<2>)
                             : pass_of<D>(sections, first == 0, first + sections == table.sections,
                                          table.begins_with_high_pass);
    pass(table.coefficients + first * kBiquadCoefficients * kLanes + lane,
         table.states + first * kBiquadStates * kLanes + lane, frames, path);
  }
}

template <class D>
void filter_lanes(const BiquadTable& table, int lanes, int frames, const float* in, float* out) {
  HWY_ALIGN double between[kControlFrames * kLanes];
  const int step = table.sections <= 2 && kWidth<D> == kWidth<Wide> ? 2 * kWidth<D> : kWidth<D>;
  for (int lane = 0; lane < lanes; lane += step) {
    const Path path{in + lane, out + lane, between + lane};
    for (int group = 0; group < table.sections; group += kBiquadGroup)
      filter_group<D>(table, group, frames, lane, path);
  }
}

void filter(const BiquadTable& table, int lanes, int frames, const float* in, float* out) {
  lanes <= kWidth<Narrow> ? filter_lanes<Narrow>(table, lanes, frames, in, out)
                          : filter_lanes<Wide>(table, lanes, frames, in, out);
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
