// SPDX-License-Identifier: Apache-2.0
// A lane step: stems or node signals through equal chains side by side, added into the step's part of
// every sum that they feed. Here is what moves; how the lanes run is the backend's.
#include <algorithm>

#include "host/engine/edge_term.hpp"
#include "host/engine/steps.hpp"

namespace tutti {
namespace {

/// One sum that the step feeds: its part of it, and the gains of every lane.
struct Mix {
  Signal part;
  std::vector<float> gains;              // [out · lanes + lane]
  std::vector<const GainCurve*> curves;  // the same order; empty: nothing moves
  std::vector<std::unique_ptr<EdgeCurve>> owned;
};

/// The key of one strip at one op: another node's signal, through a gain and an alignment delay.
struct Key {
  NodeId from;
  EdgeTerm edge;
  std::unique_ptr<TileBuffer> signal;
};

class LaneStepRunner : public RunningStep {
 public:
  LaneStepRunner(StepContext& context, const LaneStep& step)
      : context_(context),
        step_(step),
        channels_(step.program.channels),
        runner_(context.backend.make_lanes(step.program, context.tile_frames())) {
    for (const LaneStrip& strip : step.strips) {
      if (strip.planar) context.allocate(strip.tail);
      for (NodeId node : strip.nodes) moves_ |= node >= 0 && !context.plan.nodes[node].motions.empty();
    }
    for (const LaneMixTarget& target : step.mixes) add_mix(target);
    for (std::size_t op = 0; op < step.program.ops.size(); ++op)
      if (step.program.ops[op].external_key)
        for (const LaneStrip& strip : step.strips) add_key(strip.keys[op]);
  }

  void run(Frames first_frame, int slot) override {
    std::vector<LaneInput> inputs;
    std::vector<TileView> outputs;
    for (const LaneStrip& strip : step_.strips) {
      LaneInput input;
      if (strip.stem >= 0)
        input.stem = context_.stems[strip.stem].get();
      else
        input.signal = context_.signals[strip.input].view(slot);
      inputs.push_back(input);
      outputs.push_back(strip.planar ? context_.signals[strip.tail].buffer(slot) : TileView{});
    }
    std::vector<TileView> keys;
    for (Key& key : keys_) keys.push_back(take_key(key, first_frame, slot));
    std::vector<LaneTarget> targets;
    for (Mix& mix : mixes_) targets.push_back({mix.part.buffer(slot), mix.gains, mix.curves});
    const std::vector<LaneChange> changes = collect_changes(first_frame);
    const bool sounds = runner_->run({first_frame, context_.tile_frames(), inputs, keys, outputs,
                                      targets, changes});
    for (Mix& mix : mixes_) mix.part.set_silent(slot, !sounds);
    for (const LaneStrip& strip : step_.strips)
      if (strip.planar) context_.signals[strip.tail].set_silent(slot, !sounds);
  }

  void release(int slot) override {
    for (Mix& mix : mixes_) mix.part.release(slot);
    for (const LaneStrip& strip : step_.strips)
      if (strip.planar) context_.signals[strip.tail].release(slot);
  }

  const Signal& part(int mix) const { return mixes_[mix].part; }

 private:
  void add_mix(const LaneMixTarget& target) {
    Mix mix;
    mix.part = context_.make_signal(context_.plan.nodes[target.sum].channels);
    const int lanes = step_.program.lanes();
    bool moves = false;
    for (int out = 0; out < mix.part.channels(); ++out)
      for (int lane = 0; lane < lanes; ++lane) {
        const PlanEdge& edge = target.gains[lane / channels_];
        const bool fixed = edge.gain.is_static();
        moves |= !fixed;
        mix.gains.push_back(
            fixed ? static_cast<float>(edge.gain.at(out, lane % channels_, 0)) : 0.0f);
        if (!fixed)
          mix.owned.push_back(std::make_unique<EdgeCurve>(edge.gain, out, lane % channels_,
                                                          edge.arrival_frames));
        mix.curves.push_back(fixed ? nullptr : mix.owned.back().get());
      }
    if (!moves) mix.curves.clear();
    mixes_.push_back(std::move(mix));
  }

  void add_key(const PlanEdge& edge) {
    keys_.push_back({edge.from,
                     EdgeTerm(context_.backend, edge, context_.plan.nodes[edge.from].channels,
                              context_.tile_frames()),
                     context_.backend.allocate(channels_, context_.tile_frames())});
  }

  TileView take_key(Key& key, Frames first_frame, int slot) {
    const SumTerm term = key.edge.take(context_.signals[key.from].view(slot));
    if (!term.in.sounds()) return {};
    context_.backend.sum(first_frame, {&term, 1}, key.signal->view());
    return key.signal->view();
  }

  /// Every moving processor at its fields' values, on the control grid of its own input: those of the
  /// middle of a step hold for the step, a make-up gain glides to that of its last frame.
  std::vector<LaneChange> collect_changes(Frames first_frame) const {
    std::vector<LaneChange> changes;
    for (Frames n = 0; moves_ && n < context_.tile_frames(); n += kControlFrames)
      for (std::size_t s = 0; s < step_.strips.size(); ++s)
        for (std::size_t op = 0; op < step_.strips[s].nodes.size(); ++op) {
          const NodeId id = step_.strips[s].nodes[op];
          if (id < 0 || context_.plan.nodes[id].motions.empty()) continue;
          const Node& node = context_.plan.nodes[id];
          const Frames local = first_frame + n - (node.arrival_frames - node.latency_frames);
          changes.push_back({n, static_cast<int>(op), static_cast<int>(s), design_of_step(node, local)});
        }
    return changes;
  }

  decltype(LaneChange::design) design_of_step(const Node& node, Frames local) const {
    const double rate = context_.plan.sample_rate_hz;
    auto middle = lane_design(design_at(node, local + kControlFrames / 2, rate));
    if (auto* compressor = std::get_if<CompressorDesign>(&middle))
      compressor->makeup_log2 =
          std::get<CompressorDesign>(design_at(node, local + kControlFrames - 1, rate)).makeup_log2;
    return middle;
  }

  static decltype(LaneChange::design) lane_design(ProcessorDesign design) {
    if (auto* eq = std::get_if<EqDesign>(&design)) return std::move(eq->sections);
    if (const auto* unit = std::get_if<CompressorDesign>(&design)) return *unit;
    if (const auto* unit = std::get_if<GateDesign>(&design)) return *unit;
    if (const auto* unit = std::get_if<ExpanderDesign>(&design)) return *unit;
    return std::get<GainDesign>(design).linear;
  }

  StepContext& context_;
  const LaneStep& step_;
  int channels_;
  std::unique_ptr<LaneRunner> runner_;
  std::vector<Mix> mixes_;
  std::vector<Key> keys_;
  bool moves_ = false;
};

}  // namespace

std::unique_ptr<RunningStep> make_lane_step_runner(StepContext& context, const LaneStep& step) {
  return std::make_unique<LaneStepRunner>(context, step);
}

const Signal& lane_part(const RunningStep& lane_step, int mix) {
  return static_cast<const LaneStepRunner&>(lane_step).part(mix);
}

}  // namespace tutti
