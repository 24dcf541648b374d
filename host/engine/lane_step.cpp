// SPDX-License-Identifier: Apache-2.0
// A lane step: stems are read (or node signals taken) in pieces that stay in the second-level cache,
// run through their chains side by side, and added into the step's part of every sum they feed.
#include <algorithm>
#include <array>
#include <cstring>

#include "host/engine/key_input.hpp"
#include "host/engine/steps.hpp"

namespace tutti {
namespace {

// 16 lanes × 8,192 frames × 4 bytes = 512 KiB: half of a usual L2, and few calls to read 24-bit files.
constexpr Frames kPieceFrames = 8192;

/// One sum that the step feeds: its part of it, and the gains of every lane.
struct Mix {
  Signal part;
  int out_channels = 0;
  std::vector<std::array<float, kLanes>> gains;             // [out]
  std::vector<std::array<const float*, kLanes>> automated;  // [out], pointers into curves
  std::vector<std::vector<float>> curves;                   // [out · kLanes + lane], empty: static
  bool moves = false;
};

class LaneStepRunner : public RunningStep {
 public:
  LaneStepRunner(StepContext& context, const LaneStep& step)
      : context_(context),
        step_(step),
        channels_(step.program.channels),
        lanes_(step.program.strips * step.program.channels),
        runner_(context.backend.make_lanes(step.program)),
        input_(lanes_, kPieceFrames) {
    for (const LaneStrip& strip : step.strips) {
      if (strip.planar) context.allocate(strip.tail);
      for (const PlanEdge& key : strip.keys) has_keys_ |= key.from >= 0;
      for (NodeId node : strip.nodes) moves_ |= node >= 0 && !context.plan.nodes[node].motions.empty();
    }
    for (const LaneMixTarget& target : step.mixes) add_mix(target);
    if (has_keys_) add_keys();
  }

  void run(Frames first_frame, int slot) override {
    const Frames tile = context_.tile_frames();
    bool sounded = false;
    for (Frames done = 0; done < tile; done += kPieceFrames) {
      const Frames count = std::min(kPieceFrames, tile - done);
      const bool sounds = gather_inputs(first_frame + done, done, count, slot);
      if (!sounds && idle_) {
        if (sounded) clear_piece(done, count, slot);
        continue;
      }
      if (!sounded) clear_piece(0, done, slot);  // what was skipped so far is silence
      sounded = true;
      run_piece(first_frame + done, done, count, slot);
      idle_ = !sounds && runner_->quiet();
      if (idle_) runner_->reset();
    }
    for (Mix& mix : mixes_) mix.part.silent[slot] = !sounded;
    for (const LaneStrip& strip : step_.strips)
      if (strip.planar) context_.signals[strip.tail].silent[slot] = !sounded;
  }

  const Signal& part(int mix) const { return mixes_[mix].part; }

 private:
  void add_mix(const LaneMixTarget& target) {
    Mix mix;
    mix.out_channels = context_.plan.nodes[target.sum].channels;
    mix.part = context_.make_signal(mix.out_channels);
    mix.gains.resize(static_cast<std::size_t>(mix.out_channels));
    mix.automated.resize(static_cast<std::size_t>(mix.out_channels));
    mix.curves.resize(static_cast<std::size_t>(mix.out_channels) * kLanes);
    for (int out = 0; out < mix.out_channels; ++out) {
      mix.gains[out].fill(0);
      mix.automated[out].fill(nullptr);
      for (int lane = 0; lane < lanes_; ++lane) {
        const EdgeGain& gain = target.gains[lane / channels_].gain;
        if (gain.is_static()) {
          mix.gains[out][lane] = static_cast<float>(gain.at(out, lane % channels_, 0));
          continue;
        }
        std::vector<float>& curve = mix.curves[out * kLanes + lane];
        curve.resize(kPieceFrames);
        mix.automated[out][lane] = curve.data();
        mix.moves = true;
      }
    }
    mixes_.push_back(std::move(mix));
  }

  void add_keys() {
    for (std::size_t op = 0; op < step_.program.ops.size(); ++op) {
      if (!step_.program.ops[op].external_key) continue;
      for (const LaneStrip& strip : step_.strips)
        keys_.emplace_back(context_, strip.keys[op], channels_, kPieceFrames);
    }
  }

  /// Points every lane at its input; returns whether any of them can sound.
  bool gather_inputs(Frames first_frame, Frames offset, Frames count, int slot) {
    bool sounds = false;
    for (std::size_t s = 0; s < step_.strips.size(); ++s) {
      const LaneStrip& strip = step_.strips[s];
      const int lane = static_cast<int>(s) * channels_;
      ConstBlockView view;
      if (strip.stem >= 0) {
        StemStage& stem = *context_.stems[strip.stem];
        if (stem.sounds(first_frame, count)) {
          const BlockView into =
              input_.view().channel_range(lane, channels_).slice(0, count);
          stem.read(first_frame, into);
          view = into;
        }
      } else {
        view = context_.signals[strip.input].view(slot);
        if (view.data) view = view.slice(offset, count);
      }
      for (int c = 0; c < channels_; ++c) inputs_[lane + c] = view.data ? view.channel(c) : nullptr;
      sounds |= view.data != nullptr;
    }
    return sounds;
  }

  void run_piece(Frames first_frame, Frames offset, Frames count, int slot) {
    std::array<float*, kLanes> outputs{};
    bool any_output = false;
    for (std::size_t s = 0; s < step_.strips.size(); ++s) {
      if (!step_.strips[s].planar) continue;
      any_output = true;
      Buffer& buffer = context_.signals[step_.strips[s].tail].slots[slot];
      for (int c = 0; c < channels_; ++c)
        outputs[s * static_cast<std::size_t>(channels_) + static_cast<std::size_t>(c)] =
            buffer.channel(c) + offset;
    }
    clear_mixes(offset, count, slot);
    gather_keys(first_frame, offset, count, slot);
    move_gains(first_frame, count);
    const Frames stride = moves_ ? kControlFrames : count;
    for (Frames n = 0; n < count; n += stride) {
      if (moves_) move_designs(first_frame + n);
      run_span(n, std::min(stride, count - n), offset, slot, any_output ? &outputs : nullptr);
    }
  }

  void run_span(Frames from, Frames count, Frames offset, int slot,
                const std::array<float*, kLanes>* outputs) {
    std::array<const float*, kLanes> in{};
    for (int lane = 0; lane < lanes_; ++lane) in[lane] = inputs_[lane] ? inputs_[lane] + from : nullptr;
    std::array<float*, kLanes> out{};
    if (outputs)
      for (int lane = 0; lane < lanes_; ++lane)
        out[lane] = (*outputs)[lane] ? (*outputs)[lane] + from : nullptr;
    key_pointers_.clear();
    for (const KeyInput& key : keys_)
      for (int c = 0; c < channels_; ++c) {
        const float* data = key.channel(c);
        key_pointers_.push_back(data ? data + from : nullptr);
      }
    mix_outs_.assign(mixes_.size(), {});
    mix_curves_.assign(mixes_.size(), {});
    std::vector<LaneMix> mixes;
    for (std::size_t m = 0; m < mixes_.size(); ++m) {
      Mix& mix = mixes_[m];
      for (int o = 0; o < mix.out_channels; ++o) {
        mix_outs_[m].push_back(mix.part.slots[slot].channel(o) + offset + from);
        std::array<const float*, kLanes> curves = mix.automated[o];
        for (const float*& curve : curves)
          if (curve) curve += from;
        mix_curves_[m].push_back(curves);
      }
      mixes.push_back({mix.out_channels, mix_outs_[m].data(), mix.gains.data(),
                       mix.moves ? mix_curves_[m].data() : nullptr});
    }
    const auto lanes = static_cast<std::size_t>(lanes_);
    runner_->process(count, {in.data(), lanes}, key_pointers_,
                     outputs ? std::span<float* const>(out.data(), lanes) : std::span<float* const>(),
                     mixes);
  }

  void gather_keys(Frames first_frame, Frames offset, Frames count, int slot) {
    for (KeyInput& key : keys_) key.gather(first_frame, offset, count, slot);
  }

  void move_gains(Frames first_frame, Frames count) {
    for (std::size_t m = 0; m < mixes_.size(); ++m) {
      if (!mixes_[m].moves) continue;
      for (int out = 0; out < mixes_[m].out_channels; ++out)
        for (int lane = 0; lane < lanes_; ++lane) {
          std::vector<float>& curve = mixes_[m].curves[out * kLanes + lane];
          if (curve.empty()) continue;
          const PlanEdge& edge = step_.mixes[m].gains[lane / channels_];
          edge.gain.values(out, lane % channels_, first_frame - edge.arrival_frames,
                           {curve.data(), static_cast<std::size_t>(count)});
        }
    }
  }

  /// Sets every moving processor to its fields' values at this frame of its own input.
  void move_designs(Frames frame) {
    for (std::size_t s = 0; s < step_.strips.size(); ++s)
      for (std::size_t op = 0; op < step_.strips[s].nodes.size(); ++op) {
        const NodeId id = step_.strips[s].nodes[op];
        if (id < 0 || context_.plan.nodes[id].motions.empty()) continue;
        const Node& node = context_.plan.nodes[id];
        const Frames local = frame - (node.arrival_frames - node.latency_frames);
        set_design(static_cast<int>(op), static_cast<int>(s),
                   design_at(node, local, context_.plan.sample_rate_hz));
      }
  }

  void set_design(int op, int strip, const ProcessorDesign& design) {
    if (const auto* eq = std::get_if<EqDesign>(&design)) runner_->set_biquads(op, strip, eq->sections);
    if (const auto* unit = std::get_if<CompressorDesign>(&design))
      runner_->set_compressor(op, strip, *unit);
    if (const auto* unit = std::get_if<GateDesign>(&design)) runner_->set_gate(op, strip, *unit);
    if (const auto* unit = std::get_if<ExpanderDesign>(&design))
      runner_->set_expander(op, strip, *unit);
    if (const auto* unit = std::get_if<GainDesign>(&design))
      runner_->set_gain(op, strip, unit->linear);
  }

  template <typename Visit>
  void for_each_result(int slot, Visit&& visit) {
    for (Mix& mix : mixes_) visit(mix.part.slots[slot]);
    for (const LaneStrip& strip : step_.strips)
      if (strip.planar) visit(context_.signals[strip.tail].slots[slot]);
  }

  void clear_piece(Frames offset, Frames count, int slot) {
    for_each_result(slot, [&](Buffer& buffer) {
      for (int c = 0; c < buffer.channels(); ++c)
        std::memset(buffer.channel(c) + offset, 0, sizeof(float) * static_cast<std::size_t>(count));
    });
  }

  /// Mixes add: a piece starts from zero, just before it is used and thus in the cache.
  void clear_mixes(Frames offset, Frames count, int slot) {
    for (Mix& mix : mixes_)
      for (int c = 0; c < mix.out_channels; ++c)
        std::memset(mix.part.slots[slot].channel(c) + offset, 0,
                    sizeof(float) * static_cast<std::size_t>(count));
  }

  StepContext& context_;
  const LaneStep& step_;
  int channels_, lanes_;
  std::unique_ptr<LaneRunner> runner_;
  Buffer input_;
  std::array<const float*, kLanes> inputs_{};
  std::vector<Mix> mixes_;
  std::vector<KeyInput> keys_;
  std::vector<const float*> key_pointers_;
  std::vector<std::vector<float*>> mix_outs_;
  std::vector<std::vector<std::array<const float*, kLanes>>> mix_curves_;
  bool has_keys_ = false;
  bool moves_ = false;
  bool idle_ = true;
};

}  // namespace

std::unique_ptr<RunningStep> make_lane_step_runner(StepContext& context, const LaneStep& step) {
  return std::make_unique<LaneStepRunner>(context, step);
}

const Signal& lane_part(const RunningStep& lane_step, int mix) {
  return static_cast<const LaneStepRunner&>(lane_step).part(mix);
}

}  // namespace tutti
