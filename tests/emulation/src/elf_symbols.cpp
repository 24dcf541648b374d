// SPDX-License-Identifier: Apache-2.0
#include "elf_symbols.hpp"

#include <elf.h>
#include <link.h>

#include <cstdio>
#include <cstring>
#include <memory>

namespace cudacpu {
namespace {

constexpr const char* kSharedSection = "cudacpu_shm_";

struct Object {
  std::string path;
  char* base = nullptr;
};

// The loaded object that this function is part of.
int find_own_object(dl_phdr_info* info, std::size_t, void* result) {
  const auto here = reinterpret_cast<ElfW(Addr)>(&find_own_object);
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = info->dlpi_phdr[i];
    const ElfW(Addr) begin = info->dlpi_addr + segment.p_vaddr;
    if (segment.p_type != PT_LOAD || here < begin || here >= begin + segment.p_memsz) continue;
    auto& object = *static_cast<Object*>(result);
    object.path =
        info->dlpi_name != nullptr && *info->dlpi_name != '\0' ? info->dlpi_name : "/proc/self/exe";
    object.base = reinterpret_cast<char*>(info->dlpi_addr);
    return 1;
  }
  return 0;
}

class ElfFile {
 public:
  explicit ElfFile(const std::string& path) : file_(std::fopen(path.c_str(), "rb"), &std::fclose) {}

  bool is_open() const { return file_ != nullptr; }

  template <typename T>
  std::vector<T> read(std::size_t offset, std::size_t count) const {
    std::vector<T> items(count);
    if (std::fseek(file_.get(), static_cast<long>(offset), SEEK_SET) != 0 ||
        std::fread(items.data(), sizeof(T), count, file_.get()) != count) {
      items.clear();
    }
    return items;
  }

 private:
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
};

bool starts_with(const char* text, const char* beginning) {
  return std::strncmp(text, beginning, std::strlen(beginning)) == 0;
}

void read_symbols(const ElfFile& file, const Object& object,
                  const std::vector<ElfW(Shdr)>& sections, const ElfW(Shdr) & table,
                  ElfSymbols& result) {
  const ElfW(Shdr)& text_section = sections[table.sh_link];
  const auto entries = file.read<ElfW(Sym)>(table.sh_offset, table.sh_size / sizeof(ElfW(Sym)));
  const auto text = file.read<char>(text_section.sh_offset, text_section.sh_size);
  if (text.empty()) return;
  for (const ElfW(Sym) & entry : entries) {
    const char* name = &text[entry.st_name];
    const int type = ELF64_ST_TYPE(entry.st_info);
    if (entry.st_shndx == SHN_UNDEF || entry.st_shndx >= sections.size()) continue;
    const Symbol symbol{name, {object.base + entry.st_value, entry.st_size}};
    if (type == STT_FUNC && starts_with(name, "_Z")) result.functions.push_back(symbol);
    const bool writable = (sections[entry.st_shndx].sh_flags & SHF_WRITE) != 0;
    if (type == STT_OBJECT && writable && starts_with(name, "_ZZ")) {
      result.static_locals.push_back(symbol);
    }
  }
}

ElfSymbols read_own_file() {
  ElfSymbols result;
  Object object;
  dl_iterate_phdr(&find_own_object, &object);
  const ElfFile file(object.path);
  if (!file.is_open()) return result;
  const auto header = file.read<ElfW(Ehdr)>(0, 1);
  if (header.empty()) return result;
  const auto sections = file.read<ElfW(Shdr)>(header[0].e_shoff, header[0].e_shnum);
  if (sections.empty()) return result;
  const ElfW(Shdr)& name_section = sections[header[0].e_shstrndx];
  const auto names = file.read<char>(name_section.sh_offset, name_section.sh_size);
  if (names.empty()) return result;
  for (const ElfW(Shdr) & section : sections) {
    if (starts_with(&names[section.sh_name], kSharedSection)) {
      result.shared_sections.push_back({object.base + section.sh_addr, section.sh_size});
    }
    if (section.sh_type == SHT_SYMTAB) read_symbols(file, object, sections, section, result);
  }
  return result;
}

}  // namespace

const ElfSymbols& elf_symbols() {
  static const auto& symbols = *new ElfSymbols(read_own_file());
  return symbols;
}

}  // namespace cudacpu
