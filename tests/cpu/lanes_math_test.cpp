// SPDX-License-Identifier: Apache-2.0
// The vector logarithm and exponential through the kernels that use them, on every instruction set
// of this machine; and that AVX2 and AVX-512 agree to the bit.
#include <gtest/gtest.h>

#include "host/cpu/lane_kernels.hpp"
#include <hwy/highway.h>
#include <hwy/targets.h>
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

/// The same number in all lanes.
struct alignas(64) Column : std::array<float, kLanes> {
  explicit Column(float x) { fill(x); }
};

// A compressor's curve of slope 1 with its threshold at a whole octave is log2 itself, less a whole
// number. Offset, exponent and result round once each at the magnitude of that number.
TEST(LanesMath, LogarithmsStayWithinTheStatedError) {
  for (const std::int64_t target : targets()) {
    const OnTarget on(target);
    double worst = 0;
    auto rows = std::make_unique<LaneRows>();
    auto out = std::make_unique<LaneRows>();
    const Column zero(0), one(1), most(100);
    for (const int octave : {-40, -20, -7, -3, -2, -1, 0, 1, 6}) {
      const Column offset(static_cast<float>(-octave));
      for (int part = 0; part < 512; ++part) {
        for (int i = 0; i < kControlFrames * kLanes; ++i) {
          rows->values[i] = static_cast<float>(std::exp2(octave + (part + i / 1024.0) / 512));
        }
        curve_rows({false, false, offset.data(), zero.data(), zero.data(), one.data(), most.data()},
                   kLanes, kControlFrames, *rows, *out);
        const double roundings = 1.5 * std::exp2(std::ceil(std::log2(std::abs(octave) + 1)) - 24);
        for (int i = 0; i < kControlFrames * kLanes; ++i) {
          const double truth = std::log2(static_cast<double>(rows->values[i])) - octave;
          worst = std::max(worst, std::abs(out->values[i] - truth) - roundings);
        }
      }
    }
    EXPECT_LE(worst, 5e-8) << hwy::TargetName(target);
  }
}

TEST(LanesMath, ExponentialsStayWithinTheStatedError) {
  for (const std::int64_t target : targets()) {
    const OnTarget on(target);
    double worst = 0;
    auto reductions = std::make_unique<LaneRows>();
    auto ones = std::make_unique<LaneRows>();
    const Column one(1);
    for (double level = 0; level < 20;) {
      for (float& x : reductions->values) {
        x = static_cast<float>(level);
        level += 0x1p-15;
      }
      std::fill(std::begin(ones->values), std::end(ones->values), 1.0f);
      apply_rows({reductions.get(), one.data(), {one.data(), 0}, nullptr}, kLanes, kControlFrames, *ones);
      for (int i = 0; i < kControlFrames * kLanes; ++i) {
        const double truth = std::exp2(-static_cast<double>(reductions->values[i]));
        worst = std::max(worst, std::abs(ones->values[i] / truth - 1));
      }
    }
    EXPECT_LE(worst, 2.4e-7) << hwy::TargetName(target);
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
