// SPDX-License-Identifier: Apache-2.0
// Cascades by scan, against the sequential recursion in double.
#include "kernels/biquad.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <random>
#include <vector>

#include "host/backend/lanes.hpp"
#include "kernels/runtime/device_buffer.hpp"
#include "kernels/runtime/stream.hpp"
#include "tests/kernels/support/schedules.hpp"
#include "tests/support/bounds.hpp"
#include "tests/support/residual.hpp"

namespace tutti::cuda {
namespace {

using test::bounds::kSumDbfs;
using Cascade = std::vector<BiquadDesign>;

/// Sharp and slow sections as well as wide ones; their product stays near unity.
Cascade cascade_of(int sections) {
  Cascade cascade;
  for (int k = 0; k < sections; ++k) {
    const double omega = 2 * kPi * 30.0 * std::pow(1.7, k % 12) / 48000, q = 0.4 + k % 5;
    const double alpha = std::sin(omega) / (2 * q), a = k % 2 ? 1.3 : 1 / 1.3;
    const double a0 = 1 + alpha / a;  // bell [RBJ]
    cascade.push_back({(1 + alpha * a) / a0, -2 * std::cos(omega) / a0, (1 - alpha * a) / a0,
                       -2 * std::cos(omega) / a0, (1 - alpha / a) / a0});
  }
  return cascade;
}

std::vector<float> noise(Frames frames, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> uniform(-0.5f, 0.5f);
  std::vector<float> signal(static_cast<std::size_t>(frames));
  for (float& x : signal) x = uniform(random);
  return signal;
}

std::vector<double> sequential(const Cascade& cascade, const std::vector<float>& x) {
  std::vector<BiquadState> states(cascade.size());
  std::vector<double> y(x.begin(), x.end());
  for (double& value : y)
    for (std::size_t k = 0; k < cascade.size(); ++k)
      value = biquad_step(cascade[k], states[k], value);
  return y;
}

/// Strips with cascades of their own, in device memory.
struct Group {
  Group(const std::vector<Cascade>& strips, int lanes_per_strip, float mix = 1)
      : count(static_cast<int>(strips.size())), channels(lanes_per_strip) {
    std::size_t most = 1;
    for (const Cascade& cascade : strips) most = std::max(most, cascade.size());
    capacity = static_cast<int>(most);
    std::vector<BiquadDesign> table;
    std::vector<int> lengths, every(strips.size());
    std::iota(every.begin(), every.end(), 0);
    for (const Cascade& cascade : strips) {
      lengths.push_back(static_cast<int>(cascade.size()));
      table.insert(table.end(), cascade.begin(), cascade.end());
      table.resize(lengths.size() * most);
    }
    designs = device_copy(stream, table);
    sections = device_copy(stream, lengths);
    listed = device_copy(stream, every);
    mixes = device_copy(stream, std::vector<float>(strips.size(), mix));
    maps = DeviceBuffer<BiquadMaps>(stream, table.size());
    states = device_copy(stream, std::vector<BiquadState>(table.size() * channels));
    map_sections(stream, listed.span(), capacity, designs.span(), maps.span());
  }

  BiquadBank bank() const {
    return {channels,       capacity,    sections.span(), mixes.span(),
            designs.span(), maps.span(), states.span()};
  }

  /// `cuts`: lengths of the calls, used in turn. `padding` samples between the lanes.
  std::vector<std::vector<float>> run(const std::vector<std::vector<float>>& lanes,
                                      const std::vector<Frames>& cuts, Frames padding = 0) {
    const auto frames = static_cast<Frames>(lanes[0].size()), stride = frames + padding;
    std::vector<float> samples(lanes.size() * static_cast<std::size_t>(stride), 1e30f);
    for (std::size_t l = 0; l < lanes.size(); ++l)
      std::ranges::copy(lanes[l], samples.begin() + static_cast<std::ptrdiff_t>(l) * stride);
    const DeviceBuffer<float> device = device_copy(stream, samples);
    const DeviceBlock signal{device.data(), count * channels, frames, stride};
    std::size_t call = 0;
    for (Frames first = 0; first < frames;) {
      const Frames length = std::min(cuts[call++ % cuts.size()], frames - first);
      filter_lanes(stream, listed.span(), bank(), signal.slice(first, length));
      first += length;
    }
    samples = host_copy(stream, device.span());
    std::vector<std::vector<float>> result;
    for (std::size_t l = 0; l < lanes.size(); ++l) {
      const auto first = samples.begin() + static_cast<std::ptrdiff_t>(l) * stride;
      result.emplace_back(first, first + frames);
      for (Frames n = frames; n < stride; ++n) EXPECT_EQ(first[n], 1e30f) << "wrote past the end";
    }
    return result;
  }

  Stream stream;
  int count, channels, capacity = 1;
  DeviceBuffer<BiquadDesign> designs;
  DeviceBuffer<BiquadMaps> maps;
  DeviceBuffer<int> sections, listed;
  DeviceBuffer<float> mixes;
  DeviceBuffer<BiquadState> states;
};

constexpr Frames kOneCall = Frames{1} << 30;

// Nothing, one; around a thread's run (16), a warp (512) and a chunk (4096); several chunks.
TEST(BiquadScan, IsTheSequentialRecursionForEveryLength) {
  const Cascade cascade = cascade_of(3);
  for (const Frames frames : {0, 1, 15, 16, 17, 511, 512, 513, 4095, 4096, 4097, 10000}) {
    Group group({cascade}, 1);
    const std::vector<float> x = noise(frames, 1);
    EXPECT_RESIDUAL_BELOW(group.run({x}, {kOneCall}, 5)[0], sequential(cascade, x), kSumDbfs)
        << frames << " frames";
  }
}

TEST(BiquadScan, TakesAnyNumberOfSections) {
  for (const int sections : {1, 2, 7, 16, 40}) {
    Group group({cascade_of(sections)}, 1);
    const std::vector<float> x = noise(5000, 2);
    EXPECT_RESIDUAL_BELOW(group.run({x}, {kOneCall})[0], sequential(cascade_of(sections), x),
                          kSumDbfs)
        << sections << " sections";
  }
}

TEST(BiquadScan, KeepsItsStateWhereverTheStreamIsCut) {
  const Cascade cascade = cascade_of(4);
  const std::vector<float> x = noise(9000, 3);
  const std::vector<double> truth = sequential(cascade, x);
  for (const std::vector<Frames>& cuts : std::vector<std::vector<Frames>>{{1000}, {17, 64, 4096}}) {
    Group group({cascade}, 1);
    EXPECT_RESIDUAL_BELOW(group.run({x}, cuts)[0], truth, kSumDbfs);
  }
}

TEST(BiquadScan, CutsBetweenChunksLeaveNoTrace) {
  const std::vector<float> x = noise(65536, 4);
  Group whole({cascade_of(2)}, 1);
  const auto truth = whole.run({x}, {kOneCall});
  for (const Frames cut : {4096, 8192}) {
    Group group({cascade_of(2)}, 1);
    EXPECT_EQ(group.run({x}, {cut}), truth) << cut;
  }
}

TEST(BiquadScan, StripsOfUnlikeLengthDoNotMeet) {
  const std::vector<Cascade> strips = {cascade_of(3), {}, cascade_of(1), cascade_of(5)};
  std::vector<std::vector<float>> lanes;
  for (unsigned l = 0; l < 8; ++l) lanes.push_back(noise(4500, 10 + l));
  Group group(strips, 2);
  const auto result = group.run(lanes, {4096});
  for (std::size_t l = 0; l < 8; ++l) {
    EXPECT_RESIDUAL_BELOW(result[l], sequential(strips[l / 2], lanes[l]), kSumDbfs) << l;
    Group alone({strips[l / 2]}, 1);
    EXPECT_EQ(alone.run({lanes[l]}, {4096})[0], result[l]) << l;
  }
}

TEST(BiquadScan, DecaysToNothingInTheTimeThatItNames) {
  for (const Cascade& cascade :
       {Cascade{design_butterworth_high_pass(20, 48000)}, cascade_of(2), cascade_of(12),
        Cascade(8, design_butterworth_high_pass(300, 48000)), Cascade{{1, 0, 0, -1.8, 0.81}}}) {
    Frames memory = 0;
    std::vector<BiquadState> states(cascade.size());
    for (const BiquadDesign& design : cascade) memory += biquad_decay_frames(design);
    double y = 0;
    for (Frames n = 0; n < 2000 + memory; ++n) {
      y = n < 2000 ? 1 : 0;
      for (std::size_t k = 0; k < cascade.size(); ++k) y = biquad_step(cascade[k], states[k], y);
    }
    EXPECT_LT(linear_to_db(y), -300);
    for (const BiquadState& s : states) EXPECT_LT(std::abs(s.s1) + std::abs(s.s2), 1e-15);
  }
  EXPECT_EQ(biquad_decay_frames({1, 0.5, 0.5, 0, 0}), 2);
  EXPECT_EQ(biquad_decay_frames({1, 0, 0, -2, 1}), kForeverFrames);
}

TEST(BiquadScan, DoesNotDependOnTheScheduleNorOnTheWayItsDesignsCome) {
  const std::vector<std::vector<float>> lanes = {noise(6000, 20), noise(6000, 21)};
  Group group({cascade_of(3)}, 2);
  const auto truth = group.run(lanes, {kOneCall});
  for_every_schedule([&](const char* order) {
    Group still({cascade_of(3)}, 2);
    EXPECT_EQ(still.run(lanes, {kOneCall}), truth) << order;
    Group moves({cascade_of(3)}, 2);
    std::vector<BiquadDesign> designs;
    for (Frames segment = 0; segment < (6000 + kControlFrames - 1) / kControlFrames; ++segment)
      for (const BiquadDesign& design : cascade_of(3)) designs.push_back(design);
    const DeviceBuffer<BiquadDesign> moving = device_copy(moves.stream, designs);
    std::vector<float> samples = lanes[0];
    samples.insert(samples.end(), lanes[1].begin(), lanes[1].end());
    const DeviceBuffer<float> device = device_copy(moves.stream, samples);
    filter_moving_lanes(moves.stream, moves.listed.span(), moves.bank(), moving.span(),
                        {device.data(), 2, 6000, 6000});
    samples = host_copy(moves.stream, device.span());
    EXPECT_TRUE(std::ranges::equal(truth[0], std::span(samples).first(6000))) << order;
    EXPECT_TRUE(std::ranges::equal(truth[1], std::span(samples).last(6000))) << order;
  });
}

}  // namespace
}  // namespace tutti::cuda
