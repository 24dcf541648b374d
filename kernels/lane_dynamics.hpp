// SPDX-License-Identifier: Apache-2.0
// What compressor, expander and gate share on the device: the tables of their strips, and how new
// parameters reach the frames from which they hold.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <variant>
#include <vector>

#include "host/backend/dynamics_memory.hpp"
#include "host/dsp/biquad.hpp"
#include "host/dsp/level_curve.hpp"
#include "host/dsp/smoother.hpp"
#include "kernels/lane_unit.hpp"

namespace tutti::cuda {

/// Frames of a chunk that one thread has: a divisor of kControlFrames, so that it meets one
/// segment.
inline constexpr int kRunFrames = 16;
static_assert(kControlFrames % kRunFrames == 0);

/// What stays for a strip: how it listens, and how its result meets the dry signal.
struct StripDetector {
  BiquadDesign key_filter;
  double filter_powers[6][4];  ///< [k]: rows of A^(kRunFrames·2^k), A the filter's step of state
  double rms_pole = 0;         ///< 0: peak
  int has_key_filter = 0;
  int hold_frames = 0;  ///< of a gate
  float mix = 1;
};

/// What the detector of one lane remembers.
struct DetectorState {
  BiquadState filter;
  double mean_square;
};

/// Parameters of a compressor's or an expander's strip from one frame of the tile on. The expander
/// smooths the reduction with its sign turned: its peaks are the gains.
struct ReductionSegment {
  int frame = 0;
  float link = 1;
  CurveShape curve{};
  float makeup = 1, makeup_step = 0;  ///< step: a kControlFrames-th of the way to this make-up
  SmootherPoles poles{};
  double rest = 0;  ///< what silence smooths to
};
struct ReductionState {
  double held, smoothed;
};

/// Parameters of a gate's strip from one frame of the tile on.
struct GateSegment {
  int frame = 0;
  float link = 1;
  float open_above = 0, close_below = 0;
  float range = 0;  ///< gain when closed
  SmootherPoles poles{};
};
struct GateState {
  double gain;
  int open;
  int hold_left;  ///< frames
};

/// Lengths of a launch. Signal and key have one channel for each lane.
struct DynamicsGeometry {
  Frames frames;
  Frames signal_stride, heard_stride;
  Frames delay_position;  ///< where in the delay's ring the tile starts
  int delay_frames;
  int channels;  ///< of a strip
};

/// Device memory of a launch: tables by strip, states by lane.
template <class Segment, class State>
struct DynamicsTables {
  const StripDetector* detectors;
  const int* first_segments;  ///< [strips + 1]
  const Segment* segments;
  DetectorState* detector_states;
  State* states;
  float* levels;  ///< [lane][kScanFrames], scratch
  float* delay;   ///< [lane][delay_frames]
};

/// A strip that listens to peaks.
StripDetector make_detector(bool has_key_filter, const BiquadDesign& key_filter, double mix);
template <class Design>
StripDetector make_detector(const Design& design, const LaneOp& op, std::size_t strip) {
  return make_detector(design.has_key_filter, design.key_filter,
                       op.mix.empty() ? 1.0 : op.mix[strip]);
}
template <class Design>
std::vector<StripDetector> detectors_of(const std::vector<Design>& designs, const LaneOp& op) {
  std::vector<StripDetector> detectors;
  for (const Design& design : designs)
    detectors.push_back(make_detector(design, op, detectors.size()));
  return detectors;
}
template <class Segment, class Design>
std::vector<Segment> segments_of(const std::vector<Design>& designs,
                                 Segment (*segment_of)(const Design&)) {
  std::vector<Segment> segments;
  for (const Design& design : designs) segments.push_back(segment_of(design));
  return segments;
}

/// A dynamics op. `Unit` says what is its own: how a design becomes a segment, and the launch.
template <class Unit, class Segment, class State>
class LaneDynamics : public LaneUnit {
 public:
  void run(const LaneWork& work) final {
    if (work.signal.frames == 0) return;
    DeviceBuffer<int> moving_firsts;
    DeviceBuffer<Segment> moving;
    if (!work.changes.empty()) {
      std::vector<int> firsts;
      std::vector<Segment> segments;
      collect(work.changes, firsts, segments);
      moving_firsts = device_.send(std::span<const int>(firsts));
      moving = device_.send(std::span<const Segment>(segments));
      stale_ = true;
    } else if (stale_) {
      device_.send(std::span<const Segment>(current_), resident_.span());
      stale_ = false;
    }
    const bool moves = moving.size() > 0;
    const bool key = work.key.data != nullptr;
    const ConstDeviceBlock heard = key ? work.key : ConstDeviceBlock(work.signal);
    static_cast<const Unit&>(*this).start(
        device_.compute(),
        {work.signal.frames, work.signal.stride, heard.stride, delay_position_,
         static_cast<int>(delay_frames_), shape_.channels},
        work.signal.data, heard.data,
        {detectors_.data(), moves ? moving_firsts.data() : resident_firsts_.data(),
         moves ? moving.data() : resident_.data(), detector_states_.data(), states_.data(),
         levels_.data(), delay_.data()},
        shape_.strips);
    if (delay_frames_ > 0) delay_position_ = (delay_position_ + work.signal.frames) % delay_frames_;
    running_ = true;
  }

  void reset() final {
    std::vector<State> states;
    for (const Segment& segment : current_)
      states.insert(states.end(), static_cast<std::size_t>(shape_.channels),
                    Unit::at_rest(segment));
    device_.send(std::span<const State>(states), states_.span());
    clear(device_.compute(), detector_states_.span());
    clear(device_.compute(), delay_.span());
    delay_position_ = 0;
    running_ = false;
  }

  Frames memory_frames() const final { return std::max(delay_frames_, memory_frames_) + 1; }

 protected:
  LaneDynamics(Device& device, LaneShape shape, const std::vector<StripDetector>& detectors,
               std::vector<Segment> segments, Frames delay_frames)
      : device_(device),
        shape_(shape),
        delay_frames_(delay_frames),
        current_(std::move(segments)),
        detectors_(device.send(std::span<const StripDetector>(detectors))),
        resident_(device.send(std::span<const Segment>(current_))),
        detector_states_(device.compute(), lanes()),
        states_(device.compute(), lanes()),
        levels_(device.compute(),
                shape.channels > 1 ? lanes() * static_cast<std::size_t>(kScanFrames) : 0),
        delay_(device.compute(), lanes() * static_cast<std::size_t>(delay_frames)) {
    std::vector<int> firsts;
    for (int strip = 0; strip <= shape.strips; ++strip) firsts.push_back(strip);
    resident_firsts_ = device.send(std::span<const int>(firsts));
    for (const StripDetector& detector : detectors)
      detector_frames_ =
          std::max(detector_frames_,
                   detector_memory_frames(detector.has_key_filter ? &detector.key_filter : nullptr,
                                          detector.rms_pole, detector.hold_frames));
    for (const Segment& segment : current_) remember(segment);
    LaneDynamics::reset();
  }

 private:
  std::size_t lanes() const { return static_cast<std::size_t>(shape_.lanes()); }
  void remember(const Segment& segment) {
    memory_frames_ = std::max(memory_frames_, detector_frames_ + Unit::settle_frames(segment));
  }

  /// The segments of every strip over this tile, and the parameters that hold after it. Of two
  /// changes at one frame the later holds.
  void collect(std::span<const LaneChange> changes, std::vector<int>& firsts,
               std::vector<Segment>& segments) {
    std::vector<std::vector<const LaneChange*>> by_strip(static_cast<std::size_t>(shape_.strips));
    for (const LaneChange& change : changes)
      by_strip[static_cast<std::size_t>(change.strip)].push_back(&change);
    for (std::size_t strip = 0; strip < by_strip.size(); ++strip) {
      const auto first = static_cast<int>(segments.size());
      firsts.push_back(first);
      Segment before = current_[strip];
      segments.push_back(before);
      for (const LaneChange* change : by_strip[strip]) {
        const auto frame = static_cast<int>(change->frame);
        if (segments.back().frame == frame) {
          segments.pop_back();
        } else {
          before = segments.back();
        }
        Segment next = Unit::segment(change->design);
        next.frame = frame;
        if (running_ || frame > 0) Unit::glide(before, next);
        remember(next);
        segments.push_back(next);
      }
      current_[strip] = segments.back();
      current_[strip].frame = 0;
      Unit::glide(current_[strip], current_[strip]);
    }
    firsts.push_back(static_cast<int>(segments.size()));
  }

  Device& device_;
  LaneShape shape_;
  Frames delay_frames_, delay_position_ = 0;
  Frames detector_frames_ = 0, memory_frames_ = 0;
  std::vector<Segment> current_;  ///< [strip]
  bool stale_ = false;            ///< the device's copy of current_ is
  bool running_ = false;
  DeviceBuffer<StripDetector> detectors_;
  DeviceBuffer<int> resident_firsts_;
  DeviceBuffer<Segment> resident_;
  DeviceBuffer<DetectorState> detector_states_;
  DeviceBuffer<State> states_;
  DeviceBuffer<float> levels_, delay_;
};

}  // namespace tutti::cuda
