// SPDX-License-Identifier: Apache-2.0
// Compressor, expander and gate as lane units: lengths, strides, what a reset forgets, how long
// they remember, and that no order of threads changes a bit.
#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "kernels/lane_unit.hpp"
#include "tests/reference/compressor.hpp"
#include "tests/reference/expander.hpp"
#include "tests/reference/gate.hpp"
#include "tests/support/bounds.hpp"
#include "tests/support/residual.hpp"

namespace tutti::cuda {
namespace {

namespace bounds = test::bounds;
using test::residual_dbfs;
using Samples = std::vector<std::vector<float>>;

constexpr double kRateHz = 48000;
constexpr int kStrips = 2, kChannels = 2, kLanes = kStrips * kChannels;

/// Everything that a dynamics op can have, with short memories.
template <class Spec>
Spec spec_of() {
  Spec spec;
  spec.attack_ms = 0.5;
  spec.release_ms = 4;
  spec.threshold_db = -15;
  spec.link = 0.4;
  spec.lookahead_ms = 1;
  spec.sidechain = SidechainSpec{"", 200};
  return spec;
}

/// One of the three, with its slow truth.
struct Kind {
  const char* name;
  std::unique_ptr<LaneUnit> (*make)(Device&, LaneShape, const LaneOp&);
  std::function<LaneOp()> op;
  std::function<reference::Signal(const reference::Signal&)> truth;
};

template <class Design>
LaneOp op_of(std::vector<Design> LaneOp::*designs, const Design& design) {
  LaneOp op;
  (op.*designs).assign(kStrips, design);
  op.mix.assign(kStrips, 0.75);
  return op;
}

std::vector<Kind> kinds() {
  const auto compressor = [](Detector detector, Ballistics ballistics) {
    auto spec = spec_of<CompressorSpec>();
    spec.detector = detector;
    spec.rms_window_ms = 1;
    spec.ballistics = ballistics;
    return Kind{
        "compressor", make_compressor,
        [spec] { return op_of(&LaneOp::compressor, design(spec, kRateHz)); },
        [spec](const auto& in) { return reference::compress(spec, kRateHz, in, {}, 0.75); }};
  };
  const auto expander = spec_of<ExpanderSpec>();
  auto gate = spec_of<GateSpec>();
  gate.hold_ms = 2;
  return {compressor(Detector::peak, Ballistics::decoupled),
          compressor(Detector::rms, Ballistics::branching),
          {"expander", make_expander,
           [=] { return op_of(&LaneOp::expander, design(expander, kRateHz)); },
           [=](const auto& in) { return reference::expand(expander, kRateHz, in, {}, 0.75); }},
          {"gate", make_gate, [=] { return op_of(&LaneOp::gate, design(gate, kRateHz)); },
           [=](const auto& in) { return reference::gate(gate, kRateHz, in, {}, 0.75); }}};
}

/// Noise whose level wanders over 60 dB within some thousand frames.
Samples wandering_noise(Frames frames, unsigned seed) {
  Samples samples(kLanes, std::vector<float>(static_cast<std::size_t>(frames)));
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> noise(-1, 1);
  for (int lane = 0; lane < kLanes; ++lane) {
    for (Frames n = 0; n < frames; ++n) {
      const double level_db = -30 + 30 * std::sin(0.001 * static_cast<double>(n) + lane);
      samples[lane][n] = static_cast<float>(noise(random) * db_to_linear(level_db));
    }
  }
  return samples;
}

class Runner {
 public:
  explicit Runner(const Kind& kind) {
    const Device::Queue queue(device_);
    unit_ = kind.make(device_, {kStrips, kChannels}, kind.op());
  }
  ~Runner() {
    const Device::Queue queue(device_);
    unit_.reset();
  }

  /// In place, in a block with `padding` samples between the channels, which stay as they are.
  Samples run(const Samples& in, Frames padding = 0) {
    const auto frames = static_cast<Frames>(in[0].size());
    const Frames stride = frames + padding;
    std::vector<float> block(static_cast<std::size_t>(kLanes * stride), 1e30f);
    for (int lane = 0; lane < kLanes; ++lane)
      std::copy(in[lane].begin(), in[lane].end(), block.begin() + lane * stride);
    DeviceBuffer<float> memory;
    {
      const Device::Queue queue(device_);
      memory = device_.send(std::span<const float>(block));
      unit_->run({{memory.data(), kLanes, frames, stride}, {}, {}});
    }
    device_.fetch(DeviceSpan<const float>(memory.span()), std::span<float>(block));
    Samples out;
    for (int lane = 0; lane < kLanes; ++lane) {
      const auto start = block.begin() + lane * stride;
      out.emplace_back(start, start + frames);
      for (Frames n = frames; n < stride; ++n) EXPECT_EQ(start[n], 1e30f);
    }
    return out;
  }
  void reset() {
    const Device::Queue queue(device_);
    unit_->reset();
  }
  Frames memory_frames() const { return unit_->memory_frames(); }

 private:
  Device device_{0};
  std::unique_ptr<LaneUnit> unit_;
};

class DynamicsUnits : public ::testing::TestWithParam<Kind> {};

// 0 and 1; around a warp (32) and a chunk (4,096); a second chunk that is not whole.
TEST_P(DynamicsUnits, TakeAnyLengthAndStride) {
  for (const Frames frames : {0, 1, 31, 32, 33, 4095, 4096, 4097, 6000}) {
    const Samples in = wandering_noise(frames, 1);
    const Samples out = Runner(GetParam()).run(in, frames % 7);
    for (int strip = 0; strip < kStrips; ++strip) {
      const auto lane = in.begin() + strip * kChannels;
      const auto truth = GetParam().truth({std::vector<double>(lane[0].begin(), lane[0].end()),
                                           std::vector<double>(lane[1].begin(), lane[1].end())});
      for (int c = 0; c < kChannels; ++c)
        EXPECT_RESIDUAL_BELOW(out[strip * kChannels + c], truth[c], bounds::kSessionDbfs);
    }
  }
}

TEST_P(DynamicsUnits, AreAsNewAfterAReset) {
  Runner used(GetParam()), fresh(GetParam());
  used.run(wandering_noise(5000, 2));
  used.reset();
  const Samples in = wandering_noise(5000, 3);
  EXPECT_EQ(used.run(in), fresh.run(in));
}

TEST_P(DynamicsUnits, RememberNoLongerThanTheySay) {
  Runner reset(GetParam()), kept(GetParam());
  const Samples loud = wandering_noise(8192, 4);
  reset.run(loud);
  kept.run(loud);
  const Frames memory = reset.memory_frames();
  EXPECT_LT(memory, 48000);
  const Samples silence(kLanes, std::vector<float>(static_cast<std::size_t>(memory)));
  kept.run(silence);
  reset.run(silence);
  const Samples more(kLanes, std::vector<float>(4096));
  for (const auto& channel : kept.run(more))
    for (const float y : channel) ASSERT_LT(std::abs(y), 1e-15f);
  reset.reset();
  const Samples next = wandering_noise(8192, 5);
  const Samples a = reset.run(next), b = kept.run(next);
  for (int lane = 0; lane < kLanes; ++lane)
    EXPECT_RESIDUAL_BELOW(a[lane], b[lane], bounds::kSumDbfs);
}

TEST_P(DynamicsUnits, HaveTheSameBitsInEveryOrderOfThreads) {
  const Samples in = wandering_noise(6000, 6);
  const auto run = [&] {
    Runner runner(GetParam());
    runner.run(in);
    return runner.run(in);
  };
  const Samples forward = run();
  cudacpu::set_order(cudacpu::Order::reverse);
  EXPECT_EQ(run(), forward);
  for (const unsigned seed : {1u, 2u}) {
    cudacpu::set_order(cudacpu::Order::random, seed);
    EXPECT_EQ(run(), forward) << seed;
  }
  cudacpu::set_order(cudacpu::Order::forward);
}

INSTANTIATE_TEST_SUITE_P(Kinds, DynamicsUnits, ::testing::ValuesIn(kinds()), [](const auto& test) {
  return test.param.name + std::to_string(test.index);
});

}  // namespace
}  // namespace tutti::cuda
