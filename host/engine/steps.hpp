// SPDX-License-Identifier: Apache-2.0
// The state of a plan's steps while it runs.
#pragma once

#include <memory>
#include <vector>

#include "host/backend/backend.hpp"
#include "host/engine/tile_pool.hpp"
#include "host/graph/schedule.hpp"
#include "host/stage/stem_stage.hpp"

namespace tutti {

/// The signal of one node (or one part of a sum) for the tiles in flight. Its buffers come from the
/// pool when they are written and go back when all have read them.
class Signal {
 public:
  Signal() = default;
  Signal(TilePool& pool, int channels, int slots);

  int channels() const { return channels_; }
  /// To be written. Valid until `release`.
  TileView buffer(int slot);
  /// Whether nothing sounds in what was written.
  void set_silent(int slot, bool silent) { silent_[static_cast<std::size_t>(slot)] = silent; }
  /// What was written; without address where that is silence.
  TileView view(int slot) const;
  void release(int slot);

 private:
  TilePool* pool_ = nullptr;
  std::vector<std::unique_ptr<TileBuffer>> slots_;  ///< one per tile in flight; null: not in use
  std::vector<char> silent_;
  int channels_ = 0;
};

/// One step while the plan runs. `run` computes one tile; calls come in tile order, one at a time.
class RunningStep {
 public:
  virtual ~RunningStep() = default;
  virtual void run(Frames first_frame, int slot) = 0;
  /// All who read what `run` wrote to this slot have done so.
  virtual void release(int slot) = 0;
};

/// What the steps share: the plan, the machine, the stems, and every node's signal.
class StepContext {
 public:
  /// Empties the plan's impulses as their spectra are made, unless the backend has its own memory.
  StepContext(Plan& plan, Backend& backend,
              const std::vector<std::unique_ptr<StemStage>>& stems, int slots);

  const Plan& plan;
  Backend& backend;
  const std::vector<std::unique_ptr<StemStage>>& stems;
  int slots;
  TilePool pool;
  std::vector<Signal> signals;                      ///< per node
  std::vector<std::unique_ptr<RunningStep>> steps;  ///< per plan step

  Frames tile_frames() const { return plan.tile_frames; }
  /// Gives a node its signal.
  Signal& allocate(NodeId node);
  Signal make_signal(int channels) { return Signal(pool, channels, slots); }
};

std::unique_ptr<RunningStep> make_lane_step_runner(StepContext& context, const LaneStep& step);
std::unique_ptr<RunningStep> make_spectral_runner(StepContext& context, const SpectralStep& step);
std::unique_ptr<RunningStep> make_inverse_runner(StepContext& context, const InverseStep& step);
std::unique_ptr<RunningStep> make_unit_runner(StepContext& context, const UnitStep& step);
std::unique_ptr<RunningStep> make_sum_runner(StepContext& context, const SumStep& step);

/// The part of a sum that mix `mix` of a lane step made.
const Signal& lane_part(const RunningStep& lane_step, int mix);
/// The channels an inverse step made.
const Signal& inverse_part(const RunningStep& inverse_step);
SpectralRunner* spectral_runner(RunningStep& spectral_step, int slot);

}  // namespace tutti
