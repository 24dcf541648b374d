// SPDX-License-Identifier: Apache-2.0
// The gain op of a lane group: what its strips are at, and what moves in a tile.
#include <variant>
#include <vector>

#include "host/dsp/glide.hpp"
#include "kernels/gain.hpp"
#include "kernels/lane_unit.hpp"

namespace tutti::cuda {
namespace {

class GainUnit : public LaneUnit {
 public:
  GainUnit(Device& device, LaneShape shape, const LaneOp& op)
      : device_(device),
        shape_(shape),
        strips_(static_cast<std::size_t>(shape.strips)),
        sent_(device.compute(), strips_.size()) {
    for (std::size_t s = 0; s < strips_.size(); ++s) {
      strips_[s].gain = static_cast<float>(op.gain[s]);
      if (!op.mix.empty()) strips_[s].mix = static_cast<float>(op.mix[s]);
    }
    send_strips();
  }

  void run(const LaneWork& work) override {
    DeviceBuffer<GainSegment> segments;
    if (!work.changes.empty()) {
      const std::vector<GainSegment> lines = segments_of(work.signal.frames, work.changes);
      segments = device_.send(std::span<const GainSegment>(lines));
      send_strips();
    }
    apply_gains(device_.compute(), sent_.span(), segments.span(), shape_.channels, work.signal);
    running_ = true;
    if (work.changes.empty()) return;
    for (StripGain& strip : strips_) strip.segments = -1;
    send_strips();
  }

  void reset() override { running_ = false; }
  Frames memory_frames() const override { return 0; }

 private:
  void send_strips() { device_.send(std::span<const StripGain>(strips_), sent_.span()); }

  /// The lines of every strip that changes, and where each strip's start. A change is the start of
  /// a segment, and a glide as long as one, so segments do not depend on each other.
  std::vector<GainSegment> segments_of(Frames frames, std::span<const LaneChange> changes) {
    const auto count = static_cast<std::size_t>((frames + kControlFrames - 1) / kControlFrames);
    std::vector<GainSegment> segments;
    std::vector<std::size_t> known(strips_.size());  // segments of a strip that stand
    const auto extend = [&](std::size_t s, std::size_t until) {
      StripGain& strip = strips_[s];
      if (strip.segments < 0) {
        strip.segments = static_cast<int>(segments.size());
        segments.resize(segments.size() + count);
      }
      for (std::size_t& k = known[s]; k < until; ++k)
        segments[static_cast<std::size_t>(strip.segments) + k] = {strip.gain, 0.0f};
    };
    for (const LaneChange& change : changes) {
      const auto s = static_cast<std::size_t>(change.strip);
      const auto at = static_cast<std::size_t>(change.frame / kControlFrames);
      extend(s, at + 1);
      GainSegment& line = segments[static_cast<std::size_t>(strips_[s].segments) + at];
      const auto target = static_cast<float>(std::get<double>(change.design));
      if (running_ || at > 0) {
        constexpr auto kLength = static_cast<float>(kControlFrames);
        line.step = (target - glide_gain(line.target, line.step, kLength)) / kLength;
      }
      line.target = strips_[s].gain = target;
    }
    for (std::size_t s = 0; s < strips_.size(); ++s)
      if (strips_[s].segments >= 0) extend(s, count);
    return segments;
  }

  Device& device_;
  LaneShape shape_;
  std::vector<StripGain> strips_;
  DeviceBuffer<StripGain> sent_;
  bool running_ = false;  // since the start or the last reset: what changes first does not glide
};

}  // namespace

std::unique_ptr<LaneUnit> make_gain(Device& device, LaneShape shape, const LaneOp& op) {
  return std::make_unique<GainUnit>(device, shape, op);
}

}  // namespace tutti::cuda
