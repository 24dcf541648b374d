// SPDX-License-Identifier: Apache-2.0
// Everything that is queued on a predicted device, added up.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "host/roofline/cost.hpp"

namespace tutti::roofline {

/// What was queued, by kernel ("unit.kernel"). Bytes that cross the bus: `stem_bytes` on a stream
/// of their own, `sent_bytes` (signals and parameters) and all kernels on one, `fetched_bytes`
/// back.
struct Counts {
  std::map<std::string, KernelCost> kernels;
  std::uint64_t stem_bytes = 0, sent_bytes = 0, fetched_bytes = 0;
  std::uint64_t cleared_bytes = 0;  ///< written by memset
  std::uint64_t copied_bytes = 0;   ///< within device memory

  Counts& operator+=(const Counts& more);
  std::uint64_t uploaded_bytes() const { return stem_bytes + sent_bytes; }
};

/// Device memory in bytes, at most at one time.
struct MemoryUse {
  std::uint64_t resident_bytes = 0;  ///< packed stems that stay
  std::uint64_t slab_bytes = 0;      ///< the ring that stems come through
  std::uint64_t working_bytes = 0;   ///< signals, spectra, states, tables, scratch
};

/// One thread at a time.
class Ledger {
 public:
  /// `memory_bytes`: of the device.
  explicit Ledger(double memory_bytes) : memory_bytes_(memory_bytes) {}

  void launch(const char* kernel, const KernelCost& cost) { counts_.kernels[kernel] += cost; }
  void send(Frames bytes) { counts_.sent_bytes += static_cast<std::uint64_t>(bytes); }
  void upload_stems(Frames bytes) { counts_.stem_bytes += static_cast<std::uint64_t>(bytes); }
  void fetch(Frames bytes) { counts_.fetched_bytes += static_cast<std::uint64_t>(bytes); }
  void clear(Frames bytes) { counts_.cleared_bytes += static_cast<std::uint64_t>(bytes); }
  void copy(Frames bytes) { counts_.copied_bytes += static_cast<std::uint64_t>(bytes); }

  /// Memory that is held for a while, or (scratch) only by what is being queued.
  void hold(Frames bytes);
  void release(Frames bytes) { held_ -= bytes; }
  void scratch(Frames bytes);
  void stems_resident(std::uint64_t bytes);
  void slabs(std::uint64_t bytes);

  /// What a device has left for stems when the first of them comes.
  double free_bytes() const { return memory_bytes_ - static_cast<double>(held_); }

  /// What was queued since the last call.
  Counts take() { return std::exchange(counts_, {}); }
  const MemoryUse& memory() const { return memory_; }

 private:
  double memory_bytes_;
  Counts counts_;
  MemoryUse memory_;
  Frames held_ = 0;
};

/// Memory of a predicted device, as long as it lives. Movable.
class Held {
 public:
  Held() = default;
  Held(Ledger& ledger, Frames bytes) : ledger_(&ledger), bytes_(bytes) { ledger.hold(bytes); }
  Held(Held&& other) noexcept
      : ledger_(std::exchange(other.ledger_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  Held& operator=(Held&& other) noexcept {
    std::swap(ledger_, other.ledger_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~Held() {
    if (ledger_) ledger_->release(bytes_);
  }
  Frames bytes() const { return bytes_; }

 private:
  Ledger* ledger_ = nullptr;
  Frames bytes_ = 0;
};

}  // namespace tutti::roofline
