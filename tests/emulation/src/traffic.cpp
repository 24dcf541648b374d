// SPDX-License-Identifier: Apache-2.0
#include "traffic.hpp"

#include <array>
#include <bit>
#include <string>
#include <vector>

#include "kernel.hpp"
#include "memory.hpp"
#include "shared_memory.hpp"
#include "state.hpp"

namespace cudacpu {
namespace {

/// Which bytes of one allocation the running launch has touched, a bit each.
struct Touched {
  const char* begin = nullptr;
  const char* end = nullptr;
  std::vector<std::uint64_t> loaded, stored;

  explicit Touched(const Allocation& allocation)
      : begin(allocation.data), end(allocation.data + allocation.size_bytes) {
    loaded.resize(allocation.size_bytes / 64 + 1);
    stored.resize(allocation.size_bytes / 64 + 1);
  }
  bool holds(const char* address) const { return address >= begin && address < end; }
};

std::vector<Touched>& touched() {
  static auto& all = *new std::vector<Touched>;
  return all;
}
std::size_t last_touched = 0;
/// Pages that hold no device memory: most accesses go to shared memory and stacks.
std::array<std::uintptr_t, 1024> foreign_pages{};

std::uintptr_t page_of(const char* address) {
  return reinterpret_cast<std::uintptr_t>(address) >> 12;
}

Counts& all_counts() {
  static auto& all = *new Counts;
  return all;
}

KernelCounts& counts_of(const std::string& kernel) {
  for (KernelCounts& known : all_counts().kernels)
    if (known.kernel == kernel) return known;
  all_counts().kernels.push_back({kernel});
  return all_counts().kernels.back();
}

Touched* touched_at(const char* address) {
  std::vector<Touched>& all = touched();
  if (last_touched < all.size() && all[last_touched].holds(address)) return &all[last_touched];
  std::uintptr_t& foreign = foreign_pages[page_of(address) % foreign_pages.size()];
  if (foreign == page_of(address)) return nullptr;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!all[i].holds(address)) continue;
    last_touched = i;
    return &all[i];
  }
  const Allocation* found = find_allocation(address, 1);
  if (found == nullptr || found->kind != MemoryKind::device) {
    foreign = page_of(address);
    return nullptr;
  }
  last_touched = all.size();
  return &all.emplace_back(*found);
}

std::uint64_t bits_of(const std::vector<std::uint64_t>& bits) {
  std::uint64_t count = 0;
  for (const std::uint64_t word : bits) count += static_cast<unsigned>(std::popcount(word));
  return count;
}

}  // namespace

void count_launch_begin() {
  touched().clear();
  foreign_pages.fill(0);
}

void count_launch_end(const void* kernel, std::uint64_t blocks) {
  KernelCounts& counts = counts_of(signature_of_kernel(kernel));
  ++counts.launches;
  counts.blocks += blocks;
  for (const Touched& allocation : touched()) {
    counts.read_bytes += bits_of(allocation.loaded);
    counts.written_bytes += bits_of(allocation.stored);
  }
  touched().clear();
}

void count_transforms(const char* call, std::uint64_t transforms, std::uint64_t read_bytes,
                      std::uint64_t written_bytes) {
  KernelCounts& counts = counts_of(call);
  ++counts.launches;
  counts.blocks += transforms;
  counts.read_bytes += read_bytes;
  counts.written_bytes += written_bytes;
}

void count_copy(cudaMemcpyKind kind, std::size_t size_bytes) {
  Counts& counts = all_counts();
  (kind == cudaMemcpyHostToDevice   ? counts.uploaded_bytes
   : kind == cudaMemcpyDeviceToHost ? counts.downloaded_bytes
                                    : counts.copied_bytes) += size_bytes;
}

void count_fill(std::size_t size_bytes) { all_counts().cleared_bytes += size_bytes; }

void note_access(const void* address, std::size_t size_bytes, bool stores) {
  if (!in_kernel()) return;
  const char* first = static_cast<const char*>(address);
  Touched* allocation = touched_at(first);
  if (allocation == nullptr) return;  // shared memory, or a thread's own
  std::vector<std::uint64_t>& bits = stores ? allocation->stored : allocation->loaded;
  for (std::size_t i = 0; i < size_bytes; ++i) {
    const auto at = static_cast<std::size_t>(first - allocation->begin) + i;
    bits[at / 64] |= std::uint64_t{1} << at % 64;
  }
}

Counts counts() {
  const Lock lock(api_mutex());
  Counts result = all_counts();
  result.most_device_bytes = device_bytes_at_most();
  return result;
}

void reset_counts() {
  const Lock lock(api_mutex());
  all_counts() = {};
  forget_most_device_bytes();
}

}  // namespace cudacpu
