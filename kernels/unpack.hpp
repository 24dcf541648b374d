// SPDX-License-Identifier: Apache-2.0
// Stored samples become signals: unpacked, clip gains and fades applied, overlapping clips added.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "host/backend/stem_cells.hpp"
#include "kernels/runtime/device.hpp"
#include "kernels/runtime/device_span.hpp"

namespace tutti::cuda {

/// A run of stored samples on the device, and where it is heard in its strip. Its bytes count below
/// 2³¹ and are readable to the next multiple of 4.
struct UnpackPart {
  const std::byte* data = nullptr;  ///< aligned to 4 bytes
  std::int32_t at = 0;              ///< first frame in the strip
  std::int32_t frames = 0;
  std::int32_t channels = 1;       ///< 1: heard in every channel of the strip
  std::int32_t frame_bytes = 0;    ///< from a sample to the same channel's next
  std::int32_t channel_bytes = 0;  ///< from a sample to the same frame's next channel
  std::int8_t sample_bytes = 0;    ///< 1 … 4
  bool big_endian = false;
  SampleKind kind = SampleKind::signed_integer;
  Frames clip_frame = 0;  ///< of the first frame
  ClipEnvelope envelope;
};

/// The part of a strip that `piece` is, `at` taken from the piece; `data` holds its bytes. Throws
/// std::logic_error for samples that are not 1 … 4 bytes.
UnpackPart unpack_part(const StemPiece& piece, const std::byte* data);

/// Everything that one launch unpacks.
class UnpackList {
 public:
  /// A strip: overwritten by the sum of its parts in the order in which they are added, and by zero
  /// where there are none. Fewer than 2³¹ frames.
  void add_strip(DeviceBlock out, UnpackStart start);
  /// A part of the last strip.
  void add_part(const UnpackPart& part);
  bool empty() const { return strips_.empty(); }

  /// Queues the launch on the compute stream, with a Queue held. Scaling as in host/io/unpack:
  /// integers by 2^(1 − 8·bytes), rounded once; gains in double, each product rounded to float,
  /// then added in float.
  void queue(Device& device) const;

  /// A strip as the kernel sees it.
  struct Strip {
    DeviceBlock out;
    float start = 0;
    std::int32_t first_chunk = 0;  ///< index of its first chunk's entry list
  };

 private:
  std::vector<Strip> strips_;
  std::vector<std::size_t> first_parts_;  ///< of each strip
  std::vector<UnpackPart> parts_;
};

}  // namespace tutti::cuda
