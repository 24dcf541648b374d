// SPDX-License-Identifier: Apache-2.0
// The state of a plan's steps while it runs.
#pragma once

#include <memory>
#include <vector>

#include "host/audio/buffer.hpp"
#include "host/backend/backend.hpp"
#include "host/graph/schedule.hpp"
#include "host/stage/stem_stage.hpp"

namespace tutti {

/// The signal of one node (or one part of a sum) for the tiles in flight.
struct Signal {
  std::vector<Buffer> slots;  ///< one per tile in flight; empty buffers: nobody asks
  std::vector<char> silent;   ///< per slot: nothing sounds, the buffer's content is not valid
  ConstBlockView view(int slot) const {
    return silent[slot] ? ConstBlockView{} : slots[slot].view();
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
  /// Empties the plan's impulses as their spectra are made.
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

/// Adds gain(edge) × `in`, which begins at `first_frame` (delays already applied), to double sums
/// [out channel][frame].
void add_with_gain(Backend& backend, const PlanEdge& edge, ConstBlockView in, Frames first_frame,
                   double* const* out);

}  // namespace tutti
