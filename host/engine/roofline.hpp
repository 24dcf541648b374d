// SPDX-License-Identifier: Apache-2.0
// What a CUDA device would be given to do for a render: predicted from the plan, without a device.
#pragma once

#include <string>
#include <vector>

#include "host/engine/prepare.hpp"
#include "host/roofline/bound.hpp"

namespace tutti {

/// Part of a render that the next one waits for.
struct RooflineStage {
  std::string name;       ///< mix, measure, limit, write or read_back
  std::string file;       ///< one of the outputs it is for; empty for the mix
  int passes = 1;         ///< as assumed; how many a loudness takes is known when it is measured
  roofline::Counts pass;  ///< of one of them
};

/// Where what is queued depends on samples, this is assumed: nothing is heard after the last clip
/// but what the quiet at the end has to be listened to; the limiter has to work; a loudness behind
/// it takes kAssumedLoudnessPasses measurements; lossy files are encoded once; `auto` trims
/// nothing.
struct Roofline {
  RooflineStage mix;                  ///< cold: no stem is on the device
  roofline::Counts warm_mix;          ///< the same again, with what stayed there
  std::vector<RooflineStage> stages;  ///< after the mix, in order
  roofline::MemoryUse memory;
  double duration_s = 0;  ///< of the programme

  roofline::Counts counts(bool warm) const;  ///< of all stages and passes
  roofline::Bound bound(const roofline::Machine& machine, bool warm) const;
};

/// The target's own gain first, then the secant: mostly two or three.
inline constexpr int kAssumedLoudnessPasses = 3;

/// `prepared` for roofline::kLanesPerGroup. Opens the files of the stems and reads their headers.
/// Throws IoError.
Roofline predict_roofline(const Session& session, const RenderOptions& options,
                          PreparedRender& prepared, const roofline::Machine& machine);

/// As `tutti plan` shows it: text, and the member "roofline" of its document.
std::string roofline_text(const Roofline& roofline, const roofline::Machine& machine);
std::string roofline_json(const Roofline& roofline, const roofline::Machine& machine);

}  // namespace tutti
