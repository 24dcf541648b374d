// SPDX-License-Identifier: Apache-2.0
// The vector logarithm and exponential through the kernels that use them, on every instruction set
// of this machine; and that AVX2 and AVX-512 agree to the bit.
#include <gtest/gtest.h>

#include "host/cpu/lane_kernels.hpp"
#include "hwy/highway.h"
#include "hwy/targets.h"
#include "tests/support/lane_runner.hpp"

namespace tutti::test {
namespace {

/// Runs on one instruction set while it lives.
class OnTarget {
 public:
  explicit OnTarget(std::int64_t target) {
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  }
  ~OnTarget() {
    hwy::SetSupportedTargetsForTest(0);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  }
};

std::vector<std::int64_t> targets() {
  std::vector<std::int64_t> all;
  const std::int64_t compiled = hwy::SupportedTargets() & HWY_TARGETS;
  for (const std::int64_t target : {HWY_AVX3, HWY_AVX2}) {
    if (compiled & target) all.push_back(target);
  }
  if (compiled & HWY_STATIC_TARGET) all.push_back(HWY_STATIC_TARGET);
  return all;
}

TEST(LanesMath, LogarithmsStayWithinTheStatedError) {
  for (const std::int64_t target : targets()) {
    const OnTarget on(target);
    double worst = 0;
    auto rows = std::make_unique<LaneRows>();
    // 2^−40 … 2^10 in steps of about 2^−17: well over five million arguments.
    for (double level = -40; level < 10;) {
      for (float& x : rows->values) {
        x = static_cast<float>(std::exp2(level));
        level += 0x1p-17;
      }
      auto out = std::make_unique<LaneRows>();
      level_rows(*rows, false, kControlFrames, *out);
      for (int i = 0; i < kControlFrames * kLanes; ++i) {
        const double truth = std::log2(static_cast<double>(rows->values[i]));
        const double half_ulp = std::exp2(std::floor(std::log2(std::abs(truth) + 1e-9)) - 24);
        worst = std::max(worst, std::abs(out->values[i] - truth) - half_ulp);
      }
    }
    RecordProperty("log2_worst_1e9", static_cast<int>(worst * 1e9));
    EXPECT_LE(worst, 1.2e-7) << hwy::TargetName(target);
  }
}

TEST(LanesMath, ExponentialsStayWithinTheStatedError) {
  alignas(64) static constexpr std::array<float, kLanes> kOnes = {1, 1, 1, 1, 1, 1, 1, 1,
                                                                  1, 1, 1, 1, 1, 1, 1, 1};
  for (const std::int64_t target : targets()) {
    const OnTarget on(target);
    double worst = 0;
    auto reductions = std::make_unique<LaneRows>();
    auto ones = std::make_unique<LaneRows>();
    for (double level = 0; level < 20;) {
      for (float& x : reductions->values) {
        x = static_cast<float>(level);
        level += 0x1p-17;
      }
      std::fill(std::begin(ones->values), std::end(ones->values), 1.0f);
      apply_rows({reductions.get(), true, {kOnes.data(), 0}, nullptr}, kControlFrames, *ones);
      for (int i = 0; i < kControlFrames * kLanes; ++i) {
        const double truth = std::exp2(-static_cast<double>(reductions->values[i]));
        worst = std::max(worst, std::abs(ones->values[i] / truth - 1));
      }
    }
    EXPECT_LE(worst, 2.0e-7) << hwy::TargetName(target);
  }
}

TEST(LanesMath, TheVectorWidthDoesNotChangeABit) {
  const std::int64_t compiled = hwy::SupportedTargets() & HWY_TARGETS;
  if (!(compiled & HWY_AVX3) || !(compiled & HWY_AVX2)) GTEST_SKIP() << "no AVX-512 here";
  CompressorSpec spec;
  spec.link = 0.6;
  spec.detector = Detector::rms;
  GateSpec gate;
  gate.link = 0.5;
  LaneProgram program;
  program.strips = 2;
  program.channels = 6;
  program.ops = {
      gate_op(design(gate, 48000), 2), compressor_op(design(spec, 48000), 2),
      expander_op(design(ExpanderSpec{}, 48000), 2),
      biquads_op({design_butterworth_high_pass(30, 48000), {0.9, 0.1, 0.2, -0.5, 0.3}}, 2)};
  const Audio input = programme(12, 48000);
  const auto render = [&](std::int64_t target) {
    const OnTarget on(target);
    LaneProcessor lanes(program);
    Audio output = run_lanes(lanes, input);
    std::array<float, kLanes> gains;
    gains.fill(0.3f);
    output.emplace_back(48000);
    float* out = output.back().data();
    const LaneMix mix{1, &out, &gains, nullptr};
    lanes.process(48000, pointers(input), {}, {}, {&mix, 1});
    return output;
  };
  EXPECT_EQ(render(HWY_AVX2), render(HWY_AVX3));
}

}  // namespace
}  // namespace tutti::test
