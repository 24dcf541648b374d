// SPDX-License-Identifier: Apache-2.0
#include "host/cpu/sums.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "host/cpu/host_tile.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "host/cpu/sums.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
// After foreach_target.h:
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tutti {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

using Doubles = hn::ScalableTag<double>;
using Floats = hn::Rebind<float, Doubles>;

/// Calls vectors(n) for whole vectors and single(n) for the rest.
template <typename Vectors, typename Single>
HWY_INLINE void for_frames(Frames count, Vectors&& vectors, Single&& single) {
  const auto width = static_cast<Frames>(hn::Lanes(Doubles()));
  Frames n = 0;
  for (; n + width <= count; n += width) vectors(n);
  for (; n < count; ++n) single(n);
}

void add_scaled(const float* in, double gain, Frames count, double* sum) {
  const Doubles d;
  const Floats f;
  const auto factor = hn::Set(d, gain);
  for_frames(
      count,
      [&](Frames n) {
        const auto x = hn::PromoteTo(d, hn::LoadU(f, in + n));
        hn::StoreU(hn::MulAdd(factor, x, hn::LoadU(d, sum + n)), d, sum + n);
      },
      [&](Frames n) { sum[n] = std::fma(gain, static_cast<double>(in[n]), sum[n]); });
}

void add_curve(const float* in, const float* gains, Frames count, double* sum) {
  const Doubles d;
  const Floats f;
  for_frames(
      count,
      [&](Frames n) {
        const auto x = hn::PromoteTo(d, hn::LoadU(f, in + n));
        const auto gain = hn::PromoteTo(d, hn::LoadU(f, gains + n));
        hn::StoreU(hn::MulAdd(gain, x, hn::LoadU(d, sum + n)), d, sum + n);
      },
      [&](Frames n) {
        sum[n] = std::fma(static_cast<double>(gains[n]), static_cast<double>(in[n]), sum[n]);
      });
}

void round_all(const double* sum, Frames count, float* out) {
  const Doubles d;
  const Floats f;
  for_frames(
      count, [&](Frames n) { hn::StoreU(hn::DemoteTo(f, hn::LoadU(d, sum + n)), f, out + n); },
      [&](Frames n) { out[n] = static_cast<float>(sum[n]); });
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tutti
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tutti {

HWY_EXPORT(add_scaled);
HWY_EXPORT(add_curve);
HWY_EXPORT(round_all);

void add_to_sum(const float* in, double gain, Frames count, double* sum) {
  HWY_DYNAMIC_DISPATCH(add_scaled)(in, gain, count, sum);
}

void add_to_sum(const float* in, const float* gains, Frames count, double* sum) {
  HWY_DYNAMIC_DISPATCH(add_curve)(in, gains, count, sum);
}

void round_sum(const double* sum, Frames count, float* out) {
  HWY_DYNAMIC_DISPATCH(round_all)(sum, count, out);
}

namespace {

constexpr Frames kChunkFrames = 2048;  // sums of two channels in double stay in the L1 cache

/// Adds frames [done, done + count) of one term to sums[out channel].
void add_term(const SumTerm& term, Frames first_frame, Frames done, Frames count,
              std::vector<std::vector<double>>& sums) {
  std::array<float, kChunkFrames> curve;
  const ConstBlockView in = host_view(term.in.slice(done, count));
  for (std::size_t o = 0; o < sums.size(); ++o)
    for (int i = 0; i < in.channels; ++i) {
      const std::size_t at = o * static_cast<std::size_t>(in.channels) + static_cast<std::size_t>(i);
      if (!term.curves.empty() && term.curves[at]) {
        term.curves[at]->values(first_frame + done, {curve.data(), static_cast<std::size_t>(count)});
        add_to_sum(in.channel(i), curve.data(), count, sums[o].data());
      } else if (term.gains[at] != 0.0) {
        add_to_sum(in.channel(i), term.gains[at], count, sums[o].data());
      }
    }
}

}  // namespace

void sum_terms(Frames first_frame, std::span<const SumTerm> terms, TileView out) {
  const BlockView to = host_view(out);
  std::vector<std::vector<double>> sums(static_cast<std::size_t>(to.channels),
                                        std::vector<double>(kChunkFrames));
  for (Frames done = 0; done < to.frames; done += kChunkFrames) {
    const Frames count = std::min(kChunkFrames, to.frames - done);
    for (auto& sum : sums) std::fill(sum.begin(), sum.end(), 0.0);
    for (const SumTerm& term : terms)
      if (term.in.sounds()) add_term(term, first_frame, done, count, sums);
    for (int c = 0; c < to.channels; ++c) round_sum(sums[c].data(), count, to.channel(c) + done);
  }
}

}  // namespace tutti
#endif
