// SPDX-License-Identifier: Apache-2.0
// A Plan on a Backend: every step of every tile, as soon as what it needs is there.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "host/backend/backend.hpp"
#include "host/graph/schedule.hpp"
#include "host/stage/stem_stage.hpp"

namespace tutti {

/// Signals of one tile at the plan's taps, in the plan's order. A view without data is silence.
struct TileSignals {
  Frames first_frame = 0;  ///< of the tile; a tap's signal lags by its node's arrival_frames
  Frames frames = 0;
  std::vector<ConstBlockView> taps;
};

struct ExecuteOptions {
  Frames first_frame = 0;      ///< a multiple of the tile
  Frames end_frame = 0;        ///< tiles that begin here or later are not run
  int tiles_in_flight = 2;     ///< 1 saves memory, 2 keeps all cores busy
  const std::atomic<bool>* stop = nullptr;
};

/// Runs the plan from tile to tile. `on_tile` is called once per tile, in order, on some worker;
/// false ends the run. Decoding, computing and what `on_tile` does overlap. What comes out depends
/// neither on the number of threads nor on `tiles_in_flight`.
/// Frees the plan's impulse responses once their spectra are made, unless the backend has memory of
/// its own. Throws IoError from the stems, DeviceError, Cancelled when `stop` is set.
void execute(Plan& plan, Backend& backend, const std::vector<std::unique_ptr<StemStage>>& stems,
             const ExecuteOptions& options, const std::function<bool(const TileSignals&)>& on_tile);

}  // namespace tutti
