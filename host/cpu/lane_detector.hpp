// SPDX-License-Identifier: Apache-2.0
// What every dynamics op has around its curve: the signal it listens to, and the delay by which the
// audio waits for it.
#pragma once

#include <span>

#include "host/audio/buffer.hpp"
#include "host/cpu/lane_biquads.hpp"
#include "host/cpu/lane_unit.hpp"

namespace tutti {

/// What the detector of one strip needs to know; the designs of all dynamics hold these fields.
struct DetectorDesign {
  double link = 1;
  double rms_pole = 0;  ///< 0: peak
  bool has_key_filter = false;
  BiquadDesign key_filter;
};

class LaneDetector {
 public:
  LaneDetector(const LaneShape& shape, bool external_key);

  void set(int strip, const DetectorDesign& design);

  /// What the curve sees of this chunk: magnitudes of either sign, or mean squares, linked. The
  /// signal, the key or a scratch of `work`.
  const LaneRows& hear(LaneWork& work, int frames);

  bool rms() const { return rms_; }
  bool quiet() const;
  void reset();

 private:
  LaneShape shape_;
  bool external_key_;
  bool filters_ = false;
  bool rms_ = false;
  LaneCascade filter_{1};
  LaneColumn<double> rms_pole_;
  LaneColumn<double> mean_square_;
  LaneColumn<float> link_;
  /// [rotation][lane]; four double the reach to 16 channels.
  std::array<LaneColumn<std::int32_t>, 4> sources_;
  int rotations_ = 0;
};

/// Delays all lanes by the same number of frames.
class LaneDelay {
 public:
  explicit LaneDelay(Frames length_frames);

  void run(LaneRows& signal, int frames);
  bool quiet() const;
  void reset();

 private:
  Frames length_frames_;
  Frames position_ = 0;
  AlignedArray<float> ring_;  ///< [frame][lane]
};

}  // namespace tutti
