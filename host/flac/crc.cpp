// SPDX-License-Identifier: Apache-2.0
// Sixteen bytes a step: table[k][b] is what byte b does to the remainder with k bytes behind it.
// Only the first two wait for the step before. A long row is folded into a short one before.
#include "host/flac/crc.hpp"

#include <array>
#include <cstddef>

#include "host/flac/crc_fold.hpp"

namespace tutti::flac {
namespace {

constexpr std::size_t kBytesPerStep = 16;

template <typename Word>
constexpr std::array<Word, 256> remainders(Word polynomial) {
  constexpr Word kTop = static_cast<Word>(Word{1} << (8 * sizeof(Word) - 1));
  std::array<Word, 256> table{};
  for (unsigned byte = 0; byte < 256; ++byte) {
    Word rest = static_cast<Word>(byte << (8 * sizeof(Word) - 8));
    for (int bit = 0; bit < 8; ++bit)
      rest = static_cast<Word>((rest << 1) ^ ((rest & kTop) != 0 ? polynomial : 0));
    table[byte] = rest;
  }
  return table;
}

constexpr auto kCrc8 = remainders<std::uint8_t>(0x07);

constexpr auto kCrc16 = [] {
  std::array<std::array<std::uint16_t, 256>, kBytesPerStep> tables{};
  tables[0] = remainders<std::uint16_t>(0x8005);
  for (std::size_t k = 1; k < kBytesPerStep; ++k) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint16_t before = tables[k - 1][byte];
      tables[k][byte] = static_cast<std::uint16_t>((before << 8) ^ tables[0][before >> 8]);
    }
  }
  return tables;
}();

/// The remainder where `rest` is that of what is before.
std::uint32_t divide(std::uint32_t rest, std::span<const std::uint8_t> bytes) {
  const std::uint8_t* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= kBytesPerStep; left -= kBytesPerStep, at += kBytesPerStep) {
    std::uint32_t next = 0;
    for (std::size_t k = 2; k < kBytesPerStep; ++k) next ^= kCrc16[kBytesPerStep - 1 - k][at[k]];
    rest = next ^ kCrc16[kBytesPerStep - 1][at[0] ^ (rest >> 8)] ^
           kCrc16[kBytesPerStep - 2][at[1] ^ (rest & 0xff)];
  }
  for (; left > 0; --left, ++at) rest = ((rest << 8) ^ kCrc16[0][(rest >> 8) ^ *at]) & 0xffff;
  return rest;
}

}  // namespace

std::uint8_t crc8(std::span<const std::uint8_t> bytes) {
  std::uint8_t rest = 0;
  for (const std::uint8_t byte : bytes) rest = kCrc8[rest ^ byte];
  return rest;
}

std::uint16_t crc16(std::span<const std::uint8_t> bytes) {
  std::uint32_t rest = 0;
  std::array<std::uint8_t, kFoldedBytes> folded;
  if (bytes.size() >= kFewestToFold) {
    const std::size_t taken = fold_crc16(bytes, folded);
    if (taken > 0) rest = divide(0, folded);
    bytes = bytes.subspan(taken);
  }
  return static_cast<std::uint16_t>(divide(rest, bytes));
}

}  // namespace tutti::flac
