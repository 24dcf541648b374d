// SPDX-License-Identifier: Apache-2.0
#include "host/io/ogg_serial.hpp"

#include <cstring>
#include <vector>

#include "host/io/ogg_pages.hpp"

namespace tutti::io {
namespace {

void store_le32(std::uint8_t* at, std::uint32_t value) {
  for (int i = 0; i < 4; ++i) at[i] = static_cast<std::uint8_t>(value >> 8 * i);
}

}  // namespace

void set_ogg_serial(OutputFile& file, std::uint32_t serial) {
  constexpr std::size_t kHeaderBytes = kOggHeaderBytes;
  std::vector<std::uint8_t> page;
  for (std::int64_t at = 0; at < file.size_bytes(); at += static_cast<std::int64_t>(page.size())) {
    page.resize(kHeaderBytes);
    if (file.read_at(at, page.data(), kHeaderBytes) != kHeaderBytes ||
        std::memcmp(page.data(), "OggS", 4) != 0) {
      return;  // not ours to judge: the reader of the file will say
    }
    const std::size_t segments = page[26];
    page.resize(kHeaderBytes + segments);
    file.read_at(at + static_cast<std::int64_t>(kHeaderBytes), page.data() + kHeaderBytes,
                 segments);
    std::size_t bytes = kHeaderBytes + segments;
    for (std::size_t i = 0; i < segments; ++i) bytes += page[kHeaderBytes + i];
    const std::size_t body = page.size();
    page.resize(bytes);
    file.read_at(at + static_cast<std::int64_t>(body), page.data() + body, bytes - body);
    store_le32(page.data() + 14, serial);
    store_le32(page.data() + 22, 0);
    store_le32(page.data() + 22, ogg_crc(page.data(), page.size()));
    file.overwrite_at(at, page.data(), kHeaderBytes);
  }
}

}  // namespace tutti::io
