// SPDX-License-Identifier: Apache-2.0
// A sum: parts that lane steps made, inverse transforms and single signals, added in a fixed order.
#include "host/engine/edge_term.hpp"
#include "host/engine/steps.hpp"

namespace tutti {
namespace {

class SumRunner : public RunningStep {
 public:
  SumRunner(StepContext& context, const SumStep& step)
      : context_(context),
        step_(step),
        out_(context.allocate(step.node)),
        unity_(EdgeGain::unity(context.plan.nodes[step.node].channels).matrix) {
    for (const PlanEdge& edge : step.planar)
      planar_.emplace_back(context.backend, edge, context.plan.nodes[edge.from].channels,
                           context.tile_frames());
  }

  void run(Frames first_frame, int slot) override {
    std::vector<SumTerm> terms;
    for (const SumStep::LanePart& part : step_.lanes)
      terms.push_back({lane_part(*context_.steps[part.step], part.mix).view(slot), unity_, {}});
    for (int inverse : step_.inverses)
      terms.push_back({inverse_part(*context_.steps[inverse]).view(slot), unity_, {}});
    for (std::size_t i = 0; i < planar_.size(); ++i)
      terms.push_back(planar_[i].take(context_.signals[step_.planar[i].from].view(slot)));
    std::erase_if(terms, [](const SumTerm& term) { return !term.in.sounds(); });
    out_.set_silent(slot, terms.empty());
    if (!terms.empty()) context_.backend.sum(first_frame, terms, out_.buffer(slot));
  }

  void release(int slot) override { out_.release(slot); }

 private:
  StepContext& context_;
  const SumStep& step_;
  Signal& out_;
  std::vector<double> unity_;
  std::vector<EdgeTerm> planar_;
};

}  // namespace

std::unique_ptr<RunningStep> make_sum_runner(StepContext& context, const SumStep& step) {
  return std::make_unique<SumRunner>(context, step);
}

}  // namespace tutti
