// SPDX-License-Identifier: Apache-2.0
#include "kernels/stem_slabs.hpp"

#include <algorithm>

namespace tutti::cuda {

StemSlabs::~StemSlabs() {
  for (const auto& slab : slabs_) {
    ignore(cudaEventSynchronize(slab->copied.get()));
    ignore(cudaEventSynchronize(slab->unpacked.get()));
  }
}

StemSlabs::Lease StemSlabs::take(std::size_t bytes) {
  for (;;) {
    Lease lease(*this, wait_for_one());
    lease->copied.synchronize();
    if (lease->size() >= bytes || grow(*lease.operator->(), bytes)) return lease;
  }
}

/// An idle slab: one that is free already, else a new one, else the one that will be free first.
StemSlab& StemSlabs::wait_for_one() {
  std::unique_lock<std::mutex> lock(mutex_);
  const auto may_grow = [&] { return slabs_.size() < static_cast<std::size_t>(limits_.slabs); };
  given_back_.wait(lock, [&] { return !idle_.empty() || may_grow(); });
  if (may_grow() && (idle_.empty() || !idle_.front()->copied.reached())) {
    const Device::Queue queue(device_);  // an event belongs to the current device
    return *slabs_.emplace_back(std::make_unique<StemSlab>());
  }
  StemSlab& slab = *idle_.front();
  idle_.pop_front();
  return slab;
}

void StemSlabs::give_back(StemSlab& slab) noexcept {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (slab.size() > 0)
      idle_.push_back(&slab);
    else  // never got memory: nobody should find it
      std::erase_if(slabs_, [&](const auto& owned) { return owned.get() == &slab; });
  }
  given_back_.notify_one();
}

/// Gives a slab `bytes`; the largest fraction by a power of two that there is memory for if it is
/// the only one; none, and returns false, if others are there to be used again.
bool StemSlabs::grow(StemSlab& slab, std::size_t bytes) {
  slab.unpacked.synchronize();
  for (bool asked = false;;) {
    try {
      allocate(slab, bytes);
      return true;
    } catch (const DeviceMemoryError&) {
      if (do_with_fewer()) return false;
      if (!asked && make_room_()) {
        asked = true;
        continue;
      }
      if (bytes / 2 < limits_.smallest_bytes) throw;
      bytes /= 2;
    }
  }
}

bool StemSlabs::do_with_fewer() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (slabs_.size() < 2) return false;
  limits_.slabs = static_cast<int>(slabs_.size()) - 1;
  return true;
}

void StemSlabs::allocate(StemSlab& slab, std::size_t bytes) {
  const Device::Queue queue(device_);
  slab.pinned = {};
  slab.device = {};
  DeviceBuffer<std::byte> device(device_.upload_stream(), bytes);
  slab.pinned = PinnedBuffer<std::byte>(bytes);
  slab.device = std::move(device);
}

}  // namespace tutti::cuda
