// SPDX-License-Identifier: Apache-2.0
// A sum: parts that lane steps made, inverse transforms and single signals, added in double and in a
// fixed order, rounded once.
#include <algorithm>
#include <array>
#include <utility>

#include "host/engine/steps.hpp"

namespace tutti {
namespace {

constexpr Frames kChunkFrames = 2048;

class SumRunner : public RunningStep {
 public:
  SumRunner(StepContext& context, const SumStep& step)
      : context_(context), step_(step), out_(context.allocate(step.node)) {
    for (const PlanEdge& edge : step.planar) {
      const int channels = context.plan.nodes[edge.from].channels;
      delays_.push_back(edge.delay_frames > 0
                            ? context.backend.make_alignment(edge.delay_frames, channels)
                            : nullptr);
      delayed_.emplace_back(edge.delay_frames > 0 ? channels : 0,
                            edge.delay_frames > 0 ? context.tile_frames() : 0);
    }
    sums_.assign(static_cast<std::size_t>(channels()), std::vector<double>(kChunkFrames));
  }

  void run(Frames first_frame, int slot) override {
    collect(slot);
    bool sounds = !parts_.empty();
    for (const ConstBlockView& view : planar_) sounds |= view.data != nullptr;
    out_.silent[slot] = !sounds;
    if (!sounds) return;
    std::vector<double*> sums;
    for (auto& sum : sums_) sums.push_back(sum.data());
    for (Frames done = 0; done < context_.tile_frames(); done += kChunkFrames) {
      const Frames count = std::min(kChunkFrames, context_.tile_frames() - done);
      for (auto& sum : sums_) std::fill(sum.begin(), sum.end(), 0.0);
      for (const ConstBlockView& part : parts_)
        for (int c = 0; c < channels(); ++c) context_.backend.add_to_sum(part.channel(c) + done, 1.0, count, sums[c]);
      for (std::size_t i = 0; i < planar_.size(); ++i)
        if (planar_[i].data)
          add_with_gain(context_.backend, step_.planar[i], planar_[i].slice(done, count),
                        first_frame + done, sums.data());
      for (int c = 0; c < channels(); ++c)
        context_.backend.round_sum(sums_[c].data(), count, out_.slots[slot].channel(c) + done);
    }
  }

 private:
  int channels() const { return context_.plan.nodes[step_.node].channels; }

  /// The views to add for this tile: silent ones are left out, delayed ones run through their delay.
  void collect(int slot) {
    parts_.clear();
    planar_.clear();
    for (const SumStep::LanePart& part : step_.lanes)
      if (const auto view = lane_part(*context_.steps[part.step], part.mix).view(slot); view.data)
        parts_.push_back(view);
    for (int inverse : step_.inverses)
      if (const auto view = inverse_part(*context_.steps[inverse]).view(slot); view.data)
        parts_.push_back(view);
    for (std::size_t i = 0; i < step_.planar.size(); ++i) {
      ConstBlockView view = context_.signals[step_.planar[i].from].view(slot);
      if (delays_[i]) {
        if (!view.data && delays_[i]->quiet()) {
          planar_.push_back({});
          continue;
        }
        if (!view.data) {
          delayed_[i].clear();
          view = std::as_const(delayed_[i]).view();
        }
        delays_[i]->process(view, delayed_[i].view());
        view = std::as_const(delayed_[i]).view();
      }
      planar_.push_back(view);
    }
  }

  StepContext& context_;
  const SumStep& step_;
  Signal& out_;
  std::vector<std::unique_ptr<ChannelRunner>> delays_;
  std::vector<Buffer> delayed_;
  std::vector<std::vector<double>> sums_;
  std::vector<ConstBlockView> parts_, planar_;
};

}  // namespace

void add_with_gain(Backend& backend, const PlanEdge& edge, ConstBlockView in, Frames first_frame,
                   double* const* out) {
  const EdgeGain& gain = edge.gain;
  std::array<float, kChunkFrames> curve;
  for (int o = 0; o < gain.outputs; ++o)
    for (int i = 0; i < gain.inputs; ++i) {
      if (gain.is_static()) {
        const double factor = gain.matrix[o * gain.inputs + i];
        if (factor == 0.0) continue;
        backend.add_to_sum(in.channel(i), factor, in.frames, out[o]);
        continue;
      }
      for (Frames done = 0; done < in.frames; done += kChunkFrames) {
        const Frames piece = std::min(kChunkFrames, in.frames - done);
        const Frames frame = first_frame + done - edge.delay_frames - edge.arrival_frames;
        gain.values(o, i, frame, {curve.data(), static_cast<std::size_t>(piece)});
        backend.add_to_sum(in.channel(i) + done, curve.data(), piece, out[o] + done);
      }
    }
}

std::unique_ptr<RunningStep> make_sum_runner(StepContext& context, const SumStep& step) {
  return std::make_unique<SumRunner>(context, step);
}

}  // namespace tutti
