// SPDX-License-Identifier: Apache-2.0
// Steps that work on whole channels: delay, stereo, limiter; and the two halves of a convolution.
#include <algorithm>
#include <cstring>

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
        factor_(static_cast<float>(*step.input.gain.static_scalar())) {
    if (const auto* delay = std::get_if<DelayDesign>(&node_.design))
      runner_ = context.backend.make_delay(*delay, node_.channels);
    else if (const auto* stereo = std::get_if<StereoDesign>(&node_.design))
      runner_ = context.backend.make_stereo(*stereo);
    else
      runner_ = context.backend.make_limiter_insert(std::get<LimiterDesign>(node_.design),
                                                    node_.channels);
    if (node_.insert.mix != 1.0) {
      dry_ = Buffer(node_.channels, context.tile_frames());
      if (node_.latency_frames > 0)
        dry_delay_ = context.backend.make_alignment(node_.latency_frames, node_.channels);
    }
  }

  void run(Frames first_frame, int slot) override {
    const ConstBlockView in = context_.signals[step_.input.from].view(slot);
    out_.silent[slot] = !in.data && idle_;
    if (out_.silent[slot]) return;
    Buffer& out = out_.slots[slot];
    for (int c = 0; c < node_.channels; ++c)
      for (Frames n = 0; n < context_.tile_frames(); ++n)
        out.channel(c)[n] = in.data ? in.channel(c)[n] * factor_ : 0.0f;
    if (node_.insert.mix != 1.0) keep_dry(out);
    if (node_.motions.empty()) {
      runner_->process(out.view(), out.view());
    } else {
      for (Frames n = 0; n < context_.tile_frames(); n += kControlFrames) {
        move(first_frame + n);
        const BlockView piece =
            out.view().slice(n, std::min(kControlFrames, context_.tile_frames() - n));
        runner_->process(piece, piece);
      }
    }
    if (node_.insert.mix != 1.0) blend(out);
    idle_ = !in.data && runner_->quiet() && (!dry_delay_ || dry_delay_->quiet());
    if (idle_) runner_->reset();
  }

 private:
  void move(Frames frame) {
    const Frames local = frame - (node_.arrival_frames - node_.latency_frames);
    const ProcessorDesign moved = design_at(node_, local, context_.plan.sample_rate_hz);
    if (const auto* stereo = std::get_if<StereoDesign>(&moved)) runner_->set_stereo(*stereo);
  }

  void keep_dry(const Buffer& out) {
    for (int c = 0; c < node_.channels; ++c)
      std::copy_n(out.channel(c), context_.tile_frames(), dry_.channel(c));
    if (dry_delay_) dry_delay_->process(dry_.view(), dry_.view());
  }

  void blend(Buffer& out) {
    const float wet = static_cast<float>(node_.insert.mix);
    const float dry = static_cast<float>(1.0 - node_.insert.mix);
    for (int c = 0; c < node_.channels; ++c)
      for (Frames n = 0; n < context_.tile_frames(); ++n)
        out.channel(c)[n] = wet * out.channel(c)[n] + dry * dry_.channel(c)[n];
  }

  StepContext& context_;
  const UnitStep& step_;
  const Node& node_;
  Signal& out_;
  float factor_;
  std::unique_ptr<ChannelRunner> runner_, dry_delay_;
  Buffer dry_;
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
    std::vector<ConstBlockView> views;
    for (const SpectralSource& source : step_.sources)
      views.push_back(context_.signals[source.from].view(slot));
    sounds_[slot] = runner_->accumulate(slot, context_.tile_frames(), views);
  }

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
    out.silent[slot] = runners.empty();
    if (!runners.empty()) SpectralRunner::invert(runners, slot, out.slots[slot].view());
  }

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
