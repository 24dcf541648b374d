// SPDX-License-Identifier: Apache-2.0
#include "host/flac/bit_writer.hpp"

#include <gmock/gmock.h>

#include <random>

namespace tutti::test {
namespace {

using flac::BitCursor;
using flac::BitWriter;
using testing::ElementsAre;

TEST(FlacBitWriter, PutsTheHighestBitFirst) {
  BitWriter bits;
  bits.reserve_bits(64);
  bits.put(1, 1);
  bits.put(0, 2);
  bits.put(0x1f, 5);
  bits.put_signed(-2, 4);
  bits.align();
  EXPECT_THAT(bits.bytes(), ElementsAre(0x9f, 0xe0));
}

TEST(FlacBitWriter, EqualsTheBitsOneByOne) {
  std::mt19937_64 random(3);
  BitWriter bits;
  bits.reserve_bits(4000 * 57);
  std::vector<bool> expected;
  for (int i = 0; i < 4000; ++i) {
    const int width = 1 + static_cast<int>(random() % BitCursor::kMostBits);
    const std::uint64_t value = random() >> (64 - width);
    bits.put(value, width);
    for (int bit = width - 1; bit >= 0; --bit) expected.push_back((value >> bit & 1) != 0);
    EXPECT_EQ(bits.bits(), expected.size());
    if (i % 7 != 0) continue;
    const std::uint64_t zeros = random() % 200;
    bits.reserve_bits(4000 * 57);
    bits.put_zeros(zeros);
    expected.insert(expected.end(), zeros, false);
  }
  bits.align();
  for (std::size_t i = 0; i < expected.size(); ++i)
    ASSERT_EQ((bits.bytes()[i / 8] >> (7 - i % 8) & 1) != 0, expected[i]) << i;
}

}  // namespace
}  // namespace tutti::test
