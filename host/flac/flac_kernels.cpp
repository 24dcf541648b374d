// SPDX-License-Identifier: Apache-2.0
#include "host/flac/flac_kernels.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "host/flac/flac_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tutti::flac::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

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

/// The products of the low halves, as signed numbers.
HWY_INLINE hn::Vec<Longs> low_products(hn::Vec<Longs> a, hn::Vec<Longs> b) {
#if HWY_TARGET == HWY_SCALAR
  const auto low = [](hn::Vec<Longs> x) {
    return static_cast<std::int64_t>(static_cast<std::int32_t>(hn::GetLane(x)));
  };
  return hn::Set(Longs(), low(a) * low(b));
#else
  const hn::Repartition<std::int32_t, Longs> narrow;
  return hn::MulEven(hn::BitCast(narrow, a), hn::BitCast(narrow, b));
#endif
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
      sums[lag] = hn::Add(sums[lag], low_products(x, hn::LoadU(d64, v + n - lag)));
  }
  for (int lag = 0; lag <= kMostPredictorOrder; ++lag)
    out[lag] = static_cast<double>(hn::GetLane(hn::SumOfLanes(d64, sums[lag])));
}

// Numbers of 32 bits by coefficients of 15, eight of them: 50 bits, exact in a double.
template <int kOrder>
DoubleVec predict_order(const double* x, int frames, const Predictor& predictor,
                        std::int32_t* out) {
  const Doubles d;
  DoubleVec taps[kOrder + 1];
  for (int k = 0; k < kOrder; ++k) taps[k] = hn::Set(d, predictor.coefficients[k]);
  const auto scale = hn::Set(d, 1.0 / static_cast<double>(1 << predictor.shift));
  DoubleVec largest = hn::Zero(d);
  const auto rest_at = [&](int n) HWY_ATTR {
    DoubleVec sum = hn::Zero(d);
    HWY_UNROLL(8)
    for (int k = 0; k < kOrder; ++k) sum = hn::MulAdd(taps[k], hn::LoadU(d, x + n - 1 - k), sum);
    return hn::Sub(hn::LoadU(d, x + n), hn::Floor(hn::Mul(sum, scale)));
  };
  int n = 0;
  for (; n + kDoubles <= frames; n += kDoubles) {
    const DoubleVec rest = rest_at(n);
    largest = hn::Max(largest, hn::Abs(rest));
    hn::StoreU(hn::DemoteTo(Halves(), rest), Halves(), out + n);
  }
  if (n < frames) {  // what is behind the end has no part in `largest`
    const auto inside = hn::FirstN(d, static_cast<std::size_t>(frames - n));
    const DoubleVec rest = hn::IfThenElseZero(inside, rest_at(n));
    largest = hn::Max(largest, hn::Abs(rest));
    hn::StoreU(hn::DemoteTo(Halves(), rest), Halves(), out + n);
  }
  return largest;
}

void predict_all(const double* x, int frames, const Predictor& predictor, std::int32_t* out,
                 bool& fits) {
  using Function = DoubleVec (*)(const double*, int, const Predictor&, std::int32_t*);
  constexpr Function kFunctions[] = {predict_order<0>, predict_order<1>, predict_order<2>,
                                     predict_order<3>, predict_order<4>, predict_order<5>,
                                     predict_order<6>, predict_order<7>, predict_order<8>};
  const Doubles d;
  const DoubleVec largest = kFunctions[predictor.order](x, frames, predictor, out);
  fits = hn::GetLane(hn::MaxOfLanes(d, largest)) < 2147483647.0;
  for (int n = 0; n < predictor.order && n < frames; ++n) out[n] = 0;
}

HWY_INLINE std::uint32_t folded(std::int32_t number) {
  return (static_cast<std::uint32_t>(number) << 1) ^ static_cast<std::uint32_t>(number >> 31);
}

#if HWY_TARGET != HWY_SCALAR
using Words = hn::RepartitionToWide<hn::RebindToUnsigned<Ints>>;  // two numbers each

HWY_INLINE hn::Vec<Words> folded_pairs(const std::int32_t* from) {
  const auto x = hn::LoadU(Ints(), from);
  return hn::BitCast(Words(), hn::Xor(hn::ShiftLeft<1>(x), hn::ShiftRight<31>(x)));
}
#endif

void partitions(const std::int32_t* residual, int length, std::size_t count, std::uint64_t* sums) {
  for (std::size_t i = 0; i < count; ++i, residual += length) {
    sums[i] = 0;
    int n = 0;
#if HWY_TARGET != HWY_SCALAR
    const Words d;
    const auto low_half = hn::Set(d, 0xffffffffu);
    auto sum = hn::Zero(d);
    for (; n + kInts <= length; n += kInts) {
      const auto pair = folded_pairs(residual + n);
      sum = hn::Add(sum, hn::Add(hn::And(pair, low_half), hn::ShiftRight<32>(pair)));
    }
    sums[i] = hn::GetLane(hn::SumOfLanes(d, sum));
#endif
    for (; n < length; ++n) sums[i] += folded(residual[n]);
  }
}

/// One code of any length.
void write_code(std::int32_t number, int parameter, BitCursor& out) {
  const std::uint32_t whole = folded(number);
  out.put_zeros(whole >> parameter);
  const std::uint32_t low = whole & ((std::uint32_t{1} << parameter) - 1);
  out.put((std::uint64_t{1} << parameter) | low, parameter + 1);
}

// Two neighbours are the halves of a 64-bit lane, where their codes are put together; the zeros
// before a code are those above its leading one.
void write_partition(const std::int32_t* residual, int count, int parameter, BitWriter& writer) {
  BitCursor out = writer.cursor();
  int n = 0;
#if HWY_TARGET != HWY_SCALAR
  const Words d;
  constexpr int kPairs = kInts / 2;
  const auto low_half = hn::Set(d, 0xffffffffu);
  const auto leading = hn::Set(d, std::uint64_t{1} << parameter);
  const auto mask = hn::Set(d, (std::uint64_t{1} << parameter) - 1);
  const auto fixed_bits = hn::Set(d, static_cast<std::uint64_t>(parameter) + 1);
  const auto most = hn::Set(d, 63);
  alignas(64) std::uint64_t codes[kPairs], widths[kPairs];
  for (; n + kInts <= count; n += kInts) {
    const auto pair = folded_pairs(residual + n);
    const auto one = hn::And(pair, low_half);
    const auto two = hn::ShiftRight<32>(pair);
    const auto width_two = hn::Add(hn::ShiftRightSame(two, parameter), fixed_bits);
    const auto width = hn::Add(hn::Add(hn::ShiftRightSame(one, parameter), fixed_bits), width_two);
    const auto code_one = hn::Or(hn::And(one, mask), leading);
    const auto code_two = hn::Or(hn::And(two, mask), leading);
    hn::Store(hn::Or(hn::Shl(code_one, hn::Min(width_two, most)), code_two), d, codes);
    hn::Store(width, d, widths);
    for (int i = 0; i < kPairs; ++i) {
      if (widths[i] <= BitCursor::kMostBits) {
        out.put(codes[i], static_cast<int>(widths[i]));
      } else {
        write_code(residual[n + 2 * i], parameter, out);
        write_code(residual[n + 2 * i + 1], parameter, out);
      }
    }
  }
#endif
  for (; n < count; ++n) write_code(residual[n], parameter, out);
  writer.go_on_from(out);
}

void write_all(const std::int32_t* residual, int frames, int order, const RicePlan& plan,
               BitWriter& out) {
  const int length = frames >> plan.partition_order;
  for (int i = 0; i < 1 << plan.partition_order; ++i) {
    const int from = i == 0 ? order : i * length;
    out.put(plan.parameters[i], plan.parameter_bits);
    write_partition(residual + from, (i + 1) * length - from, plan.parameters[i], out);
  }
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
HWY_EXPORT(predict_all);
HWY_EXPORT(partitions);
HWY_EXPORT(write_all);
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

bool predict(const double* samples, int frames, const Predictor& predictor, std::int32_t* out) {
  bool fits = false;
  HWY_DYNAMIC_DISPATCH(predict_all)(samples, frames, predictor, out, fits);
  return fits;
}

void sum_partitions(const std::int32_t* residual, int frames, std::span<std::uint64_t> sums) {
  const int length = frames / static_cast<int>(sums.size());
  HWY_DYNAMIC_DISPATCH(partitions)(residual, length, sums.size(), sums.data());
}

void write_residual(const std::int32_t* residual, int frames, int order, const RicePlan& plan,
                    BitWriter& out) {
  HWY_DYNAMIC_DISPATCH(write_all)(residual, frames, order, plan, out);
}

}  // namespace tutti::flac
#endif
