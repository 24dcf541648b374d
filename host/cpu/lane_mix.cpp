// SPDX-License-Identifier: Apache-2.0
// Sums over lanes, a vector of frames at a time: the rows have been transposed once, so that every
// sum of every bus is plain products and additions.
#include <algorithm>

#include "host/cpu/lane_kernels.hpp"
#include "host/cpu/lane_pairs.hpp"

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

// The products of kWidth frames from `n` on, added in the fixed tree.
template <class Gain>
HWY_INLINE V sum_lanes(const float* planes, int n, Gain gain) {
  const D d;
  const auto quarter = [&](int lane) HWY_ATTR {  // lanes `lane`, + 4, + 8, + 12
    const auto product = [&](int l) HWY_ATTR {
      return hn::Mul(hn::Load(d, planes + l * kControlFrames + n), gain(l));
    };
    return hn::Add(hn::Add(product(lane), product(lane + 8)),
                   hn::Add(product(lane + 4), product(lane + 12)));
  };
  const V even = hn::Add(quarter(0), quarter(2)), odd = hn::Add(quarter(1), quarter(3));
  return hn::Add(even, odd);
}

HWY_INLINE void store_frames(V sums, int count, float* out) {
  const D d;
  // +0 + −0 = +0: the sign of a sum of zeros hangs on who else is in the group.
  sums = hn::Add(sums, hn::Zero(d));
  if (count >= kWidth) {
    hn::StoreU(sums, d, out);
    return;
  }
  alignas(64) float values[kWidth];
  hn::Store(sums, d, values);
  std::copy_n(values, count, out);
}

void mix(const float* planes, const float* gains, int frames, float* out) {
  V columns[kLanes];
  for (int lane = 0; lane < kLanes; ++lane) columns[lane] = hn::Set(D(), gains[lane]);
  for (int n = 0; n < frames; n += kWidth) {
    const V sums = sum_lanes(planes, n, [&](int lane) HWY_ATTR { return columns[lane]; });
    store_frames(sums, frames - n, out + n);
  }
}

// What the tree comes to where all lanes but two are silent.
void mix_pair(const float* planes, const float* gains, int frames, float* out) {
  const D d;
  const V first = hn::Set(d, gains[0]), second = hn::Set(d, gains[1]);
  for (int n = 0; n < frames; n += kWidth) {
    const V sums = hn::Add(hn::Mul(hn::Load(d, planes + n), first),
                           hn::Mul(hn::Load(d, planes + kControlFrames + n), second));
    store_frames(sums, frames - n, out + n);
  }
}

void mix_moving(const float* planes, const float* gains, int frames, float* out) {
  for (int n = 0; n < frames; n += kWidth) {
    const V sums = sum_lanes(planes, n, [&](int lane) HWY_ATTR {
      return hn::Load(D(), gains + lane * kControlFrames + n);
    });
    store_frames(sums, frames - n, out + n);
  }
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
HWY_EXPORT(mix_pair);
HWY_EXPORT(mix_moving);
HWY_EXPORT(blend);

void mix_planes(const LanePlanes& planes, int lanes, const float* gains, int frames, float* out) {
  if (lanes > kPairLanes) return HWY_DYNAMIC_DISPATCH(mix)(planes.values, gains, frames, out);
  HWY_DYNAMIC_DISPATCH(mix_pair)(planes.values, gains, frames, out);
}

void mix_planes(const LanePlanes& planes, const LanePlanes& gains, int frames, float* out) {
  HWY_DYNAMIC_DISPATCH(mix_moving)(planes.values, gains.values, frames, out);
}

void blend_rows(const LaneRows& dry, const float* mix, int frames, LaneRows& wet) {
  HWY_DYNAMIC_DISPATCH(blend)(dry.values, mix, frames, wet.values);
}

}  // namespace tutti
#endif
