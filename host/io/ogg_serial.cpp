// SPDX-License-Identifier: Apache-2.0
#include "host/io/ogg_serial.hpp"

#include <array>
#include <cstring>
#include <vector>

namespace tutti::io {
namespace {

/// CRC-32 with polynomial 0x04c11db7, most significant bit first, neither inverted nor reflected.
std::array<std::uint32_t, 256> make_crc_table() {
  std::array<std::uint32_t, 256> table;
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t value = byte << 24;
    for (int bit = 0; bit < 8; ++bit) value = value << 1 ^ ((value >> 31) != 0 ? 0x04c11db7u : 0);
    table[byte] = value;
  }
  return table;
}

std::uint32_t ogg_crc(const std::vector<std::uint8_t>& bytes) {
  static const auto table = make_crc_table();
  std::uint32_t value = 0;
  for (const std::uint8_t byte : bytes) value = value << 8 ^ table[value >> 24 ^ byte];
  return value;
}

void store_le32(std::uint8_t* at, std::uint32_t value) {
  for (int i = 0; i < 4; ++i) at[i] = static_cast<std::uint8_t>(value >> 8 * i);
}

}  // namespace

// A page: "OggS", version, flags, 8 bytes of position, serial at 14, number at 18, checksum at 22,
// the count of segments at 26, their sizes, the segments. The checksum counts itself as 0.
void set_ogg_serial(OutputFile& file, std::uint32_t serial) {
  constexpr std::size_t kHeaderBytes = 27;
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
    store_le32(page.data() + 22, ogg_crc(page));
    file.overwrite_at(at, page.data(), kHeaderBytes);
  }
}

}  // namespace tutti::io
