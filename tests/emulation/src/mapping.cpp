// SPDX-License-Identifier: Apache-2.0
#include "mapping.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <deque>

#include "sanitizers.hpp"

namespace cudacpu {
namespace {

constexpr std::size_t kPageBytes = 4096;
// Data stands against the upper guard page to within this, so that the first element too far traps.
// A real device aligns to 256, but what needs more than a float4 is not used here.
constexpr std::size_t kAlignmentBytes = 16;
constexpr std::size_t kSanitizedAlignmentBytes = 256;
// Freed pages are kept, closed, and used again, the oldest first: a fresh page costs ten times as
// much.
constexpr std::size_t kMostRetiredBytes = std::size_t{256} << 20;

std::size_t round_up(std::size_t value, std::size_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

struct Retired {
  char* body;
  std::size_t body_bytes;
};

std::deque<Retired>& retired() {
  static auto& all = *new std::deque<Retired>;
  return all;
}

std::size_t retired_bytes = 0;

char* take_retired(std::size_t body_bytes) {
  auto& all = retired();
  const auto found = std::find_if(all.begin(), all.end(), [&](const Retired& candidate) {
    return candidate.body_bytes == body_bytes;
  });
  if (found == all.end()) return nullptr;
  char* body = found->body;
  retired_bytes -= body_bytes;
  all.erase(found);
  return body;
}

void retire(const Mapping& mapping) {
  retired().push_back({mapping.body, mapping.body_bytes});
  retired_bytes += mapping.body_bytes;
  while (retired_bytes > kMostRetiredBytes) {
    const Retired oldest = retired().front();
    retired().pop_front();
    retired_bytes -= oldest.body_bytes;
    munmap(oldest.body - kPageBytes, oldest.body_bytes + 2 * kPageBytes);
  }
}

char* new_body(std::size_t body_bytes) {
  void* map = mmap(nullptr, body_bytes + 2 * kPageBytes, PROT_NONE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return map == MAP_FAILED ? nullptr : static_cast<char*>(map) + kPageBytes;
}

// Guard page, canary, data, canary, guard page.
bool map_guarded(Mapping& mapping) {
  mapping.body_bytes = round_up(mapping.size_bytes, kPageBytes);
  mapping.body = take_retired(mapping.body_bytes);
  if (mapping.body == nullptr) mapping.body = new_body(mapping.body_bytes);
  if (mapping.body == nullptr) return false;
  set_accessible(mapping, true);
  mapping.data = mapping.body + mapping.body_bytes - round_up(mapping.size_bytes, kAlignmentBytes);
  poison(mapping.body, mapping.body_bytes);
  return true;
}

}  // namespace

bool map_memory(std::size_t size_bytes, Mapping& mapping) {
  mapping.size_bytes = size_bytes;
  if (kPlain) return map_guarded(mapping);
  void* memory = nullptr;
  if (posix_memalign(&memory, kSanitizedAlignmentBytes, size_bytes) != 0) return false;
  mapping.data = static_cast<char*>(memory);
  poison(mapping.data, size_bytes);
  forget_accesses(mapping.data, size_bytes);
  return true;
}

void unmap_memory(const Mapping& mapping) {
  if (kPlain) {
    set_accessible(mapping, false);
    retire(mapping);
  } else {
    std::free(mapping.data);
  }
}

void set_accessible(const Mapping& mapping, bool accessible) {
  if (kPlain)
    mprotect(mapping.body, mapping.body_bytes, accessible ? PROT_READ | PROT_WRITE : PROT_NONE);
}

bool canaries_intact(const Mapping& mapping) {
  if (!kPlain) return true;
  const auto intact = [](const char* from, const char* to) {
    return std::all_of(from, to,
                       [](char c) { return static_cast<unsigned char>(c) == kPoisonByte; });
  };
  return intact(mapping.body, mapping.data) &&
         intact(mapping.data + mapping.size_bytes, mapping.body + mapping.body_bytes);
}

}  // namespace cudacpu
