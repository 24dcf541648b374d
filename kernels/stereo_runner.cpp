// SPDX-License-Identifier: Apache-2.0
// The `stereo` unit of the backend list.
#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "kernels/runtime/device_tile.hpp"
#include "kernels/stereo.hpp"
#include "kernels/units.hpp"

namespace tutti::cuda {
namespace {

class CudaStereo : public StereoRunner {
 public:
  CudaStereo(SharedDevice device, const StereoDesign& design)
      : device_(std::move(device)),
        filtered_(design.section_count > 0),
        memory_frames_(memory_frames(design)),
        glide_(design.mid, design.side, static_cast<int>(kControlFrames)) {
    const SideFilter filter = side_filter(design);
    const Device::Queue queue(*device_);
    filter_ = device_->send(std::span<const SideFilter>(&filter, 1));
    for (auto& states : states_)
      states = DeviceBuffer<BiquadState>(device_->compute(), SideFilter::kSections);
    forget();
  }

  void process(TileView in, TileView out, std::span<const StereoChange> changes) override {
    const std::vector<GlideStretch> stretches = glide(out.frames, changes);
    silent_frames_ = in.sounds() ? 0 : std::min(memory_frames_, silent_frames_ + out.frames);
    if (out.frames == 0) return;
    const Device::Queue queue(*device_);
    const auto table = device_->send(std::span<const GlideStretch>(stretches));
    if (!filtered_) {
      glide_sides(device_->compute(), device_block(in), device_block(out), table.span());
      return;
    }
    for (Frames first = 0; first < out.frames;) {
      // To the end of a chunk that an earlier call began, then whole chunks and what is left.
      const Frames begun = position_ % kScanFrames;
      const Frames end = begun ? std::min(out.frames, first + kScanFrames - begun) : out.frames;
      filter(device_block(in), device_block(out), table.span(), first, end);
      first = end;
    }
  }

  bool quiet() const override { return silent_frames_ >= memory_frames_; }

  void reset() override {
    const Device::Queue queue(*device_);
    forget();
    glide_.finish();
  }

 private:
  void forget() {
    clear(device_->compute(), states_[now_].span());
    position_ = 0;
    silent_frames_ = memory_frames_;
  }

  /// The call's gains; never empty.
  std::vector<GlideStretch> glide(Frames frames, std::span<const StereoChange> changes) {
    std::vector<GlideStretch> stretches;
    Frames done = 0;
    const auto until = [&](Frames end) {
      while (done < end) {
        const auto [ramp, count] = glide_.next(end - done);
        stretches.push_back({done, ramp});
        done += count;
      }
    };
    for (const StereoChange& change : changes) {
      until(change.frame);
      glide_.set_gains(change.design.mid, change.design.side);
    }
    until(frames);
    return stretches;
  }

  /// Frames [first, end) of a call.
  void filter(ConstDeviceBlock in, DeviceBlock out, DeviceSpan<const GlideStretch> table,
              Frames first, Frames end) {
    filter_sides(
        device_->compute(), filter_.span(), in, out, table,
        {first, end, position_ % kScanFrames != 0, states_[now_].span(), states_[1 - now_].span()});
    now_ = 1 - now_;
    position_ += end - first;
  }

  SharedDevice device_;
  bool filtered_;
  DeviceBuffer<SideFilter> filter_;
  Frames memory_frames_;
  StereoGlide glide_;
  std::array<DeviceBuffer<BiquadState>, 2> states_;  ///< of the sections; one is read, one written
  int now_ = 0;
  Frames position_ = 0;       ///< frames since the start or a reset
  Frames silent_frames_ = 0;  ///< so far, up to memory_frames_
};

}  // namespace

std::unique_ptr<StereoRunner> make_stereo(SharedDevice device, const StereoDesign& design) {
  return std::make_unique<CudaStereo>(std::move(device), design);
}

}  // namespace tutti::cuda
