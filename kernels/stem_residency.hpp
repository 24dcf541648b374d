// SPDX-License-Identifier: Apache-2.0
// Packed pieces that stay on the device for the next time they are heard.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "host/backend/stem_source.hpp"
#include "kernels/runtime/device.hpp"

namespace tutti::cuda {

/// What makes two pieces the same bytes.
struct PieceKey {
  std::uint64_t identity = 0;
  Frames file_frame = 0;
  Frames frames = 0;
  int channels = 1;
  SampleKind kind = SampleKind::signed_integer;
  int sample_bytes = 0;
  bool big_endian = false;
  bool planar = false;

  bool operator==(const PieceKey&) const = default;
};

struct PieceKeyHash {
  std::size_t operator()(const PieceKey& key) const;
};

PieceKey key_of(const StemPiece& piece);

/// Device memory that the upload stream fills and the compute stream reads: made in the order of
/// the one, freed in the order of the other, so that whatever is queued when its last owner goes
/// still finds it. The compute stream must wait for the upload before that.
class PackedBlock {
 public:
  /// With a Queue held. Throws DeviceMemoryError.
  PackedBlock(Device& device, std::size_t bytes);
  PackedBlock(const PackedBlock&) = delete;
  PackedBlock& operator=(const PackedBlock&) = delete;
  ~PackedBlock();

  std::byte* data() const { return data_; }
  std::size_t size() const { return size_; }

 private:
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
  cudaStream_t free_on_;
};

using SharedBlock = std::shared_ptr<const PackedBlock>;

/// Which pieces lie where. What one slab brought is one block, kept and dropped as a whole: no
/// copies between slab and store, and one allocation for a thousand pieces. Any thread.
class StemResidency {
 public:
  StemResidency(Device& device, std::optional<std::size_t> budget_bytes)
      : device_(device), budget_bytes_(budget_bytes) {}

  struct Place {
    SharedBlock block;  ///< to be held until the work that reads it is queued
    std::size_t offset = 0;
  };
  /// Where a piece lies, if it does; it counts as used now.
  std::optional<Place> find(const PieceKey& key);

  /// Memory for pieces that are to be kept; older blocks make room. Null when the budget or the
  /// device has none. With a Queue held.
  std::shared_ptr<PackedBlock> make_block(std::size_t bytes);

  struct Kept {
    PieceKey key;
    std::size_t offset = 0;
  };
  /// From now on these pieces are found in `block`. Its upload is queued, and the compute stream
  /// waits for it.
  void keep(const SharedBlock& block, const std::vector<Kept>& pieces);

  void set_budget(std::size_t bytes);
  bool keeps_anything();
  /// Drops every block; returns whether there was one.
  bool clear();

  std::size_t pieces() const;
  std::size_t bytes() const;

 private:
  struct Entry {
    SharedBlock block;
    std::vector<PieceKey> keys;
  };
  using Entries = std::list<Entry>;
  struct Position {
    Entries::iterator entry;
    std::size_t offset;
  };

  std::size_t budget();
  void shrink_to(std::size_t bytes);

  Device& device_;
  mutable std::mutex mutex_;
  std::optional<std::size_t> budget_bytes_;
  std::size_t bytes_ = 0;
  Entries entries_;  ///< last used first
  std::unordered_map<PieceKey, Position, PieceKeyHash> positions_;
};

}  // namespace tutti::cuda
