// SPDX-License-Identifier: Apache-2.0
// The ring through which packed samples reach the device.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "kernels/runtime/device.hpp"

namespace tutti::cuda {

/// Pinned memory and as much of the device's, and the two moments at which they are free again.
struct StemSlab {
  PinnedBuffer<std::byte> pinned;
  DeviceBuffer<std::byte> device;  ///< of the upload stream
  Event copied;                    ///< on the upload stream: `pinned` may be written
  Event unpacked;                  ///< on the compute stream: `device` may be written

  std::size_t size() const { return pinned.size(); }
};

/// A bounded number of slabs. A slab is taken, filled, copied from and given back at once; whoever
/// takes it next waits for the copy. Nobody holds two, so nobody waits for ever. Any thread.
class StemSlabs {
 public:
  struct Limits {
    int slabs = 1;
    std::size_t smallest_bytes = 0;
  };
  /// `make_room` frees device memory and says whether it could; it is asked when there is none
  /// left.
  StemSlabs(Device& device, Limits limits, std::function<bool()> make_room)
      : device_(device), limits_(limits), make_room_(std::move(make_room)) {}
  StemSlabs(const StemSlabs&) = delete;
  StemSlabs& operator=(const StemSlabs&) = delete;
  /// Waits for the copies that are under way.
  ~StemSlabs();

  /// A slab until it goes out of scope.
  class Lease {
   public:
    Lease(StemSlabs& owner, StemSlab& slab) : owner_(&owner), slab_(&slab) {}
    Lease(Lease&& other) noexcept
        : owner_(other.owner_), slab_(std::exchange(other.slab_, nullptr)) {}
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (slab_) owner_->give_back(*slab_);
    }
    StemSlab* operator->() const { return slab_; }

   private:
    StemSlabs* owner_;
    StemSlab* slab_;
  };

  /// A slab whose pinned memory may be written; waits for one. Of at least `bytes`, or of fewer
  /// where there is no memory for more. No Queue held. Throws DeviceMemoryError if there is none
  /// for Limits::smallest_bytes.
  Lease take(std::size_t bytes);

 private:
  StemSlab& wait_for_one();
  void give_back(StemSlab& slab) noexcept;
  bool grow(StemSlab& slab, std::size_t bytes);
  bool do_with_fewer();
  void allocate(StemSlab& slab, std::size_t bytes);

  Device& device_;
  Limits limits_;
  std::function<bool()> make_room_;
  std::mutex mutex_;
  std::condition_variable given_back_;
  std::vector<std::unique_ptr<StemSlab>> slabs_;
  std::deque<StemSlab*> idle_;  ///< longest given back first
};

}  // namespace tutti::cuda
