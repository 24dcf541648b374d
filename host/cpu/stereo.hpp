// SPDX-License-Identifier: Apache-2.0
// Mid/side over two planar channels.
#pragma once

#include "host/audio/block_view.hpp"
#include "host/dsp/biquad.hpp"
#include "host/dsp/stereo.hpp"
#include "host/dsp/stereo_glide.hpp"

namespace tutti {

/// A StereoDesign on one two-channel stream, in double between the float ends. The output is the
/// same bits however a stream is cut into calls, set_gains standing at the same frames.
class StereoUnit {
 public:
  explicit StereoUnit(const StereoDesign& design);

  /// For automation: mid and side reach these linear gains over the next kControlFrames frames, on
  /// a line from where they are. `side` includes the width, as in StereoDesign.
  void set_gains(double mid, double side) { glide_.set_gains(mid, side); }

  /// Two channels, as many frames out as in; `in` and `out` are the same view or do not overlap.
  void process(ConstBlockView in, BlockView out);
  /// Silences the filters and ends a ramp at its target.
  void reset();
  /// No filter state is louder than −300 dBFS.
  bool quiet() const;

 private:
  StereoDesign design_;
  BiquadState states_[2];
  StereoGlide glide_;
};

}  // namespace tutti
