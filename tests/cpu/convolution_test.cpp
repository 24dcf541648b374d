// SPDX-License-Identifier: Apache-2.0
#include "host/cpu/convolution.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <deque>
#include <random>
#include <stdexcept>
#include <tuple>
#include <vector>

#include <hwy/detect_targets.h>
#include <hwy/targets.h>
#include "host/cpu/convolution_stream.hpp"
#include "tests/reference/convolver.hpp"
#include "tests/support/residual.hpp"

namespace tutti {
namespace {

constexpr Frames kBlock = 256;
// Float transforms round to about −140 dB rms of the output and peak some 13 dB higher; the output
// of full-scale noise through an impulse of unit energy peaks at full scale and a few dB.
constexpr double kConvolutionDbfs = -122;

std::vector<float> noise(std::size_t count, unsigned seed) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<float> uniform(-1, 1);
  std::vector<float> x(count);
  for (float& value : x) value = uniform(generator);
  return x;
}

/// Noise of unit energy.
std::vector<float> noise_impulse(std::size_t taps, unsigned seed) {
  std::vector<float> h = noise(taps, seed);
  for (float& value : h) value *= std::sqrt(3.0f / static_cast<float>(taps));
  return h;
}

using Impulses = std::vector<std::vector<float>>;
using Outputs = std::vector<std::vector<float>>;

/// Whole blocks through a Convolver.
Outputs convolve(const Impulses& impulses, const std::vector<float>& x, Frames tile_frames,
                 Frames block_frames = kBlock) {
  Convolver convolver(impulses, tile_frames, block_frames);
  Outputs y(impulses.size(), std::vector<float>(x.size()));
  std::vector<float*> out;
  for (auto& channel : y) out.push_back(channel.data());
  convolver.process(x.data(), out.data(), static_cast<Frames>(x.size()));
  return y;
}

// Impulse lengths around whole partitions; tiles shorter, equal and longer than the history.
class ConvolutionTest : public ::testing::TestWithParam<std::tuple<int, int>> {
 protected:
  const std::size_t taps = static_cast<std::size_t>(std::get<0>(GetParam()));
  const Frames tile = std::get<1>(GetParam()) * kBlock;
};

TEST_P(ConvolutionTest, EqualsTheSumThatDefinesIt) {
  const Impulses h{noise_impulse(taps, 1), noise_impulse(taps, 2)};
  const std::vector<float> x = noise(17 * kBlock, 3);
  const Outputs y = convolve(h, x, tile);
  EXPECT_RESIDUAL_BELOW(y[0], reference::convolve(x, h[0], x.size()), kConvolutionDbfs);
  EXPECT_RESIDUAL_BELOW(y[1], reference::convolve(x, h[1], x.size()), kConvolutionDbfs);
}

TEST_P(ConvolutionTest, TilesDoNotShow) {
  const Impulses h{noise_impulse(taps, 1), noise_impulse(taps, 2), noise_impulse(taps, 3)};
  const std::vector<float> x = noise(17 * kBlock, 4);
  EXPECT_EQ(convolve(h, x, tile), convolve(h, x, 17 * kBlock));
}

INSTANTIATE_TEST_SUITE_P(Boundaries, ConvolutionTest,
                         ::testing::Combine(::testing::Values(1, kBlock - 1, kBlock, kBlock + 1,
                                                              3 * kBlock, 5 * kBlock + 7),
                                            ::testing::Values(1, 2, 3, 8)));

// Full-scale noise through a response of two seconds at the block length that a mix uses.
TEST(Convolution, LongResponseKeepsItsAccuracy) {
  const Frames block = 32768;
  std::vector<float> h = noise_impulse(96000, 5);
  const std::vector<float> x = noise(5 * block, 6);
  const Outputs y = convolve({h}, x, 4 * block, block);
  double error = 0, peak = 0;
  int count = 0;
  for (std::size_t n = 0; n < x.size(); n += 401, ++count) {
    const double difference = y[0][n] - reference::convolve_at(x, h, n);
    error += difference * difference;
    peak = std::max(peak, std::abs(difference));
  }
  EXPECT_LE(power_to_db(error / count), -130.0);
  EXPECT_LE(linear_to_db(peak), -120.0);
}

TEST(Convolution, UnitImpulseIsADelayToFloatPrecision) {
  const std::vector<float> x = noise(9 * kBlock, 7);
  for (std::size_t delay : {0, 1, 255, 256, 257, 700}) {
    std::vector<float> h(delay + 1);
    h[delay] = 1;
    const Outputs y = convolve({h}, x, 2 * kBlock);
    std::vector<float> expected(x.size());
    std::copy(x.begin(), x.end() - static_cast<std::ptrdiff_t>(delay),
              expected.begin() + static_cast<std::ptrdiff_t>(delay));
    EXPECT_RESIDUAL_BELOW(y[0], expected, kConvolutionDbfs) << delay;
  }
}

TEST(Convolution, ImpulseAtFrameNComesOutAsTheResponseAtFrameN) {
  const std::vector<float> h = noise_impulse(600, 8);
  for (std::size_t at : {0, 1, 255, 256, 1000}) {
    std::vector<float> x(8 * kBlock);
    x[at] = 1;
    const Outputs y = convolve({h}, x, 2 * kBlock);
    std::vector<float> expected(x.size());
    std::copy(h.begin(), h.end(), expected.begin() + static_cast<std::ptrdiff_t>(at));
    EXPECT_RESIDUAL_BELOW(y[0], expected, -130.0) << at;
  }
}

TEST(Convolution, IsLinear) {
  const Impulses h{noise_impulse(700, 9)};
  const std::vector<float> a = noise(8 * kBlock, 10), b = noise(8 * kBlock, 11);
  std::vector<float> sum(a.size());
  for (std::size_t n = 0; n < a.size(); ++n) sum[n] = 0.5f * a[n] + 0.25f * b[n];
  const Outputs ya = convolve(h, a, 4 * kBlock), yb = convolve(h, b, 4 * kBlock);
  std::vector<double> expected(a.size());
  for (std::size_t n = 0; n < a.size(); ++n) expected[n] = 0.5 * ya[0][n] + 0.25 * yb[0][n];
  EXPECT_RESIDUAL_BELOW(convolve(h, sum, 4 * kBlock)[0], expected, kConvolutionDbfs);
}

TEST(Convolution, PowerOfTwoGainsAreExact) {
  const Impulses h{noise_impulse(700, 9)};
  std::vector<float> x = noise(8 * kBlock, 12);
  Outputs y = convolve(h, x, 4 * kBlock);
  for (float& value : x) value *= 0.125f;
  for (float& value : y[0]) value *= 0.125f;
  EXPECT_EQ(convolve(h, x, 4 * kBlock), y);
}

TEST(Convolution, ShiftByABlockShiftsTheBits) {
  const Impulses h{noise_impulse(700, 13)};
  std::vector<float> x = noise(8 * kBlock, 14);
  const Outputs y = convolve(h, x, 3 * kBlock);
  x.insert(x.begin(), kBlock, 0.0f);
  const Outputs shifted = convolve(h, x, 3 * kBlock);
  EXPECT_TRUE(std::equal(y[0].begin(), y[0].end(), shifted[0].begin() + kBlock));
}

TEST(Convolution, SilenceGivesExactZeros) {
  const std::vector<float> x(6 * kBlock);
  EXPECT_EQ(convolve({noise_impulse(700, 15)}, x, 2 * kBlock)[0], x);
  EXPECT_EQ(
      convolve({std::vector<float>(), std::vector<float>(9)}, noise(6 * kBlock, 16), 2 * kBlock),
      (Outputs{x, x}));
}

TEST(Convolution, TailEndsInExactZeros) {
  std::vector<float> x = noise(8 * kBlock, 17);
  std::fill(x.begin() + kBlock, x.end(), 0.0f);
  const Outputs y = convolve({noise_impulse(2 * kBlock, 18)}, x, 3 * kBlock);
  EXPECT_TRUE(std::all_of(y[0].begin() + 4 * kBlock, y[0].end(), [](float v) { return v == 0; }));
}

TEST(ImpulseSpectra, KeepsOnlyPartitionsWithTaps) {
  std::vector<float> h(6 * kBlock + 10);
  h[2 * kBlock] = 1;
  h[4 * kBlock + 255] = -1;
  const ImpulseSpectra spectra(BlockTransform::shared(kBlock), std::span<const float>(h));
  EXPECT_EQ(spectra.end(), 5);
  for (int p : {0, 1, 3, 5, 6}) EXPECT_EQ(spectra.partition(p), nullptr) << p;
  for (int p : {2, 4}) EXPECT_NE(spectra.partition(p), nullptr) << p;
  std::fill(h.begin(), h.end(), 1.0f);  // seven partitions
  const ImpulseSpectra all(BlockTransform::shared(kBlock), std::span<const float>(h));
  EXPECT_EQ(spectra.memory_bytes(), all.memory_bytes() / 7 * 2);
}

TEST(SourceHistory, IsSilentWhenNothingReachesTheNextTile) {
  const auto transform = BlockTransform::shared(kBlock);
  SourceHistory history(transform, 3);
  SourceTile tile(transform, 2);
  EXPECT_TRUE(history.silent());
  const auto feed = [&](const float* samples) {
    tile.load(history, samples, 2);
    tile.release(history);
  };
  const std::vector<float> x = noise(2 * kBlock, 20);
  feed(x.data());
  EXPECT_FALSE(history.silent());
  feed(nullptr);  // windows: [x, 0], [0, 0]
  EXPECT_FALSE(history.silent());
  feed(nullptr);
  EXPECT_TRUE(history.silent());
  feed(x.data());
  history.reset();
  EXPECT_TRUE(history.silent());
}

// A bus of three outputs: sources with responses of different lengths, one without a connection to
// one output, one silent.
class BatchTest : public ::testing::Test {
 protected:
  static constexpr std::size_t kSources = 5, kOutputs = 3, kTiles = 2, kBlocks = 7;
  static constexpr std::size_t kTileFrames = kBlocks * kBlock;

  BatchTest() {
    for (std::size_t s = 0; s < kSources; ++s) {
      const std::size_t frames = kTiles * kTileFrames;
      signals.push_back(s == 3 ? std::vector<float>(frames)
                               : noise(frames, static_cast<unsigned>(30 + s)));
      for (std::size_t o = 0; o < kOutputs; ++o) {
        taps.push_back(noise_impulse(1 + 200 * (s + o), static_cast<unsigned>(40 + 3 * s + o)));
        impulses.emplace_back(transform, std::span<const float>(taps.back()));
        connections.push_back(s == 1 && o == 2 ? nullptr : &taps.back());
      }
    }
  }

  std::array<const ImpulseSpectra*, kOutputs> impulses_of(std::size_t source) const {
    std::array<const ImpulseSpectra*, kOutputs> result{};
    for (std::size_t o = 0; o < kOutputs; ++o) {
      if (source != 1 || o != 2) result[o] = &impulses[source * kOutputs + o];
    }
    return result;
  }

  /// All tiles in batches of `batch` sources, the bins of each batch in `ranges` pieces.
  Outputs run(std::size_t batch, std::size_t ranges) {
    std::vector<SourceHistory> histories;
    std::vector<SourceTile> tiles;
    for (std::size_t s = 0; s < kSources; ++s) histories.emplace_back(transform, 6);
    for (std::size_t s = 0; s < batch; ++s) tiles.emplace_back(transform, kBlocks);
    SpectrumSum sum(transform, kOutputs, kBlocks);
    Outputs y(kOutputs, std::vector<float>(kTiles * kTileFrames));
    for (std::size_t t = 0; t < kTiles; ++t) {
      sum.begin(kBlocks);
      for (std::size_t first = 0; first < kSources; first += batch) {
        add_batch(sum, histories, tiles, t, first, std::min(batch, kSources - first), ranges);
      }
      for (std::size_t o = 0; o < kOutputs; ++o) {
        for (std::size_t k = 0; k < kBlocks; ++k) {
          sum.inverse(static_cast<int>(o), static_cast<int>(k),
                      y[o].data() + t * kTileFrames + k * kBlock);
        }
      }
    }
    return y;
  }

  void add_batch(SpectrumSum& sum, std::vector<SourceHistory>& histories,
                 std::vector<SourceTile>& tiles, std::size_t t, std::size_t first,
                 std::size_t count, std::size_t ranges) {
    std::vector<std::array<const ImpulseSpectra*, kOutputs>> of(count);
    std::vector<SourceTerm> terms;
    for (std::size_t i = 0; i < count; ++i) {
      tiles[i].load(histories[first + i], signals[first + i].data() + t * kTileFrames, kBlocks);
      of[i] = impulses_of(first + i);
      terms.push_back({&tiles[i], of[i]});
    }
    const std::size_t rows = transform->spectrum_floats() / kFftRowFloats;
    for (std::size_t r = 0; r < ranges; ++r) {
      multiply_accumulate_rows(sum, terms, r * rows / ranges, (r + 1) * rows / ranges);
    }
    sum.mark(terms);
    for (std::size_t i = 0; i < count; ++i) tiles[i].release(histories[first + i]);
  }

  SharedTransform transform = BlockTransform::shared(kBlock);
  std::vector<std::vector<float>> signals;
  std::deque<std::vector<float>> taps;
  std::vector<ImpulseSpectra> impulses;
  std::vector<const std::vector<float>*> connections;  ///< [source][output]
};

TEST_F(BatchTest, SumsAllSources) {
  const Outputs y = run(2, 1);
  for (std::size_t o = 0; o < kOutputs; ++o) {
    std::vector<double> truth(kTiles * kTileFrames);
    for (std::size_t s = 0; s < kSources; ++s) {
      const std::vector<float>* h = connections[s * kOutputs + o];
      if (!h) continue;
      for (std::size_t n = 0; n < truth.size(); ++n) {
        truth[n] += reference::convolve_at(signals[s], *h, n);
      }
    }
    EXPECT_RESIDUAL_BELOW(y[o], truth, kConvolutionDbfs + 6);  // four sources at full scale
  }
}

TEST_F(BatchTest, BatchesGiveTheBitsOfSourcesOneAtATime) {
  const Outputs one = run(1, 1);
  for (std::size_t batch : {2, 3, 5}) EXPECT_EQ(run(batch, 1), one) << batch;
}

TEST_F(BatchTest, RangesOfBinsGiveTheBitsOfAllBins) {
  const Outputs whole = run(5, 1);
  for (std::size_t ranges : {2, 3, 16}) EXPECT_EQ(run(5, ranges), whole) << ranges;
}

// Every sum has one order and every product one rounding; the fallback without vectors has no fused
// multiply-add and may differ in the last bits.
TEST(Convolution, VectorWidthDoesNotShow) {
  const Impulses h{noise_impulse(700, 50), noise_impulse(900, 51), noise_impulse(10, 52)};
  const std::vector<float> x = noise(13 * kBlock, 53);
  const Outputs y = convolve(h, x, 7 * kBlock);
  const std::int64_t supported = hwy::SupportedTargets() & HWY_TARGETS;
  for (std::int64_t rest = supported; rest != 0; rest &= rest - 1) {
    const std::int64_t target = rest & -rest;
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(target);
    const Outputs other = convolve(h, x, 7 * kBlock);
    if (target == HWY_AVX3 || target == HWY_AVX2) {
      EXPECT_EQ(other, y) << hwy::TargetName(target);
    } else {
      EXPECT_RESIDUAL_BELOW(other[0], y[0], kConvolutionDbfs) << hwy::TargetName(target);
    }
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().Update(supported);
}

TEST(Convolver, TakesAndGivesAnyNumberOfFrames) {
  const Impulses h{noise_impulse(600, 60), noise_impulse(20, 61)};
  std::vector<float> x = noise(5 * kBlock + 77, 62);
  const Frames frames = static_cast<Frames>(x.size());
  Convolver convolver(h, 2 * kBlock, kBlock);
  Outputs y(2, std::vector<float>(x.size()));
  Frames written = 0, read = 0;
  const auto read_all = [&] {
    const Frames count = convolver.readable();
    std::array<float*, 2> out{y[0].data() + read, y[1].data() + read};
    convolver.read(out.data(), count);
    read += count;
  };
  for (Frames count :
       {Frames{1}, Frames{300}, Frames{0}, Frames{700}, Frames{255}, frames - 1256}) {
    convolver.write(x.data() + written, count);
    written += count;
    read_all();
  }
  convolver.finish();
  read_all();
  EXPECT_EQ(read, frames);
  x.resize(6 * kBlock);  // whole blocks for the other road
  Outputs expected = convolve(h, x, 3 * kBlock);
  for (auto& channel : expected) channel.resize(static_cast<std::size_t>(frames));
  EXPECT_EQ(y, expected);
}

TEST(Convolver, ChoosesABlockThatDividesTheTile) {
  const Convolver convolver(Impulses{noise_impulse(5000, 63)}, 3 * 4096);
  EXPECT_EQ((3 * 4096) % convolver.block_frames(), 0);
  EXPECT_THROW(Convolver(Impulses{{1.0f}}, 1000), std::invalid_argument);
  EXPECT_THROW(Convolver(Impulses{{1.0f}}, 1024, 2048), std::invalid_argument);
}

}  // namespace
}  // namespace tutti
