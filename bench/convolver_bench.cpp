// SPDX-License-Identifier: Apache-2.0
// Mono stems, each through a stereo response of 2 s of its own, summed into one stereo bus: time
// per stem frame, without the inverse transforms, which the stems share. Data streams through as in
// a render: every stem has its own signal, history and impulse spectra.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <random>
#include <vector>

#include "host/cpu/convolution.hpp"

namespace tutti {
namespace {

constexpr std::size_t kTaps = 96000;
constexpr std::size_t kStems = 8;
constexpr Frames kTileFrames = 262144;

std::vector<float> noise(std::size_t count) {
  std::mt19937 generator(1);
  std::uniform_real_distribution<float> uniform(-1, 1);
  std::vector<float> x(count);
  for (float& value : x) value = uniform(generator);
  return x;
}

struct Mix {
  explicit Mix(Frames block_frames)
      : transform(BlockTransform::shared(block_frames)),
        blocks(static_cast<int>(kTileFrames / block_frames)),
        sum(transform, 2, blocks) {
    const std::vector<float> impulse = noise(kTaps);
    for (std::size_t s = 0; s < kStems; ++s) {
      signals.push_back(noise(kTileFrames));
      for (int o = 0; o < 2; ++o) impulses.emplace_back(transform, std::span<const float>(impulse));
      histories.emplace_back(transform, impulses.back().end());
      tiles.emplace_back(transform, blocks);
    }
    for (std::size_t s = 0; s < kStems; ++s) pairs[s] = {&impulses[2 * s], &impulses[2 * s + 1]};
  }

  void load(std::size_t first, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      tiles[i].load(histories[first + i], signals[first + i].data(), blocks);
    }
  }

  void multiply(std::size_t first, std::size_t count) {
    std::array<SourceTerm, kStems> terms;
    for (std::size_t i = 0; i < count; ++i) terms[i] = {&tiles[i], pairs[first + i]};
    multiply_accumulate(sum, {terms.data(), count});
  }

  void release(std::size_t first, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) tiles[i].release(histories[first + i]);
  }

  SharedTransform transform;
  int blocks;
  SpectrumSum sum;
  std::vector<std::vector<float>> signals;
  std::vector<ImpulseSpectra> impulses;
  std::vector<SourceHistory> histories;
  std::vector<SourceTile> tiles;
  std::array<std::array<const ImpulseSpectra*, 2>, kStems> pairs;
};

double thread_time_s() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

// Arguments: block, stems per batch. Counters in ns per stem frame, each the least of all rounds.
void stems_through_own_reverbs(benchmark::State& state) {
  Mix mix(state.range(0));
  const std::size_t batch = static_cast<std::size_t>(state.range(1));
  double forward_s = 1e9, multiply_s = 1e9, whole_s = 1e9;
  for (auto _ : state) {
    double forward = 0, multiply = 0;
    mix.sum.begin(mix.blocks);
    for (std::size_t first = 0; first < kStems; first += batch) {
      const double start = thread_time_s();
      mix.load(first, batch);
      const double loaded = thread_time_s();
      mix.multiply(first, batch);
      multiply += thread_time_s() - loaded;
      forward += loaded - start;
      mix.release(first, batch);
    }
    forward_s = std::min(forward_s, forward);
    multiply_s = std::min(multiply_s, multiply);
    whole_s = std::min(whole_s, forward + multiply);
  }
  const double ns = 1e9 / static_cast<double>(kStems * kTileFrames);
  state.counters["forward_ns"] = forward_s * ns;
  state.counters["multiply_ns"] = multiply_s * ns;
  state.counters["whole_ns"] = whole_s * ns;
}

BENCHMARK(stems_through_own_reverbs)
    ->ArgsProduct({{4096, 8192, 16384, 32768, 65536}, {1, 2, 4, 8}})
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tutti

BENCHMARK_MAIN();
