// SPDX-License-Identifier: Apache-2.0
// What a detector hears: mean squares, and the link between the channels of a strip.
#include "host/cpu/lane_kernels.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "host/cpu/lane_level.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
// After foreach_target.h:
#include <hwy/highway.h>
#include "host/cpu/vector_math-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace tutti {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<float, kLanes>;
using V = hn::Vec<D>;
using DD = hn::CappedTag<double, kLanes>;
using DDF = hn::Rebind<float, DD>;
constexpr int kWidth = static_cast<int>(hn::MaxLanes(D()));
constexpr int kDoubleWidth = static_cast<int>(hn::MaxLanes(DD()));

void mean_square(const double* poles, double* states, int frames, const float* in, float* out) {
  const DD d;
  const DDF df;
  for (int lane = 0; lane < kLanes; lane += kDoubleWidth) {
    const auto pole = hn::Load(d, poles + lane);
    const auto rest = hn::Sub(hn::Set(d, 1.0), pole);
    auto state = hn::Load(d, states + lane);
    for (int n = 0; n < frames; ++n) {
      const auto x = hn::PromoteTo(d, hn::Load(df, in + n * kLanes + lane));
      state = hn::MulAdd(pole, state, hn::Mul(rest, hn::Mul(x, x)));
      hn::Store(hn::DemoteTo(df, state), df, out + n * kLanes + lane);
    }
    hn::Store(state, d, states + lane);
  }
}

// Row → the maximum over each lane's strip. After k rotations a lane has heard up to 2^k channels.
HWY_INLINE void strip_maximum(const LinkTable& table, const float* row, float* maximum) {
  const D d;
  if constexpr (kWidth == kLanes) {
    V v = hn::Abs(hn::Load(d, row));
    for (int r = 0; r < table.rotations; ++r) {
      const auto sources = hn::Load(hn::RebindToSigned<D>(), table.sources + r * kLanes);
      v = hn::Max(v, hn::TableLookupLanes(v, hn::IndicesFromVec(d, sources)));
    }
    hn::Store(v, d, maximum);
  } else {
    HWY_ALIGN float previous[kLanes];
    for (int lane = 0; lane < kLanes; lane += kWidth) {
      hn::Store(hn::Abs(hn::Load(d, row + lane)), d, maximum + lane);
    }
    for (int r = 0; r < table.rotations; ++r) {
      for (int lane = 0; lane < kLanes; ++lane) previous[lane] = maximum[lane];
      const std::int32_t* sources = table.sources + r * kLanes;
      for (int lane = 0; lane < kLanes; ++lane) {
        const float other = previous[sources[lane]];
        maximum[lane] = previous[lane] > other ? previous[lane] : other;
      }
    }
  }
}

void link(const LinkTable& table, int frames, const float* in, float* out) {
  const D d;
  const V one = hn::Set(d, 1.0f), silence = hn::Set(d, table.silence);
  const V base = log2_base(d, hn::Zero(d));
  HWY_ALIGN float maximum[kLanes];
  for (int n = 0; n < frames; ++n) {
    strip_maximum(table, in + n * kLanes, maximum);
    for (int lane = 0; lane < kLanes; lane += kWidth) {
      const V share = hn::Load(d, table.link + lane);
      const V own = hn::Abs(hn::Load(d, in + n * kLanes + lane));
      const V loudest = hn::Load(d, maximum + lane);
      V linked = hn::IfThenElse(hn::Ge(share, one), loudest, own);
      if (table.fractional) {
        Bundle<V> level;
        for (V& v : level.v) v = hn::Max(own, silence);
        level.v[0] = hn::Max(loudest, silence);
        log2_bundle(d, base, level);
        const V blend = hn::MulAdd(share, level.v[0], hn::Mul(hn::Sub(one, share), level.v[1]));
        for (V& v : level.v) v = hn::Neg(blend);
        exp2_negative_bundle(d, one, level);
        const auto inside = hn::And(hn::Gt(share, hn::Zero(d)), hn::Lt(share, one));
        linked = hn::IfThenElse(inside, level.v[0], linked);
      }
      hn::Store(linked, d, out + n * kLanes + lane);
    }
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tutti
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tutti {

HWY_EXPORT(mean_square);
HWY_EXPORT(link);

void mean_square_rows(const double* pole, double* state, int frames, const LaneRows& in,
                      LaneRows& out) {
  HWY_DYNAMIC_DISPATCH(mean_square)(pole, state, frames, in.values, out.values);
}

void link_rows(const LinkTable& table, int frames, const LaneRows& in, LaneRows& out) {
  HWY_DYNAMIC_DISPATCH(link)(table, frames, in.values, out.values);
}

}  // namespace tutti
#endif
