// SPDX-License-Identifier: Apache-2.0
#include "shared_memory.hpp"

#include <cxxabi.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <map>

#include "cuda_runtime.h"
#include "elf_symbols.hpp"
#include "sanitizers.hpp"

namespace cudacpu {

struct KernelShape {
  std::string mangled;
  std::string name, signature;
  std::vector<Range> variables;  ///< its own `__shared__` ones
};

namespace {

constexpr std::size_t kPageBytes = 4096;
constexpr std::size_t kDynamicAreaBytes = 256 << 10;

char* dynamic_area = nullptr;
char* dynamic_data = nullptr;

std::map<const void*, KernelShape>& shapes() {
  static auto& known = *new std::map<const void*, KernelShape>;
  return known;
}

std::string demangled(const std::string& mangled) {
  int status = 0;
  char* text = abi::__cxa_demangle(mangled.c_str(), nullptr, nullptr, &status);
  if (text == nullptr) return mangled;
#ifdef CUDACPU_MEMORY_SANITIZER
  __msan_unpoison_string(text);
#endif
  std::string full(text);
  std::free(text);
  return full;
}

// What a function's static locals begin with: _ZZ<function>E<variable>.
std::string prefix_of_locals(const std::string& function) {
  return function.size() > 2 ? "_ZZ" + function.substr(2) + "E" : "";
}

bool in_shared_section(const Symbol& symbol) {
  const auto& sections = elf_symbols().shared_sections;
  return std::any_of(sections.begin(), sections.end(),
                     [&](const Range& section) { return section.holds(symbol.range.begin); });
}

KernelShape look_up(const void* kernel) {
  KernelShape shape;
  for (const Symbol& function : elf_symbols().functions) {
    if (function.range.begin == static_cast<const char*>(kernel)) shape.mangled = function.name;
  }
  shape.signature = shape.mangled.empty() ? "?" : demangled(shape.mangled);
  shape.name = shape.signature.substr(0, shape.signature.rfind('('));
  const std::string prefix = prefix_of_locals(shape.mangled);
  if (prefix.empty()) return shape;
  // Not only those in sections of shared memory: GCC drops the attribute in templates (bug 41091),
  // and a kernel has no other static locals.
  for (const Symbol& local : elf_symbols().static_locals) {
    if (local.name.starts_with(prefix)) shape.variables.push_back(local.range);
  }
  return shape;
}

const KernelShape& shape_of(const void* kernel) {
  const auto found = shapes().find(kernel);
  return found != shapes().end() ? found->second
                                 : shapes().emplace(kernel, look_up(kernel)).first->second;
}

// Shared variables of functions that no launch named yet: of helpers that the kernels call, or of
// kernels to come. Poisoned for everyone.
std::vector<Range> unclaimed_variables() {
  if (elf_symbols().static_locals.empty()) return elf_symbols().shared_sections;
  std::vector<Range> unclaimed;
  for (const Symbol& local : elf_symbols().static_locals) {
    if (!in_shared_section(local)) continue;
    const bool claimed = std::any_of(shapes().begin(), shapes().end(), [&](const auto& known) {
      const std::string prefix = prefix_of_locals(known.second.mangled);
      return !prefix.empty() && local.name.starts_with(prefix);
    });
    if (!claimed) unclaimed.push_back(local.range);
  }
  return unclaimed;
}

const std::vector<Range>& unclaimed() {
  static auto& ranges = *new std::vector<Range>;
  static std::size_t kernels_then = ~std::size_t{0};
  if (kernels_then != shapes().size()) {
    kernels_then = shapes().size();
    ranges = unclaimed_variables();
  }
  return ranges;
}

void renew(char* memory, std::size_t size_bytes) {
  poison(memory, size_bytes);
  forget_accesses(memory, size_bytes);
}

// Against the end of an area behind which a guard page stands; under ASan in a heap block of its
// own, where red zones do better.
char* place_dynamic(std::size_t size_bytes) {
  if (kAddressSanitizer) {
    std::free(dynamic_area);
    void* memory = nullptr;
    if (posix_memalign(&memory, 256, std::max<std::size_t>(size_bytes, 1)) != 0) std::abort();
    dynamic_area = static_cast<char*>(memory);
    return dynamic_area;
  }
  if (dynamic_area == nullptr) {
    void* map = mmap(nullptr, kDynamicAreaBytes + kPageBytes, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED) std::abort();
    dynamic_area = static_cast<char*>(map);
    mprotect(dynamic_area + kDynamicAreaBytes, kPageBytes, PROT_NONE);
  }
  return dynamic_area + kDynamicAreaBytes - (size_bytes + 15) / 16 * 16;
}

}  // namespace

SharedMemory::SharedMemory(const void* kernel, std::size_t dynamic_bytes)
    : shape_(shape_of(kernel)), dynamic_bytes_(dynamic_bytes) {
  dynamic_data = place_dynamic(dynamic_bytes);
}

void SharedMemory::reset() {
  for (const Range& variable : shape_.variables) renew(variable.begin, variable.size_bytes);
  for (const Range& variable : unclaimed()) renew(variable.begin, variable.size_bytes);
  if (dynamic_bytes_ > 0) renew(dynamic_data, dynamic_bytes_);
}

void* dynamic_smem() { return dynamic_data; }

std::string name_of_kernel(const void* kernel) { return shape_of(kernel).name; }
std::string signature_of_kernel(const void* kernel) { return shape_of(kernel).signature; }

}  // namespace cudacpu
