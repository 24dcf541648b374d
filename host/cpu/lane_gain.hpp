// SPDX-License-Identifier: Apache-2.0
// Linear gains of the lanes: steps glide, so that automation does not click.
#pragma once

#include "host/cpu/lane_unit.hpp"

namespace tutti {

/// A linear gain per lane. A new value is reached along a straight line over kControlFrames frames.
class LaneGlide {
 public:
  LaneGlide() { target_.values.fill(1.0f); }

  /// From the next frame on; at once while nothing has run since the start or the last finish().
  void set(int lane, double linear);

  /// The gains of the next `frames` frames; `scratch` is used while some lane glides.
  RowGains advance(int frames, LaneRows& scratch);

  /// Ends all glides at their targets.
  void finish();

 private:
  LaneColumn<float> target_;
  LaneColumn<float> step_;  ///< (target − start)/kControlFrames
  LaneColumn<float> left_;  ///< frames until the target
  bool gliding_ = false;
  bool running_ = false;
};

/// Plain gain.
class LaneGain final : public LaneUnit {
 public:
  LaneGain(const LaneShape& shape, const LaneOp& op);

  void set(int strip, double linear);
  void run(LaneWork& work, int frames) override;
  bool quiet() const override { return true; }
  void reset() override { glide_.finish(); }

 private:
  LaneShape shape_;
  LaneGlide glide_;
  LaneColumn<float> mix_;
  bool mixes_ = false;
};

/// The mix of each lane as a column; 1 for lanes without a strip. True when some lane is not 1.
bool fill_mix(const LaneShape& shape, const LaneOp& op, LaneColumn<float>& mix);

}  // namespace tutti
