// SPDX-License-Identifier: Apache-2.0
#include "host/cpu/true_peak.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "host/cpu/true_peak.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tutti::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using Lanes16 = hn::CappedTag<float, kTruePeakPhases>;
using Vec = hn::Vec<Lanes16>;

using Positions = TruePeakChannel::Positions;
constexpr int kGroup = TruePeakChannel::kGroup;
static_assert(kGroup == kTruePeakPhases);

// |x| and |x[m] − 2x[m−1] + x[m−2]| per 16 samples: 16 chunks side by side, four groups to a chunk.
// Returns the largest |x|.
float summarise(const float* HWY_RESTRICT rows, float* HWY_RESTRICT peak,
                float* HWY_RESTRICT bend) {
  const Lanes16 d;
  constexpr int kQuarter = kMeterChunkFrames / 4;
  Vec highest = hn::Zero(d);
  for (int lane = 0; lane < kMeterChunks; lane += static_cast<int>(hn::Lanes(d))) {
    const float* in = rows + lane;
    Vec older = hn::Load(d, in - 2 * kMeterChunks);
    Vec old = hn::Load(d, in - kMeterChunks);
    Vec peaks[4];
    Vec bends[4];
    for (int q = 0; q < 4; ++q) {
      Vec high = hn::Zero(d);
      Vec curve = hn::Zero(d);
      for (int s = 0; s < kQuarter; ++s, in += kMeterChunks) {
        const Vec x = hn::Load(d, in);
        high = hn::Max(high, hn::Abs(x));
        curve = hn::Max(curve, hn::Abs(hn::Sub(hn::Sub(x, old), hn::Sub(old, older))));
        older = old;
        old = x;
      }
      peaks[q] = high;
      bends[q] = curve;
      highest = hn::Max(highest, high);
    }
    hn::StoreInterleaved4(peaks[0], peaks[1], peaks[2], peaks[3], d, peak + 4 * lane);
    hn::StoreInterleaved4(bends[0], bends[1], bends[2], bends[3], d, bend + 4 * lane);
  }
  return hn::GetLane(hn::MaxOfLanes(d, highest));
}

// Position group j (16 positions) has under its filters the sample groups j … j+4 of the arrays.
void bound_groups(const TruePeakDesign& design, const float* HWY_RESTRICT peak,
                  const float* HWY_RESTRICT bend, Positions& out) {
  const Lanes16 d;
  for (int j = 0; j < TruePeakChannel::kGroups; j += static_cast<int>(hn::Lanes(d))) {
    const Vec here = hn::Max(hn::LoadU(d, peak + j + 2), hn::LoadU(d, peak + j + 3));
    Vec high = hn::Max(here, hn::LoadU(d, peak + j));
    high = hn::Max(high, hn::Max(hn::LoadU(d, peak + j + 1), hn::LoadU(d, peak + j + 4)));
    Vec curve = hn::Max(hn::LoadU(d, bend + j), hn::LoadU(d, bend + j + 1));
    curve = hn::Max(curve, hn::Max(hn::LoadU(d, bend + j + 2), hn::LoadU(d, bend + j + 3)));
    curve = hn::Max(curve, hn::LoadU(d, bend + j + 4));
    hn::Store(high, d, out.window_peak + j);
    hn::Store(curve, d, out.window_bend + j);
    const Vec smooth =
        hn::MulAdd(hn::Set(d, design.bend), curve, hn::MulAdd(hn::Set(d, design.tilt), high, here));
    hn::Store(hn::Min(smooth, hn::Mul(hn::Set(d, design.sum), high)), d, out.bound + j);
  }
}

// Bound of each of 16 positions: the smaller of the smooth and the near bound.
HWY_INLINE void bound_positions(const TruePeakDesign& design, const Positions& in, int group,
                                float* HWY_RESTRICT bounds) {
  const Lanes16 d;
  const float* HWY_RESTRICT x = in.x + group * kGroup;
  const float window_peak = in.window_peak[group];
  const Vec smooth_rest =
      hn::Set(d, design.bend * in.window_bend[group] + design.tilt * window_peak);
  for (int i = 0; i < kGroup; i += static_cast<int>(hn::Lanes(d))) {
    const Vec left = hn::Abs(hn::LoadU(d, x + i));
    const Vec right = hn::Abs(hn::LoadU(d, x + i + 1));
    const Vec high = hn::Max(left, right);
    Vec near = hn::MulAdd(hn::Set(d, design.overlap), hn::Min(left, right), high);
    near = hn::MulAdd(hn::Set(d, design.far), hn::Set(d, window_peak), near);
    for (int j = 1; j < kTruePeakNearPairs; ++j) {
      const Vec pair =
          hn::Add(hn::Abs(hn::LoadU(d, x + i - j)), hn::Abs(hn::LoadU(d, x + i + 1 + j)));
      near = hn::MulAdd(hn::Set(d, design.pair[j]), pair, near);
    }
    hn::Store(hn::Min(near, hn::Add(high, smooth_rest)), d, bounds + i);
  }
}

// Phase 8 of the positions of one group; its taps are symmetric.
HWY_INLINE void find_half(const TruePeakDesign& design, Positions& p, int group) {
  if ((p.half_known >> group) & 1) return;
  p.half_known |= std::uint64_t{1} << group;
  const Lanes16 d;
  const float* HWY_RESTRICT x = p.x + group * kGroup;
  for (int i = 0; i < kGroup; i += static_cast<int>(hn::Lanes(d))) {
    Vec even = hn::Zero(d);
    Vec odd = hn::Zero(d);
    for (int j = 0; j < kTruePeakReach; j += 2) {
      const float* taps = &design.taps[kTruePeakReach - 1 - j][kTruePeakPhases / 2];
      even = hn::MulAdd(hn::Set(d, *taps),
                        hn::Add(hn::LoadU(d, x + i - j), hn::LoadU(d, x + i + 1 + j)), even);
      odd = hn::MulAdd(hn::Set(d, *(taps - kTruePeakPhases)),
                       hn::Add(hn::LoadU(d, x + i - j - 1), hn::LoadU(d, x + i + 2 + j)), odd);
    }
    hn::Store(hn::Add(even, odd), d, p.half + kGroup + group * kGroup + i);
  }
}

// Tightens the bounds of a group's positions with the half-way points. The first and the last
// position of a block lack a neighbour and keep what they have.
HWY_INLINE void tighten(const TruePeakDesign& design, Positions& p, int group,
                        float* HWY_RESTRICT bounds) {
  const Lanes16 d;
  constexpr int kLast = TruePeakChannel::kGroups - 1;
  find_half(design, p, group);
  if (group > 0) find_half(design, p, group - 1);
  if (group < kLast) find_half(design, p, group + 1);
  const float first = bounds[0];
  const float last = bounds[kGroup - 1];
  const float* HWY_RESTRICT x = p.x + group * kGroup;
  const float* HWY_RESTRICT half = p.half + kGroup + group * kGroup;
  const float window = group < kLast ? std::max(p.window_peak[group], p.window_peak[group + 1])
                                     : p.window_peak[group];
  const Vec eighth = hn::Set(d, 0.125F);
  for (int i = 0; i < kGroup; i += static_cast<int>(hn::Lanes(d))) {
    const Vec v0 = hn::LoadU(d, x + i);
    const Vec v1 = hn::Load(d, half + i);
    const Vec v2 = hn::LoadU(d, x + i + 1);
    const Vec before = hn::LoadU(d, half + i - 1);
    const Vec after = hn::LoadU(d, half + i + 1);
    const auto bend = [](Vec a, Vec b, Vec c) {
      return hn::Abs(hn::Add(hn::Sub(a, b), hn::Sub(c, b)));
    };
    const Vec middle = bend(v0, v1, v2);
    const Vec left = hn::MulAdd(eighth, hn::Max(bend(before, v0, v1), middle),
                                hn::Max(hn::Abs(v0), hn::Abs(v1)));
    const Vec right =
        hn::MulAdd(eighth, hn::Max(bend(v1, v2, after), middle), hn::Max(hn::Abs(v1), hn::Abs(v2)));
    const Vec bound = hn::Add(hn::Max(left, right), hn::Set(d, design.cubic * window));
    hn::Store(hn::Min(bound, hn::Load(d, bounds + i)), d, bounds + i);
  }
  if (group == 0) bounds[0] = first;
  if (group == kLast) bounds[kGroup - 1] = last;
}

// Which of `count` ≤ 64 bounds (a multiple of 16) are above `level`, one bit each.
HWY_INLINE std::uint64_t above(const float* HWY_RESTRICT bounds, int count, float level) {
  const Lanes16 d;
  std::uint64_t mask = 0;
  for (int i = 0; i < count; i += static_cast<int>(hn::Lanes(d))) {
    std::uint8_t bits[8] = {};
    hn::StoreMaskBits(d, hn::Gt(hn::Load(d, bounds + i), hn::Set(d, level)), bits);
    mask |= (bits[0] | static_cast<std::uint64_t>(bits[1]) << 8) << i;
  }
  return mask;
}

// Bits first … last − 1 of 64.
HWY_INLINE std::uint64_t bit_range(int first, int last) {
  return (~std::uint64_t{0} << first) & (~std::uint64_t{0} >> (64 - last));
}

// Positions of a group whose bound is above `level`, one bit each.
HWY_INLINE std::uint64_t candidates(const TruePeakDesign& design, Positions& p, int group,
                                    float level) {
  // Half-way points cost as much as interpolating three positions or so.
  constexpr int kManyCandidates = 4;
  alignas(64) float bounds[kGroup];
  bound_positions(design, p, group, bounds);
  const std::uint64_t mask = above(bounds, kGroup, level);
  if (hwy::PopCount(mask) < kManyCandidates) return mask;
  tighten(design, p, group, bounds);
  return above(bounds, kGroup, level);
}

// True peaks at four positions, one phase to a lane; x[q] points at the position's own sample.
// Samples near the largest float may overflow on the way; what is not below it becomes it.
void interpolate_four(const TruePeakDesign& design, const float* const* x,
                      float* HWY_RESTRICT peaks) {
  const Lanes16 d;
  const Vec limit = hn::Set(d, std::numeric_limits<float>::max());
  const float* HWY_RESTRICT a = x[0] - (kTruePeakReach - 1);
  const float* HWY_RESTRICT b = x[1] - (kTruePeakReach - 1);
  const float* HWY_RESTRICT c = x[2] - (kTruePeakReach - 1);
  const float* HWY_RESTRICT e = x[3] - (kTruePeakReach - 1);
  Vec high[4] = {hn::Zero(d), hn::Zero(d), hn::Zero(d), hn::Zero(d)};
  for (int p = 0; p < kTruePeakPhases; p += static_cast<int>(hn::Lanes(d))) {
    Vec a0 = hn::Zero(d), a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0, e0 = a0, e1 = a0;
    for (int k = 0; k < kTruePeakTaps; k += 2) {
      const Vec even = hn::Load(d, design.taps[k].data() + p);
      const Vec odd = hn::Load(d, design.taps[k + 1].data() + p);
      a0 = hn::MulAdd(even, hn::Set(d, a[k]), a0);
      b0 = hn::MulAdd(even, hn::Set(d, b[k]), b0);
      c0 = hn::MulAdd(even, hn::Set(d, c[k]), c0);
      e0 = hn::MulAdd(even, hn::Set(d, e[k]), e0);
      a1 = hn::MulAdd(odd, hn::Set(d, a[k + 1]), a1);
      b1 = hn::MulAdd(odd, hn::Set(d, b[k + 1]), b1);
      c1 = hn::MulAdd(odd, hn::Set(d, c[k + 1]), c1);
      e1 = hn::MulAdd(odd, hn::Set(d, e[k + 1]), e1);
    }
    const Vec sums[4] = {hn::Add(a0, a1), hn::Add(b0, b1), hn::Add(c0, c1), hn::Add(e0, e1)};
    for (int q = 0; q < 4; ++q) {
      const Vec y = hn::Abs(sums[q]);
      high[q] = hn::Max(high[q], hn::IfThenElse(hn::Lt(y, limit), y, limit));
    }
  }
  for (int q = 0; q < 4; ++q) peaks[q] = hn::GetLane(hn::MaxOfLanes(d, high[q]));
}

// Calls sink(index, peak) for every position of [first, last) whose bound is above level(), which
// may rise on the way. The interpolator takes four positions at a time.
template <class Level, class Sink>
HWY_INLINE void scan(const TruePeakDesign& design, Positions& p, int first, int last, Level level,
                     Sink sink) {
  const float* x[4];
  int index[4];
  int waiting = 0;
  const auto interpolate = [&] {
    for (int q = waiting; q < 4; ++q) x[q] = x[0];
    float peaks[4];
    interpolate_four(design, x, peaks);
    for (int q = 0; q < waiting; ++q) sink(index[q], peaks[q]);
    waiting = 0;
  };
  std::uint64_t groups = above(p.bound, TruePeakChannel::kGroups, level()) &
                         bit_range(first / kGroup, (last + kGroup - 1) / kGroup);
  for (; groups != 0; groups &= groups - 1) {
    const int group = static_cast<int>(hwy::Num0BitsBelowLS1Bit_Nonzero64(groups));
    if (!(p.bound[group] > level())) continue;
    const int base = group * kGroup;
    std::uint64_t mask = candidates(design, p, group, level()) &
                         bit_range(std::max(first - base, 0), std::min(last - base, kGroup));
    for (; mask != 0; mask &= mask - 1) {
      index[waiting] = base + static_cast<int>(hwy::Num0BitsBelowLS1Bit_Nonzero64(mask));
      x[waiting] = p.x + index[waiting];
      if (++waiting == 4) interpolate();
    }
  }
  if (waiting > 0) interpolate();
}

float scan_maximum(const TruePeakDesign& design, Positions& p, int first, int last, float floor) {
  // Samples raise the floor for nothing.
  std::uint64_t groups = above(p.bound, TruePeakChannel::kGroups, floor) &
                         bit_range(first / kGroup, (last + kGroup - 1) / kGroup);
  if (groups == 0) return floor;
  const Lanes16 d;
  for (; groups != 0; groups &= groups - 1) {
    const int base = static_cast<int>(hwy::Num0BitsBelowLS1Bit_Nonzero64(groups)) * kGroup;
    if (base >= first && base + kGroup <= last) {
      Vec high = hn::Zero(d);
      for (int i = 0; i < kGroup; i += static_cast<int>(hn::Lanes(d)))
        high = hn::Max(high, hn::Abs(hn::LoadU(d, p.x + base + i)));
      floor = std::max(floor, hn::GetLane(hn::MaxOfLanes(d, high)));
    } else {
      for (int i = std::max(first, base); i < std::min(last, base + kGroup); ++i)
        floor = std::max(floor, std::abs(p.x[i]));
    }
  }
  scan(
      design, p, first, last, [&] { return floor; },
      [&](int, float peak) { floor = std::max(floor, peak); });
  return floor;
}

bool scan_over(const TruePeakDesign& design, Positions& p, float threshold, float* peaks) {
  bool any = false;
  if (p.count == 0) return false;
  scan(
      design, p, 0, p.count, [&] { return threshold; },
      [&](int index, float peak) {
        if (peak <= threshold) return;
        peaks[index] = peak;
        any = true;
      });
  return any;
}

}  // namespace
}  // namespace tutti::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tutti {
namespace {
HWY_EXPORT(summarise);
HWY_EXPORT(bound_groups);
HWY_EXPORT(scan_maximum);
HWY_EXPORT(scan_over);

// Larger than any bound that matters, small enough that products with it stay finite.
constexpr float kUnknownPeak = 1e30F;

}  // namespace

void TruePeakChannel::age_groups() {
  // Whole blocks keep the groups' grid; after a shorter one the old groups lie askew, and the
  // largest of all stands for each.
  for (float* values : {peak_, bend_}) {
    if (frames_ == kMeterBlockFrames || frames_ == 0) {
      std::memmove(values, values + (frames_ / kGroup), kHistoryGroups * sizeof(float));
    } else {
      const float largest = *std::max_element(values, values + kHistoryGroups + kGroups);
      std::fill_n(values, kHistoryGroups, largest);
    }
  }
}

void TruePeakChannel::load(const float* in, int frames) {
  age_groups();
  frames_ = frames;
  positions_.x = block_.at(-kTruePeakReach);
  positions_.count = frames;
  positions_.half_known = 0;
  block_.load(in, frames);
  sample_peak_ = HWY_DYNAMIC_DISPATCH(summarise)(block_.row(0), peak_ + kHistoryGroups,
                                                 bend_ + kHistoryGroups);
  HWY_DYNAMIC_DISPATCH(bound_groups)(true_peak_design(), peak_, bend_, positions_);
}

void TruePeakChannel::load_unscanned(const float* in, int frames) {
  frames_ = frames;
  positions_.count = 0;
  block_.load_history(in, frames);
  std::fill(std::begin(peak_), std::end(peak_), kUnknownPeak);
  std::fill(std::begin(bend_), std::end(bend_), kUnknownPeak);
}

float TruePeakChannel::maximum(int first, int last, float floor) {
  return HWY_DYNAMIC_DISPATCH(scan_maximum)(true_peak_design(), positions_, first, last, floor);
}

bool TruePeakChannel::over(float threshold, float* peaks) {
  std::memset(peaks, 0, kMeterBlockFrames * sizeof(float));
  return HWY_DYNAMIC_DISPATCH(scan_over)(true_peak_design(), positions_, threshold, peaks);
}

}  // namespace tutti
#endif
