// SPDX-License-Identifier: Apache-2.0
// A channel strip over 16 lanes, part by part: CPU nanoseconds for one sample of one stem.
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <random>
#include <vector>

#include "host/cpu/lanes.hpp"

namespace {

using namespace tutti;

constexpr Frames kFrames = 1 << 14;
constexpr int kRuns = 200;

double cpu_seconds() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

std::vector<std::vector<float>> stems() {
  std::mt19937 random(1);
  std::normal_distribution<float> noise(0.0f, 0.2f);
  // Channels a power of two apart would share cache sets: 80 samples keep them from it.
  std::vector<std::vector<float>> all(kLanes, std::vector<float>(kFrames + 80));
  for (auto& stem : all) std::generate(stem.begin(), stem.end(), [&] { return noise(random); });
  return all;
}

void measure(const char* name, const std::vector<LaneOp>& ops, int mixed_channels) {
  static const auto inputs = stems();
  LaneProgram program;
  program.strips = kLanes;
  program.ops = ops;
  LaneProcessor lanes(program);
  std::vector<const float*> in;
  for (const auto& stem : inputs) in.push_back(stem.data());
  std::vector<std::vector<float>> bus(2, std::vector<float>(kFrames));
  float* out[] = {bus[0].data(), bus[1].data()};
  std::array<std::array<float, kLanes>, 2> gains;
  for (auto& row : gains) row.fill(0.2f);
  const LaneMix mix{mixed_channels, out, gains.data(), nullptr};
  std::vector<double> times;
  for (int run = 0; run < kRuns; ++run) {
    for (auto& channel : bus) std::fill(channel.begin(), channel.end(), 0.0f);
    const double start = cpu_seconds();
    lanes.process(kFrames, in, {}, {}, {&mix, 1});
    times.push_back((cpu_seconds() - start) * 1e9 / (static_cast<double>(kFrames) * kLanes));
  }
  std::sort(times.begin(), times.end());
  std::printf("%-44s %7.3f min %7.3f median\n", name, times.front(), times[kRuns / 2]);
}

LaneOp biquads(int sections) {
  LaneOp op;
  op.kind = LaneOpKind::biquads;
  op.biquads.assign(kLanes,
                    std::vector<BiquadDesign>(sections, design_butterworth_high_pass(80, 48000)));
  return op;
}

LaneOp compressor() {
  LaneOp op;
  op.kind = LaneOpKind::compressor;
  op.compressor.assign(kLanes, design(CompressorSpec{}, 48000));
  return op;
}

}  // namespace

int main() {
  std::printf("ns of CPU for a stem sample, %d lanes\n", kLanes);
  measure("in", {}, 0);
  measure("in, stereo sum", {}, 2);
  for (const int sections : {1, 2, 3, 4, 5, 6, 8}) {
    char name[32];
    std::snprintf(name, sizeof name, "in, %d biquads", sections);
    measure(name, {biquads(sections)}, 0);
  }
  measure("in, compressor", {compressor()}, 0);
  measure("in, 5 biquads, compressor, stereo sum", {biquads(5), compressor()}, 2);
  measure("in, 6 biquads, compressor, stereo sum", {biquads(6), compressor()}, 2);
}
