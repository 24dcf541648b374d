// SPDX-License-Identifier: Apache-2.0
#include "host/flac/crc.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tutti::test {
namespace {

std::vector<std::uint8_t> digits() { return {'1', '2', '3', '4', '5', '6', '7', '8', '9'}; }

// The check values of the catalogue of parametrised CRCs: CRC-8/SMBUS and CRC-16/UMTS.
TEST(FlacCrc, HasTheCataloguesCheckValues) {
  EXPECT_EQ(flac::crc8(digits()), 0xf4);
  EXPECT_EQ(flac::crc16(digits()), 0xfee8);
}

TEST(FlacCrc, OfNothingIsZero) {
  EXPECT_EQ(flac::crc8({}), 0);
  EXPECT_EQ(flac::crc16({}), 0);
}

// Division bit by bit, as the polynomial says.
TEST(FlacCrc, EqualsLongDivisionAtEveryLength) {
  std::vector<std::uint8_t> bytes;
  std::uint32_t rest = 0;
  for (int n = 0; n < 100; ++n) {
    EXPECT_EQ(flac::crc16(bytes), rest) << n;
    bytes.push_back(static_cast<std::uint8_t>(n * 73 + 5));
    for (int bit = 7; bit >= 0; --bit) {
      const std::uint32_t top = (rest >> 15 ^ bytes.back() >> bit) & 1;
      rest = (rest << 1 & 0xffff) ^ (top != 0 ? 0x8005u : 0u);
    }
  }
}

}  // namespace
}  // namespace tutti::test
