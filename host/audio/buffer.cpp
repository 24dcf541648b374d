// SPDX-License-Identifier: Apache-2.0
#include "host/audio/buffer.hpp"

#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

namespace tutti {
namespace {

// Pages of 2 MiB for what is large: a session with a reverb on every stem touches 100,000 small
// pages otherwise, which costs more than its transforms of impulses.
constexpr std::size_t kHugePageBytes = std::size_t{2} << 20;
constexpr std::size_t kHugeFromBytes = 2 * kHugePageBytes;
constexpr std::size_t kRoomBytes = 2 * kAlignmentBytes + sizeof(void*);

/// The place in `whole` that is handed out; right before it stands what is to be freed.
void* aligned(void* whole, std::size_t size_bytes) {
  if (whole == nullptr) throw std::bad_alloc();
  if (size_bytes >= kHugeFromBytes) advise_huge_pages(whole, size_bytes + kRoomBytes);
  const auto first = reinterpret_cast<std::uintptr_t>(whole) + sizeof(void*);
  const auto at = (first + kAlignmentBytes - 1) / kAlignmentBytes * kAlignmentBytes;
  void* memory = reinterpret_cast<void*>(at);
  static_cast<void**>(memory)[-1] = whole;
  return memory;
}

}  // namespace

void AlignedFree::operator()(void* memory) const noexcept {
  std::free(static_cast<void**>(memory)[-1]);
}

// calloc knows which memory is fresh from the system, thus zero: that is not touched before its
// use. A line past the end may be read.
void* allocate_aligned_zeroed(std::size_t size_bytes) {
  return aligned(std::calloc(size_bytes + kRoomBytes, 1), size_bytes);
}

void* allocate_aligned(std::size_t size_bytes) {
  return aligned(std::malloc(size_bytes + kRoomBytes), size_bytes);
}

void advise_huge_pages([[maybe_unused]] void* memory, [[maybe_unused]] std::size_t size_bytes) {
#if defined(MADV_HUGEPAGE)
  const auto begin = reinterpret_cast<std::uintptr_t>(memory);
  const std::uintptr_t first = (begin + kHugePageBytes - 1) / kHugePageBytes * kHugePageBytes;
  const std::uintptr_t end = (begin + size_bytes) / kHugePageBytes * kHugePageBytes;
  if (first < end) ::madvise(reinterpret_cast<void*>(first), end - first, MADV_HUGEPAGE);
#endif
}

Buffer::Buffer(int channels, Frames frames) : channels_(channels), frames_(frames) {
  constexpr Frames kFloatsPerLine = kAlignmentBytes / sizeof(float);
  // One more line per channel keeps equal positions of power-of-two long channels out of one
  // cache set.
  stride_ = (frames + kFloatsPerLine - 1) / kFloatsPerLine * kFloatsPerLine + kFloatsPerLine;
  data_ =
      make_aligned<float>(static_cast<std::size_t>(channels) * static_cast<std::size_t>(stride_));
}

void Buffer::clear() {
  if (data_)
    std::memset(data_.get(), 0, sizeof(float) * static_cast<std::size_t>(channels_ * stride_));
}

}  // namespace tutti
