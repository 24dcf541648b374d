// SPDX-License-Identifier: Apache-2.0
// Streaming true-peak limiter.
#pragma once

#include <memory>

#include "host/audio/block_view.hpp"
#include "host/dsp/limiter.hpp"

namespace tutti {

/// What a limiter did so far, the frames that it gave out.
struct LimiterReport {
  double max_reduction_db = 0;  ///< ≥ 0
  Frames reduced_frames = 0;    ///< frames whose gain was below 1
};

/// Keeps the true peak of its output (16×, as Meter reads it) at or below the ceiling. Signal whose
/// true peak stays below passes bit-exactly. Results do not depend on block sizes, bit for bit.
/// One thread at a time. Movable.
class Limiter {
 public:
  Limiter(const LimiterDesign& design, int channels);
  ~Limiter();
  Limiter(Limiter&&) noexcept;
  Limiter& operator=(Limiter&&) noexcept;

  /// The next frames; any number; `out` may be `in`. Output lies latency_frames() behind the input;
  /// feed that many zeros to get the end.
  void process(ConstBlockView in, BlockView out);

  Frames latency_frames() const;
  LimiterReport report() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Limiter whose output begins with frame 0 of the input: the latency is swallowed at the start and
/// made up for at the end.
class AlignedLimiter {
 public:
  AlignedLimiter(const LimiterDesign& design, int channels);

  /// Returns the number of frames written to `out`, at most in.frames; `out` may be `in`.
  Frames push(ConstBlockView in, BlockView out);
  /// After the last push: writes the next frames of what is still inside, at most out.frames.
  /// Returns 0 when all is out.
  Frames drain(BlockView out);

  LimiterReport report() const { return limiter_.report(); }

 private:
  Limiter limiter_;
  Frames skip_frames_;
  Frames inside_frames_ = 0;
};

/// A signal that lies in memory; in.frames == out.frames, aligned; `out` may be `in`.
LimiterReport limit(const LimiterDesign& design, ConstBlockView in, BlockView out);

}  // namespace tutti
