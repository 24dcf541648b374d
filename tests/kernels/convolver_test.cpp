// SPDX-License-Identifier: Apache-2.0
// Sums of products of spectra: the very bits of a plain loop; and what is kept of a tile.
#include "kernels/convolver.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "kernels/runtime/device_buffer.hpp"
#include "kernels/runtime/stream.hpp"
#include "kernels/spectra_cache.hpp"

namespace tutti::cuda {
namespace {

constexpr int kBins = 256;  // the smallest block

using Spectrum = std::vector<float2>;

/// A channel as the host sees it: spectra of blocks [−ring, blocks), impulses of every output.
struct Source {
  int ring = 0, ring_at = 0;
  int first = 0, end = 0;
  std::vector<Spectrum> spectra;
  struct Impulse {
    int first = 0;
    std::vector<Spectrum> partitions;
  };
  std::vector<Impulse> impulses;  ///< [output]
};

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}
  int operator()(int most) { return static_cast<int>(engine_() % static_cast<unsigned>(most + 1)); }
  Spectrum spectrum() {
    std::uniform_real_distribution<float> uniform(-1, 1);
    Spectrum result(kBins);
    for (float2& bin : result) bin = {uniform(engine_), uniform(engine_)};
    return result;
  }

 private:
  std::mt19937 engine_;
};

std::vector<Source> random_sources(int count, int outputs, int blocks) {
  Random random(static_cast<unsigned>(100 * outputs + blocks));
  std::vector<Source> sources(static_cast<std::size_t>(count));
  for (std::size_t s = 0; s < sources.size(); ++s) {
    Source& source = sources[s];
    source.ring = s == 0 ? 0 : 1 + random(9);
    source.ring_at = source.ring ? random(source.ring - 1) : 0;
    source.first = -random(source.ring);
    source.end = s % 2 ? blocks : random(blocks);
    for (int k = -source.ring; k < blocks; ++k) source.spectra.push_back(random.spectrum());
    for (int o = 0; o < outputs; ++o) {
      Source::Impulse& impulse = source.impulses.emplace_back();
      impulse.first = random(source.ring);
      const int partitions = random(source.ring + 1 - impulse.first);
      for (int p = 0; p < partitions; ++p) impulse.partitions.push_back(random.spectrum());
    }
  }
  return sources;
}

/// Σ_source Σ_p X[k − p] · H[p] of one output and block.
Spectrum plain_sum(const std::vector<Source>& sources, std::size_t output, int block) {
  Spectrum sum(kBins, float2{0, 0});
  for (const Source& source : sources) {
    const Source::Impulse& impulse = source.impulses[output];
    for (std::size_t i = 0; i < impulse.partitions.size(); ++i) {
      const int k = block - impulse.first - static_cast<int>(i);
      if (k < source.first || k >= source.end) continue;
      const Spectrum& x = source.spectra[static_cast<std::size_t>(k + source.ring)];
      const Spectrum& h = impulse.partitions[i];
      for (std::size_t b = 0; b < kBins; ++b) {
        sum[b].x = std::fmaf(-x[b].y, h[b].y, std::fmaf(x[b].x, h[b].x, sum[b].x));
        sum[b].y = std::fmaf(x[b].y, h[b].x, std::fmaf(x[b].x, h[b].y, sum[b].y));
      }
    }
  }
  return sum;
}

/// The device's memory of some sources.
class Terms {
 public:
  Terms(cudaStream_t stream, const std::vector<Source>& sources) : stream_(stream) {
    std::vector<SourceTerm> terms;
    std::vector<ImpulseTerm> impulses;
    for (const Source& source : sources) {
      SourceTerm& term = terms.emplace_back();
      const auto ring = static_cast<std::size_t>(source.ring);
      std::vector<Spectrum> kept(ring, Spectrum(kBins));
      for (std::size_t j = 0; j < ring; ++j)
        kept[(static_cast<std::size_t>(source.ring_at) + j) % ring] = source.spectra[j];
      term.ring = put(kept);
      term.tile = put({source.spectra.begin() + source.ring, source.spectra.end()});
      term.ring_spectra = source.ring;
      term.ring_at = source.ring_at;
      term.first = source.first;
      term.end = source.end;
      term.impulses = static_cast<int>(impulses.size());
      for (const Source::Impulse& impulse : source.impulses)
        impulses.push_back({put(impulse.partitions), impulse.first,
                            impulse.first + static_cast<int>(impulse.partitions.size())});
    }
    terms_ = device_copy(stream, terms);
    impulses_ = device_copy(stream, impulses);
  }

  DeviceSpan<const SourceTerm> terms() const { return terms_.span(); }
  DeviceSpan<const ImpulseTerm> impulses() const { return impulses_.span(); }
  /// Ring of source `index`, by place.
  std::vector<Spectrum> ring(std::size_t index) const {
    const std::vector<float2> bins = host_copy(stream_, memory_[index].span());
    std::vector<Spectrum> result;
    for (std::size_t at = 0; at < bins.size(); at += kBins)
      result.emplace_back(bins.begin() + static_cast<std::ptrdiff_t>(at),
                          bins.begin() + static_cast<std::ptrdiff_t>(at + kBins));
    return result;
  }

 private:
  float2* put(const std::vector<Spectrum>& spectra) {
    std::vector<float2> bins;
    for (const Spectrum& spectrum : spectra)
      bins.insert(bins.end(), spectrum.begin(), spectrum.end());
    memory_.push_back(device_copy(stream_, bins));
    return memory_.back().data();
  }

  cudaStream_t stream_;
  std::vector<DeviceBuffer<float2>> memory_;  ///< the first is the ring of source 0
  DeviceBuffer<SourceTerm> terms_;
  DeviceBuffer<ImpulseTerm> impulses_;
};

bool same_bits(float2 a, float2 b) { return a.x == b.x && a.y == b.y; }

struct Shape {
  int outputs, blocks;
};

class Multiply : public testing::TestWithParam<Shape> {};

TEST_P(Multiply, HasTheBitsOfAPlainLoopHoweverTheTermsAreBatched) {
  const auto [outputs, blocks] = GetParam();
  const std::vector<Source> sources = random_sources(4, outputs, blocks);
  const Stream stream;
  const Terms terms(stream, sources);
  const SpectralTile tile{kBins, blocks};
  const auto bins = static_cast<std::size_t>(outputs * blocks * kBins);
  for (const std::size_t first_batch : {4, 1, 3}) {
    const DeviceBuffer<float2> sums(stream, bins);
    multiply_accumulate(stream, terms.terms().subspan(0, first_batch), terms.impulses(), outputs,
                        tile, sums.span(), true);
    if (first_batch < 4)
      multiply_accumulate(stream, terms.terms().subspan(first_batch), terms.impulses(), outputs,
                          tile, sums.span(), false);
    const std::vector<float2> result = host_copy(stream, sums.span());
    for (int o = 0; o < outputs; ++o)
      for (int k = 0; k < blocks; ++k) {
        const Spectrum expected = plain_sum(sources, static_cast<std::size_t>(o), k);
        for (std::size_t b = 0; b < kBins; ++b)
          ASSERT_TRUE(same_bits(result[static_cast<std::size_t>((o * blocks + k) * kBins) + b],
                                expected[b]))
              << "output " << o << ", block " << k << ", bin " << b << ", " << first_batch;
      }
  }
}

// Pairs of outputs and a single one left; one block at a time, groups of 4, and of 8 from 256
// groups of blocks, bins and outputs on.
INSTANTIATE_TEST_SUITE_P(Boundaries, Multiply,
                         testing::Values(Shape{1, 1}, Shape{1, 3}, Shape{2, 4}, Shape{3, 5},
                                         Shape{2, 1}, Shape{1, 9}, Shape{40, 33}));

TEST(Keep, PutsTheNewestSpectraWhereTheRingHasThem) {
  for (const int blocks : {1, 3, 7}) {
    Source source = random_sources(1, 1, blocks)[0];
    Random random(3);
    source.ring = 3;
    source.ring_at = 2;
    for (int k = 0; k < source.ring; ++k)
      source.spectra.insert(source.spectra.begin(), random.spectrum());
    const Stream stream;
    const Terms terms(stream, {source});
    keep_spectra(stream, terms.terms(), {kBins, blocks});
    const std::vector<Spectrum> ring = terms.ring(0);
    // Afterwards the ring begins at block `blocks`.
    for (int j = 0; j < source.ring; ++j) {
      const Spectrum& expected = source.spectra[static_cast<std::size_t>(blocks + j)];
      const Spectrum& kept = ring[static_cast<std::size_t>((source.ring_at + blocks + j) % 3)];
      for (std::size_t b = 0; b < kBins; ++b)
        ASSERT_TRUE(same_bits(kept[b], expected[b])) << blocks << ' ' << j;
    }
  }
}

TEST(SpectraCache, MakesSpectraOnceForEachImpulseGainAndBlock) {
  Device device(0);
  const auto cache = SpectraCache::of(device);
  EXPECT_EQ(SpectraCache::of(device), cache);
  const auto transform = cache->transform(256), longer = cache->transform(512);
  EXPECT_EQ(cache->transform(256), transform);
  const auto impulse = std::make_shared<const std::vector<float>>(1000, 0.5f);
  const auto spectra = cache->spectra(impulse, 1.0, transform);
  EXPECT_EQ(spectra->end(), 4);
  EXPECT_EQ(cache->spectra(impulse, 1.0, transform), spectra);
  EXPECT_NE(cache->spectra(impulse, 0.5, transform), spectra);
  EXPECT_EQ(cache->spectra(impulse, 1.0, longer)->end(), 2);
  const auto equal = std::make_shared<const std::vector<float>>(1000, 0.5f);
  EXPECT_NE(cache->spectra(equal, 1.0, transform), spectra);
  const auto silent = std::make_shared<const std::vector<float>>(1000, 0.0f);
  EXPECT_EQ(cache->spectra(silent, 1.0, transform)->end(), 0);
}

TEST(SpectraCache, KeepsNothingThatNobodyUses) {
  Device device(0);
  std::weak_ptr<const ImpulseSpectra> left;
  std::weak_ptr<SpectraCache> closed;
  {
    const auto cache = SpectraCache::of(device);
    const auto impulse = std::make_shared<const std::vector<float>>(10, 1.0f);
    left = cache->spectra(impulse, 1.0, cache->transform(256));
    closed = cache;
  }
  EXPECT_TRUE(left.expired());
  EXPECT_TRUE(closed.expired());
}

}  // namespace
}  // namespace tutti::cuda
