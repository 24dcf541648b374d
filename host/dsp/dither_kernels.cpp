// SPDX-License-Identifier: Apache-2.0
#include "host/dsp/dither_kernels.hpp"

#include <algorithm>
#include <bit>

#include "host/dsp/philox.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "host/dsp/dither_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tutti::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

constexpr std::size_t kCounters = kNoiseStep / 8;
using Words = hn::CappedTag<std::uint32_t, kCounters>;
using WordVec = hn::Vec<Words>;

/// 32 × 32 → 64 bits: the high words in `high`, the low ones returned.
HWY_INLINE WordVec multiply(WordVec x, std::uint32_t factor, WordVec& high) {
  const Words d;
#if HWY_TARGET == HWY_SCALAR
  const std::uint64_t product = std::uint64_t{factor} * hn::GetLane(x);
  high = hn::Set(d, static_cast<std::uint32_t>(product >> 32));
  return hn::Set(d, static_cast<std::uint32_t>(product));
#else
  const hn::RepartitionToWide<Words> wide;
  const auto f = hn::Set(d, factor);
  const auto even = hn::MulEven(x, f);
  const auto odd = hn::MulEven(hn::BitCast(d, hn::ShiftRight<32>(hn::BitCast(wide, x))), f);
  high = hn::OddEven(hn::BitCast(d, odd), hn::BitCast(d, hn::ShiftRight<32>(even)));
  return hn::OddEven(hn::BitCast(d, hn::ShiftLeft<32>(odd)), hn::BitCast(d, even));
#endif
}

// philox_round, many counters at once.
HWY_INLINE void round_words(WordVec* x, std::uint32_t key0, std::uint32_t key1) {
  const Words d;
  WordVec high0, high1;
  const WordVec low0 = multiply(x[0], kPhiloxFactor0, high0);
  const WordVec low1 = multiply(x[2], kPhiloxFactor1, high1);
  x[0] = hn::Xor(hn::Xor(high1, x[1]), hn::Set(d, key0));
  x[1] = low1;
  x[2] = hn::Xor(hn::Xor(high0, x[3]), hn::Set(d, key1));
  x[3] = low0;
}

// One counter serves four frames. Two vectors of counters at a time hide the latency of the rounds.
void noise_of(const NoiseStream& stream, std::uint64_t group, std::size_t count,
              std::int32_t* HWY_RESTRICT noise) {
  const Words d;
  const hn::RebindToSigned<Words> to;
  const std::size_t lanes = hn::Lanes(d);
  const auto counters = [&](std::uint64_t first, WordVec* x) {
    alignas(64) std::uint32_t low[kCounters], high[kCounters];
    for (std::size_t i = 0; i < lanes; ++i) {
      low[i] = static_cast<std::uint32_t>(first + i);
      high[i] = static_cast<std::uint32_t>((first + i) >> 32);
    }
    x[0] = hn::Load(d, low);
    x[1] = hn::Load(d, high);
    x[2] = hn::Set(d, static_cast<std::uint32_t>(stream.channel));
    x[3] = hn::Zero(d);
  };
  const auto difference = [&](WordVec word) {
    return hn::Sub(hn::BitCast(to, hn::And(word, hn::Set(d, 0xffffu))),
                   hn::BitCast(to, hn::ShiftRight<16>(word)));
  };
  const auto store = [&](const WordVec* x, std::int32_t* out) {
    hn::StoreInterleaved4(difference(x[0]), difference(x[1]), difference(x[2]), difference(x[3]), to,
                          out);
  };
  for (std::size_t n = 0; n < count; n += 8 * lanes) {
    WordVec x[4], y[4];
    counters(group + n / 4, x);
    counters(group + n / 4 + lanes, y);
    auto key0 = static_cast<std::uint32_t>(stream.seed);
    auto key1 = static_cast<std::uint32_t>(stream.seed >> 32);
    for (int i = 0; i < kPhiloxRounds; ++i, key0 += kPhiloxWeyl0, key1 += kPhiloxWeyl1) {
      round_words(x, key0, key1);
      round_words(y, key0, key1);
    }
    store(x, noise + n);
    store(y, noise + n + 4 * lanes);
  }
}

// 1.5·2^52 has its units in the last place: the sum's low 32 bits are the nearest whole number, ties
// to even, in two's complement. Everything after it is 32-bit arithmetic.
std::int64_t round_all(const float* HWY_RESTRICT in, const std::int32_t* HWY_RESTRICT noise,
                       std::size_t count, double scale, std::int32_t* HWY_RESTRICT out) {
  constexpr double kUnitShift = 0x1.8p52;
  const auto highest = static_cast<std::int32_t>(scale - 1);
  const std::int32_t lowest = -highest - 1;
  std::int32_t clipped = 0;
  for (std::size_t n = 0; n < count; ++n) {
    const double wanted = static_cast<double>(in[n]) * scale + noise[n] * kNoiseUnit;
    const double limited = std::min(std::max(wanted, -scale - 2), scale + 1);
    const auto value = static_cast<std::int32_t>(std::bit_cast<std::int64_t>(limited + kUnitShift));
    const std::int32_t kept = std::min(std::max(value, lowest), highest);
    clipped += static_cast<std::int32_t>(kept != value);
    out[n] = kept;
  }
  return clipped;
}

// out = in · scale + what was fed back, rounded with the noise: what depends on no other frame.
void shaped_input(const ShapedLane* lanes, std::size_t count, double scale, double (*in)[2],
                  double (*noise)[2]) {
  for (int lane = 0; lane < 2; ++lane) {
    const ShapedLane& io = lanes[lane];
    for (std::size_t n = 0; n < count; ++n) {
      in[n][lane] = static_cast<double>(io.in[n]) * scale;
      noise[n][lane] = io.noise[n] * kNoiseUnit;
    }
  }
}

std::int64_t shaped_output(const ShapedLane* lanes, std::size_t count, double scale,
                           const double (*rounded)[2]) {
  std::int64_t clipped = 0;
  for (int lane = 0; lane < 2; ++lane)
    for (std::size_t n = 0; n < count; ++n) {
      const double kept = std::min(std::max(rounded[n][lane], -scale), scale - 1);
      clipped += kept != rounded[n][lane];
      lanes[lane].out[n] = static_cast<std::int32_t>(kept);
    }
  return clipped;
}

// With error e = out − wanted, out = in + noise·NTF needs wanted = in + Σ h[k]·e[n−1−k]. The sum is
// kept transposed: ahead[k] already holds the share of the past in the wanted value k frames ahead, so
// that only one product stands between an error and the next sample. The error is that of the
// unclipped value: clipping must not wind the filter up.
std::int64_t shape_pair(const ShapedLane* lanes, std::size_t count, const ShapingFilter& filter,
                        double scale) {
  const hn::CappedTag<double, 2> d;
  using Vec = hn::Vec<decltype(d)>;
  alignas(64) double in[kShapedFrames][2], noise[kShapedFrames][2], rounded[kShapedFrames][2];
  shaped_input(lanes, count, scale, in, noise);
  for (int lane = 0; lane < 2; lane += static_cast<int>(hn::Lanes(d))) {
    alignas(64) double state[2];
    Vec ahead[kShapingOrder + 1], taps[kShapingOrder];
    ahead[kShapingOrder] = hn::Zero(d);
    for (std::size_t k = 0; k < kShapingOrder; ++k) {
      for (int i = 0; i < 2; ++i) state[i] = lanes[i].feedback[k];
      ahead[k] = hn::LoadU(d, state + lane);
      taps[k] = hn::Set(d, filter[k]);
    }
    for (std::size_t n = 0; n < count; ++n) {
      const Vec wanted = hn::Add(hn::LoadU(d, in[n] + lane), ahead[0]);
      const Vec out = hn::Round(hn::Add(wanted, hn::LoadU(d, noise[n] + lane)));
      hn::StoreU(out, d, rounded[n] + lane);
      const Vec error = hn::Sub(out, wanted);
      for (std::size_t k = 0; k < kShapingOrder; ++k)
        ahead[k] = hn::Add(ahead[k + 1], hn::Mul(taps[k], error));
    }
    for (std::size_t k = 0; k < kShapingOrder; ++k) {
      hn::StoreU(ahead[k], d, state + lane);
      for (int i = lane; i < lane + static_cast<int>(hn::Lanes(d)); ++i)
        lanes[i].feedback[k] = state[i];
    }
  }
  return shaped_output(lanes, count, scale, rounded);
}

}  // namespace
}  // namespace tutti::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tutti {
namespace {
HWY_EXPORT(noise_of);
HWY_EXPORT(round_all);
HWY_EXPORT(shape_pair);
}  // namespace

void fill_noise(const NoiseStream& stream, std::uint64_t group, std::size_t count,
                std::int32_t* noise) {
  HWY_DYNAMIC_DISPATCH(noise_of)(stream, group, count, noise);
}

std::int64_t round_noisy(const float* in, const std::int32_t* noise, std::size_t count, double scale,
                         std::int32_t* out) {
  return HWY_DYNAMIC_DISPATCH(round_all)(in, noise, count, scale, out);
}

std::int64_t shape_noisy(const std::array<ShapedLane, 2>& lanes, std::size_t count,
                         const ShapingFilter& filter, double scale) {
  return HWY_DYNAMIC_DISPATCH(shape_pair)(lanes.data(), count, filter, scale);
}

}  // namespace tutti
#endif
