// SPDX-License-Identifier: Apache-2.0
#include "host/flac/crc.hpp"

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <random>
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

// Division bit by bit, as the polynomial says. Long ones are folded where the machine can.
TEST(FlacCrc, EqualsLongDivisionAtEveryLengthOnEveryWidthOfVectors) {
  for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
    SCOPED_TRACE(hwy::TargetName(target));
    hwy::SetSupportedTargetsForTest(target);
    std::mt19937 random(3);
    std::vector<std::uint8_t> bytes;
    std::uint32_t rest = 0;
    for (int n = 0; n < 1000; ++n) {
      ASSERT_EQ(flac::crc16(bytes), rest) << n;
      bytes.push_back(static_cast<std::uint8_t>(n < 500 ? random() : 0xff));
      for (int bit = 7; bit >= 0; --bit) {
        const std::uint32_t top = (rest >> 15 ^ bytes.back() >> bit) & 1;
        rest = (rest << 1 & 0xffff) ^ (top != 0 ? 0x8005u : 0u);
      }
    }
    hwy::SetSupportedTargetsForTest(0);
  }
}

// In any single bit of what is folded.
TEST(FlacCrc, SeesEveryBit) {
  std::vector<std::uint8_t> bytes(300, 0x5a);
  const std::uint16_t right = flac::crc16(bytes);
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    EXPECT_NE(flac::crc16(bytes), right) << bit;
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
  }
}

}  // namespace
}  // namespace tutti::test
