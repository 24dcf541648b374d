// SPDX-License-Identifier: Apache-2.0
// Planar channels ↔ rows of lanes: square tiles of one vector width, transposed in registers.
#include <algorithm>

#include "host/cpu/lane_kernels.hpp"
#include "host/cpu/lane_pairs.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "host/cpu/lane_transpose.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
// After foreach_target.h:
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tutti {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR

void gather_tiles(const float* const* planar, int frames, float* rows) {
  for (int lane = 0; lane < kLanes; ++lane) {
    for (int n = 0; n < frames; ++n) rows[n * kLanes + lane] = planar[lane][n];
  }
}

void scatter_tiles(const float* rows, int frames, float* const* planar) {
  for (int lane = 0; lane < kLanes; ++lane) {
    if (!planar[lane]) continue;
    for (int n = 0; n < frames; ++n) planar[lane][n] = rows[n * kLanes + lane] + 0.0f;
  }
}

void planes(const float* rows, int frames, float* planes) {
  for (int lane = 0; lane < kLanes; ++lane) {
    for (int n = 0; n < frames; ++n) planes[lane * kControlFrames + n] = rows[n * kLanes + lane];
  }
}

#else

using D = hn::CappedTag<float, kLanes>;
using V = hn::Vec<D>;
constexpr int kWidth = static_cast<int>(hn::MaxLanes(D()));
static_assert(kWidth == 4 || kWidth == 8 || kWidth == 16);

// Each 128-bit block of the four vectors is a 4 × 4 matrix: transposes them all.
HWY_INLINE void transpose_blocks(V* v) {
  const D d;
  const hn::RepartitionToWide<D> dw;
  const auto low01 = hn::BitCast(dw, hn::InterleaveLower(d, v[0], v[1]));
  const auto low23 = hn::BitCast(dw, hn::InterleaveLower(d, v[2], v[3]));
  const auto high01 = hn::BitCast(dw, hn::InterleaveUpper(d, v[0], v[1]));
  const auto high23 = hn::BitCast(dw, hn::InterleaveUpper(d, v[2], v[3]));
  v[0] = hn::BitCast(d, hn::InterleaveLower(dw, low01, low23));
  v[1] = hn::BitCast(d, hn::InterleaveUpper(dw, low01, low23));
  v[2] = hn::BitCast(d, hn::InterleaveLower(dw, high01, high23));
  v[3] = hn::BitCast(d, hn::InterleaveUpper(dw, high01, high23));
}

// v[4a + k], transposed within blocks, becomes column 4b + k at v[4b + k]: the matrix of blocks is
// transposed too.
HWY_INLINE void transpose_tile(V* v) {
  for (int a = 0; a < kWidth; a += 4) transpose_blocks(v + a);
  const D d;
  for (int k = 0; k < 4; ++k) {
    if constexpr (kWidth == 8) {
      const V low = v[k], high = v[4 + k];
      v[k] = hn::ConcatLowerLower(d, high, low);
      v[4 + k] = hn::ConcatUpperUpper(d, high, low);
    } else if constexpr (kWidth == 16) {
      const V p = hn::ConcatLowerLower(d, v[8 + k], v[k]);
      const V q = hn::ConcatLowerLower(d, v[12 + k], v[4 + k]);
      const V r = hn::ConcatUpperUpper(d, v[8 + k], v[k]);
      const V s = hn::ConcatUpperUpper(d, v[12 + k], v[4 + k]);
      v[k] = hn::OddEvenBlocks(hn::SwapAdjacentBlocks(q), p);
      v[4 + k] = hn::OddEvenBlocks(q, hn::SwapAdjacentBlocks(p));
      v[8 + k] = hn::OddEvenBlocks(hn::SwapAdjacentBlocks(s), r);
      v[12 + k] = hn::OddEvenBlocks(s, hn::SwapAdjacentBlocks(r));
    }
  }
}

void planes(const float* rows, int frames, float* planes) {
  const D d;
  for (int lane = 0; lane < kLanes; lane += kWidth) {
    for (int n = 0; n < frames; n += kWidth) {
      V v[kWidth];
      for (int j = 0; j < kWidth; ++j) v[j] = hn::Load(d, rows + (n + j) * kLanes + lane);
      transpose_tile(v);
      for (int i = 0; i < kWidth; ++i) hn::Store(v[i], d, planes + (lane + i) * kControlFrames + n);
    }
  }
}

void gather_tiles(const float* const* planar, int frames, float* rows) {
  const D d;
  for (int lane = 0; lane < kLanes; lane += kWidth) {
    for (int n = 0; n < frames; n += kWidth) {
      V v[kWidth];
      for (int i = 0; i < kWidth; ++i) v[i] = hn::LoadU(d, planar[lane + i] + n);
      transpose_tile(v);
      for (int j = 0; j < kWidth; ++j) hn::Store(v[j], d, rows + (n + j) * kLanes + lane);
    }
  }
}

void scatter_tiles(const float* rows, int frames, float* const* planar) {
  const D d;
  for (int lane = 0; lane < kLanes; lane += kWidth) {
    const bool asked = std::any_of(planar + lane, planar + lane + kWidth,
                                   [](const float* channel) { return channel != nullptr; });
    for (int n = 0; asked && n < frames; n += kWidth) {
      V v[kWidth];
      for (int j = 0; j < kWidth; ++j) v[j] = hn::Load(d, rows + (n + j) * kLanes + lane);
      transpose_tile(v);
      for (int i = 0; i < kWidth; ++i) {
        // +0 + −0 = +0: the sign of a zero may hang on the neighbours, the output must not.
        const V clean = hn::Add(v[i], hn::Zero(d));
        if (planar[lane + i]) hn::StoreU(clean, d, planar[lane + i] + n);
      }
    }
  }
}

#endif

void gather(const float* const* planar, int frames, float* rows) {
  const int whole = frames / kLanes * kLanes;
  gather_tiles(planar, whole, rows);
  if (whole == frames) return;
  alignas(64) float tail[kLanes][kLanes] = {};
  const float* tails[kLanes];
  for (int lane = 0; lane < kLanes; ++lane) {
    std::copy(planar[lane] + whole, planar[lane] + frames, tail[lane]);
    tails[lane] = tail[lane];
  }
  gather_tiles(tails, kLanes, rows + whole * kLanes);
}

void scatter(const float* rows, int frames, float* const* planar) {
  const int whole = frames / kLanes * kLanes;
  scatter_tiles(rows, whole, planar);
  if (whole == frames) return;
  alignas(64) float tail[kLanes][kLanes];
  float* tails[kLanes];
  for (int lane = 0; lane < kLanes; ++lane) tails[lane] = planar[lane] ? tail[lane] : nullptr;
  scatter_tiles(rows + whole * kLanes, kLanes, tails);
  for (int lane = 0; lane < kLanes; ++lane) {
    if (planar[lane]) std::copy_n(tail[lane], frames - whole, planar[lane] + whole);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tutti
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tutti {

HWY_EXPORT(gather);
HWY_EXPORT(scatter);
HWY_EXPORT(planes);

void gather_rows(const float* const* planar, int lanes, int frames, LaneRows& rows) {
  if (lanes > kPairLanes) return HWY_DYNAMIC_DISPATCH(gather)(planar, frames, rows.values);
  for (int n = 0; n < frames; ++n) {
    rows.row(n)[0] = planar[0][n];
    rows.row(n)[1] = planar[1][n];
  }
}

void rows_to_planes(const LaneRows& rows, int lanes, int frames, LanePlanes& planes) {
  if (lanes > kPairLanes) return HWY_DYNAMIC_DISPATCH(planes)(rows.values, frames, planes.values);
  for (int n = 0; n < frames; ++n) {
    planes.lane(0)[n] = rows.row(n)[0];
    planes.lane(1)[n] = rows.row(n)[1];
  }
}

void scatter_rows(const LaneRows& rows, int frames, float* const* planar) {
  HWY_DYNAMIC_DISPATCH(scatter)(rows.values, frames, planar);
}

}  // namespace tutti
#endif
