// SPDX-License-Identifier: Apache-2.0
// What dither and quantiser do to each frame, exactly.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "tests/dsp/dither_signals.hpp"

namespace tutti::test {
namespace {

// The vectors that the authors of the generator publish with it.
TEST(Philox, GivesThePublishedWords) {
  using Words = std::array<std::uint32_t, 4>;
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  constexpr std::uint32_t kOnes = 0xffffffff;
  EXPECT_EQ(philox({kOnes, kOnes, kOnes, kOnes}, {kOnes, kOnes}),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

// The dither of a frame is what the generator says for (seed, channel, frame), at every frame.
TEST(Dither, IsAFunctionOfSeedChannelAndFrame) {
  const std::uint64_t seed = 0x123456789abcdef0;
  Quantiser quantiser(DitherKind::tpdf, 16, 48000, seed, 5);
  const Frames first = (Frames{1} << 34) + 3;
  const auto in = constant(1000, 0.3 * kStep16);
  std::vector<std::int32_t> out(in.size());
  quantiser.process(first, in, out);
  for (std::size_t n = 0; n < in.size(); ++n) {
    const auto frame = static_cast<std::uint64_t>(first) + n;
    const auto words = philox(
        {static_cast<std::uint32_t>(frame / 4), static_cast<std::uint32_t>(frame / 4 >> 32), 5, 0},
        {0x9abcdef0, 0x12345678});
    const std::uint32_t word = words[frame % 4];
    const double noise =
        (static_cast<double>(word % 65536) - static_cast<double>(word / 65536)) / 65536;
    EXPECT_EQ(out[n], std::nearbyint(in[n] * 32768.0 + noise)) << n;
  }
}

TEST(Dither, DoesNotDependOnBlockSizes) {
  const auto in = sine(5000, 0.4, 0.01);
  for (const DitherKind kind : {DitherKind::none, DitherKind::tpdf, DitherKind::shaped}) {
    const auto whole = quantise(kind, 16, in);
    for (const std::size_t block : {1u, 3u, 4u, 127u, 256u, 257u, 1000u}) {
      Quantiser quantiser(kind, 16, 48000, 1, 0);
      std::vector<std::int32_t> out(in.size());
      for (std::size_t n = 0; n < in.size(); n += block) {
        const std::size_t count = std::min(block, in.size() - n);
        quantiser.process(static_cast<Frames>(n), std::span(in).subspan(n, count),
                          std::span(out).subspan(n, count));
      }
      EXPECT_EQ(out, whole) << block;
    }
  }
}

// A vector of counters may hold the frame where their low word wraps.
TEST(Dither, CountsOverTheEndOfAWord) {
  Quantiser quantiser(DitherKind::tpdf, 16, 48000, 77, 1);
  const Frames first = (Frames{1} << 34) - 42;
  const auto in = constant(200, 0.3 * kStep16);
  std::vector<std::int32_t> out(in.size());
  quantiser.process(first, in, out);
  for (std::size_t n = 0; n < in.size(); ++n) {
    const auto frame = static_cast<std::uint64_t>(first) + n;
    const std::uint32_t word = philox({static_cast<std::uint32_t>(frame / 4),
                                       static_cast<std::uint32_t>(frame / 4 >> 32), 1, 0},
                                      {77, 0})[frame % 4];
    const double noise =
        (static_cast<double>(word % 65536) - static_cast<double>(word / 65536)) / 65536;
    EXPECT_EQ(out[n], std::nearbyint(in[n] * 32768.0 + noise)) << n;
  }
}

// Two channels that share their time against the recursion of each, written as its definition: wanted
// = in + Σ h[k] · error[n − 1 − k], out = the nearest to wanted + noise.
TEST(Dither, ShapesTwoChannelsAsEachAlone) {
  constexpr std::size_t kFrames = 3001;
  const std::vector<double> h = design_noise_shaping(44100);
  const std::vector<float> in[] = {sine(kFrames, 0.4, 0.01), sine(kFrames, 1.2, 0.003)};  // one clips
  Quantiser left(DitherKind::shaped, 16, 44100, 9, 0), right(DitherKind::shaped, 16, 44100, 9, 1);
  std::vector<std::int32_t> out[] = {std::vector<std::int32_t>(kFrames), std::vector<std::int32_t>(kFrames)};
  std::int64_t clipped = 0, expected_clipped = 0;
  for (std::size_t n = 0; n < kFrames; n += 700) {
    const std::size_t count = std::min<std::size_t>(700, kFrames - n);
    clipped += left.process_two(right, static_cast<Frames>(n), count, {in[0].data() + n, out[0].data() + n},
                                {in[1].data() + n, out[1].data() + n});
  }
  for (std::uint32_t c = 0; c < 2; ++c) {
    std::vector<double> errors(kFrames);
    for (std::size_t n = 0; n < kFrames; ++n) {
      double wanted = in[c][n] * 32768.0;
      for (std::size_t k = 0; k < std::min(h.size(), n); ++k) wanted += h[k] * errors[n - 1 - k];
      const std::uint32_t word = philox({static_cast<std::uint32_t>(n / 4), 0, c, 0}, {9, 0})[n % 4];
      const double noise =
          (static_cast<double>(word % 65536) - static_cast<double>(word / 65536)) / 65536;
      const double rounded = std::nearbyint(wanted + noise);
      errors[n] = rounded - wanted;
      expected_clipped += rounded < -32768 || rounded > 32767;
      ASSERT_EQ(out[c][n], std::clamp(rounded, -32768.0, 32767.0)) << c << " " << n;
    }
  }
  EXPECT_EQ(clipped, expected_clipped);
  EXPECT_GT(clipped, 100);
}

TEST(Quantiser, ReturnsEveryWholeNumberItself) {
  for (const int bits : {8, 16, 20, 24}) {
    std::vector<float> in;
    std::vector<std::int32_t> truth;
    const std::int32_t full = 1 << (bits - 1);
    for (std::int64_t k = -full; k < full; k += std::max(1, full / 5000)) {
      truth.push_back(static_cast<std::int32_t>(k));
      in.push_back(static_cast<float>(std::ldexp(static_cast<double>(k), 1 - bits)));
    }
    EXPECT_EQ(quantise(DitherKind::none, bits, in), truth) << bits;
  }
}

TEST(Quantiser, RoundsToTheNearestAndTiesToEven) {
  const std::vector<float> in = {0.5f / 128,  1.5f / 128,  2.5f / 128,  -0.5f / 128,
                                 -1.5f / 128, 0.49f / 128, 0.51f / 128, -0.51f / 128};
  EXPECT_EQ(quantise(DitherKind::none, 8, in),
            (std::vector<std::int32_t>{0, 2, 2, 0, -2, 0, 1, -1}));
}

TEST(Quantiser, ClipsAndCounts) {
  const std::vector<float> in = {1.0f, 0.9999f, -1.0f, -1.01f, 1e30f, -1e30f, INFINITY, 0.0f};
  for (const DitherKind kind : {DitherKind::none, DitherKind::shaped}) {
    Quantiser quantiser(kind, 16, 48000, 1, 0);
    std::vector<std::int32_t> out(in.size());
    const auto clipped = quantiser.process(0, std::span(in).first(6), std::span(out).first(6));
    EXPECT_GE(clipped, 4);
    EXPECT_EQ(out[4], 32767);
    EXPECT_EQ(out[5], -32768);
  }
  const auto out = quantise(DitherKind::none, 16, in);
  EXPECT_EQ(out,
            (std::vector<std::int32_t>{32767, 32765, -32768, -32768, 32767, -32768, 32767, 0}));
}

}  // namespace
}  // namespace tutti::test
