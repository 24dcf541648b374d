// SPDX-License-Identifier: Apache-2.0
// A lane group: channels that run the same chain of processors side by side, one channel to a lane.
#pragma once

#include <span>
#include <variant>
#include <vector>

#include "host/audio/units.hpp"
#include "host/backend/gain_curve.hpp"
#include "host/backend/stem_source.hpp"
#include "host/backend/tile.hpp"
#include "host/dsp/biquad.hpp"
#include "host/dsp/compressor.hpp"
#include "host/dsp/expander.hpp"
#include "host/dsp/gate.hpp"

namespace tutti {

/// Grid on which automated processor parameters are set, in frames, anchored at frame 0.
inline constexpr Frames kControlFrames = 64;

enum class LaneOpKind { biquads, compressor, gate, expander, gain };

/// One position of the chain, for all strips of the group. Only the vector of its kind is filled,
/// with one element per strip. The channels of a strip share its design.
struct LaneOp {
  LaneOpKind kind = LaneOpKind::gain;
  std::vector<std::vector<BiquadDesign>> biquads;  ///< [strip][section]; padded by the backend
  std::vector<CompressorDesign> compressor;  ///< equal ballistics, rms_pole == 0 and key use per op
  std::vector<GateDesign> gate;
  std::vector<ExpanderDesign> expander;
  std::vector<double> gain;  ///< linear
  std::vector<double> mix;   ///< per strip: 0 dry … 1 processed; the dry path has the same latency
  bool external_key = false; ///< dynamics listen to key signals instead of their own input
};

/// Lane l = strip · channels + channel; strips · channels ≤ Backend::lanes_per_group(). Dynamics link
/// the channels of one strip (their `link`), never two strips.
struct LaneProgram {
  int strips = 0;
  int channels = 1;
  std::vector<LaneOp> ops;
  /// Every op of one position has the same look-ahead in all strips, so the group has one latency.
  Frames latency_frames = 0;

  int lanes() const { return strips * channels; }
};

/// What a strip hears: a stem, or a signal of the backend.
struct LaneInput {
  StemSource* stem = nullptr;
  TileView signal;
};

/// One destination of a lane group: out[o][n] = Σ_lane gain[o][lane] · y[n][lane], summed over the
/// lanes in one fixed tree.
struct LaneTarget {
  TileView out;                              ///< overwritten
  std::span<const float> gains;              ///< [out channel · lanes + lane], linear; 0: not there
  std::span<const GainCurve* const> curves;  ///< the same order; null where the static gain holds.
                                             ///< Empty: nothing moves
};

/// New parameters of one op of one strip from one frame of the tile on, state kept. Plain gain and
/// make-up glide linearly to the new value over the next kControlFrames frames, so that steps on that
/// grid join into a line; before the first frame ever they are set at once. Thresholds, ratios and
/// the like are smoothed by the ballistics; poles, detector, look-ahead and key use stay.
struct LaneChange {
  Frames frame = 0;  ///< in the tile, a multiple of kControlFrames
  int op = 0;
  int strip = 0;
  std::variant<std::vector<BiquadDesign>, CompressorDesign, GateDesign, ExpanderDesign, double> design;
};

/// One tile of work.
struct LaneTile {
  Frames first_frame = 0;  ///< on the timeline
  Frames frames = 0;
  std::span<const LaneInput> inputs;    ///< per strip
  std::span<const TileView> keys;       ///< for each op with an external key, in chain order: per strip
  std::span<const TileView> outputs;    ///< per strip; without address: nobody asks
  std::span<const LaneTarget> targets;
  std::span<const LaneChange> changes;  ///< by ascending frame
};

/// Runs one LaneProgram. Tiles come in order, one at a time. The samples of a strip do not depend on
/// how the timeline is cut into tiles, nor on the other strips.
class LaneRunner {
 public:
  virtual ~LaneRunner() = default;
  /// Returns false, outputs and targets untouched, when nothing sounds: neither now nor from
  /// earlier tiles. Throws IoError from the stems.
  virtual bool run(const LaneTile& tile) = 0;
};

}  // namespace tutti
