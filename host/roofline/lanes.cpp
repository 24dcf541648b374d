// SPDX-License-Identifier: Apache-2.0
// A lane group, stretch by stretch: what is silent, and has been for as long as the ops remember,
// is skipped in steps of a chunk, as kernels/lanes.cpp does.
#include <algorithm>
#include <vector>

#include "host/roofline/kernels.hpp"
#include "host/roofline/lane_unit.hpp"
#include "host/roofline/units.hpp"

namespace tutti::roofline {
namespace {

constexpr Frames kCopyBytes = 16;

/// Frames [from, to) of a tile.
struct Stretch {
  Frames from = 0, to = 0;
  Frames frames() const { return to - from; }
};

std::unique_ptr<LaneUnit> make_unit(Ledger& ledger, LaneShape shape, const LaneOp& op) {
  if (op.kind == LaneOpKind::biquads) return make_biquads(ledger, shape, op);
  if (op.kind == LaneOpKind::gain) return make_gain(ledger, shape, op);
  return make_dynamics(ledger, shape, op);
}

class CountingLanes : public LaneRunner {
 public:
  CountingLanes(Ledger& ledger, StemStore& stems, const LaneProgram& program, Frames tile_frames)
      : ledger_(ledger), stems_(stems), shape_{program.strips, program.channels} {
    bool keyed = false;
    for (const LaneOp& op : program.ops) {
      ops_.push_back({make_unit(ledger, shape_, op), op.external_key});
      keyed |= op.external_key;
    }
    const Frames signal_bytes = 4 * shape_.lanes() * whole(tile_frames, 32) * 32;
    signals_ = Held(ledger, (keyed ? 2 : 1) * signal_bytes);
  }

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
    if (sounded)
      for (const Stretch& stretch : skipped) clear_results(tile, stretch);
    return sounded;
  }

 private:
  struct Op {
    std::unique_ptr<LaneUnit> unit;
    bool external_key = false;
  };

  static Frames next_chunk(const LaneTile& tile, Frames at) {
    return std::min(at + kChunkFrames, tile.frames);
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
    for (const Op& op : ops_) op.unit->reset();
    idle_ = true;
  }

  Frames skip_silence(const LaneTile& tile, Frames at) const {
    while (idle_ && at < tile.frames && !sounds(tile, {at, next_chunk(tile, at)}))
      at = next_chunk(tile, at);
    return at;
  }

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
    take_inputs(tile, stretch);
    run_ops(tile, stretch);
    Frames outputs = 0;
    for (const TileView& output : tile.outputs) outputs += output.sounds();
    copy(outputs * shape_.channels, outputs * shape_.channels, stretch);
    for (const LaneTarget& target : tile.targets) mix(target, stretch);
  }

  void take_inputs(const LaneTile& tile, Stretch stretch) {
    std::vector<StemStore::Request> requests;
    Frames rows = 0, read = 0;
    for (const LaneInput& input : tile.inputs) {
      if (input.stem && sounds(input, tile.first_frame + stretch.from, stretch.frames())) {
        requests.push_back({input.stem, shape_.channels, stretch.frames()});
        continue;
      }
      rows += shape_.channels;
      if (!input.stem && input.signal.sounds()) read += shape_.channels;
    }
    if (!requests.empty()) stems_.assemble(tile.first_frame + stretch.from, requests);
    copy(rows, read, stretch);
  }

  void run_ops(const LaneTile& tile, Stretch stretch) {
    std::span<const TileView> keys = tile.keys;
    for (std::size_t o = 0; o < ops_.size(); ++o) {
      const std::vector<LaneChange> changes = changes_of(tile, stretch, static_cast<int>(o));
      if (ops_[o].external_key) {
        const auto own = keys.first(static_cast<std::size_t>(shape_.strips));
        const Frames heard = std::ranges::count_if(own, [](TileView key) { return key.sounds(); });
        copy(shape_.lanes(), heard * shape_.channels, stretch);
        keys = keys.subspan(own.size());
      }
      ops_[o].unit->run({stretch.frames(), ops_[o].external_key, changes});
    }
  }

  static std::vector<LaneChange> changes_of(const LaneTile& tile, Stretch stretch, int op) {
    std::vector<LaneChange> changes;
    for (const LaneChange& change : tile.changes) {
      if (change.op != op || change.frame < stretch.from || change.frame >= stretch.to) continue;
      changes.push_back(change);
      changes.back().frame -= stretch.from;
    }
    return changes;
  }

  /// Lanes without gain are left out; what moves is sent as a row of values.
  void mix(const LaneTarget& target, Stretch stretch) {
    const Frames outputs = target.out.channels;
    Frames entries = 0, rows = 0;
    for (Frames lane = 0; lane < shape_.lanes(); ++lane) {
      bool reaches = false;
      for (Frames out = 0; out < outputs; ++out) {
        const auto at = static_cast<std::size_t>(out * shape_.lanes() + lane);
        const bool moves = !target.curves.empty() && target.curves[at];
        reaches |= target.gains[at] != 0 || moves;
        rows += moves;
      }
      entries += reaches;
    }
    const Frames frames = stretch.frames();
    ledger_.send(4 * entries * (1 + outputs * (rows > 0 ? 2 : 1)) + 4 * rows * frames);
    ledger_.scratch(4 * rows * frames);
    if (outputs > 0 && frames > 0) ledger_.launch("mix", mix_cost(entries, outputs, rows, frames));
  }

  void copy(Frames rows, Frames read, Stretch stretch) {
    if (rows == 0) return;
    ledger_.send(kCopyBytes * rows);
    ledger_.launch("lane_copy", lane_copy_cost(rows, read, stretch.frames()));
  }

  void clear_results(const LaneTile& tile, Stretch stretch) {
    Frames rows = 0;
    for (const TileView& output : tile.outputs) rows += output.sounds() ? output.channels : 0;
    for (const LaneTarget& target : tile.targets) rows += target.out.channels;
    copy(rows, 0, stretch);
  }

  Ledger& ledger_;
  StemStore& stems_;
  LaneShape shape_;
  std::vector<Op> ops_;
  Held signals_;
  Frames silent_frames_ = 0;
  bool idle_ = true;
};

}  // namespace

std::unique_ptr<LaneRunner> make_lanes(Ledger& ledger, StemStore& stems, const LaneProgram& program,
                                       Frames tile_frames) {
  return std::make_unique<CountingLanes>(ledger, stems, program, tile_frames);
}

}  // namespace tutti::roofline
