// SPDX-License-Identifier: Apache-2.0
// Dither and packing on every machine.
#include <array>
#include <cmath>
#include <cstring>
#include <vector>

#include "tests/support/channel_runner.hpp"

namespace tutti::test {
namespace {

constexpr double kRate = 44100;
constexpr StoredFormat kWav16 = {SampleKind::signed_integer, 2, false};
constexpr StoredFormat kWav24 = {SampleKind::signed_integer, 3, false};

struct Bytes {
  std::vector<std::byte> bytes;
  std::int64_t clipped_samples = 0;
};

/// Noise of `amplitude`, and the values where rounding and clipping turn.
Samples material(int channels, const PackDesign& design, float amplitude) {
  Samples samples = noise(channels, 6001, 21, amplitude);
  const double step = std::ldexp(1.0, 1 - design.bits);
  const std::array<double, 12> turning = {0,          0.5 * step, 1.5 * step,     -0.5 * step,
                                          -2.5 * step, 1,         1 - step,       1 - 0.5 * step,
                                          -1,          -1 - step, -1 - 0.5 * step, 3};
  for (auto& channel : samples)
    for (std::size_t i = 0; i < turning.size(); ++i)
      channel[17 * i + 3] = static_cast<float>(turning[i]);
  return samples;
}

/// A whole number as a file stores it, by arithmetic.
void store(const StoredFormat& format, long long number, std::vector<std::byte>& out) {
  if (format.kind == SampleKind::unsigned_integer) number += 1LL << (8 * format.bytes - 1);
  for (int place = 0; place < format.bytes; ++place) {
    const int i = format.big_endian ? format.bytes - 1 - place : place;
    out.push_back(static_cast<std::byte>((number >> (8 * i)) & 0xff));
  }
}

/// `dither(c, n)` in steps, added before the rounding to the nearest, ties to even.
template <typename Dither>
Bytes definition(const PackDesign& design, const Samples& in, Dither dither) {
  Bytes result;
  const double scale = std::ldexp(1.0, design.bits - 1);
  for (std::size_t n = 0; n < in[0].size(); ++n)
    for (std::size_t c = 0; c < in.size(); ++c) {
      const double wanted = static_cast<double>(in[c][n]) * scale + dither(c, n);
      double nearest = std::floor(wanted);
      const double beyond = wanted - nearest;
      if (beyond > 0.5 || (beyond == 0.5 && std::fmod(nearest, 2) != 0)) nearest += 1;
      const double kept = std::min(std::max(nearest, -scale), scale - 1);
      result.clipped_samples += kept != nearest;
      store(design.format, static_cast<long long>(kept), result.bytes);
    }
  return result;
}

double no_dither(std::size_t, std::size_t) { return 0; }

class PackOnEveryMachine : public ::testing::TestWithParam<Machine> {
 protected:
  std::unique_ptr<Backend> backend = open_machine(GetParam());

  Bytes run(const PackDesign& design, const Samples& in, const Cut& cut = {{65536}, true}) {
    Bytes result;
    const auto packer = backend->make_packer(design, static_cast<int>(in.size()));
    in_calls(*backend, in, cut, [&](Frames, TileView from, TileView) {
      const Packed packed = packer->process(from);
      EXPECT_EQ(packed.frames, from.frames);
      result.bytes.insert(result.bytes.end(), packed.bytes.begin(), packed.bytes.end());
      result.clipped_samples += packed.clipped_samples;
    });
    return result;
  }
};

TEST_P(PackOnEveryMachine, RoundsToTheNearestAndStoresEveryFormat) {
  const std::array<std::pair<StoredFormat, int>, 7> formats = {
      {{{SampleKind::unsigned_integer, 1, false}, 8},
       {{SampleKind::signed_integer, 1, true}, 8},
       {kWav16, 16},
       {{SampleKind::signed_integer, 3, true}, 24},
       {{SampleKind::signed_integer, 4, false}, 16},
       {{SampleKind::signed_integer, 4, false}, 32},
       {{SampleKind::signed_integer, 4, true}, 32}}};
  for (const auto& [format, bits] : formats)
    for (const int channels : {1, 2, 5}) {
      SCOPED_TRACE(testing::Message() << bits << " bits in " << format.bytes << ", " << channels);
      const PackDesign design{format, bits};
      const Samples in = material(channels, design, 1.2f);
      const Bytes truth = definition(design, in, no_dither), out = run(design, in);
      EXPECT_EQ(out.bytes, truth.bytes);
      EXPECT_EQ(out.clipped_samples, truth.clipped_samples);
      EXPECT_GT(out.clipped_samples, 100);
    }
}

// Philox-4x32 as the paper defines it, on 64-bit words [Salmon2011].
std::uint32_t random_word(std::uint64_t seed, std::size_t channel, std::size_t frame) {
  constexpr std::uint64_t kWord = 1ULL << 32;
  std::array<std::uint64_t, 4> x = {frame / 4 % kWord, frame / 4 / kWord, channel, 0};
  std::uint64_t key0 = seed % kWord, key1 = seed / kWord;
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = 0xD2511F53ULL * x[0], b = 0xCD9E8D57ULL * x[2];
    x = {b / kWord ^ x[1] ^ key0, b % kWord, a / kWord ^ x[3] ^ key1, a % kWord};
    key0 = (key0 + 0x9E3779B9ULL) % kWord;
    key1 = (key1 + 0xBB67AE85ULL) % kWord;
  }
  return static_cast<std::uint32_t>(x[frame % 4]);
}

TEST_P(PackOnEveryMachine, AddsTriangularNoiseOfItsSeedChannelAndFrame) {
  for (const auto& [format, bits] : {std::pair{kWav16, 16}, std::pair{kWav24, 24}}) {
    const PackDesign design{format, bits, DitherKind::tpdf, 0x123456789abcdefULL, kRate};
    const Samples in = material(3, design, 0.9f);
    const Bytes truth = definition(design, in, [&](std::size_t c, std::size_t n) {
      const std::uint32_t word = random_word(design.seed, c, n);
      return (static_cast<double>(word % 65536) - static_cast<double>(word / 65536)) / 65536;
    });
    const Bytes out = run(design, in);
    EXPECT_EQ(out.bytes, truth.bytes);
    EXPECT_EQ(out.clipped_samples, truth.clipped_samples);
  }
}

// What was added to a signal, through the inverse of the shaping, is what one rounding with
// triangular noise adds: white, within ±1.5 steps, with a variance of 1/4.
TEST_P(PackOnEveryMachine, ShapesTheErrorByItsFilter) {
  const PackDesign design{kWav16, 16, DitherKind::shaped, 5, kRate};
  const std::vector<double> filter = design_noise_shaping(kRate);
  const Samples in = noise(2, 20000, 22, 0.5f);
  const Bytes out = run(design, in);
  ASSERT_EQ(out.bytes.size(), 2u * 2 * 20000);
  EXPECT_EQ(out.clipped_samples, 0);
  for (std::size_t c = 0; c < 2; ++c) {
    std::vector<double> white(in[c].size());
    double power = 0, neighbours = 0;
    for (std::size_t n = 0; n < white.size(); ++n) {
      std::int16_t stored = 0;
      std::memcpy(&stored, &out.bytes[2 * (2 * n + c)], 2);
      white[n] = stored - static_cast<double>(in[c][n]) * 32768;
      for (std::size_t k = 0; k < filter.size() && k < n; ++k) white[n] -= filter[k] * white[n - 1 - k];
      ASSERT_LE(std::abs(white[n]), 1.5 + 1e-6) << n;
      power += white[n] * white[n];
      if (n > 0) neighbours += white[n] * white[n - 1];
    }
    // 20,000 values: four standard deviations of either estimate.
    EXPECT_NEAR(power / 20000, 0.25, 0.008);
    EXPECT_NEAR(neighbours / 20000, 0, 0.008);
  }
}

TEST_P(PackOnEveryMachine, DoesNotDependOnBlocks) {
  for (const DitherKind dither : {DitherKind::none, DitherKind::tpdf, DitherKind::shaped}) {
    const PackDesign design{kWav24, 24, dither, 9, 48000};
    const Samples in = material(2, design, 1.1f);
    const Bytes whole = run(design, in);
    for (const std::vector<Frames>& calls :
         {std::vector<Frames>{1, 2, 3, 509, 4}, {512}, {513, 2048}}) {
      const Bytes cut = run(design, in, {calls, true});
      EXPECT_EQ(cut.bytes, whole.bytes);
      EXPECT_EQ(cut.clipped_samples, whole.clipped_samples);
    }
  }
}

TEST_P(PackOnEveryMachine, HasTheBitsOfTheCpu) {
  const auto cpu = open_cpu_backend();
  for (const DitherKind dither : {DitherKind::none, DitherKind::tpdf, DitherKind::shaped})
    for (const auto& [format, bits] : {std::pair{kWav16, 16}, std::pair{kWav24, 24}}) {
      const PackDesign design{format, bits, dither, 77, 96000};
      const Samples in = material(2, design, 1.1f);
      const Bytes out = run(design, in);
      const auto packer = cpu->make_packer(design, 2);
      const auto tile = put(*cpu, in);
      const Packed truth = packer->process(tile->view());
      EXPECT_EQ(out.bytes, std::vector<std::byte>(truth.bytes.begin(), truth.bytes.end()));
      EXPECT_EQ(out.clipped_samples, truth.clipped_samples);
    }
}

TEST_P(PackOnEveryMachine, StoresFloatsAsTheyAre) {
  const Samples in = material(3, {kWav16, 16}, 5.0f);
  for (const bool big_endian : {false, true}) {
    std::vector<std::byte> singles, doubles;
    for (std::size_t n = 0; n < in[0].size(); ++n)
      for (const auto& channel : in) {
        const double wide = channel[n];
        std::uint32_t word = 0;
        std::uint64_t wide_word = 0;
        std::memcpy(&word, &channel[n], 4);
        std::memcpy(&wide_word, &wide, 8);
        store({SampleKind::signed_integer, 4, big_endian}, word, singles);
        store({SampleKind::signed_integer, 8, big_endian}, static_cast<long long>(wide_word),
              doubles);
      }
    const PackDesign single{{SampleKind::floating, 4, big_endian}, 0};
    const PackDesign twice{{SampleKind::floating, 8, big_endian}, 0};
    EXPECT_EQ(run(single, in, {{1000}, true}).bytes, singles);
    EXPECT_EQ(run(twice, in, {{1000}, true}).bytes, doubles);
  }
}

TUTTI_ON_EVERY_MACHINE(PackOnEveryMachine);

}  // namespace
}  // namespace tutti::test
