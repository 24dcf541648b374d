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

template <int kTerms>
void add_some(const ScaledInput* terms, Frames count, double* sum) {
  const Doubles d;
  const Floats f;
  for_frames(
      count,
      [&](Frames n) {
        auto total = hn::LoadU(d, sum + n);
        for (int t = 0; t < kTerms; ++t) {
          const auto x = hn::PromoteTo(d, hn::LoadU(f, terms[t].in + n));
          total = hn::MulAdd(hn::Set(d, terms[t].gain), x, total);
        }
        hn::StoreU(total, d, sum + n);
      },
      [&](Frames n) {
        for (int t = 0; t < kTerms; ++t)
          sum[n] = std::fma(terms[t].gain, static_cast<double>(terms[t].in[n]), sum[n]);
      });
}

void add_scaled(std::span<const ScaledInput> terms, Frames count, double* sum) {
  while (terms.size() >= 4) {
    add_some<4>(terms.data(), count, sum);
    terms = terms.subspan(4);
  }
  for (const ScaledInput& term : terms) add_some<1>(&term, count, sum);
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

void add_to_sum(std::span<const ScaledInput> terms, Frames count, double* sum) {
  HWY_DYNAMIC_DISPATCH(add_scaled)(terms, count, sum);
}

void add_to_sum(const float* in, const float* gains, Frames count, double* sum) {
  HWY_DYNAMIC_DISPATCH(add_curve)(in, gains, count, sum);
}

void round_sum(const double* sum, Frames count, float* out) {
  HWY_DYNAMIC_DISPATCH(round_all)(sum, count, out);
}

namespace {

constexpr Frames kChunkFrames = 2048;  // the sum of a channel in double stays in the L1 cache

/// The sum of one output channel over one chunk: static terms are gathered and added together, which
/// reads and writes the sum once for several of them. The order of the terms stays.
class ChunkSum {
 public:
  void begin(Frames count) {
    count_ = count;
    std::fill_n(sum_.begin(), count, 0.0);
  }

  void add(const float* in, double gain) { waiting_.push_back({in, gain}); }

  void add(const float* in, const GainCurve& curve, Frames first_frame) {
    add_waiting();
    std::array<float, kChunkFrames> gains;
    curve.values(first_frame, {gains.data(), static_cast<std::size_t>(count_)});
    add_to_sum(in, gains.data(), count_, sum_.data());
  }

  void finish(float* out) {
    add_waiting();
    round_sum(sum_.data(), count_, out);
  }

 private:
  void add_waiting() {
    add_to_sum(waiting_, count_, sum_.data());
    waiting_.clear();
  }

  Frames count_ = 0;
  std::vector<double> sum_ = std::vector<double>(kChunkFrames);
  std::vector<ScaledInput> waiting_;
};

/// Adds frames [done, done + count) of one term to the sums of the output channels.
void add_term(const SumTerm& term, Frames first_frame, Frames done, Frames count,
              std::vector<ChunkSum>& sums) {
  const ConstBlockView in = host_view(term.in.slice(done, count));
  for (std::size_t o = 0; o < sums.size(); ++o)
    for (int i = 0; i < in.channels; ++i) {
      const std::size_t at = o * static_cast<std::size_t>(in.channels) + static_cast<std::size_t>(i);
      if (!term.curves.empty() && term.curves[at])
        sums[o].add(in.channel(i), *term.curves[at], first_frame + done);
      else if (term.gains[at] != 0.0)
        sums[o].add(in.channel(i), term.gains[at]);
    }
}

}  // namespace

void sum_terms(Frames first_frame, std::span<const SumTerm> terms, TileView out) {
  const BlockView to = host_view(out);
  std::vector<ChunkSum> sums(static_cast<std::size_t>(to.channels));
  for (Frames done = 0; done < to.frames; done += kChunkFrames) {
    const Frames count = std::min(kChunkFrames, to.frames - done);
    for (ChunkSum& sum : sums) sum.begin(count);
    for (const SumTerm& term : terms)
      if (term.in.sounds()) add_term(term, first_frame, done, count, sums);
    for (int c = 0; c < to.channels; ++c) sums[c].finish(to.channel(c) + done);
  }
}

}  // namespace tutti
#endif
