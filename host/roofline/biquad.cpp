// SPDX-License-Identifier: Apache-2.0
// Cascades: which strips have one, which of them move in a tile, and how long they ring.
#include <algorithm>
#include <numeric>
#include <variant>
#include <vector>

#include "host/roofline/kernels.hpp"
#include "host/roofline/lane_unit.hpp"

namespace tutti::roofline {
namespace {

constexpr Frames kDesignBytes = 40, kMapsBytes = 1216;

using Cascade = std::vector<BiquadDesign>;

Frames memory_of(const Cascade& cascade) {
  return std::accumulate(
      cascade.begin(), cascade.end(), Frames{0},
      [](Frames sum, const BiquadDesign& d) { return sum + biquad_decay_frames(d); });
}

class BiquadUnit : public LaneUnit {
 public:
  BiquadUnit(Ledger& ledger, LaneShape shape, const LaneOp& op)
      : ledger_(ledger), shape_(shape), cascades_(op.biquads) {
    for (const Cascade& cascade : cascades_) {
      capacity_ = std::max(capacity_, static_cast<Frames>(cascade.size()));
      memory_frames_.push_back(memory_of(cascade));
    }
    ledger_.send(sizeof(float) * shape_.strips);  // the mixes
    make_room();
    send_cascades(shape_.strips);
  }

  void run(const LaneWork& work) override {
    if (!work.changes.empty()) return run_moving(work);
    filter(std::vector<bool>(cascades_.size(), false), work.frames);
  }

  void reset() override {
    ledger_.clear(state_bytes());
    for (std::size_t s = 0; s < cascades_.size(); ++s) memory_frames_[s] = memory_of(cascades_[s]);
  }

  Frames memory_frames() const override {
    return memory_frames_.empty() ? 0 : *std::ranges::max_element(memory_frames_);
  }

 private:
  Frames state_bytes() const { return shape_.lanes() * biquad_state_bytes(capacity_); }

  void make_room() {
    ledger_.clear(state_bytes());
    if (had_ > 0) ledger_.copy(shape_.lanes() * biquad_state_bytes(had_));
    had_ = capacity_;
    held_ = Held(ledger_, state_bytes() + shape_.strips * (capacity_ * (kDesignBytes + kMapsBytes) +
                                                           3 * static_cast<Frames>(sizeof(int))));
  }

  Frames filtered() const {
    return std::ranges::count_if(cascades_, [](const Cascade& c) { return !c.empty(); });
  }

  /// Designs and sections of all strips, who is filtered, and the maps of `listed` strips.
  void send_cascades(Frames listed) {
    ledger_.send(shape_.strips * capacity_ * kDesignBytes + sizeof(int) * shape_.strips +
                 sizeof(int) * filtered() + sizeof(int) * listed);
    if (listed > 0) ledger_.launch("biquad.map", biquad_map_cost(listed, capacity_));
  }

  void run_moving(const LaneWork& work) {
    std::vector<bool> moves(cascades_.size(), false);
    Frames capacity = capacity_;
    for (const LaneChange& change : work.changes) {
      moves[static_cast<std::size_t>(change.strip)] = true;
      capacity = std::max(capacity, static_cast<Frames>(std::get<Cascade>(change.design).size()));
    }
    const bool grows = capacity > capacity_;
    capacity_ = capacity;
    if (grows) make_room();
    for (const LaneChange& change : work.changes)
      change_cascade(static_cast<std::size_t>(change.strip), std::get<Cascade>(change.design));
    const Frames moving = std::ranges::count(moves, true);
    Frames still = 0;
    for (std::size_t s = 0; s < moves.size(); ++s) still += !moves[s] && !cascades_[s].empty();
    send_cascades(grows ? shape_.strips : moving);
    ledger_.send(moving * segments(work.frames) * capacity_ * kDesignBytes +
                 static_cast<Frames>(sizeof(int)) * (moving + still));
    filter(moves, work.frames);
  }

  static Frames segments(Frames frames) { return whole(frames, kControlFrames); }

  /// Those that stand still in one launch, those that move in another.
  void filter(const std::vector<bool>& moves, Frames frames) {
    Frames strips[2] = {}, sections[2] = {};
    for (std::size_t s = 0; s < cascades_.size(); ++s) {
      if (!moves[s] && cascades_[s].empty()) continue;
      ++strips[moves[s]];
      sections[moves[s]] += static_cast<Frames>(cascades_[s].size());
    }
    for (const int moving : {0, 1})
      if (strips[moving] > 0)
        ledger_.launch(moving ? "biquad.filter_moving" : "biquad.filter",
                       biquad_filter_cost(strips[moving], shape_.channels, sections[moving], frames,
                                          moving ? segments(frames) : 0));
  }

  void change_cascade(std::size_t strip, const Cascade& cascade) {
    const std::size_t sections = std::max(cascades_[strip].size(), cascade.size());
    cascades_[strip] = cascade;
    cascades_[strip].resize(sections);
    memory_frames_[strip] = std::max(memory_frames_[strip], memory_of(cascades_[strip]));
  }

  Ledger& ledger_;
  LaneShape shape_;
  std::vector<Cascade> cascades_;
  std::vector<Frames> memory_frames_;
  Frames capacity_ = 1, had_ = 0;
  Held held_;
};

}  // namespace

// One warp a section: its design in, the maps of its runs out.
KernelCost biquad_map_cost(Frames strips, Frames capacity) {
  const Frames sections = strips * capacity;
  return one_launch(sections, sections * kDesignBytes + 4 * strips, sections * kMapsBytes,
                    {.doubles = static_cast<double>(sections) * 32 * 9 * 8});
}

// One block a lane, chunk after chunk, in place. A section takes 5 operations a sample, and runs
// twice; between the two a thread joins the states of its 16 samples with others, 4 operations for
// each of 5 levels, for 3.5 warps before on average, and for itself: 38. Where designs move, it
// makes the map of its run by 4 products of 8 operations, and joins 5 levels of them: 72 more.
KernelCost biquad_filter_cost(Frames strips, Frames channels, Frames sections, Frames frames,
                              Frames segments) {
  const Frames samples = strips * channels * frames;
  const Frames states = channels * biquad_state_bytes(sections);
  const Frames designs =
      segments > 0 ? sections * segments * kDesignBytes : sections * (kDesignBytes + kMapsBytes);
  return one_launch(strips * channels, 4 * samples + states + designs + 12 * strips,
                    4 * samples + states,
                    {.floats = 2.0 * static_cast<double>(samples),
                     .doubles = (10 + (segments > 0 ? 110.0 : 38.0) / 16) *
                                static_cast<double>(sections * channels * frames)});
}

std::unique_ptr<LaneUnit> make_biquads(Ledger& ledger, LaneShape shape, const LaneOp& op) {
  return std::make_unique<BiquadUnit>(ledger, shape, op);
}

}  // namespace tutti::roofline
