// SPDX-License-Identifier: Apache-2.0
// The right-angle transform of a block, against FFTW on as many complex points (the same window as
// a real transform of twice the length costs FFTW more). Time per frame of the block.
#include <benchmark/benchmark.h>
#include <fftw3.h>

#include <random>
#include <vector>

#include "host/audio/buffer.hpp"
#include "host/cpu/fft.hpp"

namespace tutti {
namespace {

void set_time_per_frame(benchmark::State& state, Frames frames) {
  state.counters["per_frame"] =
      benchmark::Counter(static_cast<double>(state.iterations() * frames),
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

std::vector<float> noise(std::size_t count) {
  std::mt19937 generator(1);
  std::uniform_real_distribution<float> uniform(-1, 1);
  std::vector<float> x(count);
  for (float& value : x) value = uniform(generator);
  return x;
}

void forward(benchmark::State& state) {
  const auto transform = BlockTransform::shared(state.range(0));
  const std::vector<float> x = noise(transform->spectrum_floats());
  auto spectrum = make_aligned<float>(transform->spectrum_floats());
  for (auto _ : state) transform->forward(x.data(), x.data() + state.range(0), spectrum.get());
  set_time_per_frame(state, state.range(0));
}

// A spectrum of zeros stays one when it is transformed again and again.
void inverse(benchmark::State& state) {
  const auto transform = BlockTransform::shared(state.range(0));
  std::vector<float> out(static_cast<std::size_t>(state.range(0)));
  auto spectrum = make_aligned<float>(transform->spectrum_floats());
  for (auto _ : state) transform->inverse(spectrum.get(), out.data());
  set_time_per_frame(state, state.range(0));
}

void fftw(benchmark::State& state) {
  const std::size_t points = static_cast<std::size_t>(state.range(0));
  fftwf_complex* in = fftwf_alloc_complex(points);
  fftwf_complex* out = fftwf_alloc_complex(points);
  fftwf_plan plan =
      fftwf_plan_dft_1d(static_cast<int>(points), in, out, FFTW_FORWARD, FFTW_MEASURE);
  const std::vector<float> x = noise(2 * points);
  std::copy(x.begin(), x.end(), &in[0][0]);
  for (auto _ : state) fftwf_execute(plan);
  set_time_per_frame(state, state.range(0));
  fftwf_destroy_plan(plan);
  fftwf_free(in);
  fftwf_free(out);
}

BENCHMARK(forward)->RangeMultiplier(2)->Range(256, 131072);
BENCHMARK(inverse)->RangeMultiplier(2)->Range(256, 131072);
BENCHMARK(fftw)->RangeMultiplier(2)->Range(256, 131072);

}  // namespace
}  // namespace tutti

BENCHMARK_MAIN();
