// SPDX-License-Identifier: Apache-2.0
// Compressor, expander and gate over lanes. All three: detector → gain → ballistics, and the audio,
// delayed by the look-ahead, times that gain.
#pragma once

#include "host/cpu/lane_detector.hpp"
#include "host/cpu/lane_gain.hpp"
#include "host/cpu/lane_kernels.hpp"
#include "host/cpu/lane_unit.hpp"
#include "host/dsp/level_curve.hpp"

namespace tutti {

/// One-pole smoothers of the lanes with the value that each rests at in silence.
class LaneSmoother {
 public:
  explicit LaneSmoother(Smoothing kind) : kind_(kind) { scale_.values.fill(1.0); }

  void set(int lane, double attack_pole, double release_pole, double rest);

  /// In place. What comes out is to be multiplied by scale().
  void run(LaneRows& rows, int lanes, int frames);
  const LaneColumn<float>& scale() const { return float_scale_; }
  bool quiet() const;
  void reset();

 private:
  bool decoupled() const { return kind_ == Smoothing::peak_down || kind_ == Smoothing::peak_up; }

  Smoothing kind_;
  LaneColumn<double> attack_pole_, release_pole_, scale_;
  LaneColumn<double> rest_, held_, smoothed_;
  LaneColumn<float> float_scale_;
};

/// Static curve: gain reduction in log2 over level in log2.
class LaneCurve {
 public:
  /// `below`: past the threshold means below it. `mean_square`: run() sees mean squares.
  LaneCurve(bool below, bool mean_square) : below_(below), mean_square_(mean_square) {}

  void set(int lane, const CurveShape& shape);
  void run(const LaneRows& in, int lanes, int frames, LaneRows& out) const;

  /// The reduction of silence, to the bit as run() gives it.
  double at_silence(int lane) const;

 private:
  bool below_;
  bool mean_square_;
  LaneColumn<float> offset_, knee_, knee_scale_, slope_, limit_;
};

class LaneCompressor final : public LaneUnit {
 public:
  LaneCompressor(const LaneShape& shape, const LaneOp& op);

  void set(int strip, const CompressorDesign& design);
  void run(LaneWork& work, int frames) override;
  bool quiet() const override;
  void reset() override;

 private:
  LaneShape shape_;
  LaneDetector detector_;
  LaneCurve curve_;
  LaneSmoother smoother_;
  LaneDelay delay_;
  LaneGlide makeup_;
  LaneColumn<float> mix_;
  bool mixes_ = false;
};

class LaneExpander final : public LaneUnit {
 public:
  LaneExpander(const LaneShape& shape, const LaneOp& op);

  void set(int strip, const ExpanderDesign& design);
  void run(LaneWork& work, int frames) override;
  bool quiet() const override;
  void reset() override;

 private:
  LaneShape shape_;
  LaneDetector detector_;
  LaneCurve curve_;
  LaneSmoother smoother_;
  LaneDelay delay_;
  LaneColumn<float> mix_;
  bool mixes_ = false;
};

class LaneGate final : public LaneUnit {
 public:
  LaneGate(const LaneShape& shape, const LaneOp& op);

  void set(int strip, const GateDesign& design);
  void run(LaneWork& work, int frames) override;
  bool quiet() const override;
  void reset() override;

 private:
  LaneShape shape_;
  LaneDetector detector_;
  LaneColumn<float> open_above_, close_below_, hold_, range_;
  LaneColumn<float> open_, hold_left_;
  LaneSmoother smoother_;
  LaneDelay delay_;
  LaneColumn<float> mix_;
  bool mixes_ = false;
};

}  // namespace tutti
