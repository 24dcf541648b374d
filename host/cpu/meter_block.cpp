// SPDX-License-Identifier: Apache-2.0
#include "host/cpu/meter_block.hpp"

#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "host/cpu/meter_block.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tutti::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR

void transpose(const float* HWY_RESTRICT block, float* HWY_RESTRICT rows) {
  for (int s = 0; s < kMeterChunkFrames; ++s)
    for (int chunk = 0; chunk < kMeterChunks; ++chunk)
      rows[s * kMeterChunks + chunk] = block[chunk * kMeterChunkFrames + s];
}

#else

// 4 × 4 transposes: four samples of four chunks become four rows of four lanes.
void transpose(const float* HWY_RESTRICT block, float* HWY_RESTRICT rows) {
  const hn::FixedTag<float, 4> d;
  const hn::Repartition<double, decltype(d)> pairs;
  for (int chunk = 0; chunk < kMeterChunks; chunk += 4) {
    const float* in = block + chunk * kMeterChunkFrames;
    for (int s = 0; s < kMeterChunkFrames; s += 4) {
      const auto a = hn::LoadU(d, in + s);
      const auto b = hn::LoadU(d, in + kMeterChunkFrames + s);
      const auto c = hn::LoadU(d, in + 2 * kMeterChunkFrames + s);
      const auto e = hn::LoadU(d, in + 3 * kMeterChunkFrames + s);
      const auto ab_low = hn::BitCast(pairs, hn::InterleaveLower(d, a, b));
      const auto ab_high = hn::BitCast(pairs, hn::InterleaveUpper(d, a, b));
      const auto ce_low = hn::BitCast(pairs, hn::InterleaveLower(d, c, e));
      const auto ce_high = hn::BitCast(pairs, hn::InterleaveUpper(d, c, e));
      float* out = rows + s * kMeterChunks + chunk;
      hn::Store(hn::BitCast(d, hn::InterleaveLower(pairs, ab_low, ce_low)), d, out);
      hn::Store(hn::BitCast(d, hn::InterleaveUpper(pairs, ab_low, ce_low)), d, out + kMeterChunks);
      hn::Store(hn::BitCast(d, hn::InterleaveLower(pairs, ab_high, ce_high)), d,
                out + 2 * kMeterChunks);
      hn::Store(hn::BitCast(d, hn::InterleaveUpper(pairs, ab_high, ce_high)), d,
                out + 3 * kMeterChunks);
    }
  }
}

#endif

}  // namespace
}  // namespace tutti::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tutti {
namespace {
HWY_EXPORT(transpose);
}  // namespace

void MeterBlock::shift_in(const float* in, int frames) {
  // The history is what precedes the new block: the end of all that was loaded so far.
  std::memmove(samples_, samples_ + frames_, kMeterHistoryFrames * sizeof(float));
  float* now = samples_ + kMeterHistoryFrames;
  std::memcpy(now, in, frames * sizeof(float));
  std::memset(now + frames, 0, (kMeterBlockFrames - frames) * sizeof(float));
  frames_ = frames;
}

void MeterBlock::load_history(const float* in, int frames) { shift_in(in, frames); }

void MeterBlock::load(const float* in, int frames) {
  shift_in(in, frames);
  for (int lead = 0; lead < kMeterLeadRows; ++lead)
    for (int chunk = 0; chunk < kMeterChunks; ++chunk)
      rows_[lead * kMeterChunks + chunk] = *at(chunk * kMeterChunkFrames + lead - kMeterLeadRows);
  HWY_DYNAMIC_DISPATCH(transpose)(at(0), rows_ + kMeterLeadRows * kMeterChunks);
}

}  // namespace tutti
#endif
