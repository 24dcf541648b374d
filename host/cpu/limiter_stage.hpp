// SPDX-License-Identifier: Apache-2.0
// One stage of the limiter: true peaks → needed reductions → smooth gain → delayed audio.
#pragma once

#include <cstdint>
#include <vector>

#include "host/audio/block_view.hpp"
#include "host/audio/buffer.hpp"
#include "host/cpu/limiter_gain.hpp"
#include "host/cpu/true_peak.hpp"

namespace tutti {

struct LimiterLimits {
  float threshold;  ///< limiter_threshold
  double target;    ///< limiter_target
  double link;
};

class LimiterStage {
 public:
  /// The first stage looks at every block, later ones at what a stage before them changed.
  LimiterStage(const LimiterStageDesign& design, const LimiterLimits& limits, int channels,
               bool first);

  /// In place: `lines` holds the channels and, last, the gain applied so far; at most
  /// kMeterBlockFrames frames. They come out delayed by the stage's latency.
  /// `changed`: whether an earlier stage reduced any of these frames. Where none did, the ceiling
  /// is known to be kept. Returns the same for the output.
  bool process(BlockView lines, bool changed);

 private:
  bool find_reductions(ConstBlockView lines);
  void merge_linked();
  void merge_blended();
  void to_reductions(int stream, int frames);
  void delay(BlockView lines);
  void apply(BlockView lines);

  LimiterStageDesign design_;
  float threshold_;
  double target_;
  double link_;
  bool first_;
  int channels_;
  Frames delay_frames_;
  Frames changed_left_ = 0;  ///< frames of history or delay that still hold changed samples
  std::vector<TruePeakChannel> peaks_;
  Buffer over_;  ///< per channel: peaks above the ceiling, else 0
  std::vector<LimiterGain> streams_;
  std::vector<std::vector<std::int32_t>> reductions_;  ///< per stream
  std::vector<std::int32_t> previous_;                 ///< reduction of the last interval
  std::vector<std::vector<double>> gains_;
  std::vector<char> active_;
  std::vector<double> least_gain_;  ///< over the streams, per frame
  Buffer delay_;
};

}  // namespace tutti
