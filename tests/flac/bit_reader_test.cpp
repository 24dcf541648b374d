// SPDX-License-Identifier: Apache-2.0
#include "host/flac/bit_reader.hpp"

#include <gmock/gmock.h>

#include <random>

#include "host/flac/bit_writer.hpp"

namespace tutti::test {
namespace {

using flac::BitReader;
using flac::BitWriter;

/// The bytes, and behind them spare ones full of ones.
std::vector<std::uint8_t> with_spare(std::span<const std::uint8_t> bytes) {
  std::vector<std::uint8_t> all(bytes.begin(), bytes.end());
  all.resize(bytes.size() + BitReader::kSpareBytes, 0xff);
  return all;
}

TEST(FlacBitReader, TakesTheHighestBitFirst) {
  const auto bytes = with_spare(std::vector<std::uint8_t>{0x9f, 0xe0, 0x00, 0x40});
  BitReader bits({bytes.data(), 4});
  EXPECT_EQ(bits.take(1), 1u);
  EXPECT_EQ(bits.take(2), 0u);
  EXPECT_EQ(bits.take(5), 0x1fu);
  EXPECT_EQ(bits.take_signed(4), -2);
  EXPECT_TRUE(bits.align());
  EXPECT_EQ(bits.taken_bytes(), 2u);
  EXPECT_EQ(bits.take_zeros(), 9u);
  EXPECT_TRUE(bits.align());
  EXPECT_EQ(bits.taken_bytes(), 4u);
  EXPECT_TRUE(bits.ok());
  bits.take(1);
  EXPECT_FALSE(bits.ok());
}

TEST(FlacBitReader, FindsAnyOneBetweenAWholeByteAndTheLast) {
  for (const int before : {1, 3, 7}) {
    const std::vector<std::uint8_t> bytes =
        with_spare(std::vector<std::uint8_t>{static_cast<std::uint8_t>(0x01), 0x80});
    BitReader bits({bytes.data(), 2});
    bits.take(before);
    EXPECT_FALSE(bits.align()) << before;
  }
}

TEST(FlacBitReader, TakesWhatBitWriterPut) {
  std::mt19937_64 random(5);
  BitWriter writer;
  writer.reserve_bits(4000 * 700);
  struct Number {
    std::uint64_t value, zeros;
    int width;
  };
  std::vector<Number> numbers;
  for (int i = 0; i < 4000; ++i) {
    const int width = 1 + static_cast<int>(random() % BitReader::kMostBits);
    const Number number = {random() >> (64 - width), random() % (i % 50 == 0 ? 600 : 9), width};
    writer.put(number.value, width);
    writer.put_zeros(number.zeros);
    writer.put(1, 1);
    numbers.push_back(number);
  }
  writer.align();
  const auto bytes = with_spare(writer.bytes());
  BitReader reader({bytes.data(), writer.bytes().size()});
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto& [value, zeros, width] = numbers[i];
    if (i % 3 == 0) {
      ASSERT_EQ(static_cast<std::uint64_t>(reader.take_signed(width)) << (64 - width),
                value << (64 - width))
          << i;
    } else {
      ASSERT_EQ(reader.take(width), value) << i;
    }
    ASSERT_EQ(reader.take_zeros(), zeros) << i;
  }
  EXPECT_TRUE(reader.align());
  EXPECT_EQ(reader.taken_bytes(), writer.bytes().size());
  EXPECT_TRUE(reader.ok());
}

// At any place of the end within a word, and however much of it a number wants.
TEST(FlacBitReader, ToldEndsWhereItEnds) {
  for (std::size_t size = 0; size < 20; ++size) {
    const auto bytes = with_spare(std::vector<std::uint8_t>(size, 0x5a));
    for (int width = 1; width <= BitReader::kMostBits; ++width) {
      BitReader reader({bytes.data(), size});
      for (std::size_t taken = 0; taken <= 8 * size; taken += static_cast<std::size_t>(width)) {
        ASSERT_TRUE(reader.ok()) << size << " bytes, " << taken << " bits";
        reader.take(width);
      }
      ASSERT_FALSE(reader.ok()) << size << " bytes by " << width << " bits";
      for (int i = 0; i < 100; ++i) reader.take(width);
      ASSERT_FALSE(reader.ok());
    }
  }
}

TEST(FlacBitReader, EndsALongRowOfZeros) {
  const std::vector<std::uint8_t> bytes(100 + BitReader::kSpareBytes);
  BitReader reader({bytes.data(), 100});
  reader.take_zeros();
  EXPECT_FALSE(reader.ok());
}

}  // namespace
}  // namespace tutti::test
