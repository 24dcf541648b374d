// SPDX-License-Identifier: Apache-2.0
// A sample waits for the one before it, so one subframe can fill neither vectors nor time. Eight
// have nothing to do with each other: row n holds sample n of each.
#include "host/flac/restore.hpp"

#include <algorithm>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "host/flac/restore.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "host/flac/low_products-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace tutti::flac::HWY_NAMESPACE {
namespace {

using Longs = hn::CappedTag<std::int64_t, kRestoreLanes>;
using Halves = hn::Rebind<std::int32_t, Longs>;
using LongVec = hn::Vec<Longs>;
constexpr int kLongs = static_cast<int>(hn::MaxLanes(Longs()));

constexpr int kChunkRows = 64;

struct Chunk {
  /// Samples, behind those of the chunk before.
  alignas(64) std::int64_t wide[kMostReadOrder + kChunkRows][kRestoreLanes];
  /// The residual, which becomes samples.
  alignas(64) std::int32_t narrow[kChunkRows][kRestoreLanes];
};

#if HWY_TARGET != HWY_SCALAR
/// Four rows of four become four columns.
HWY_INLINE void transpose(std::int32_t* const* from, std::int32_t* const* to) {
  const hn::FixedTag<std::int32_t, 4> d;
  const hn::FixedTag<std::int64_t, 2> pairs;
  const auto a = hn::LoadU(d, from[0]), b = hn::LoadU(d, from[1]);
  const auto c = hn::LoadU(d, from[2]), e = hn::LoadU(d, from[3]);
  const auto low_ab = hn::BitCast(pairs, hn::InterleaveLower(d, a, b));
  const auto low_ce = hn::BitCast(pairs, hn::InterleaveLower(d, c, e));
  const auto high_ab = hn::BitCast(pairs, hn::InterleaveUpper(d, a, b));
  const auto high_ce = hn::BitCast(pairs, hn::InterleaveUpper(d, c, e));
  hn::StoreU(hn::BitCast(d, hn::InterleaveLower(pairs, low_ab, low_ce)), d, to[0]);
  hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(pairs, low_ab, low_ce)), d, to[1]);
  hn::StoreU(hn::BitCast(d, hn::InterleaveLower(pairs, high_ab, high_ce)), d, to[2]);
  hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(pairs, high_ab, high_ce)), d, to[3]);
}
#endif

/// Samples of all lanes from `first` on become the chunk's rows; or the way back.
template <bool kIntoRows>
void exchange_rows(const RestoreLane* lanes, int first, int rows, Chunk& chunk) {
  int n = 0;
#if HWY_TARGET != HWY_SCALAR
  for (; n + 4 <= rows; n += 4) {
    for (int half = 0; half < kRestoreLanes; half += 4) {
      std::int32_t *in_lanes[4], *in_rows[4];
      for (int i = 0; i < 4; ++i) {
        in_lanes[i] = lanes[half + i].samples + first + n;
        in_rows[i] = chunk.narrow[n + i] + half;
      }
      if (kIntoRows) {
        transpose(in_lanes, in_rows);
      } else {
        transpose(in_rows, in_lanes);
      }
    }
  }
#endif
  for (; n < rows; ++n) {
    for (int i = 0; i < kRestoreLanes; ++i) {
      std::int32_t& in_lane = lanes[i].samples[first + n];
      std::int32_t& in_row = chunk.narrow[n][i];
      if (kIntoRows) {
        in_row = in_lane;
      } else {
        in_lane = in_row;
      }
    }
  }
}

/// The same for every lane, transposed.
struct Predictors {
  alignas(64) std::int64_t coefficients[kMostReadOrder][kRestoreLanes];
  alignas(64) std::int64_t shifts[kRestoreLanes];
  alignas(64) std::int64_t magnitudes[kRestoreLanes];
};

// 32 products of 31 and 15 bits are far from the end of 64. The newest sample comes last into the
// sum: the rest of it need not wait.
template <int kOrder>
void restore_rows(int rows, Predictors& predictors, Chunk& chunk) {
  const Longs d;
  for (int i = 0; i < kRestoreLanes; i += kLongs) {
    LongVec taps[kOrder];
    HWY_UNROLL(32)
    for (int k = 0; k < kOrder; ++k) taps[k] = hn::Load(d, predictors.coefficients[k] + i);
    const auto shift = hn::Load(d, predictors.shifts + i);
    auto magnitudes = hn::Load(d, predictors.magnitudes + i);
    auto last = hn::Load(d, chunk.wide[kMostReadOrder - 1] + i);
    for (int n = 0; n < rows; ++n) {
      std::int64_t* now = chunk.wide[kMostReadOrder + n] + i;
      auto sum = hn::Zero(d);
      HWY_UNROLL(32)
      for (int k = kOrder - 1; k > 0; --k)
        sum = hn::Add(sum, low_products(d, taps[k], hn::Load(d, now - (k + 1) * kRestoreLanes)));
      sum = hn::Add(sum, low_products(d, taps[0], last));
      const auto rest = hn::PromoteTo(d, hn::Load(Halves(), chunk.narrow[n] + i));
      last = hn::Add(hn::Shr(sum, shift), rest);
      magnitudes = hn::Or(magnitudes, hn::Xor(last, hn::BroadcastSignBit(last)));
      hn::Store(last, d, now);
      hn::Store(hn::TruncateTo(hn::RebindToUnsigned<Halves>(),
                               hn::BitCast(hn::RebindToUnsigned<Longs>(), last)),
                hn::RebindToUnsigned<Halves>(),
                reinterpret_cast<std::uint32_t*>(chunk.narrow[n] + i));
    }
    hn::Store(magnitudes, d, predictors.magnitudes + i);
  }
}

/// The frames that another lane's longer predictor takes as they are.
void restore_beginning(RestoreLane& lane, int frames) {
  for (int n = 0; n < frames; ++n) {
    std::int64_t x = lane.samples[n];
    if (n >= lane.order) {
      std::int64_t sum = 0;
      for (int k = 0; k < lane.order; ++k)
        sum += static_cast<std::int64_t>(lane.coefficients[k]) * lane.samples[n - 1 - k];
      x += sum >> lane.shift;
    }
    lane.magnitudes |= static_cast<std::uint64_t>(x ^ (x >> 63));
    lane.samples[n] = static_cast<std::int32_t>(x);
  }
}

void restore_all(RestoreLane* lanes, int frames) {
  int order = 0;
  for (int i = 0; i < kRestoreLanes; ++i) order = std::max(order, lanes[i].order);
  const int beginning = std::min(order, frames);
  Predictors predictors = {};
  Chunk chunk = {};
  for (int i = 0; i < kRestoreLanes; ++i) {
    lanes[i].magnitudes = 0;
    restore_beginning(lanes[i], beginning);
    for (int k = 0; k < kMostReadOrder; ++k)
      predictors.coefficients[k][i] = lanes[i].coefficients[k];
    predictors.shifts[i] = lanes[i].shift;
    predictors.magnitudes[i] = static_cast<std::int64_t>(lanes[i].magnitudes);
    for (int k = 0; k < beginning; ++k)
      chunk.wide[kMostReadOrder - beginning + k][i] = lanes[i].samples[k];
  }
  const auto run = order <= 4    ? restore_rows<4>
                   : order <= 8  ? restore_rows<8>
                   : order <= 10 ? restore_rows<10>
                   : order <= 12 ? restore_rows<12>
                                 : restore_rows<kMostReadOrder>;
  for (int first = beginning; first < frames; first += kChunkRows) {
    const int rows = std::min(kChunkRows, frames - first);
    exchange_rows<true>(lanes, first, rows, chunk);
    run(rows, predictors, chunk);
    exchange_rows<false>(lanes, first, rows, chunk);
    std::memmove(chunk.wide, chunk.wide[rows],
                 sizeof(std::int64_t) * kMostReadOrder * kRestoreLanes);
  }
  for (int i = 0; i < kRestoreLanes; ++i)
    lanes[i].magnitudes = static_cast<std::uint64_t>(predictors.magnitudes[i]);
}

}  // namespace
}  // namespace tutti::flac::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tutti::flac {
namespace {
HWY_EXPORT(restore_all);
}  // namespace

void restore(std::span<RestoreLane, kRestoreLanes> lanes, int frames) {
  HWY_DYNAMIC_DISPATCH(restore_all)(lanes.data(), frames);
}

}  // namespace tutti::flac
#endif
