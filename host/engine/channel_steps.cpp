// SPDX-License-Identifier: Apache-2.0
// Steps that work on whole channels: delay, stereo, limiter; and the two halves of a convolution.
#include "host/engine/steps.hpp"

namespace tutti {
namespace {

class UnitRunner : public RunningStep {
 public:
  UnitRunner(StepContext& context, const UnitStep& step)
      : context_(context),
        step_(step),
        node_(context.plan.nodes[step.node]),
        out_(context.allocate(step.node)),
        factor_(step.input.gain.matrix) {
    if (const auto* stereo = std::get_if<StereoDesign>(&node_.design)) {
      auto runner = context.backend.make_stereo(*stereo);
      stereo_ = runner.get();
      runner_ = std::move(runner);
    } else if (const auto* delay = std::get_if<DelayDesign>(&node_.design)) {
      runner_ = context.backend.make_delay(*delay, node_.channels);
    } else {
      runner_ = context.backend.make_limiter_insert(std::get<LimiterDesign>(node_.design),
                                                    node_.channels);
    }
    if (node_.insert.mix == 1.0) return;
    wet_ = EdgeGain::scalar(node_.channels, node_.insert.mix).matrix;
    dry_ = EdgeGain::scalar(node_.channels, 1.0 - node_.insert.mix).matrix;
    dry_signal_ = context.backend.allocate(node_.channels, context.tile_frames());
    if (node_.latency_frames > 0)
      dry_delay_ = context.backend.make_alignment(node_.latency_frames, node_.channels);
  }

  void run(Frames first_frame, int slot) override {
    const TileView in = context_.signals[step_.input.from].view(slot);
    const bool silent = !in.sounds() && idle_;
    out_.set_silent(slot, silent);
    if (silent) return;
    const TileView out = out_.buffer(slot);
    TileView scaled = silence_like(out);
    if (in.sounds()) {
      const SumTerm term{in, factor_, {}};
      context_.backend.sum(first_frame, {&term, 1}, out);
      scaled = out;
    }
    if (dry_signal_) keep_dry(first_frame, scaled);
    if (node_.motions.empty())
      runner_->process(scaled, out);
    else
      stereo_->process(scaled, out, collect_changes(first_frame));
    if (dry_signal_) {
      const SumTerm both[] = {{out, wet_, {}}, {dry_signal_->view(), dry_, {}}};
      context_.backend.sum(first_frame, both, out);
    }
    idle_ = !in.sounds() && runner_->quiet() && (!dry_delay_ || dry_delay_->quiet());
    if (idle_) runner_->reset();
  }

  void release(int slot) override { out_.release(slot); }

 private:
  /// Only a `stereo` unit's fields move. Its gains glide to where they are at the last frame of
  /// each step.
  std::vector<StereoChange> collect_changes(Frames first_frame) const {
    std::vector<StereoChange> changes;
    for (Frames n = 0; n < context_.tile_frames(); n += kControlFrames) {
      const Frames local = first_frame + n - (node_.arrival_frames - node_.latency_frames);
      changes.push_back({n, std::get<StereoDesign>(
                                design_at(node_, local + kControlFrames - 1, context_.plan.sample_rate_hz))});
    }
    return changes;
  }

  /// Silence by name, so that units know it without looking.
  static TileView silence_like(TileView tile) {
    return {nullptr, tile.channels, tile.frames, 0};
  }

  void keep_dry(Frames first_frame, TileView signal) {
    const TileView dry = dry_signal_->view();
    if (dry_delay_) {
      dry_delay_->process(signal, dry);
      return;
    }
    const std::vector<double> unity = EdgeGain::unity(node_.channels).matrix;
    const SumTerm term{signal, unity, {}};
    context_.backend.sum(first_frame, {&term, 1}, dry);
  }

  StepContext& context_;
  const UnitStep& step_;
  const Node& node_;
  Signal& out_;
  std::vector<double> factor_, wet_, dry_;
  std::unique_ptr<ChannelRunner> runner_, dry_delay_;
  StereoRunner* stereo_ = nullptr;
  std::unique_ptr<TileBuffer> dry_signal_;
  bool idle_ = true;
};

class SpectralStepRunner : public RunningStep {
 public:
  SpectralStepRunner(StepContext& context, const SpectralStep& step) : context_(context), step_(step) {
    SpectralProgram program;
    program.block_frames = step.block_frames;
    program.outputs = step.outputs;
    for (const SpectralSource& source : step.sources)
      program.sources.push_back({source.unit.inputs, source.unit.impulses, source.gains});
    runner_ = context.backend.make_spectral(program, context.slots, context.tile_frames());
    sounds_.assign(static_cast<std::size_t>(context.slots), 0);
  }

  void run(Frames, int slot) override {
    std::vector<TileView> views;
    for (const SpectralSource& source : step_.sources)
      views.push_back(context_.signals[source.from].view(slot));
    sounds_[slot] = runner_->accumulate(slot, context_.tile_frames(), views);
  }

  void release(int) override {}  // the sums of products are the runner's

  SpectralRunner* sounding(int slot) { return sounds_[slot] ? runner_.get() : nullptr; }

 private:
  StepContext& context_;
  const SpectralStep& step_;
  std::unique_ptr<SpectralRunner> runner_;
  std::vector<char> sounds_;
};

class InverseRunner : public RunningStep {
 public:
  InverseRunner(StepContext& context, const InverseStep& step) : context_(context), step_(step) {
    const Node& target = context.plan.nodes[step.target];
    if (target.kind == NodeKind::process)
      out_ = &context.allocate(step.target);
    else
      own_ = context.make_signal(step.outputs);
  }

  void run(Frames, int slot) override {
    std::vector<SpectralRunner*> runners;
    for (int step : step_.spectral_steps)
      if (SpectralRunner* runner = spectral_runner(*context_.steps[step], slot))
        runners.push_back(runner);
    Signal& out = signal();
    out.set_silent(slot, runners.empty());
    if (!runners.empty()) SpectralRunner::invert(runners, slot, out.buffer(slot));
  }

  void release(int slot) override { signal().release(slot); }

  const Signal& part() const { return out_ ? *out_ : own_; }

 private:
  Signal& signal() { return out_ ? *out_ : own_; }

  StepContext& context_;
  const InverseStep& step_;
  Signal* out_ = nullptr;
  Signal own_;
};

}  // namespace

std::unique_ptr<RunningStep> make_unit_runner(StepContext& context, const UnitStep& step) {
  return std::make_unique<UnitRunner>(context, step);
}
std::unique_ptr<RunningStep> make_spectral_runner(StepContext& context, const SpectralStep& step) {
  return std::make_unique<SpectralStepRunner>(context, step);
}
std::unique_ptr<RunningStep> make_inverse_runner(StepContext& context, const InverseStep& step) {
  return std::make_unique<InverseRunner>(context, step);
}
SpectralRunner* spectral_runner(RunningStep& spectral_step, int slot) {
  return static_cast<SpectralStepRunner&>(spectral_step).sounding(slot);
}
const Signal& inverse_part(const RunningStep& inverse_step) {
  return static_cast<const InverseRunner&>(inverse_step).part();
}

}  // namespace tutti
