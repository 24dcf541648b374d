// SPDX-License-Identifier: Apache-2.0
// The lane processor: up to 16 channels through the same chain, side by side in vector lanes, then
// summed with their gains into buses.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <vector>

#include "host/audio/units.hpp"
#include "host/backend/lanes.hpp"
#include "host/cpu/lane_unit.hpp"

namespace tutti {

/// One destination of a group: out[o][n] = Σ_lane gain[o][lane] · y[n][lane], summed over the lanes
/// in one fixed tree. Owns nothing.
struct LaneMix {
  int out_channels = 0;
  /// [out channel]: the frames of this call, overwritten. Null: this channel is left out.
  float* const* out = nullptr;
  /// [out channel][lane]: static linear gains; 0 for lanes that do not go there.
  const std::array<float, kLanes>* gains = nullptr;
  /// [out channel][lane]: a gain for each frame of this call instead of the static one; null where
  /// the static one holds. Null as a whole when nothing is automated.
  const std::array<const float*, kLanes>* automated = nullptr;
};

/// Runs a LaneProgram. One thread at a time; different processors are independent. The samples of a
/// strip do not depend on how the timeline is cut into calls, on the lanes that the strip sits in,
/// or on the other strips of the group.
class LaneProcessor {
 public:
  /// Throws std::invalid_argument when the program breaks the promises of LaneProgram and LaneOp.
  explicit LaneProcessor(const LaneProgram& program);

  /// The next `count` frames. `inputs`: a planar pointer per lane in use, null for silence. `keys`:
  /// for each op with an external key, in chain order, a planar pointer per lane in use. `outputs`:
  /// a planar pointer per lane in use, null where nobody asks; or empty. Outputs and inputs may be
  /// the same memory. Denormals are flushed meanwhile.
  void process(Frames count, std::span<const float* const> inputs,
               std::span<const float* const> keys, std::span<float* const> outputs,
               std::span<const LaneMix> mixes);

  // New parameters for one strip from the next frame on, state kept. `op` is an index into
  // LaneProgram::ops of that kind; poles, detector, look-ahead and key use of a dynamics op follow
  // the rules of LaneOp. Plain gain and make-up glide linearly to the new value over the next
  // kControlFrames frames, so that steps on that grid join into a line; before the first frame they
  // are set at once. Thresholds, ratios and the like are smoothed by the ballistics.
  void set_biquads(int op, int strip, std::span<const BiquadDesign> sections);
  void set_compressor(int op, int strip, const CompressorDesign& design);
  void set_expander(int op, int strip, const ExpanderDesign& design);
  void set_gate(int op, int strip, const GateDesign& design);
  void set_gain(int op, int strip, double linear);

  /// Frames by which the output lags the input.
  Frames latency_frames() const { return latency_frames_; }

  /// Whether, with silent inputs and keys, the output will stay below −300 dBFS for good, and no
  /// state that a reset clears could be heard later: silent spans may then be skipped after
  /// reset().
  bool quiet() const;

  /// Forgets the signal, keeps the parameters: as after any length of silence, glides finished.
  void reset();

 private:
  void run_chunk(Frames first, int frames, std::span<const float* const> inputs,
                 std::span<const float* const> keys);
  void mix_chunk(Frames first, int frames, const LaneMix& mix);
  LaneUnit& unit(int op, LaneOpKind kind);

  LaneShape shape_;
  Frames latency_frames_ = 0;
  std::vector<LaneOpKind> kinds_;
  std::vector<bool> external_key_;
  std::vector<std::unique_ptr<LaneUnit>> units_;
  std::unique_ptr<LaneWork> work_;
};

}  // namespace tutti
