// SPDX-License-Identifier: Apache-2.0
// A lane group on the device: inputs into one block of lanes, op after op in place, then into the
// sums. The host only decides what sounds.
#include <algorithm>
#include <stdexcept>
#include <utility>
#include <vector>

#include "kernels/lane_copy.hpp"
#include "kernels/lane_unit.hpp"
#include "kernels/mix_table.hpp"
#include "kernels/runtime/device_tile.hpp"
#include "kernels/stem_store.hpp"
#include "kernels/units.hpp"

namespace tutti::cuda {
namespace {

/// Frames [from, to) of a tile.
struct Stretch {
  Frames from = 0, to = 0;
  Frames frames() const { return to - from; }
};

std::unique_ptr<LaneUnit> make_unit(Device& device, LaneShape shape, const LaneOp& op) {
  switch (op.kind) {
    case LaneOpKind::biquads:
      return make_biquads(device, shape, op);
    case LaneOpKind::compressor:
      return make_compressor(device, shape, op);
    case LaneOpKind::gate:
      return make_gate(device, shape, op);
    case LaneOpKind::expander:
      return make_expander(device, shape, op);
    case LaneOpKind::gain:
      return make_gain(device, shape, op);
  }
  throw std::invalid_argument("lanes: unknown op");
}

class CudaLaneRunner : public LaneRunner {
 public:
  CudaLaneRunner(SharedDevice device, std::shared_ptr<StemStore> stems, const LaneProgram& program,
                 Frames tile_frames)
      : device_(std::move(device)),
        stems_(std::move(stems)),
        shape_{program.strips, program.channels} {
    const Device::Queue queue(*device_);
    bool keyed = false;
    for (const LaneOp& op : program.ops) {
      ops_.push_back({make_unit(*device_, shape_, op), op.external_key});
      keyed |= op.external_key;
    }
    signal_ = DeviceSignal(device_->compute(), shape_.lanes(), tile_frames);
    if (keyed) keys_ = DeviceSignal(device_->compute(), shape_.lanes(), tile_frames);
  }

  /// What is silent, and has been for as long as the ops remember, is skipped in steps of
  /// kScanFrames: so what is skipped does not depend on the tile.
  bool run(const LaneTile& tile) override {
    std::vector<Stretch> skipped;
    bool sounded = false;
    for (Frames at = 0; at < tile.frames;) {
      const Stretch silence{at, skip_silence(tile, at)};
      if (silence.frames() > 0) skipped.push_back(silence);
      if (silence.to == tile.frames) break;
      const Stretch stretch{silence.to, end_of_sound(tile, silence.to)};
      run_stretch(tile, stretch);
      if (silent_frames_ > 0 && silent_frames_ >= memory_frames()) fall_asleep();
      sounded = true;
      at = stretch.to;
    }
    if (sounded && !skipped.empty()) clear_results(tile, skipped);
    return sounded;
  }

 private:
  struct Op {
    std::unique_ptr<LaneUnit> unit;
    bool external_key = false;
  };

  static Frames next_chunk(const LaneTile& tile, Frames at) {
    return std::min(at + kScanFrames, tile.frames);
  }

  static bool sounds(const LaneInput& input, Frames first, Frames count) {
    return input.stem ? input.stem->sounds(first, count) : input.signal.sounds();
  }

  static bool sounds(const LaneTile& tile, Stretch stretch) {
    return std::ranges::any_of(tile.inputs, [&](const LaneInput& input) {
      return sounds(input, tile.first_frame + stretch.from, stretch.frames());
    });
  }

  Frames memory_frames() const {
    Frames sum = 0;
    for (const Op& op : ops_) sum += op.unit->memory_frames();
    return sum;
  }

  void fall_asleep() {
    const Device::Queue queue(*device_);
    for (const Op& op : ops_) op.unit->reset();
    idle_ = true;
  }

  /// The first frame from `at` on that has to be computed.
  Frames skip_silence(const LaneTile& tile, Frames at) const {
    while (idle_ && at < tile.frames && !sounds(tile, {at, next_chunk(tile, at)}))
      at = next_chunk(tile, at);
    return at;
  }

  /// Where a stretch that has to be computed from `at` on ends: with the tile, or where nothing is
  /// remembered any more. While parameters move the ops' memory may too, so it is asked after each
  /// silent chunk.
  Frames end_of_sound(const LaneTile& tile, Frames at) {
    idle_ = false;
    const Frames memory = memory_frames();
    while (at < tile.frames) {
      const Stretch chunk{at, next_chunk(tile, at)};
      at = chunk.to;
      silent_frames_ = sounds(tile, chunk) ? 0 : silent_frames_ + chunk.frames();
      if (silent_frames_ > 0 && (silent_frames_ >= memory || !tile.changes.empty())) break;
    }
    return at;
  }

  void run_stretch(const LaneTile& tile, Stretch stretch) {
    const DeviceBlock signal = signal_.view().slice(stretch.from, stretch.frames());
    const std::vector<LaneCopy> inputs = gather_inputs(tile, stretch, signal);
    std::vector<MixTable> mixes;
    for (const LaneTarget& target : tile.targets)
      mixes.emplace_back(target, shape_.lanes(), tile.first_frame, stretch.from, stretch.frames());

    const Device::Queue queue(*device_);
    copy(inputs, stretch);
    run_ops(tile, stretch, signal);
    copy(outputs_of(tile, stretch, signal), stretch);
    for (const MixTable& mix : mixes) mix.mix(*device_, signal);
  }

  /// Lets the stems that sound be assembled in their lanes; returns what the other lanes are copied
  /// from.
  std::vector<LaneCopy> gather_inputs(const LaneTile& tile, Stretch stretch, DeviceBlock signal) {
    std::vector<LaneCopy> copies;
    std::vector<StemStore::Request> requests;
    for (int strip = 0; strip < shape_.strips; ++strip) {
      const LaneInput& input = tile.inputs[static_cast<std::size_t>(strip)];
      const DeviceBlock lanes = signal.channel_range(strip * shape_.channels, shape_.channels);
      if (input.stem && sounds(input, tile.first_frame + stretch.from, stretch.frames()))
        requests.push_back({input.stem, lanes});
      else
        add_copies(input.stem ? TileView{} : input.signal, stretch, lanes, copies);
    }
    if (!requests.empty()) stems_->assemble(tile.first_frame + stretch.from, requests);
    return copies;
  }

  void run_ops(const LaneTile& tile, Stretch stretch, DeviceBlock signal) {
    std::span<const TileView> keys = tile.keys;
    for (std::size_t o = 0; o < ops_.size(); ++o) {
      const std::vector<LaneChange> changes = changes_of(tile, stretch, static_cast<int>(o));
      LaneWork work{signal, {}, changes};
      if (ops_[o].external_key) {
        const DeviceBlock heard = keys_.view().slice(stretch.from, stretch.frames());
        std::vector<LaneCopy> copies;
        for (int strip = 0; strip < shape_.strips; ++strip)
          add_copies(keys[static_cast<std::size_t>(strip)], stretch,
                     heard.channel_range(strip * shape_.channels, shape_.channels), copies);
        copy(copies, stretch);
        work.key = heard;
        keys = keys.subspan(static_cast<std::size_t>(shape_.strips));
      }
      ops_[o].unit->run(work);
    }
  }

  /// What changes at an op, frames counted from the start of the stretch. What changed in a stretch
  /// that was skipped is out of date.
  static std::vector<LaneChange> changes_of(const LaneTile& tile, Stretch stretch, int op) {
    std::vector<LaneChange> changes;
    for (const LaneChange& change : tile.changes) {
      if (change.op != op || change.frame < stretch.from || change.frame >= stretch.to) continue;
      changes.push_back(change);
      changes.back().frame -= stretch.from;
    }
    return changes;
  }

  std::vector<LaneCopy> outputs_of(const LaneTile& tile, Stretch stretch,
                                   DeviceBlock signal) const {
    std::vector<LaneCopy> copies;
    for (std::size_t strip = 0; strip < tile.outputs.size(); ++strip) {
      if (!tile.outputs[strip].sounds()) continue;
      const DeviceBlock to = device_block(tile.outputs[strip]);
      for (int c = 0; c < shape_.channels; ++c)
        copies.push_back({signal.channel(static_cast<int>(strip) * shape_.channels + c),
                          to.channel(c) + stretch.from});
    }
    return copies;
  }

  static void add_copies(TileView from, Stretch stretch, DeviceBlock to,
                         std::vector<LaneCopy>& copies) {
    for (int c = 0; c < to.channels; ++c)
      copies.push_back(
          {from.sounds() ? device_block(from).channel(c) + stretch.from : nullptr, to.channel(c)});
  }

  void copy(const std::vector<LaneCopy>& copies, Stretch stretch) {
    if (copies.empty()) return;
    const auto sent = device_->send(std::span<const LaneCopy>(copies));
    copy_lanes(device_->compute(), sent.span(), stretch.frames());
  }

  void clear_results(const LaneTile& tile, const std::vector<Stretch>& skipped) {
    const Device::Queue queue(*device_);
    for (const Stretch stretch : skipped) {
      std::vector<LaneCopy> copies;
      const auto add = [&](TileView tile_view) {
        if (!tile_view.sounds()) return;
        add_copies({}, stretch, device_block(tile_view).slice(stretch.from, stretch.frames()),
                   copies);
      };
      for (const TileView& output : tile.outputs) add(output);
      for (const LaneTarget& target : tile.targets) add(target.out);
      copy(copies, stretch);
    }
  }

  SharedDevice device_;
  std::shared_ptr<StemStore> stems_;
  LaneShape shape_;
  std::vector<Op> ops_;
  DeviceSignal signal_;  // the lanes' samples of one tile
  DeviceSignal keys_;    // those that the running op listens to
  Frames silent_frames_ = 0;
  bool idle_ = true;
};

}  // namespace

std::unique_ptr<LaneRunner> make_lanes(SharedDevice device, std::shared_ptr<StemStore> stems,
                                       const LaneProgram& program, Frames tile_frames) {
  return std::make_unique<CudaLaneRunner>(std::move(device), std::move(stems), program,
                                          tile_frames);
}

}  // namespace tutti::cuda
