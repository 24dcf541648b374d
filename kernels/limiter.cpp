// SPDX-License-Identifier: Apache-2.0
// The limiter as a backend runs it: three stages one after the other, on a stream or in a chain.
#include "kernels/limiter.hpp"

#include <algorithm>
#include <bit>
#include <vector>

#include "kernels/runtime/device_tile.hpp"
#include "kernels/units.hpp"

namespace tutti::cuda {
namespace {

// What runs through the stages at once, so that their memory does not grow with the block.
constexpr Frames kMostFrames = Frames{1} << 18;

class Limiter {
 public:
  Limiter(SharedDevice device, const LimiterDesign& design, int channels)
      : device_(std::move(device)), design_(design), channels_(channels) {
    const Device::Queue queue(*device_);
    table_ = send_true_peak_table(device_->compute());
    least_gain_ = DeviceBuffer<unsigned>(device_->compute(), 1);
    restart();
  }

  void process(TileView in, TileView out) {
    const Device::Queue queue(*device_);
    for (Frames done = 0; done < out.frames; done += kMostFrames) {
      const Frames count = std::min(out.frames - done, kMostFrames);
      process_some(device_block(in.slice(done, count)), device_block(out.slice(done, count)));
    }
  }

  void reset() {
    const Device::Queue queue(*device_);
    restart();
  }

  double max_reduction_db() const {
    unsigned bits = 0;
    device_->fetch(DeviceSpan<const unsigned>(least_gain_.span()), std::span(&bits, 1));
    return std::max(0.0, -linear_to_db(std::bit_cast<float>(bits)));
  }

 private:
  void restart() {
    stages_.clear();
    for (int s = 0; s < kLimiterStages; ++s) stages_.emplace_back(*device_, design_, s, channels_);
    frames_ = 0;
    const unsigned one = std::bit_cast<unsigned>(1.0F);
    device_->send(std::span(&one, 1), least_gain_.span());
  }

  /// Each stage writes into the next one's ring; all count the frames from the start of their
  /// input.
  void process_some(DeviceBlock in, DeviceBlock out) {
    const LimiterSpan span{frames_, out.frames};
    for (LimiterStage& stage : stages_) stage.make_room(span);
    in.channels = channels_;
    const DeviceRing<float>& input = stages_.front().lines();
    append(device_->compute(), in, input.data(), input.mask(),
           {.first = frames_, .gain = static_cast<float>(design_.input_gain)});
    for (std::size_t s = 0; s + 1 < stages_.size(); ++s) {
      const DeviceRing<float>& next = stages_[s + 1].lines();
      stages_[s].run(span, table_.data(), {next.data(), next.mask(), frames_, next.mask() + 1},
                     nullptr);
    }
    stages_.back().run(span, table_.data(), {.data = out.data, .stride = out.stride},
                       least_gain_.data());
    frames_ += out.frames;
  }

  SharedDevice device_;
  LimiterDesign design_;
  int channels_;
  DeviceBuffer<TruePeakTable> table_;
  DeviceBuffer<unsigned> least_gain_;  ///< bits of a float in [0, 1]
  std::vector<LimiterStage> stages_;
  Frames frames_ = 0;
};

class CudaLimiter : public LimiterRunner {
 public:
  CudaLimiter(SharedDevice device, const LimiterDesign& design, int channels)
      : limiter_(std::move(device), design, channels) {}
  void process(TileView in, TileView out) override { limiter_.process(in, out); }
  double max_reduction_db() const override { return limiter_.max_reduction_db(); }

 private:
  Limiter limiter_;
};

/// Whether samples are zero is known on the device only, so an input with an address counts as
/// sound.
class CudaLimiterInsert : public ChannelRunner {
 public:
  CudaLimiterInsert(SharedDevice device, const LimiterDesign& design, int channels)
      : limiter_(std::move(device), design, channels),
        memory_frames_(limiter_memory_frames(design)) {}
  void process(TileView in, TileView out) override {
    silent_frames_ = in.sounds() ? 0 : silent_frames_ + out.frames;
    limiter_.process(in, out);
  }
  bool quiet() const override { return silent_frames_ >= memory_frames_; }
  void reset() override {
    limiter_.reset();
    silent_frames_ = memory_frames_;
  }

 private:
  Limiter limiter_;
  Frames memory_frames_, silent_frames_ = 0;
};

}  // namespace

std::unique_ptr<LimiterRunner> make_limiter(SharedDevice device, const LimiterDesign& design,
                                            int channels) {
  return std::make_unique<CudaLimiter>(std::move(device), design, channels);
}

std::unique_ptr<ChannelRunner> make_limiter_insert(SharedDevice device, const LimiterDesign& design,
                                                   int channels) {
  return std::make_unique<CudaLimiterInsert>(std::move(device), design, channels);
}

}  // namespace tutti::cuda
