// SPDX-License-Identifier: Apache-2.0
// Stems on their way to the device, and those that stay there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "host/backend/lanes.hpp"
#include "kernels/units.hpp"

namespace tutti::cuda {

/// What a StemStore may take. Results do not depend on it.
struct StemStoreOptions {
  int slabs = 8;  ///< pieces of pinned memory, made one by one as they are needed
  /// The largest slab: with `slabs`, what is pinned at most. Smaller work takes smaller slabs.
  std::size_t slab_bytes = std::size_t{64} << 20;
  std::size_t smallest_slab_bytes = std::size_t{1} << 20;
  /// Packed pieces kept on the device; not given: 60 % of what is free at the first use.
  std::optional<std::size_t> resident_bytes;
  bool parallel = true;  ///< read on all threads of the caller's arena, else on the caller's
};

/// What a StemStore has done so far.
struct StemStatistics {
  std::uint64_t read_bytes = 0;      ///< from the stems
  std::uint64_t uploaded_bytes = 0;  ///< to the device, with the gaps between pieces
  std::uint64_t pieces_read = 0;
  std::uint64_t pieces_hit = 0;       ///< were on the device, or on their way to it
  std::uint64_t resident_pieces = 0;  ///< now
  std::uint64_t resident_bytes = 0;   ///< now
  double reading_s = 0;  ///< wall time in reading and decoding, one per call beside each other
  double waiting_s = 0;  ///< wall time in waiting for a free slab
};

/// Brings the packed samples of stems onto the device: through a bounded ring of pinned memory,
/// beside whatever the device computes; pieces that are there already are not read again. Any
/// thread, several at a time, each stem by one.
class StemStore {
 public:
  virtual ~StemStore() = default;

  /// Which of a lane group's stems sound in a span, and where their frames go.
  struct Request {
    StemSource* stem = nullptr;
    DeviceBlock out;  ///< the strip's channels, `frames` long; overwritten
  };
  /// Assembles frames [first, first + frames) of every stem: unpacked, clip gains and fades
  /// applied, overlapping clips added, a mono clip in every channel; stretches without a clip are
  /// zero. Reads and decodes on several threads before it queues (so no Queue is held by the
  /// caller). Throws IoError from the stems (of the first request that fails), DeviceMemoryError.
  virtual void assemble(Frames first, std::span<const Request> requests) = 0;

  /// How many bytes of packed pieces may stay on the device; what is over goes, longest unused
  /// first.
  virtual void set_resident_budget(std::size_t bytes) = 0;
  virtual StemStatistics statistics() const = 0;
};

std::shared_ptr<StemStore> make_stem_store(SharedDevice device, const StemStoreOptions& options);

}  // namespace tutti::cuda
