// SPDX-License-Identifier: Apache-2.0
// The true-peak limiter's stages on the device. The gain of a stage follows from its reductions in
// two parts, limiter.cu and limiter_gain.cu.
#pragma once

#include <cstdint>

#include "host/dsp/limiter.hpp"
#include "kernels/ring.hpp"
#include "kernels/runtime/device.hpp"
#include "kernels/true_peak_table.hpp"

namespace tutti::cuda {

/// Gains are computed in chunks of this many frames, anchored at frame 0 of the stream: a block of
/// threads to a chunk. A chunk that a call leaves unfinished is computed again by the next.
inline constexpr int kLimiterChunk = 256;

/// Frames [first, first + frames) of a stage's input: what one call works on.
struct LimiterSpan {
  Frames first = 0, frames = 0;

  Frames end() const { return first + frames; }
  Frames first_chunk() const { return first / kLimiterChunk; }
  /// Of the chunks begun, the last perhaps unfinished.
  Frames chunks() const { return (end() + kLimiterChunk - 1) / kLimiterChunk - first_chunk(); }
  Frames whole_chunks() const { return end() / kLimiterChunk - first_chunk(); }
};

/// Exact triple prefix sum of integers modulo 2^64: a box mean three times over is a difference of
/// it in eight places, and the difference is exact because it fits into 63 bits.
struct TripleSum {
  std::uint64_t once = 0, twice = 0, thrice = 0;
};

/// After `frames` more zeros: Σ stays, ΣΣ grows by it each frame, ΣΣΣ by that.
TUTTI_HOST_DEVICE inline TripleSum after_zeros(const TripleSum& s, std::uint64_t frames) {
  return {s.once, s.twice + frames * s.once,
          s.thrice + frames * s.twice + frames * (frames + 1) / 2 * s.once};
}

/// From the reduction that each frame needs to the smooth reduction that it gets: window maximum
/// and hold, release, three boxes.
class LimiterSmoother {
 public:
  /// `streams`: gains that move on their own. With a Queue held.
  LimiterSmoother(Device& device, const LimiterStageDesign& design, int streams);

  /// Where frame n's needed reduction of stream s goes before `run`: data[s · (mask + 1) + (n &
  /// mask)].
  DeviceRing<std::int32_t>& needed() { return needed_; }
  void make_room(const LimiterSpan& span);
  void run(const LimiterSpan& span);

  // For limiter.cu: the triple sum of frame n is that of its chunk's start, carried on, and `sums`.
  const DeviceRing<std::uint64_t>& sums() const { return sums_; }
  const DeviceRing<std::uint64_t>& chunk_starts() const { return chunk_starts_; }

 private:
  Device& device_;
  LimiterStageDesign design_;
  int streams_;
  DeviceRing<std::int32_t> needed_;
  DeviceRing<std::uint64_t> sums_;          ///< ΣΣΣ from the start of the frame's chunk on
  DeviceRing<std::uint64_t> chunk_starts_;  ///< rows 3·stream + (0, 1, 2), by chunk
  DeviceBuffer<double> pole_powers_;        ///< pole^0 … pole^kLimiterChunk
  DeviceBuffer<double> released_[2];        ///< per stream, before the first chunk of a call
};

/// Where a stage's output goes: rows of a ring or of a tile.
struct LimiterOutput {
  float* data = nullptr;
  Frames mask = -1;   ///< of a ring
  Frames first = 0;   ///< index of the span's first frame
  Frames stride = 0;  ///< from row to row
};

/// One stage: true peaks → needed reductions → smooth gain → delayed audio.
class LimiterStage {
 public:
  /// With a Queue held.
  LimiterStage(Device& device, const LimiterDesign& design, int stage, int channels);

  /// The stage's input: the channels and, of later stages, the gain applied so far.
  DeviceRing<float>& lines() { return lines_; }
  void make_room(const LimiterSpan& span);
  /// The span's frames stand in `lines`. They come out delayed by the stage's latency, as channels
  /// of `out`; the gain applied so far as its last row or, where `least_gain` is given, only into
  /// this minimum (bits of a float ≥ 0).
  void run(const LimiterSpan& span, const TruePeakTable* table, LimiterOutput out,
           unsigned* least_gain);

 private:
  void find_needed(const LimiterSpan& span, const TruePeakTable* table);
  void apply(const LimiterSpan& span, LimiterOutput out, unsigned* least_gain);

  Device& device_;
  LimiterStageDesign design_;
  float threshold_;
  double target_, link_;
  int channels_, streams_;
  bool reduced_before_;  ///< by stages before this one
  DeviceRing<float> lines_;
  LimiterSmoother smoother_;
};

}  // namespace tutti::cuda
