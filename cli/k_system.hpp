// SPDX-License-Identifier: Apache-2.0
// The average of a K-System meter (Katz 2000): RMS over 600 ms.
#pragma once

#include <vector>

#include "host/audio/block_view.hpp"

namespace tutti::cli {

/// Loudest mean square over 600 ms of any one channel; windows start every 100 ms. Does not depend
/// on how the signal is cut into blocks.
class KSystemMeter {
 public:
  KSystemMeter(double sample_rate_hz, int channels);
  void process(ConstBlockView block);

  /// 0 when the signal is shorter than a window.
  double max_mean_square() const { return max_mean_square_; }

 private:
  static constexpr int kStepsPerWindow = 6;

  void end_step();

  Frames step_frames_;
  Frames filled_frames_ = 0;  ///< of the step under way
  Frames steps_ = 0;          ///< done so far
  std::vector<double> sums_;  ///< of squares, [channel][step modulo kStepsPerWindow]
  int channels_;
  double max_mean_square_ = 0;
};

}  // namespace tutti::cli
