// SPDX-License-Identifier: Apache-2.0
// Dataflow over (step, tile). A step of a tile may run when its producers have done that tile, it
// has itself done the one before, and its readers have let go of the buffer that it will write
// (`tiles_in_flight` tiles ago).
#include "host/engine/execute.hpp"

#include <tbb/task_group.h>

#include <algorithm>
#include <mutex>
#include <set>
#include <utility>

#include "host/audio/errors.hpp"
#include "host/engine/steps.hpp"

namespace tutti {
namespace {

/// Lanes one behind the other, as a finished mix in its chain: a second thread would wait for the
/// first most of the time, awake.
bool is_light_chain(const Plan& plan) {
  for (std::size_t step = 0; step < plan.steps.size(); ++step) {
    if (!std::holds_alternative<LaneStep>(plan.steps[step])) return false;
    const std::vector<int>& before = plan.depends[step];
    const bool follows =
        std::find(before.begin(), before.end(), static_cast<int>(step) - 1) != before.end();
    if (step > 0 && !follows) return false;
  }
  return true;
}

class Dataflow {
 public:
  Dataflow(const Plan& plan, StepContext& context, const ExecuteOptions& options,
           const std::function<bool(const TileSignals&)>& on_tile)
      : plan_(plan), context_(context), options_(options), on_tile_(on_tile) {
    const int steps = static_cast<int>(plan.steps.size()) + 1;  // the last one hands out the taps
    depends_ = plan.depends;
    depends_.push_back(plan.tap_steps);
    std::sort(depends_.back().begin(), depends_.back().end());
    depends_.back().erase(std::unique(depends_.back().begin(), depends_.back().end()),
                          depends_.back().end());
    consumers_.resize(static_cast<std::size_t>(steps));
    for (int step = 0; step < steps; ++step)
      for (int before : depends_[step]) consumers_[before].push_back(step);
    const auto slots = static_cast<std::size_t>(options.tiles_in_flight);
    pending_ = std::vector<Counts>(slots);
    reading_ = std::vector<Counts>(slots);
    for (int slot = 0; slot < options.tiles_in_flight; ++slot) {
      pending_[slot] = Counts(static_cast<std::size_t>(steps));
      reading_[slot] = Counts(static_cast<std::size_t>(steps));
      for (int step = 0; step < steps; ++step) {
        pending_[slot][step] = initial_count(step, slot);
        reading_[slot][step] = static_cast<int>(consumers_[step].size());
      }
    }
  }

  void run() {
    // A step waits for nothing only in the first tile.
    for (int step = 0; step < static_cast<int>(depends_.size()); ++step)
      if (depends_[step].empty()) start(step, 0);
    while (in_order_ && !ready_.empty()) run_next();
    group_.wait();
  }

 private:
  using Counts = std::vector<std::atomic<int>>;

  int initial_count(int step, Frames tile) const {
    return static_cast<int>(depends_[step].size()) + (tile > 0 ? 1 : 0) +
           (tile >= options_.tiles_in_flight ? static_cast<int>(consumers_[step].size()) : 0);
  }

  Frames first_frame(Frames tile) const { return options_.first_frame + tile * plan_.tile_frames; }

  void start(int step, Frames tile) {
    if (first_frame(tile) >= options_.end_frame || ended_.load()) return;
    {
      const std::lock_guard lock(ready_mutex_);
      ready_.insert({tile, -step});
    }
    if (in_order_) return;
    group_.run([this] { run_next(); });
  }

  /// The earliest tile, and in it the step furthest on: it reads what was just written, and lets go
  /// of it. Steps that ran ahead would fill all memory in flight.
  void run_next() {
    std::pair<Frames, int> next;
    {
      const std::lock_guard lock(ready_mutex_);
      next = *ready_.begin();
      ready_.erase(ready_.begin());
    }
    run_step(-next.second, next.first);
  }

  void arrive(int step, Frames tile) {
    if (--pending_[tile % options_.tiles_in_flight][step] == 0) start(step, tile);
  }

  void run_step(int step, Frames tile) {
    if (ended_.load()) return;
    if (options_.stop && options_.stop->load()) {
      ended_ = true;
      throw Cancelled();
    }
    const int slot = static_cast<int>(tile % options_.tiles_in_flight);
    try {
      if (step < static_cast<int>(context_.steps.size()))
        context_.steps[step]->run(first_frame(tile), slot);
      else
        hand_out(tile, slot);
    } catch (...) {
      ended_ = true;
      throw;
    }
    // Nobody can count this slot's next tile down before this point, so it is armed here.
    pending_[slot][step] = initial_count(step, tile + options_.tiles_in_flight);
    for (int before : depends_[step]) {
      done_reading(before, slot);
      arrive(before, tile + options_.tiles_in_flight);
    }
    for (int consumer : consumers_[step]) arrive(consumer, tile);
    arrive(step, tile + 1);
  }

  void done_reading(int step, int slot) {
    if (--reading_[slot][step] > 0) return;
    reading_[slot][step] = static_cast<int>(consumers_[step].size());
    context_.steps[step]->release(slot);
  }

  void hand_out(Frames tile, int slot) {
    TileSignals signals;
    signals.first_frame = first_frame(tile);
    signals.frames = plan_.tile_frames;
    fetched_.resize(plan_.taps.size());
    for (std::size_t tap = 0; tap < plan_.taps.size(); ++tap) {
      const TileView signal = context_.signals[plan_.taps[tap].node].view(slot);
      signals.taps.push_back(signal.sounds()
                                 ? context_.backend.fetch(signal, fetched_[tap])
                                 : ConstBlockView{nullptr, signal.channels, signal.frames, 0});
    }
    if (!on_tile_(signals)) ended_ = true;
  }

  const Plan& plan_;
  StepContext& context_;
  const ExecuteOptions& options_;
  const std::function<bool(const TileSignals&)>& on_tile_;
  std::vector<std::vector<int>> depends_, consumers_;
  std::vector<Counts> pending_;  // [slot][step]: what the next run waits for
  std::vector<Counts> reading_;  // [slot][step]: who has still to read what it wrote
  const bool in_order_ = is_light_chain(plan_) && !context_.backend.has_own_memory();
  std::mutex ready_mutex_;
  // (tile, −step) of all that may run; unless in order, each has a task.
  std::set<std::pair<Frames, int>> ready_;
  std::vector<Buffer> fetched_;  // per tap, for machines with memory of their own
  std::atomic<bool> ended_ = false;
  tbb::task_group group_;
};

void free_impulses(ProcessorDesign& design) {
  if (auto* unit = std::get_if<ConvolutionDesign>(&design)) unit->impulses.clear();
}

/// Of a step whose runner has made its spectra: the next one's go where these were.
void free_impulses(PlanStep& step) {
  if (auto* spectral = std::get_if<SpectralStep>(&step))
    for (SpectralSource& source : spectral->sources) source.unit.impulses.clear();
}

}  // namespace

Signal::Signal(TilePool& pool, int channels, int slots)
    : pool_(&pool),
      slots_(static_cast<std::size_t>(slots)),
      silent_(static_cast<std::size_t>(slots), 1),
      channels_(channels) {
  if (!pool.recycles())
    for (auto& slot : slots_) slot = pool.take(channels);
}

TileView Signal::buffer(int slot) {
  std::unique_ptr<TileBuffer>& buffer = slots_[static_cast<std::size_t>(slot)];
  if (!buffer) buffer = pool_->take(channels_);
  return buffer->view();
}

TileView Signal::view(int slot) const {
  const auto at = static_cast<std::size_t>(slot);
  if (silent_[at]) return {nullptr, channels_, pool_->tile_frames(), 0};
  return slots_[at]->view();
}

void Signal::release(int slot) {
  std::unique_ptr<TileBuffer>& buffer = slots_[static_cast<std::size_t>(slot)];
  if (buffer && pool_->recycles()) pool_->give_back(std::move(buffer));
}

StepContext::StepContext(Plan& plan_in, Backend& backend_in,
                         const std::vector<std::unique_ptr<StemStage>>& stems_in, int slots_in)
    : plan(plan_in),
      backend(backend_in),
      stems(stems_in),
      slots(slots_in),
      pool(backend_in, plan_in.tile_frames) {
  signals.resize(plan.nodes.size());
  // Where memory may run out, another attempt needs them.
  const bool free_them = !backend.has_own_memory();
  for (Node& node : plan_in.nodes)
    if (free_them) free_impulses(node.design);
  for (PlanStep& step : plan_in.steps) {
    steps.push_back(std::visit(
        [&](const auto& kind) -> std::unique_ptr<RunningStep> {
          using Kind = std::decay_t<decltype(kind)>;
          if constexpr (std::is_same_v<Kind, LaneStep>) return make_lane_step_runner(*this, kind);
          if constexpr (std::is_same_v<Kind, SpectralStep>)
            return make_spectral_runner(*this, kind);
          if constexpr (std::is_same_v<Kind, InverseStep>) return make_inverse_runner(*this, kind);
          if constexpr (std::is_same_v<Kind, UnitStep>) return make_unit_runner(*this, kind);
          if constexpr (std::is_same_v<Kind, SumStep>) return make_sum_runner(*this, kind);
        },
        std::as_const(step)));
    if (free_them) free_impulses(step);
  }
}

Signal& StepContext::allocate(NodeId node) {
  signals[node] = make_signal(plan.nodes[node].channels);
  return signals[node];
}

void execute(Plan& plan, Backend& backend, const std::vector<std::unique_ptr<StemStage>>& stems,
             const ExecuteOptions& options,
             const std::function<bool(const TileSignals&)>& on_tile) {
  StepContext context(plan, backend, stems, options.tiles_in_flight);
  Dataflow(plan, context, options, on_tile).run();
}

}  // namespace tutti
