// SPDX-License-Identifier: Apache-2.0
#include "memory.hpp"

#include <algorithm>
#include <cstdint>

#include "sanitizers.hpp"

namespace cudacpu {
namespace {

// Closing and opening device memory costs system calls for each allocation and each piece of work,
// and time for each page: worth it while there is little, as in tests of single kernels.
constexpr std::size_t kMostClosedAllocations = 16;
constexpr std::size_t kMostClosedBytes = std::size_t{1} << 20;

// Sorted by address. A vector, because MSan can not see into the standard library's trees.
std::vector<Allocation>& allocations() {
  static auto& all = *new std::vector<Allocation>;
  return all;
}

std::size_t device_bytes = 0;
std::size_t peak_device_bytes = 0;
int access_depth = 0;

auto first_at_or_after(const char* address) {
  return std::lower_bound(
      allocations().begin(), allocations().end(), address,
      [](const Allocation& allocation, const char* wanted) { return allocation.data < wanted; });
}

std::vector<Allocation>::iterator find_exact(const void* memory) {
  const auto found = first_at_or_after(static_cast<const char*>(memory));
  return found != allocations().end() && found->data == memory ? found : allocations().end();
}

void set_open(Allocation& allocation, bool open) {
  if (!kPlain || allocation.kind != MemoryKind::device || allocation.open == open) return;
  set_accessible(allocation.mapping, open);
  allocation.open = open;
}

bool closes_between_work() {
  return allocations().size() <= kMostClosedAllocations && device_bytes <= kMostClosedBytes;
}

cudaError_t remove(std::vector<Allocation>::iterator position, Place place) {
  set_open(*position, true);
  const bool intact = position->registered || canaries_intact(position->mapping);
  const std::size_t size_bytes = position->size_bytes;
  if (position->kind == MemoryKind::device) return_device_bytes(size_bytes);
  if (!position->registered) unmap_memory(position->mapping);
  allocations().erase(position);
  if (intact) return cudaSuccess;
  return mistake(cudaErrorIllegalAddress,
                 "a write outside an allocation of " + std::to_string(size_bytes) +
                     " bytes, found when it was freed at " + to_text(place));
}

cudaError_t add(void** out, std::size_t size_bytes, MemoryKind kind, Allocation** made) {
  *out = nullptr;
  if (counts_out(settings().allocations_until_failure)) return refuse(cudaErrorMemoryAllocation);
  Allocation allocation;
  allocation.size_bytes = size_bytes;
  allocation.kind = kind;
  if (kind == MemoryKind::device && !reserve_device_bytes(size_bytes)) {
    return refuse(cudaErrorMemoryAllocation);
  }
  if (!map_memory(size_bytes, allocation.mapping)) {
    if (kind == MemoryKind::device) return_device_bytes(size_bytes);
    return refuse(cudaErrorMemoryAllocation);
  }
  allocation.data = allocation.mapping.data;
  *out = allocation.data;
  *made = &*allocations().insert(first_at_or_after(allocation.data), allocation);
  return cudaSuccess;
}

}  // namespace

bool reserve_device_bytes(std::size_t size_bytes) {
  const std::size_t limit = settings().memory_limit_bytes;
  if (size_bytes > limit || device_bytes > limit - size_bytes) return false;
  device_bytes += size_bytes;
  peak_device_bytes = std::max(peak_device_bytes, device_bytes);
  return true;
}

void return_device_bytes(std::size_t size_bytes) { device_bytes -= size_bytes; }

Allocation* find_allocation(const void* pointer, std::size_t size_bytes) {
  const char* address = static_cast<const char*>(pointer);
  auto next = first_at_or_after(address + 1);
  if (next == allocations().begin()) return nullptr;
  Allocation& candidate = *--next;
  return address + size_bytes <= candidate.data + candidate.size_bytes ? &candidate : nullptr;
}

bool device_can_reach(const void* pointer, std::size_t size_bytes) {
  const Lock lock(api_mutex());
  const Allocation* found = find_allocation(pointer, size_bytes);
  return found != nullptr && !found->freed;
}

bool is_device_memory(const void* pointer, std::size_t size_bytes) {
  const Lock lock(api_mutex());
  const Allocation* found = find_allocation(pointer, size_bytes);
  return found != nullptr && !found->freed && found->kind == MemoryKind::device;
}

DeviceAccess::DeviceAccess() {
  if (access_depth++ > 0) return;
  for (Allocation& allocation : allocations()) {
    if (allocation.born) set_open(allocation, true);
  }
}

DeviceAccess::~DeviceAccess() {
  if (--access_depth > 0 || !closes_between_work()) return;
  for (Allocation& allocation : allocations()) set_open(allocation, false);
}

cudaError_t allocate(void** out, std::size_t size_bytes, MemoryKind kind, Place place) {
  const Lock lock(api_mutex());
  if (const cudaError_t error = callable()) return error;
  if (out == nullptr) {
    return mistake(cudaErrorInvalidValue, "allocation into a null pointer at " + to_text(place));
  }
  *out = nullptr;
  if (size_bytes == 0) return cudaSuccess;
  Allocation* made = nullptr;
  if (const cudaError_t error = add(out, size_bytes, kind, &made)) return error;
  if (access_depth == 0 && closes_between_work()) set_open(*made, false);
  return cudaSuccess;
}

cudaError_t allocate_in_stream(void** out, std::size_t size_bytes, cudaStream_t handle,
                               Place place) {
  const Lock lock(api_mutex());
  if (const cudaError_t error = callable()) return error;
  CUstream_st* stream = stream_of(handle);
  if (stream == nullptr) return cudaErrorInvalidResourceHandle;
  if (stream->capture) {
    return mistake(cudaErrorNotSupported,
                   "cudaMallocAsync in a recording is not emulated, at " + to_text(place));
  }
  *out = nullptr;
  if (size_bytes == 0) return cudaSuccess;
  Allocation* made = nullptr;
  if (const cudaError_t error = add(out, size_bytes, MemoryKind::device, &made)) return error;
  made->born = false;
  made->birth = {stream->index, stream->enqueued + 1};
  set_open(*made, false);
  push(*stream, [memory = *out] {
    Allocation& born = *find_exact(memory);
    born.born = true;
    if (access_depth > 0 || !closes_between_work()) set_open(born, true);
  });
  return cudaSuccess;
}

cudaError_t note_uses(CUstream_st& stream, const std::vector<const void*>& pointers) {
  if (pointers.empty()) return cudaSuccess;
  Clock before = stream.clock;
  before.merge(host_clock());
  for (const void* pointer : pointers) {
    Allocation* found = find_allocation(pointer, 1);
    if (found == nullptr || found->freed) {
      return mistake(cudaErrorIllegalAddress, "work uses device memory that was freed");
    }
    if (found->birth.stream != stream.index && !before.includes(found->birth)) {
      return mistake(cudaErrorIllegalAddress,
                     "work uses memory of cudaMallocAsync of another stream, and no event or "
                     "synchronisation orders it after the allocation");
    }
    const auto same = [&](const Moment& use) { return use.stream == stream.index; };
    const auto use = std::find_if(found->uses.begin(), found->uses.end(), same);
    const Moment now{stream.index, stream.enqueued + 1};
    if (use == found->uses.end()) {
      found->uses.push_back(now);
    } else {
      *use = now;
    }
  }
  return cudaSuccess;
}

cudaError_t free_now(void* memory, MemoryKind kind, bool registered, Place place) {
  const Lock lock(api_mutex());
  if (memory == nullptr) return cudaSuccess;
  drain_everything();  // as the real calls do
  const auto found = find_exact(memory);
  if (found == allocations().end() || found->kind != kind || found->registered != registered ||
      found->freed) {
    return mistake(cudaErrorInvalidValue,
                   "free of what is not a live allocation of that kind at " + to_text(place));
  }
  return remove(found, place);
}

cudaError_t free_in_stream(void* memory, CUstream_st& stream, Place place) {
  const auto found = find_exact(memory);
  if (found == allocations().end() || found->kind != MemoryKind::device || found->freed) {
    return mistake(cudaErrorInvalidValue,
                   "cudaFreeAsync of what is not live device memory at " + to_text(place));
  }
  Clock before = stream.clock;
  before.merge(host_clock());
  const bool lost = lost_device() != cudaSuccess;  // its streams do nothing any more
  for (const Moment use : found->uses) {
    if (lost || use.stream == stream.index || before.includes(use)) continue;
    return mistake(
        cudaErrorIllegalAddress,
        "cudaFreeAsync while another stream may still use the memory, at " + to_text(place));
  }
  found->freed = true;
  push(stream, [memory, place] { remove(find_exact(memory), place); });
  return cudaSuccess;
}

cudaError_t pin_host_memory(void* memory, std::size_t size_bytes, Place place) {
  if (memory == nullptr || size_bytes == 0 || find_allocation(memory, 1) != nullptr) {
    return mistake(
        cudaErrorInvalidValue,
        "cudaHostRegister of nothing, or of what is pinned already, at " + to_text(place));
  }
  if (counts_out(settings().allocations_until_failure)) return refuse(cudaErrorMemoryAllocation);
  Allocation pinned;
  pinned.data = static_cast<char*>(memory);
  pinned.size_bytes = size_bytes;
  pinned.kind = MemoryKind::pinned;
  pinned.registered = true;
  allocations().insert(first_at_or_after(pinned.data), pinned);
  return cudaSuccess;
}

std::size_t device_bytes_now() { return device_bytes; }
std::size_t device_bytes_at_most() { return peak_device_bytes; }
void forget_most_device_bytes() { peak_device_bytes = device_bytes; }

Holdings holdings() {
  const Lock lock(api_mutex());
  Holdings now;
  for (const Allocation& allocation : allocations()) {
    if (allocation.freed) continue;
    ++(allocation.kind == MemoryKind::device ? now.device_allocations : now.pinned_allocations);
  }
  now.device_bytes = device_bytes;
  now.streams = all_streams().size() - 1;
  now.events = all_events().size();
  now.graphs = graph_count();
  now.fft_plans = fft_plan_count();
  return now;
}

}  // namespace cudacpu
