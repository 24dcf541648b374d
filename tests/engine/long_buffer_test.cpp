// SPDX-License-Identifier: Apache-2.0
// A long signal in memory, in a file, and moved from the one to the other, against plain vectors.
#include "host/engine/long_buffer.hpp"

#include <gtest/gtest.h>

#include <random>

#include "tests/support/channel_runner.hpp"

namespace tutti::test {
namespace {

constexpr Frames kFrames = 3 * 65536 + 4321;
constexpr int kChannels = 3;
constexpr std::uint64_t kWhole = std::uint64_t{kFrames} * kChannels * sizeof(float);

class LongBufferTest : public ::testing::TestWithParam<std::uint64_t> {
 protected:
  LongBuffer filled(bool reserved) const {
    LongBuffer buffer(kChannels, GetParam(), ::testing::TempDir());
    if (reserved) buffer.reserve(kFrames);
    Buffer block(kChannels, 70000);
    for (Frames done = 0, count = 1; done < kFrames; done += count, count = 1 + count * 7 % 69000) {
      count = std::min(count, kFrames - done);
      for (int c = 0; c < kChannels; ++c)
        std::copy_n(signal_[c].data() + done, count, block.channel(c));
      buffer.append(std::as_const(block).view().slice(0, count));
    }
    return buffer;
  }

  void expect_signal(const LongBuffer& buffer) const {
    std::mt19937 random(3);
    std::uniform_int_distribution<Frames> start(-3000, kFrames + 3000), length(0, 140000);
    Buffer out(kChannels, 140000);
    for (int i = 0; i < 60; ++i) {
      const Frames first = start(random), count = length(random);
      buffer.read(first, out.view().slice(0, count));
      for (int c = 0; c < kChannels; ++c)
        for (Frames n = 0; n < count; ++n) {
          const Frames at = first + n;
          ASSERT_EQ(out.channel(c)[n], at >= 0 && at < kFrames ? signal_[c][at] : 0.0F) << c << " " << at;
        }
    }
  }

  Samples signal_ = noise(kChannels, kFrames, 4);
};

TEST_P(LongBufferTest, GivesBackWhatWasAppended) {
  for (const bool reserved : {false, true}) {
    LongBuffer buffer = filled(reserved);
    EXPECT_EQ(buffer.frames(), kFrames);
    expect_signal(buffer);
  }
}

// All in memory; none; a part before the file takes over, at a piece's end and inside of one.
INSTANTIATE_TEST_SUITE_P(Budgets, LongBufferTest,
                         ::testing::Values(kWhole, 0, std::uint64_t{65536} * kChannels * sizeof(float),
                                           kWhole / 2));

}  // namespace
}  // namespace tutti::test
