// SPDX-License-Identifier: Apache-2.0
// A reader that decodes ahead hands out what its source would, whoever reads it and how.
#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "host/audio/buffer.hpp"
#include "host/io/decode.hpp"

namespace tutti::test {
namespace {

/// Frame n of channel c is n + c / 4; damaged from one frame on.
class Ramp : public AudioReader {
 public:
  Ramp(Frames frames, Frames damaged_at, std::atomic<int>* reads = nullptr)
      : damaged_at_(damaged_at), reads_(reads) {
    info_.channels = 2;
    info_.frames = frames;
    info_.sample_rate_hz = 48000;
  }
  const AudioInfo& info() const override { return info_; }
  void read(Frames first, BlockView out) override {
    if (reads_) ++*reads_;
    if (first + out.frames > damaged_at_) throw IoError("ramp", "damaged");
    for (int c = 0; c < out.channels; ++c)
      for (Frames n = 0; n < out.frames; ++n)
        out.channel(c)[n] = static_cast<float>(first + n) + 0.25f * static_cast<float>(c);
  }

 private:
  AudioInfo info_;
  Frames damaged_at_;
  std::atomic<int>* reads_;
};

constexpr Frames kFrames = 300000;

void expect_ramp(ConstBlockView block, Frames first) {
  for (int c = 0; c < block.channels; ++c)
    for (Frames n = 0; n < block.frames; ++n) {
      const Frames frame = first + n;
      const bool inside = frame >= 0 && frame < kFrames;
      ASSERT_EQ(block.channel(c)[n],
                inside ? static_cast<float>(frame) + 0.25f * static_cast<float>(c) : 0.0f)
          << frame;
    }
}

TEST(ReadAhead, HandsOutWhatTheSourceHas) {
  // Around its blocks of 32,768; from before the file to behind it.
  for (const Frames step : {1000, 32767, 32768, 32769, 65536, 500000}) {
    const auto reader = read_ahead(std::make_unique<Ramp>(kFrames, kFrames));
    Buffer block(2, step);
    for (Frames first = -500; first < kFrames + 500; first += step) {
      reader->read(first, block.view());
      expect_ramp(std::as_const(block).view(), first);
    }
  }
}

TEST(ReadAhead, FollowsWhoeverJumps) {
  const auto reader = read_ahead(std::make_unique<Ramp>(kFrames, kFrames));
  Buffer block(2, 5000);
  for (const Frames first : {100000, 105000, 110000, 3, 250000, 255000, 100000, -100, 299000}) {
    reader->read(first, block.view());
    expect_ramp(std::as_const(block).view(), first);
  }
}

TEST(ReadAhead, DamageIsToldWhereItLies) {
  const auto reader = read_ahead(std::make_unique<Ramp>(kFrames, 200000));
  Buffer block(2, 16384);
  Frames first = 0;
  for (; first + 16384 <= 196608; first += 16384) {  // the last whole block before it
    reader->read(first, block.view());
    expect_ramp(std::as_const(block).view(), first);
  }
  EXPECT_THROW(reader->read(first, block.view()), IoError);
  EXPECT_THROW(reader->read(first, block.view()), IoError);
  reader->read(0, block.view());
  expect_ramp(std::as_const(block).view(), 0);
}

TEST(ReadAhead, StaysAFewBlocksAhead) {
  std::atomic<int> reads = 0;
  const auto reader = read_ahead(std::make_unique<Ramp>(kFrames * 100, kFrames * 100, &reads));
  Buffer block(2, 100);
  reader->read(0, block.view());
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_GE(reads, 1);
  EXPECT_LE(reads, 4);
}

TEST(ReadAhead, EndsInTheMiddle) {
  for (int round = 0; round < 200; ++round) {
    const auto reader = read_ahead(std::make_unique<Ramp>(kFrames, kFrames));
    Buffer block(2, 100 + 777 * round);
    if (round % 3 > 0) reader->read(0, block.view());
    if (round % 3 > 1) reader->read(block.frames(), block.view());
  }
}

}  // namespace
}  // namespace tutti::test
