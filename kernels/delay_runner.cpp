// SPDX-License-Identifier: Apache-2.0
// The delays of the backend list: a line on the device, and what is known about it without looking.
#include <algorithm>
#include <stdexcept>
#include <utility>

#include "kernels/delay.hpp"
#include "kernels/runtime/device_tile.hpp"
#include "kernels/units.hpp"

namespace tutti::cuda {
namespace {

template <typename Stored>
class DelayRunner : public ChannelRunner {
 public:
  /// `memory_frames`: of silence, after which the line is quiet.
  DelayRunner(SharedDevice device, const DelayDesign& design, int channels, Frames memory_frames)
      : device_(std::move(device)), design_(design), memory_frames_(memory_frames) {
    if (channels < 0 || design.delay_frames < 0)
      throw std::invalid_argument("a delay line has no negative length");
    const Device::Queue queue(*device_);
    line_ = DeviceBuffer<Stored>(device_->compute(),
                                 static_cast<std::size_t>(channels * design.delay_frames));
    forget();
  }

  void process(TileView in, TileView out) override {
    silent_frames_ = in.sounds() ? 0 : std::min(memory_frames_, silent_frames_ + out.frames);
    const Device::Queue queue(*device_);
    run(device_block(in), device_block(out));
    if (design_.delay_frames > 0) position_ = (position_ + out.frames) % design_.delay_frames;
  }

  /// Counted, not looked at: the device is not waited for.
  bool quiet() const override { return silent_frames_ >= memory_frames_; }

  void reset() override {
    const Device::Queue queue(*device_);
    forget();
  }

 private:
  void run(ConstDeviceBlock in, DeviceBlock out) {
    if constexpr (std::is_same_v<Stored, double>)
      echo(device_->compute(), design_, in, out, line_.span(), position_);
    else
      shift(device_->compute(), design_.delay_frames, in, out, line_.span(), position_);
  }

  void forget() {
    clear(device_->compute(), line_.span());
    position_ = 0;
    silent_frames_ = memory_frames_;
  }

  SharedDevice device_;
  DelayDesign design_;
  Frames memory_frames_;
  DeviceBuffer<Stored> line_;  ///< [channel][place]
  Frames position_ = 0;
  Frames silent_frames_ = 0;  ///< so far, up to memory_frames_
};

}  // namespace

std::unique_ptr<ChannelRunner> make_delay(SharedDevice device, const DelayDesign& design,
                                          int channels) {
  return std::make_unique<DelayRunner<double>>(std::move(device), design, channels,
                                               memory_frames(design));
}

std::unique_ptr<ChannelRunner> make_alignment(SharedDevice device, Frames delay_frames,
                                              int channels) {
  return std::make_unique<DelayRunner<float>>(std::move(device), DelayDesign{delay_frames},
                                              channels, delay_frames);
}

}  // namespace tutti::cuda
