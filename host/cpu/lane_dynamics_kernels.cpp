// SPDX-License-Identifier: Apache-2.0
// From a level to a gain, lane by lane: static curve, gate, ballistics, application.
#include "host/cpu/lane_kernels.hpp"
#include "host/cpu/lane_pairs.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "host/cpu/lane_dynamics_kernels.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
// After foreach_target.h:
#include <hwy/highway.h>
#include "host/cpu/vector_math-inl.hpp"
#include "host/dsp/level_curve.hpp"

HWY_BEFORE_NAMESPACE();
namespace tutti {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<float, kLanes>;
using V = hn::Vec<D>;
using DD = hn::CappedTag<double, kLanes>;
using DDF = hn::Rebind<float, DD>;
using VD = hn::Vec<DD>;
constexpr int kWidth = static_cast<int>(hn::MaxLanes(D()));
constexpr int kDoubleWidth = static_cast<int>(hn::MaxLanes(DD()));

// The compressor's peak detector has the sign + and the factor 1: there the offset goes into the
// logarithm for nothing, and silence needs no floor, for u is 0 anyway.
template <bool kPeakAbove>
void curve_kind(const CurveTable& table, int frames, const float* in, float* out) {
  const D d;
  const V zero = hn::Zero(d), one = hn::Set(d, 1.0f);
  const V factor = hn::Set(d, (table.below ? -1.0f : 1.0f) * (table.mean_square ? 0.5f : 1.0f));
  const V floor = hn::Set(d, table.mean_square ? kSilentMeanSquare : kSilentMagnitude);
  for (int lane = 0; lane < kLanes; lane += kWidth) {
    const V offset = hn::Load(d, table.offset + lane);
    const V base = log2_base(d, kPeakAbove ? offset : zero);
    const V knee = hn::Load(d, table.knee + lane);
    const V knee_scale = hn::Load(d, table.knee_scale + lane);
    const V slope = hn::Load(d, table.slope + lane), limit = hn::Load(d, table.limit + lane);
    // Rows past `frames`, up to the bundle, are computed and not used.
    for (int n = 0; n < frames; n += kBundle) {
      Bundle<V> u;
      for (int i = 0; i < kBundle; ++i) {
        const V x = hn::Load(d, in + (n + i) * kLanes + lane);
        u.v[i] = kPeakAbove ? x : hn::Max(hn::Abs(x), floor);
      }
      log2_bundle(d, base, u);
      for (int i = 0; i < kBundle; ++i) {
        if constexpr (!kPeakAbove) u.v[i] = hn::MulAdd(factor, u.v[i], offset);
        const V over = hn::Max(u.v[i], zero), t = hn::Min(over, knee);
        const V excess = hn::NegMulAdd(t, hn::NegMulAdd(t, knee_scale, one), over);
        hn::Store(hn::Min(hn::Mul(slope, excess), limit), d, out + (n + i) * kLanes + lane);
      }
    }
  }
}

void curve(const CurveTable& table, int frames, const float* in, float* out) {
  table.below || table.mean_square ? curve_kind<false>(table, frames, in, out)
                                   : curve_kind<true>(table, frames, in, out);
}

// One step of two smoothers side by side hides half of the latency of their recurrences.
template <Smoothing kKind>
struct Smoother {
  VD attack, attack_rest, release, release_rest, held, smoothed;

  HWY_INLINE void load(const SmootherTable& table, int lane) {
    const DD d;
    attack = hn::Load(d, table.attack_pole + lane);
    release = hn::Load(d, table.release_pole + lane);
    attack_rest = hn::Sub(hn::Set(d, 1.0), attack);
    release_rest = hn::Sub(hn::Set(d, 1.0), release);
    held = hn::Load(d, table.held + lane);
    smoothed = hn::Load(d, table.smoothed + lane);
  }

  HWY_INLINE void step(VD c) {
    constexpr bool kOne = kKind == Smoothing::branching || kKind == Smoothing::gate;
    const VD released = hn::MulAdd(release, kOne ? smoothed : held, hn::Mul(release_rest, c));
    if constexpr (kOne) {
      const VD attacked = hn::MulAdd(attack, smoothed, hn::Mul(attack_rest, c));
      const auto attacks =
          kKind == Smoothing::gate ? hn::Ge(c, hn::Set(DD(), 1.0)) : hn::Gt(c, smoothed);
      smoothed = hn::IfThenElse(attacks, attacked, released);
    } else {
      held = kKind == Smoothing::peak_down ? hn::Max(c, released) : hn::Min(c, released);
      smoothed = hn::MulAdd(attack, smoothed, held);
    }
  }

  HWY_INLINE void store(const SmootherTable& table, int lane) const {
    const DD d;
    hn::Store(held, d, table.held + lane);
    hn::Store(smoothed, d, table.smoothed + lane);
  }
};

template <Smoothing kKind>
void smooth_kind(const SmootherTable& table, int lanes, int frames, float* rows) {
  const DD d;
  const DDF df;
  for (int lane = 0; lane < lanes; lane += 2 * kDoubleWidth) {
    Smoother<kKind> a, b;
    a.load(table, lane);
    b.load(table, lane + kDoubleWidth);
    for (int n = 0; n < frames; ++n) {
      float* row = rows + n * kLanes + lane;
      a.step(hn::PromoteTo(d, hn::Load(df, row)));
      b.step(hn::PromoteTo(d, hn::Load(df, row + kDoubleWidth)));
      hn::Store(hn::DemoteTo(df, a.smoothed), df, row);
      hn::Store(hn::DemoteTo(df, b.smoothed), df, row + kDoubleWidth);
    }
    a.store(table, lane);
    b.store(table, lane + kDoubleWidth);
  }
}

void smooth(const SmootherTable& table, int lanes, int frames, float* rows) {
  switch (table.kind) {
    case Smoothing::peak_down:
      return smooth_kind<Smoothing::peak_down>(table, lanes, frames, rows);
    case Smoothing::peak_up:
      return smooth_kind<Smoothing::peak_up>(table, lanes, frames, rows);
    case Smoothing::branching:
      return smooth_kind<Smoothing::branching>(table, lanes, frames, rows);
    case Smoothing::gate:
      return smooth_kind<Smoothing::gate>(table, lanes, frames, rows);
  }
}

void gate(const GateTable& table, int frames, const float* in, float* out) {
  const D d;
  const V zero = hn::Zero(d), one = hn::Set(d, 1.0f);
  for (int lane = 0; lane < kLanes; lane += kWidth) {
    const V open_above = hn::Load(d, table.open_above + lane);
    const V close_below = hn::Load(d, table.close_below + lane);
    const V hold = hn::Load(d, table.hold + lane), range = hn::Load(d, table.range + lane);
    auto open = hn::Gt(hn::Load(d, table.open + lane), zero);
    V left = hn::Load(d, table.hold_left + lane);
    for (int n = 0; n < frames; ++n) {
      const V x = hn::Abs(hn::Load(d, in + n * kLanes + lane));
      // Open and not below: the hold starts anew. Open and below: it runs, and at its end we close.
      const auto kept = hn::Or(hn::Gt(x, open_above), hn::And(open, hn::Ge(x, close_below)));
      open = hn::Or(kept, hn::And(open, hn::Gt(left, zero)));
      left = hn::IfThenElse(kept, hold, hn::Max(hn::Sub(left, one), zero));
      hn::Store(hn::IfThenElse(open, one, range), d, out + n * kLanes + lane);
    }
    hn::Store(hn::IfThenElseZero(open, one), d, table.open + lane);
    hn::Store(left, d, table.hold_left + lane);
  }
}

template <bool kReductions, bool kMix>
void apply_kind(const GainTable& table, int frames, float* signal) {
  const D d;
  for (int lane = 0; lane < kLanes; lane += kWidth) {
    const V share = kMix ? hn::Load(d, table.mix + lane) : hn::Set(d, 1.0f);
    const V rest = hn::Sub(hn::Set(d, 1.0f), share);
    const V scale = kReductions ? hn::Load(d, table.reduction_scale + lane) : rest;
    const float* gains = table.gains.values + lane;
    const float* controls = table.control ? table.control->values + lane : nullptr;
    const std::ptrdiff_t stride = table.gains.stride;
    for (int n = 0; n < frames; n += kBundle) {
      Bundle<V> g;
      for (int i = 0; i < kBundle; ++i) {
        g.v[i] = controls ? hn::Load(d, controls + (n + i) * kLanes) : hn::Set(d, 1.0f);
      }
      if constexpr (kReductions) exp2_negative_bundle(d, scale, g);
      for (int i = 0; i < kBundle; ++i) {
        V gain = hn::Mul(g.v[i], hn::Load(d, gains + (n + i) * stride));
        if constexpr (kMix) gain = hn::MulAdd(share, gain, rest);
        float* x = signal + (n + i) * kLanes + lane;
        hn::Store(hn::Mul(gain, hn::Load(d, x)), d, x);
      }
    }
  }
}

void apply(const GainTable& table, int frames, float* signal) {
  if (table.reduction_scale) {
    table.mix ? apply_kind<true, true>(table, frames, signal)
              : apply_kind<true, false>(table, frames, signal);
  } else {
    table.mix ? apply_kind<false, true>(table, frames, signal)
              : apply_kind<false, false>(table, frames, signal);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tutti
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tutti {

HWY_EXPORT(curve);
HWY_EXPORT(smooth);
HWY_EXPORT(gate);
HWY_EXPORT(apply);

void curve_rows(const CurveTable& table, int lanes, int frames, const LaneRows& in, LaneRows& out) {
  if (lanes > kPairLanes) return HWY_DYNAMIC_DISPATCH(curve)(table, frames, in.values, out.values);
  const FoldedColumn offset(table.offset), knee(table.knee), knee_scale(table.knee_scale);
  const FoldedColumn slope(table.slope), limit(table.limit);
  LaneRows folded;
  fold_pairs(in.values, frames, folded);
  HWY_DYNAMIC_DISPATCH(curve)
  ({table.below, table.mean_square, offset.data(), knee.data(), knee_scale.data(), slope.data(),
    limit.data()},
   folded_frames(frames), folded.values, folded.values);
  unfold_pairs(folded, frames, out);
}

void smooth_rows(const SmootherTable& table, int lanes, int frames, LaneRows& rows) {
  HWY_DYNAMIC_DISPATCH(smooth)(table, lanes, frames, rows.values);
}

void gate_rows(const GateTable& table, int frames, const LaneRows& in, LaneRows& out) {
  HWY_DYNAMIC_DISPATCH(gate)(table, frames, in.values, out.values);
}

void apply_rows(const GainTable& table, int lanes, int frames, LaneRows& signal) {
  if (lanes > kPairLanes) return HWY_DYNAMIC_DISPATCH(apply)(table, frames, signal.values);
  const FoldedColumn scale(table.reduction_scale), mix(table.mix);
  const FoldedColumn gain(table.gains.stride == 0 ? table.gains.values : nullptr);
  LaneRows folded, control, gains;
  fold_pairs(signal.values, frames, folded);
  if (table.control) fold_pairs(table.control->values, frames, control);
  if (table.gains.stride != 0) fold_pairs(table.gains.values, frames, gains);
  GainTable narrow{table.control ? &control : nullptr, scale.data(), {gain.data(), 0}, mix.data()};
  if (table.gains.stride != 0) narrow.gains = {gains.values, kLanes};
  HWY_DYNAMIC_DISPATCH(apply)(narrow, folded_frames(frames), folded.values);
  unfold_pairs(folded, frames, signal);
}

}  // namespace tutti
#endif
