// SPDX-License-Identifier: Apache-2.0
// Lanes into sums: the very bits of the tree that the header describes.
#include "kernels/mix.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "kernels/runtime/device_buffer.hpp"
#include "tests/kernels/support/schedules.hpp"
#include "kernels/runtime/stream.hpp"

namespace tutti::cuda {
namespace {

struct Mix {
  int lanes = 0, outputs = 0;
  Frames frames = 0, padding = 0;
  bool moves = false;
  std::vector<std::vector<float>> signal{};  // [lane][frame]
  std::vector<int> entries{};                // lanes that take part
  std::vector<float> gains{};                // [entry][out]
  std::vector<int> rows{};                   // the same order
  std::vector<float> curves{};               // [row][frame]
};

Mix random_mix(int lanes, int outputs, Frames frames, Frames padding, bool moves) {
  Mix mix{lanes, outputs, frames, padding, moves};
  std::mt19937 random(static_cast<unsigned>(lanes + outputs));
  std::uniform_real_distribution<float> uniform(-1, 1);
  const auto length = static_cast<std::size_t>(frames);
  int rows = 0;
  for (int lane = 0; lane < lanes; ++lane) {
    mix.signal.emplace_back(length);
    std::ranges::generate(mix.signal.back(), [&] { return uniform(random); });
    if (lanes > 2 && lane % 5 == 1) continue;
    mix.entries.push_back(lane);
    for (int o = 0; o < outputs; ++o) {
      mix.gains.push_back(uniform(random));
      if (moves) mix.rows.push_back((lane + o) % 3 == 0 ? rows++ : -1);
    }
  }
  mix.curves.resize(static_cast<std::size_t>(rows) * length);
  std::ranges::generate(mix.curves, [&] { return uniform(random); });
  return mix;
}

std::vector<float> plain(const Mix& mix) {
  std::vector<float> out;
  for (int o = 0; o < mix.outputs; ++o)
    for (Frames n = 0; n < mix.frames; ++n) {
      double chains[8] = {};
      for (std::size_t e = 0; e < mix.entries.size(); ++e) {
        const std::size_t at = e * mix.outputs + o;
        const int row = mix.moves ? mix.rows[at] : -1;
        const double gain = row < 0 ? mix.gains[at] : mix.curves[row * mix.frames + n];
        chains[e % 8] =
            std::fma(gain, static_cast<double>(mix.signal[mix.entries[e]][n]), chains[e % 8]);
      }
      for (int half = 4; half > 0; half /= 2)
        for (int c = 0; c < half; ++c) chains[c] += chains[c + half];
      out.push_back(static_cast<float>(chains[0]));
    }
  return out;
}

std::vector<float> on_device(const Mix& mix) {
  const Stream stream;
  const Frames stride = mix.frames + mix.padding;
  std::vector<float> samples(static_cast<std::size_t>(mix.lanes * stride), 1e30f);
  for (int lane = 0; lane < mix.lanes; ++lane)
    std::ranges::copy(mix.signal[lane], samples.begin() + lane * stride);
  const auto signal = device_copy(stream, samples);
  const auto lanes = device_copy(stream, mix.entries);
  const auto gains = device_copy(stream, mix.gains);
  const auto rows = device_copy(stream, mix.rows);
  const auto curves = device_copy(stream, mix.curves);
  const DeviceBuffer<float> out(stream, static_cast<std::size_t>(mix.outputs * stride));
  mix_lanes(stream, {lanes.span(), gains.span(), rows.span(), curves.span()},
            ConstDeviceBlock{signal.data(), mix.lanes, mix.frames, stride},
            {out.data(), mix.outputs, mix.frames, stride});
  samples = host_copy(stream, out.span());
  std::vector<float> result;
  for (int o = 0; o < mix.outputs; ++o) {
    const auto first = samples.begin() + o * stride;
    result.insert(result.end(), first, first + mix.frames);
  }
  return result;
}

// Frames: 0, 1, around a warp and several blocks; lanes: none, one, around the eight chains, many;
// outputs: every unrolled number and one beside it.
TEST(LaneMixing, HasTheBitsOfItsTree) {
  for (const auto& [lanes, outputs, frames, padding] : {std::tuple{0, 2, 100, 3},
                                                        {1, 1, 0, 1},
                                                        {1, 1, 1, 0},
                                                        {7, 1, 31, 0},
                                                        {8, 2, 32, 5},
                                                        {10, 2, 33, 0},
                                                        {11, 3, 100, 7},
                                                        {40, 8, 65, 0},
                                                        {3, 9, 64, 0},
                                                        {17, 16, 250, 1},
                                                        {1024, 2, 40, 0}}) {
    for (const bool moves : {false, true}) {
      const Mix mix = random_mix(lanes, outputs, frames, padding, moves);
      EXPECT_EQ(on_device(mix), plain(mix)) << lanes << " lanes, " << outputs << " outputs";
    }
  }
}

TEST(LaneMixing, DoesNotDependOnTheSchedule) {
  const Mix mix = random_mix(20, 6, 200, 3, true);
  const std::vector<float> truth = plain(mix);
  for_every_schedule([&](const char* order) { EXPECT_EQ(on_device(mix), truth) << order; });
}

TEST(LaneMixing, RefusesMoreOutputsThanItHas) {
  EXPECT_THROW(mix_lanes(nullptr, {}, {}, {nullptr, kMaxMixOutputs + 1, 1, 1}), std::logic_error);
}

}  // namespace
}  // namespace tutti::cuda
