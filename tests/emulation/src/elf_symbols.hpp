// SPDX-License-Identifier: Apache-2.0
// The symbols and sections of the ELF file that holds this code, and with it the kernels.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace cudacpu {

struct Range {
  char* begin = nullptr;
  std::size_t size_bytes = 0;

  bool holds(const char* address) const { return address >= begin && address < begin + size_bytes; }
};

struct Symbol {
  std::string name;  ///< mangled
  Range range;
};

struct ElfSymbols {
  std::vector<Symbol> functions;
  std::vector<Symbol> static_locals;   ///< writable variables that live in a function
  std::vector<Range> shared_sections;  ///< of `__shared__`
};

/// Read once. Empty where the file was stripped.
const ElfSymbols& elf_symbols();

}  // namespace cudacpu
