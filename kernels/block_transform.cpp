// SPDX-License-Identifier: Apache-2.0
#include "kernels/block_transform.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

namespace tutti::cuda {
namespace {

constexpr Frames kMinBlockFrames = 256, kMaxBlockFrames = 131072;

// Points of one call of cuFFT at most: its work area is as large, 32 MiB. With a sixteenth of it an H100 took
// 38 ps a point for transforms of 65,536; real ones, which are half the work, take 7 where 256 run at once.
constexpr Frames kMaxPoints = Frames{1} << 22;

std::vector<float2> make_twist(Frames block_frames) {
  std::vector<float2> twist;
  for (Frames n = 0; n < block_frames; ++n) {
    const double angle = kPi * static_cast<double>(n) / static_cast<double>(2 * block_frames);
    twist.push_back({static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle))});
  }
  return twist;
}

}  // namespace

BlockTransform::BlockTransform(Device& device, Frames block_frames) : block_frames_(block_frames) {
  if (block_frames < kMinBlockFrames || block_frames > kMaxBlockFrames ||
      !std::has_single_bit(static_cast<std::size_t>(block_frames)))
    throw std::invalid_argument("block of " + std::to_string(block_frames) +
                                " frames: not a power of two in 256 ... 131072");
  twist_ = device.send(std::span<const float2>(make_twist(block_frames)));
}

void BlockTransform::run(Device& device, DeviceSpan<float2> data, Frames count,
                         FftDirection direction) const {
  // In powers of two, so that a few plans serve every number of blocks.
  while (count > 0) {
    const auto most = static_cast<std::size_t>(std::min(count, kMaxPoints / block_frames_));
    const std::size_t batch = std::bit_floor(most);
    FftPlan& plan = device.ffts().plan(dense_fft(
        FftKind::complex_to_complex, static_cast<int>(block_frames_), static_cast<int>(batch)));
    const std::size_t points = batch * static_cast<std::size_t>(block_frames_);
    const DeviceSpan<float2> part = data.subspan(0, points);
    plan.execute(device.compute(), part, part, direction);
    data = data.subspan(points);
    count -= static_cast<Frames>(batch);
  }
}

}  // namespace tutti::cuda
