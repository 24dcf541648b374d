// SPDX-License-Identifier: Apache-2.0
// The state of a plan's steps while it runs.
#pragma once

#include <memory>
#include <vector>

#include "host/backend/backend.hpp"
#include "host/graph/schedule.hpp"
#include "host/stage/stem_stage.hpp"

namespace tutti {

/// The signal of one node (or one part of a sum) for the tiles in flight.
struct Signal {
  std::vector<std::unique_ptr<TileBuffer>> slots;  ///< one per tile in flight
  std::vector<char> silent;  ///< per slot: nothing sounds, the buffer's content is not valid
  int channels = 0;
  TileView buffer(int slot) const { return slots[static_cast<std::size_t>(slot)]->view(); }
  TileView view(int slot) const {
    const TileView whole = buffer(slot);
    return silent[static_cast<std::size_t>(slot)] ? TileView{nullptr, channels, whole.frames, 0} : whole;
  }
};

/// One step while the plan runs. `run` computes one tile; calls come in tile order, one at a time.
class RunningStep {
 public:
  virtual ~RunningStep() = default;
  virtual void run(Frames first_frame, int slot) = 0;
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
  std::vector<Signal> signals;                      ///< per node
  std::vector<std::unique_ptr<RunningStep>> steps;  ///< per plan step

  Frames tile_frames() const { return plan.tile_frames; }
  /// Gives a node's signal its buffers.
  Signal& allocate(NodeId node);
  Signal make_signal(int channels) const;
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
