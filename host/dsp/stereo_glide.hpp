// SPDX-License-Identifier: Apache-2.0
// How the mid and side gains of a `stereo` unit move.
#pragma once

#include <algorithm>

#include "host/audio/host_device.hpp"
#include "host/audio/units.hpp"

namespace tutti {

/// Gains on a line over a stretch of frames n = 0, 1, …
struct StereoRamp {
  double mid = 1, mid_step = 0, side = 1, side_step = 0;
  int first = 0;  ///< steps passed at n = 0

  TUTTI_HOST_DEVICE double mid_at(Frames n) const {
    return mid + static_cast<double>(first + n) * mid_step;
  }
  TUTTI_HOST_DEVICE double side_at(Frames n) const {
    return side + static_cast<double>(first + n) * side_step;
  }
};

/// The gains of one stream: where they stand, and the line to where they go. Stretch by stretch, so
/// that the same values come out however a stream is cut.
class StereoGlide {
 public:
  StereoGlide(double mid, double side, int ramp_frames)
      : mid_(mid), side_(side), ramp_frames_(ramp_frames) {
    finish();
  }

  /// From the next frame on, towards these gains, reached with the last of `ramp_frames` frames.
  void set_gains(double mid, double side) {
    const double t = static_cast<double>(passed_) / ramp_frames_;
    mid_from_ += (mid_ - mid_from_) * t;
    side_from_ += (side_ - side_from_) * t;
    mid_ = mid;
    side_ = side;
    passed_ = 0;
  }

  struct Stretch {
    StereoRamp ramp;
    Frames frames = 0;
  };
  /// The next frames that lie on one line, at most `most` > 0, as passed.
  Stretch next(Frames most) {
    if (passed_ == ramp_frames_) return {{mid_, 0, side_, 0, 0}, most};
    const Stretch stretch{{mid_from_, (mid_ - mid_from_) / ramp_frames_, side_from_,
                           (side_ - side_from_) / ramp_frames_, passed_ + 1},
                          std::min<Frames>(most, ramp_frames_ - passed_)};
    passed_ += static_cast<int>(stretch.frames);
    return stretch;
  }

  /// At the end of the line.
  void finish() {
    mid_from_ = mid_;
    side_from_ = side_;
    passed_ = ramp_frames_;
  }

 private:
  double mid_, side_;  // targets
  int ramp_frames_;
  double mid_from_ = 1, side_from_ = 1;
  int passed_ = 0;  // frames of the line
};

}  // namespace tutti
