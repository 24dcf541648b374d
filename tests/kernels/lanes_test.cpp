// SPDX-License-Identifier: Apache-2.0
// What the device's lane runner does that no other machine shows: stems from a store, groups of
// many strips, what is skipped within a tile.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "host/audio/buffer.hpp"
#include "kernels/lane_unit.hpp"
#include "kernels/runtime/device_tile.hpp"
#include "kernels/stem_store.hpp"
#include "kernels/units.hpp"
#include "tests/kernels/support/schedules.hpp"
#include "tests/support/lane_runner.hpp"
#include "tests/support/residual.hpp"

namespace tutti::cuda {
namespace {

using test::Audio;

/// A clip on the timeline, [channel][frame] from frame `at` on.
class Clip : public StemSource {
 public:
  Clip(Frames at, Audio audio) : at_(at), audio_(std::move(audio)) {}
  int channels() const override { return static_cast<int>(audio_.size()); }
  bool sounds(Frames first, Frames count) const override {
    return first < end() && first + count > at_;
  }
  void read(Frames first, BlockView out) override {
    for (int c = 0; c < out.channels; ++c)
      for (Frames n = 0; n < out.frames; ++n) {
        const Frames at = first + n - at_;
        out.channel(c)[n] = at >= 0 && at < end() - at_ ? audio_[c][at] : 0.0f;
      }
  }
  std::vector<StemPiece> pieces(Frames, Frames) override { return {}; }
  void read_piece(const StemPiece&, std::byte*) override {}

 private:
  Frames end() const { return at_ + static_cast<Frames>(audio_[0].size()); }

  Frames at_;
  Audio audio_;
};

/// Assembles on the host, and counts what it is asked for.
class HostStore : public StemStore {
 public:
  explicit HostStore(SharedDevice device) : device_(std::move(device)) {}
  void assemble(Frames first, std::span<const Request> requests) override {
    for (const Request& request : requests) {
      Buffer host(request.out.channels, request.out.frames);
      request.stem->read(first, host.view());
      const Device::Queue queue(*device_);
      for (int c = 0; c < request.out.channels; ++c)
        device_->send(std::span<const float>(host.channel(c), static_cast<std::size_t>(host.frames())),
                      DeviceSpan<float>(request.out.channel(c), static_cast<std::size_t>(host.frames())));
      frames += request.out.frames;
    }
  }
  void set_resident_budget(std::size_t) override {}
  StemStatistics statistics() const override { return {}; }
  Frames frames = 0;

 private:
  SharedDevice device_;
};

struct Rig {
  SharedDevice device = std::make_shared<Device>(0);
  std::shared_ptr<HostStore> store = std::make_shared<HostStore>(device);

  /// The outputs of stems, zeros where nothing sounds; then the one channel of `target`, if given.
  Audio run(const LaneProgram& program, const std::vector<std::unique_ptr<Clip>>& stems,
            Frames total, Frames tile_frames, const std::vector<LaneChange>& changes = {},
            const LaneTarget* target = nullptr) {
    const auto runner = make_lanes(device, store, program, tile_frames);
    Audio result(static_cast<std::size_t>(program.lanes() + (target ? 1 : 0)));
    for (Frames first = 0; first < total; first += tile_frames) {
      const Frames frames = std::min(tile_frames, total - first);
      std::vector<LaneInput> inputs;
      std::vector<std::unique_ptr<DeviceTile>> tiles;
      std::vector<TileView> outputs;
      for (const auto& stem : stems) {
        inputs.push_back({stem.get(), {}});
        const Device::Queue queue(*device);
        tiles.push_back(std::make_unique<DeviceTile>(*device, program.channels, frames));
        outputs.push_back(tiles.back()->view());
      }
      std::vector<LaneTarget> targets;
      if (target) {
        const Device::Queue queue(*device);
        tiles.push_back(std::make_unique<DeviceTile>(*device, 1, frames));
        targets.push_back({tiles.back()->view(), target->gains, target->curves});
      }
      std::vector<LaneChange> now;
      for (const LaneChange& change : changes) {
        if (change.frame < first || change.frame >= first + frames) continue;
        now.push_back(change);
        now.back().frame -= first;
      }
      const bool sounds = runner->run({first, frames, inputs, {}, outputs, targets, now});
      std::vector<ConstDeviceBlock> parts;
      for (int lane = 0; lane < program.lanes(); ++lane)
        parts.push_back(device_block(outputs[lane / program.channels])
                            .channel_range(lane % program.channels, 1));
      if (target) parts.push_back(device_block(targets[0].out));
      for (std::size_t p = 0; p < parts.size(); ++p) {
        Buffer host(1, frames);
        if (sounds) device->fetch(parts[p], host.view());
        result[p].insert(result[p].end(), host.channel(0), host.channel(0) + frames);
      }
    }
    return result;
  }
};

std::unique_ptr<Clip> clip(Frames at, int channels, Frames frames, unsigned seed) {
  return std::make_unique<Clip>(at, test::programme(channels, frames, seed));
}

class Ramp : public GainCurve {
 public:
  void values(Frames first, std::span<float> values) const override {
    for (std::size_t n = 0; n < values.size(); ++n)
      values[n] = static_cast<float>(first + static_cast<Frames>(n)) / 65536.0f;
  }
};

/// Forgets in about 3,000 frames.
BiquadDesign resonance() { return {0.1, 0, 0, -1.9, 0.97}; }

TEST(DeviceLanes, StemsComeFromTheStoreAndSilentOnesAreNotAskedFor) {
  Rig rig;
  std::vector<std::unique_ptr<Clip>> stems;
  stems.push_back(clip(0, 2, 20000, 1));
  stems.push_back(clip(9000, 2, 1000, 2));
  const Audio result = rig.run(test::program_of(test::gain_op(0.5, 2), 2, 2), stems, 20480, 4096);
  EXPECT_EQ(rig.store->frames, 5 * 4096 + 4096);
  for (std::size_t lane = 0; lane < 4; ++lane) {
    Buffer truth(2, 20480);
    stems[lane / 2]->read(0, truth.view());
    for (Frames n = 0; n < 20480; ++n)
      ASSERT_EQ(result[lane][n], 0.5f * truth.channel(static_cast<int>(lane % 2))[n])
          << lane << " " << n;
  }
}

TEST(DeviceLanes, WhatIsSkippedDoesNotDependOnTheTile) {
  // Two clips with a gap that the filter forgets: in one tile, or in tiles of their own. With and
  // without parameters that move, which ask for the memory at other places.
  std::vector<std::unique_ptr<Clip>> stems;
  stems.push_back(clip(5000, 1, 9000, 3));
  stems.push_back(clip(41000, 1, 3000, 4));
  const LaneProgram program = test::program_of(test::biquads_op({resonance()}, 2), 2, 1);
  const Ramp ramp;
  const std::vector<float> gains = {0.5f, 0.0f};
  const std::vector<const GainCurve*> curves = {nullptr, &ramp};
  std::vector<LaneChange> changes;
  for (Frames n = 6400; n < 50000; n += 640) {
    const double drift = 1e-6 * static_cast<double>(n);
    changes.push_back({n, 0, static_cast<int>(n / 640 % 2),
                       std::vector<BiquadDesign>{{0.1, 0, 0, -1.9 + drift, 0.98}}});
  }
  for (const bool moves : {false, true}) {
    Rig whole;
    const auto& used = moves ? changes : std::vector<LaneChange>{};
    const LaneTarget target{{}, gains, curves};
    const Audio truth = whole.run(program, stems, 65536, 65536, used, &target);
    EXPECT_EQ(truth[0][30000], 0.0f) << "nothing was skipped";
    EXPECT_NE(truth[0][9000], 0.0f);
    EXPECT_NE(truth[1][42000], 0.0f);
    EXPECT_EQ(truth[2][30000], 0.0f);
    EXPECT_NE(truth[2][42000], 0.0f);
    for (const Frames tile : {4096, 8192}) {
      Rig rig;
      EXPECT_EQ(rig.run(program, stems, 65536, tile, used, &target), truth) << tile;
      EXPECT_LE(rig.store->frames, whole.store->frames);
    }
  }
}

TEST(DeviceLanes, ManyStripsRunSideBySide) {
  constexpr int kStrips = 64;
  std::vector<std::unique_ptr<Clip>> stems;
  LaneProgram program = test::program_of(test::biquads_op({}, kStrips), kStrips, 1);
  for (int s = 0; s < kStrips; ++s) {
    program.ops[0].biquads[s].assign(s % 3, resonance());
    stems.push_back(clip(0, 1, 300, s));
  }
  Rig rig;
  const Audio all = rig.run(program, stems, 300, 4096);
  for (const int s : {0, 1, 2, 33, 63}) {
    std::vector<std::unique_ptr<Clip>> one;
    one.push_back(clip(0, 1, 300, s));
    LaneProgram alone = test::program_of(test::biquads_op(program.ops[0].biquads[s]), 1, 1);
    EXPECT_EQ(rig.run(alone, one, 300, 4096)[0], all[s]) << s;
  }
}

TEST(DeviceLanes, TheScheduleDoesNotShow) {
  std::vector<std::unique_ptr<Clip>> stems;
  stems.push_back(clip(100, 2, 6000, 5));
  LaneProgram program = test::program_of(test::biquads_op({resonance()}), 1, 2);
  program.ops.push_back(test::gain_op(0.3, 1, 0.5));
  const std::vector<LaneChange> changes = {
      {640, 0, 0, std::vector<BiquadDesign>{{1, 0, 0, -1.8, 0.9}}}, {1280, 1, 0, 0.8}};
  Rig first;
  const Audio truth = first.run(program, stems, 8192, 4096, changes);
  for_every_schedule([&](const char* order) {
    Rig rig;
    EXPECT_EQ(rig.run(program, stems, 8192, 4096, changes), truth) << order;
  });
}

TEST(DeviceLanes, AResetUnitIsAsNewWithItsLastParameters) {
  Device device(0);
  const LaneShape shape{1, 1};
  const Device::Queue queue(device);
  const auto used = make_biquads(device, shape, test::biquads_op({resonance()}));
  EXPECT_GT(used->memory_frames(), 1000);
  EXPECT_LT(used->memory_frames(), 8192);
  const std::vector<float> x = test::programme(1, 2048, 6)[0];
  const BiquadDesign last{0.5, 0.1, 0, -1.5, 0.7};
  const LaneChange change{640, 0, 0, std::vector<BiquadDesign>{last, {0.9, 0.1, 0, 0, 0}}};
  const auto run = [&](LaneUnit& unit, std::span<const LaneChange> changes) {
    const auto samples = device_copy(device.compute(), x);
    unit.run({{samples.data(), 1, 2048, 2048}, {}, changes});
    return host_copy(device.compute(), samples.span());
  };
  run(*used, {&change, 1});
  EXPECT_GT(used->memory_frames(), 1000) << "the old poles may still ring";
  used->reset();
  EXPECT_LT(used->memory_frames(), 1000);
  const LaneChange slow{0, 0, 0, std::vector<BiquadDesign>{{0.1, 0, 0, -1.99, 0.9901}}};
  const auto slowed = make_biquads(device, shape, test::biquads_op({resonance()}));
  run(*slowed, {&slow, 1});
  EXPECT_GT(slowed->memory_frames(), 10000);
  const auto fresh = make_biquads(device, shape, test::biquads_op({last, {0.9, 0.1, 0, 0, 0}}));
  EXPECT_EQ(run(*used, {}), run(*fresh, {}));
}

}  // namespace
}  // namespace tutti::cuda
