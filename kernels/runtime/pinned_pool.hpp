// SPDX-License-Identifier: Apache-2.0
// Page-locked memory on loan: audio is written into it and read out of it in place.
#pragma once

#include <bit>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "kernels/runtime/pinned_buffer.hpp"
#include "kernels/runtime/stream.hpp"

namespace tutti::cuda {

/// Pinning and unpinning stop the whole device, so what is given back is kept for the next one. Any
/// thread.
class PinnedPool {
  struct Block {
    PinnedBuffer<std::byte> memory;
    Event done;  ///< of what was queued on it last
  };

 public:
  /// At least as many bytes as asked for, with no copy from or to them under way. Movable; goes back
  /// when it is destroyed, which is allowed while a copy that `used_by` knows is under way.
  class Loan {
   public:
    Loan() = default;
    Loan(PinnedPool& pool, std::unique_ptr<Block> block) : pool_(&pool), block_(std::move(block)) {}
    Loan(Loan&& other) noexcept = default;
    Loan& operator=(Loan&& other) noexcept {
      std::swap(pool_, other.pool_);
      std::swap(block_, other.block_);
      return *this;
    }
    ~Loan() {
      if (block_) pool_->give_back(std::move(block_));
    }

    std::byte* data() const { return block_ ? block_->memory.data() : nullptr; }
    std::size_t size() const { return block_ ? block_->memory.size() : 0; }
    /// `stream` holds a copy from or to it now.
    void used_by(cudaStream_t stream) const { block_->done.record(stream); }
    /// Until that copy is done.
    void wait() const { block_->done.synchronize(); }

   private:
    PinnedPool* pool_ = nullptr;
    std::unique_ptr<Block> block_;
  };

  /// With the device current. Throws DeviceMemoryError.
  Loan take(std::size_t bytes) {
    const std::size_t size = std::bit_ceil(bytes > kLeastBytes ? bytes : kLeastBytes);
    std::unique_ptr<Block> block = kept(size);
    if (!block) {
      block = std::make_unique<Block>();
      block->memory = PinnedBuffer<std::byte>(size);
    }
    block->done.synchronize();
    return {*this, std::move(block)};
  }

 private:
  static constexpr std::size_t kLeastBytes = std::size_t{1} << 16;

  std::unique_ptr<Block> kept(std::size_t size) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = free_.find(size);
    if (found == free_.end()) return nullptr;
    std::unique_ptr<Block> block = std::move(found->second);
    free_.erase(found);
    return block;
  }

  void give_back(std::unique_ptr<Block> block) noexcept {
    const std::lock_guard<std::mutex> lock(mutex_);
    try {
      const std::size_t size = block->memory.size();
      free_.emplace(size, std::move(block));
    } catch (...) {  // not kept then
    }
  }

  std::mutex mutex_;
  std::multimap<std::size_t, std::unique_ptr<Block>> free_;  ///< by size, a power of two
};

}  // namespace tutti::cuda
