// SPDX-License-Identifier: Apache-2.0
// Stems on their way to the device, and those that stay there.
#pragma once

#include <span>

#include "host/backend/lanes.hpp"
#include "kernels/units.hpp"

namespace tutti::cuda {

/// Brings the packed samples of stems onto the device: through a bounded ring of pinned memory, beside
/// whatever the device computes; pieces that are there already are not read again.
class StemStore {
 public:
  virtual ~StemStore() = default;

  /// Which of a lane group's stems sound in a span, and where their frames go.
  struct Request {
    StemSource* stem = nullptr;
    DeviceBlock out;  ///< the strip's channels, `frames` long; overwritten
  };
  /// Assembles frames [first, first + frames) of every stem: unpacked, clip gains and fades applied,
  /// overlapping clips added, a mono clip in every channel; stretches without a clip are zero. Reads
  /// and decodes on several threads before it queues (so no Queue is held by the caller). Throws
  /// IoError from the stems.
  virtual void assemble(Frames first, std::span<const Request> requests) = 0;
};

}  // namespace tutti::cuda
