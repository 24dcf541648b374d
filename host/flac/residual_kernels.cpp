// SPDX-License-Identifier: Apache-2.0
// What a predictor leaves of samples, how much that is, and its codes.
#include "host/flac/flac_kernels.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "host/flac/residual_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tutti::flac::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using Doubles = hn::CappedTag<double, 8>;
using Halves = hn::Rebind<std::int32_t, Doubles>;  // as many 32-bit numbers as doubles
using Ints = hn::CappedTag<std::int32_t, 16>;
using DoubleVec = hn::Vec<Doubles>;

constexpr int kDoubles = static_cast<int>(hn::MaxLanes(Doubles()));
constexpr int kInts = static_cast<int>(hn::MaxLanes(Ints()));

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
HWY_EXPORT(predict_all);
HWY_EXPORT(partitions);
HWY_EXPORT(write_all);
}  // namespace

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
