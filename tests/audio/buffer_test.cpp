// SPDX-License-Identifier: Apache-2.0
#include "host/audio/buffer.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <utility>

namespace tutti {
namespace {

bool aligned(const float* p) { return reinterpret_cast<std::uintptr_t>(p) % kAlignmentBytes == 0; }

TEST(Buffer, IsZeroedAndAlignsEveryChannelWhateverItsLength) {
  for (const Frames frames : {0, 1, 15, 16, 17, 4096}) {
    const Buffer buffer(3, frames);
    EXPECT_EQ(buffer.channels(), 3);
    EXPECT_EQ(buffer.frames(), frames);
    EXPECT_GE(buffer.view().stride, frames);
    for (int c = 0; c < 3; ++c) {
      EXPECT_TRUE(aligned(buffer.channel(c)));
      for (Frames n = 0; n < frames; ++n) ASSERT_EQ(buffer.channel(c)[n], 0);
    }
  }
}

TEST(Buffer, ClearsWhatWasWritten) {
  Buffer buffer(2, 10);
  buffer.channel(1)[9] = 1;
  buffer.clear();
  EXPECT_EQ(buffer.channel(1)[9], 0);
  Buffer nothing;
  nothing.clear();
  EXPECT_EQ(nothing.view().frames, 0);
}

TEST(Buffer, KeepsItsMemoryWhenMoved) {
  Buffer buffer(1, 10);
  buffer.channel(0)[3] = 5;
  const float* const memory = buffer.channel(0);
  const Buffer moved = std::move(buffer);
  EXPECT_EQ(moved.channel(0), memory);
  EXPECT_EQ(moved.channel(0)[3], 5);
}

TEST(BlockView, SlicesFramesAndChannelsOfTheSameMemory) {
  Buffer buffer(4, 100);
  const BlockView part = buffer.view().channel_range(1, 2).slice(10, 20);
  EXPECT_EQ(part.channels, 2);
  EXPECT_EQ(part.frames, 20);
  part.channel(1)[5] = 7;
  EXPECT_EQ(buffer.channel(2)[15], 7);
  const ConstBlockView seen = part;
  EXPECT_EQ(seen.channel(1)[5], 7);
}

}  // namespace
}  // namespace tutti
