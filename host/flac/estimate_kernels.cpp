// SPDX-License-Identifier: Apache-2.0
// What is found out about samples to choose how they are coded.
#include "host/flac/flac_kernels.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "host/flac/estimate_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "host/flac/low_products-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace tutti::flac::HWY_NAMESPACE {
namespace {

using Doubles = hn::CappedTag<double, 8>;
using Longs = hn::RebindToSigned<Doubles>;
using Halves = hn::Rebind<std::int32_t, Doubles>;  // as many 32-bit numbers as doubles
using Ints = hn::CappedTag<std::int32_t, 16>;
using DoubleVec = hn::Vec<Doubles>;

constexpr int kDoubles = static_cast<int>(hn::MaxLanes(Doubles()));
constexpr int kInts = static_cast<int>(hn::MaxLanes(Ints()));

HWY_INLINE DoubleVec doubles_at(const std::int32_t* from) {
  return hn::PromoteTo(Doubles(), hn::LoadU(Halves(), from));
}

HWY_INLINE double total(DoubleVec sums) { return hn::GetLane(hn::SumOfLanes(Doubles(), sums)); }

void scan(const std::int32_t* samples, int frames, Scan& found) {
  const Ints d;
  const auto first = hn::Set(d, samples[0]);
  auto magnitudes = hn::Zero(d), ones = hn::Zero(d), changes = hn::Zero(d);
  int n = 0;
  for (; n + kInts <= frames; n += kInts) {
    const auto x = hn::LoadU(d, samples + n);
    magnitudes = hn::Or(magnitudes, hn::Xor(x, hn::ShiftRight<31>(x)));
    ones = hn::Or(ones, x);
    changes = hn::Or(changes, hn::Xor(x, first));
  }
  std::int32_t lanes[3][kInts];
  hn::StoreU(magnitudes, d, lanes[0]);
  hn::StoreU(ones, d, lanes[1]);
  hn::StoreU(changes, d, lanes[2]);
  std::uint32_t changed = 0;
  for (int i = 0; i < kInts; ++i) {
    found.magnitudes |= static_cast<std::uint32_t>(lanes[0][i]);
    found.ones |= static_cast<std::uint32_t>(lanes[1][i]);
    changed |= static_cast<std::uint32_t>(lanes[2][i]);
  }
  for (; n < frames; ++n) {
    found.magnitudes |= static_cast<std::uint32_t>(samples[n] ^ (samples[n] >> 31));
    found.ones |= static_cast<std::uint32_t>(samples[n]);
    changed |= static_cast<std::uint32_t>(samples[n] ^ samples[0]);
  }
  found.constant = changed == 0;
}

void load(const std::int32_t* samples, int frames, int shift, double* out) {
  const auto scale = hn::Set(Doubles(), 1.0 / static_cast<double>(std::int64_t{1} << shift));
  int n = 0;
  for (; n + kDoubles <= frames; n += kDoubles)
    hn::StoreU(hn::Mul(doubles_at(samples + n), scale), Doubles(), out + n);
  for (; n < frames; ++n) out[n] = static_cast<double>(samples[n] >> shift);
}

// Groups of eight frames, all of a short block and every fourth of a long one: for estimates.
constexpr int kGroup = 8;
int group_step(int frames) { return frames < 512 ? kGroup : 4 * kGroup; }

// A difference is linear: that of the sum is the sum of both.
int differences(const std::int32_t* left, const std::int32_t* right, int frames, double* sums) {
  const Doubles d;
  DoubleVec all[4];
  for (auto& sum : all) sum = hn::Zero(d);
  const auto difference = [](const std::int32_t* x) HWY_ATTR {
    const Halves h;
    const auto middle = hn::LoadU(h, x - 1);
    return hn::PromoteTo(
        Doubles(), hn::Sub(hn::Add(hn::LoadU(h, x), hn::LoadU(h, x - 2)), hn::Add(middle, middle)));
  };
  int count = 0;
  for (int n = 2; n + kGroup <= frames; n += group_step(frames), count += kGroup) {
    for (int i = 0; i < kGroup; i += kDoubles) {
      const DoubleVec l = difference(left + n + i), r = difference(right + n + i);
      all[0] = hn::Add(all[0], hn::Abs(l));
      all[1] = hn::Add(all[1], hn::Abs(r));
      all[2] = hn::Add(all[2], hn::Abs(hn::Add(l, r)));
      all[3] = hn::Add(all[3], hn::Abs(hn::Sub(l, r)));
    }
  }
  for (int i = 0; i < 4; ++i) sums[i] = total(all[i]);
  return count;
}

void difference_means(const std::int32_t* left, const std::int32_t* right, int frames,
                      double* means) {
  const int count = differences(left, right, frames, means);
  for (int i = 0; i < 4; ++i) means[i] /= count;
  means[2] /= 2;
}

// Each order is the difference of the one before it.
int fixed_sums(const double* x, int frames, double* sums) {
  const int step = group_step(frames);
  const Doubles d;
  DoubleVec all[5];
  for (auto& sum : all) sum = hn::Zero(d);
  int count = 0;
  for (int n = 4; n + kGroup <= frames; n += step, count += kGroup) {
    for (int i = 0; i < kGroup; i += kDoubles) {
      DoubleVec e[5];
      for (int k = 0; k < 5; ++k) e[k] = hn::LoadU(d, x + n + i - k);
      for (int order = 0; order < 5; ++order) {
        all[order] = hn::Add(all[order], hn::Abs(e[0]));
        for (int k = 0; k + order < 4; ++k) e[k] = hn::Sub(e[k], e[k + 1]);
      }
    }
  }
  for (int order = 0; order < 5; ++order) sums[order] = total(all[order]);
  if (step > kGroup) return count;
  for (int n = 4 + count; n < frames; ++n, ++count) {
    double e[5];
    for (int k = 0; k < 5; ++k) e[k] = x[n - k];
    for (int order = 0; order < 5; ++order) {
      sums[order] += e[0] < 0 ? -e[0] : e[0];
      for (int k = 0; k + order < 4; ++k) e[k] -= e[k + 1];
    }
  }
  return count;
}

void fixed_means(const double* x, int frames, double* means) {
  const int count = fixed_sums(x, frames, means);
  for (int order = 0; order < 5; ++order) means[order] /= count;
}

// Adding 1.5 * 2^52 rounds to a whole number and leaves it in the low half of the double. Products
// have 46 bits, and 4096 of them 58.
void correlation(const double* samples, const double* window, double scale, int frames,
                 std::int64_t* scratch, double* out) {
  const Doubles d;
  const Longs d64;
  const auto shift = hn::Set(d, 6755399441055744.0);
  const auto factor = hn::Set(d, scale);
  std::int64_t* v = scratch + kPadFrames;
  for (int n = 0; n < kPadFrames; ++n) v[n - kPadFrames] = 0;
  for (int n = 0; n < frames; n += kDoubles) {
    const auto windowed =
        hn::Mul(hn::Mul(hn::LoadU(d, samples + n), factor), hn::LoadU(d, window + n));
    hn::StoreU(hn::BitCast(d64, hn::Add(windowed, shift)), d64, v + n);
  }
  for (int n = frames; n < frames + kPadFrames; ++n) v[n] = 0;
  hn::Vec<Longs> sums[kMostPredictorOrder + 1];
  for (auto& sum : sums) sum = hn::Zero(d64);
  for (int n = 0; n < frames; n += kDoubles) {
    const auto x = hn::LoadU(d64, v + n);
    HWY_UNROLL(9)
    for (int lag = 0; lag <= kMostPredictorOrder; ++lag)
      sums[lag] = hn::Add(sums[lag], low_products(d64, x, hn::LoadU(d64, v + n - lag)));
  }
  for (int lag = 0; lag <= kMostPredictorOrder; ++lag)
    out[lag] = static_cast<double>(hn::GetLane(hn::SumOfLanes(d64, sums[lag])));
}

}  // namespace
}  // namespace tutti::flac::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tutti::flac {
namespace {
HWY_EXPORT(scan);
HWY_EXPORT(load);
HWY_EXPORT(difference_means);
HWY_EXPORT(fixed_means);
HWY_EXPORT(correlation);
}  // namespace

Scan scan_samples(const std::int32_t* samples, int frames) {
  Scan found;
  HWY_DYNAMIC_DISPATCH(scan)(samples, frames, found);
  return found;
}

void load_samples(const std::int32_t* samples, int frames, int shift, double* out) {
  HWY_DYNAMIC_DISPATCH(load)(samples, frames, shift, out);
}

std::array<double, 4> second_differences(const std::int32_t* left, const std::int32_t* right,
                                         int frames) {
  std::array<double, 4> means;
  HWY_DYNAMIC_DISPATCH(difference_means)(left, right, frames, means.data());
  return means;
}

std::array<double, 5> fixed_magnitudes(const double* samples, int frames) {
  std::array<double, 5> means;
  HWY_DYNAMIC_DISPATCH(fixed_means)(samples, frames, means.data());
  return means;
}

std::array<double, kMostPredictorOrder + 1> correlate(const double* samples, const double* window,
                                                      double scale, int frames,
                                                      std::int64_t* scratch) {
  std::array<double, kMostPredictorOrder + 1> sums;
  HWY_DYNAMIC_DISPATCH(correlation)(samples, window, scale, frames, scratch, sums.data());
  return sums;
}

}  // namespace tutti::flac
#endif
