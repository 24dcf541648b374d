// SPDX-License-Identifier: Apache-2.0
// The limiter in blocks of any length.
#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "tests/cpu/limiter_fixture.hpp"
#include "tests/support/limiter_battery.hpp"

namespace tutti::test {
namespace {

TEST(Limiter, DoesNotDependOnBlockSizes) {
  const Buffer in = two_channels(music_like(1, 30000, 48000, 4, 3), white_noise(1, 30000, 0.9, 4));
  for (double link : {1.0, 0.5, 0.0}) {
    LimiterSpec spec;
    spec.link = link;
    const LimiterDesign d = design(spec, 48000);
    Buffer whole(2, in.frames());
    Limiter(d, 2).process(in.view(), whole.view());
    for (Frames size : {1, 31, 32, 33, 1023, 1025, 4096}) {
      Limiter limiter(d, 2);
      Buffer out(2, in.frames());
      for (Frames at = 0; at < in.frames(); at += size) {
        const Frames count = std::min(size, in.frames() - at);
        limiter.process(in.view().slice(at, count), out.view().slice(at, count));
      }
      for (int c = 0; c < 2; ++c)
        ASSERT_EQ(std::memcmp(out.channel(c), whole.channel(c), in.frames() * sizeof(float)), 0)
            << "blocks of " << size << ", link " << link;
    }
  }
}

TEST(Limiter, AlignsItsOutputWhateverTheBlockSizes) {
  Buffer in = music_like(1, 5000, 48000, 4, 0.4);
  const LimiterDesign d = design({}, 48000);
  for (Frames size : {7, 100, 1024, 5000}) {
    AlignedLimiter limiter(d, 1);
    std::vector<float> out;
    Buffer block(1, size);
    for (Frames at = 0; at < in.frames(); at += size) {
      const Frames got =
          limiter.push(in.view().slice(at, std::min(size, in.frames() - at)), block.view());
      out.insert(out.end(), block.channel(0), block.channel(0) + got);
    }
    while (const Frames got = limiter.drain(block.view()))
      out.insert(out.end(), block.channel(0), block.channel(0) + got);
    ASSERT_EQ(out.size(), static_cast<std::size_t>(in.frames())) << size;
    EXPECT_EQ(std::memcmp(out.data(), in.channel(0), out.size() * sizeof(float)), 0) << size;
  }
}

TEST(Limiter, LimitsShortSignalsInPlace) {
  for (Frames frames : {0, 1, 2, 63, 64, 65}) {
    Buffer signal(1, frames);
    std::fill_n(signal.channel(0), frames, 2.0F);
    limit(design({}, 48000), signal.view(), signal.view());
    EXPECT_LE(true_peak_dbtp(signal, 48000) + 1, kOverDb) << frames;
  }
}

}  // namespace
}  // namespace tutti::test
