// SPDX-License-Identifier: Apache-2.0
// Sums over the lanes of a row, a vector width of frames at a time: partial transposition and
// addition alternate, so that 16 horizontal sums cost 15 vector additions and not 16 × 4.
#include <algorithm>

#include "host/cpu/lane_kernels.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "host/cpu/lane_mix.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
// After foreach_target.h:
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tutti {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<float, kLanes>;
using V = hn::Vec<D>;
constexpr int kWidth = static_cast<int>(hn::MaxLanes(D()));

struct Rows {
  const float* signal;
  const float* gains;
  int gain_stride;

  HWY_INLINE V weighted(int frame, int lane) const {
    const D d;
    return hn::Mul(hn::Load(d, signal + frame * kLanes + lane),
                   hn::Load(d, gains + frame * gain_stride + lane));
  }
};

#if HWY_TARGET == HWY_SCALAR

HWY_INLINE V sum_lanes(const Rows& rows, int frame) {
  V sums[kLanes];
  for (int lane = 0; lane < kLanes; ++lane) sums[lane] = rows.weighted(frame, lane);
  for (int half = kLanes / 2; half > 0; half /= 2) {
    for (int lane = 0; lane < half; ++lane) sums[lane] = hn::Add(sums[lane], sums[lane + half]);
  }
  return sums[0];
}

#else

static_assert(kWidth == 4 || kWidth == 8 || kWidth == 16);

// Block b of the result: the four sums (l, l + 4 of l, l + 8) of frame `frame` + 4b.
HWY_INLINE V fold_to_blocks(const Rows& rows, int frame) {
  const D d;
  if constexpr (kWidth == 4) {
    return hn::Add(hn::Add(rows.weighted(frame, 0), rows.weighted(frame, 8)),
                   hn::Add(rows.weighted(frame, 4), rows.weighted(frame, 12)));
  } else if constexpr (kWidth == 8) {
    const V a = hn::Add(rows.weighted(frame, 0), rows.weighted(frame, 8));
    const V b = hn::Add(rows.weighted(frame + 4, 0), rows.weighted(frame + 4, 8));
    return hn::Add(hn::ConcatLowerLower(d, b, a), hn::ConcatUpperUpper(d, b, a));
  } else {
    // ac = [a0 a1 c0 c1] in blocks of four lanes, a and c being frames 0 and 8, b and d 4 and 12.
    const V a = rows.weighted(frame, 0), b = rows.weighted(frame + 4, 0);
    const V c = rows.weighted(frame + 8, 0), e = rows.weighted(frame + 12, 0);
    const V ac = hn::Add(hn::ConcatLowerLower(d, c, a), hn::ConcatUpperUpper(d, c, a));
    const V be = hn::Add(hn::ConcatLowerLower(d, e, b), hn::ConcatUpperUpper(d, e, b));
    return hn::Add(hn::OddEvenBlocks(hn::SwapAdjacentBlocks(be), ac),
                   hn::OddEvenBlocks(be, hn::SwapAdjacentBlocks(ac)));
  }
}

// The sums of kWidth frames from `frame` on, in order.
HWY_INLINE V sum_lanes(const Rows& rows, int frame) {
  const D d;
  const hn::RepartitionToWide<D> dw;
  const V p = fold_to_blocks(rows, frame), q = fold_to_blocks(rows, frame + 1);
  const V r = fold_to_blocks(rows, frame + 2), s = fold_to_blocks(rows, frame + 3);
  // Per block: [P0+P2, Q0+Q2, P1+P3, Q1+Q3].
  const auto pq =
      hn::BitCast(dw, hn::Add(hn::InterleaveLower(d, p, q), hn::InterleaveUpper(d, p, q)));
  const auto rs =
      hn::BitCast(dw, hn::Add(hn::InterleaveLower(d, r, s), hn::InterleaveUpper(d, r, s)));
  return hn::Add(hn::BitCast(d, hn::InterleaveLower(dw, pq, rs)),
                 hn::BitCast(d, hn::InterleaveUpper(dw, pq, rs)));
}

#endif

void mix(const float* signal, const float* gains, int gain_stride, int frames, float* out) {
  const D d;
  const Rows rows{signal, gains, gain_stride};
  int n = 0;
  for (; n + kWidth <= frames; n += kWidth) {
    hn::StoreU(hn::Add(hn::LoadU(d, out + n), sum_lanes(rows, n)), d, out + n);
  }
  if (n == frames) return;
  // Rows past `frames` hold whatever was there: their sums are not used.
  alignas(64) float sums[kWidth];
  hn::Store(sum_lanes(rows, n), d, sums);
  for (int i = 0; n + i < frames; ++i) out[n + i] += sums[i];
}

void blend(const float* dry, const float* mix_column, int frames, float* wet) {
  const D d;
  for (int lane = 0; lane < kLanes; lane += kWidth) {
    const V share = hn::Load(d, mix_column + lane);
    const V rest = hn::Sub(hn::Set(d, 1.0f), share);
    for (int n = 0; n < frames; ++n) {
      const int i = n * kLanes + lane;
      // A share of 1 gives the wet sample exactly: it does not depend on the neighbours' shares.
      hn::Store(hn::MulAdd(share, hn::Load(d, wet + i), hn::Mul(rest, hn::Load(d, dry + i))), d,
                wet + i);
    }
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tutti
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tutti {

HWY_EXPORT(mix);
HWY_EXPORT(blend);

void mix_rows(const LaneRows& rows, RowGains gains, int frames, float* out) {
  HWY_DYNAMIC_DISPATCH(mix)(rows.values, gains.values, gains.stride, frames, out);
}

void blend_rows(const LaneRows& dry, const float* mix, int frames, LaneRows& wet) {
  HWY_DYNAMIC_DISPATCH(blend)(dry.values, mix, frames, wet.values);
}

}  // namespace tutti
#endif
