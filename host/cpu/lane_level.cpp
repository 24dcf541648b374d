// SPDX-License-Identifier: Apache-2.0
// What a detector hears, lane by lane: magnitude, mean square, level in log2, and the link between
// the channels of a strip.
#include "host/cpu/lane_kernels.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "host/cpu/lane_level.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// After foreach_target.h:
#include "host/cpu/vector_math-inl.hpp"
#include "hwy/highway.h"

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

void magnitude(const float* in, int frames, float* out) {
  const D d;
  for (int i = 0; i < frames * kLanes; i += kWidth) {
    hn::Store(hn::Abs(hn::Load(d, in + i)), d, out + i);
  }
}

// kSilenceLog2 = −60, of an amplitude and of its square.
constexpr float kSilence = 0x1p-60f;
constexpr float kSilenceSquared = 0x1p-120f;

void level(const float* in, bool is_mean_square, int frames, float* out) {
  const D d;
  if (is_mean_square) {
    for (int i = 0; i < frames * kLanes; i += kWidth) {
      const V x = hn::Max(hn::Load(d, in + i), hn::Set(d, kSilenceSquared));
      hn::Store(hn::Mul(hn::Set(d, 0.5f), log2_vector(d, x)), d, out + i);
    }
  } else {
    for (int i = 0; i < frames * kLanes; i += kWidth) {
      const V x = hn::Max(hn::Abs(hn::Load(d, in + i)), hn::Set(d, kSilence));
      hn::Store(log2_vector(d, x), d, out + i);
    }
  }
}

// Row → the maximum over each lane's strip. After k rotations a lane has heard up to 2^k channels.
HWY_INLINE void strip_maximum(const LinkTable& table, const float* row, float* maximum) {
  const D d;
  if constexpr (kWidth == kLanes) {
    V v = hn::Load(d, row);
    for (int r = 0; r < table.rotations; ++r) {
      const auto sources = hn::Load(hn::RebindToSigned<D>(), table.sources + r * kLanes);
      v = hn::Max(v, hn::TableLookupLanes(v, hn::IndicesFromVec(d, sources)));
    }
    hn::Store(v, d, maximum);
  } else {
    HWY_ALIGN float previous[kLanes];
    for (int lane = 0; lane < kLanes; lane += kWidth) {
      hn::Store(hn::Load(d, row + lane), d, maximum + lane);
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

void link_level(const LinkTable& table, int frames, float* rows) {
  const D d;
  HWY_ALIGN float maximum[kLanes];
  for (int n = 0; n < frames; ++n) {
    float* row = rows + n * kLanes;
    strip_maximum(table, row, maximum);
    for (int lane = 0; lane < kLanes; lane += kWidth) {
      // A link of 0 or 1 gives its side exactly.
      const V link = hn::Load(d, table.link + lane);
      const V own = hn::Mul(hn::Sub(hn::Set(d, 1.0f), link), hn::Load(d, row + lane));
      hn::Store(hn::MulAdd(link, hn::Load(d, maximum + lane), own), d, row + lane);
    }
  }
}

void link_magnitude(const LinkTable& table, int frames, float* rows) {
  const D d;
  const V one = hn::Set(d, 1.0f), silence = hn::Set(d, kSilence);
  HWY_ALIGN float maximum[kLanes];
  for (int n = 0; n < frames; ++n) {
    float* row = rows + n * kLanes;
    strip_maximum(table, row, maximum);
    for (int lane = 0; lane < kLanes; lane += kWidth) {
      const V link = hn::Load(d, table.link + lane);
      const V own = hn::Load(d, row + lane), loudest = hn::Load(d, maximum + lane);
      V linked = hn::IfThenElse(hn::Ge(link, one), loudest, own);
      if (table.fractional) {
        const V level =
            hn::MulAdd(link, log2_vector(d, hn::Max(loudest, silence)),
                       hn::Mul(hn::Sub(one, link), log2_vector(d, hn::Max(own, silence))));
        const auto inside = hn::And(hn::Gt(link, hn::Zero(d)), hn::Lt(link, one));
        linked = hn::IfThenElse(inside, exp2_vector(d, level), linked);
      }
      hn::Store(linked, d, row + lane);
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
HWY_EXPORT(magnitude);
HWY_EXPORT(level);
HWY_EXPORT(link_level);
HWY_EXPORT(link_magnitude);

void mean_square_rows(const double* pole, double* state, int frames, const LaneRows& in,
                      LaneRows& out) {
  HWY_DYNAMIC_DISPATCH(mean_square)(pole, state, frames, in.values, out.values);
}

void magnitude_rows(const LaneRows& in, int frames, LaneRows& out) {
  HWY_DYNAMIC_DISPATCH(magnitude)(in.values, frames, out.values);
}

void level_rows(const LaneRows& in, bool mean_square, int frames, LaneRows& out) {
  HWY_DYNAMIC_DISPATCH(level)(in.values, mean_square, frames, out.values);
}

void link_level_rows(const LinkTable& table, int frames, LaneRows& levels) {
  HWY_DYNAMIC_DISPATCH(link_level)(table, frames, levels.values);
}

void link_magnitude_rows(const LinkTable& table, int frames, LaneRows& magnitudes) {
  HWY_DYNAMIC_DISPATCH(link_magnitude)(table, frames, magnitudes.values);
}

}  // namespace tutti
#endif
