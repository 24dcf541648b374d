// SPDX-License-Identifier: Apache-2.0
// Graph → Plan: the steps that a backend runs for every tile, in an order that respects the signals.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "host/backend/lanes.hpp"
#include "host/graph/graph.hpp"

namespace tutti {

/// A connection whose gain a step applies.
struct PlanEdge {
  NodeId from = -1;
  EdgeGain gain;
  Frames delay_frames = 0;
  Frames arrival_frames = 0;  ///< of the signal as it meets the gain: curves are read that much earlier
};

/// One strip of a lane step: `nodes[k]` is the processor of op k (−1: an op made by the compiler).
struct LaneStrip {
  int stem = -1;        ///< reads this stem's clips, or
  NodeId input = -1;    ///< this node's signal
  NodeId tail = -1;     ///< whose signal this strip makes
  std::vector<NodeId> nodes;
  std::vector<PlanEdge> keys;  ///< per op; from < 0: none
  bool planar = false;  ///< the tail's signal is needed on its own, not only in sums
  Frames arrival_frames = 0;   ///< of the tail
};

/// A sum that all strips of a lane step feed, each with its own gain.
struct LaneMixTarget {
  NodeId sum = -1;
  std::vector<PlanEdge> gains;  ///< per strip
};

/// Equal chains side by side, their results added into sums on the way out.
struct LaneStep {
  LaneProgram program;
  std::vector<LaneStrip> strips;
  std::vector<LaneMixTarget> mixes;
};

/// One source of a spectral step: impulses[out · inputs + in], and a factor for each output.
struct SpectralSource {
  NodeId from = -1;
  ConvolutionDesign unit;
  std::vector<double> gains;
};

/// Forward transforms of up to 16 sources, multiplied and accumulated into spectra of one target.
struct SpectralStep {
  NodeId target = -1;
  int outputs = 2;
  Frames block_frames = 0;
  std::vector<SpectralSource> sources;
};

/// Adds the accumulated spectra of one target and transforms back.
struct InverseStep {
  NodeId target = -1;  ///< a sum it is added into, or the convolver's own node
  int outputs = 2;
  Frames block_frames = 0;
  std::vector<int> spectral_steps;
};

/// A processor that works on whole channels: delay, stereo, limiter.
struct UnitStep {
  NodeId node = -1;
  PlanEdge input;
};

/// Everything that meets in one node, added in this order.
struct SumStep {
  NodeId node = -1;
  struct LanePart {
    int step;  ///< index of the LaneStep
    int mix;   ///< which of its mixes
  };
  std::vector<LanePart> lanes;
  std::vector<int> inverses;  ///< indices of InverseSteps that add into this sum
  std::vector<PlanEdge> planar;
};

using PlanStep = std::variant<LaneStep, SpectralStep, InverseStep, UnitStep, SumStep>;

struct Plan {
  double sample_rate_hz = 48000;
  Frames tile_frames = 0;
  std::vector<PlanStep> steps;            ///< producers before consumers
  std::vector<std::vector<int>> depends;  ///< per step: steps that must be done for the same tile
  std::vector<Tap> taps;
  std::vector<int> tap_steps;             ///< per tap: the step after which its signal is whole
  std::vector<Node> nodes;                ///< the compiled graph's
  Frames latency_frames = 0;              ///< largest arrival of a tap
};

/// `lanes_per_group`: how many channels a lane step may hold, see Backend. Throws nothing but
/// std::bad_alloc for a graph that `compile` has seen.
Plan schedule(const Graph& graph, int lanes_per_group);

/// The shortest tile that the plan can run in with the same result: every scan's chunk and every
/// transform's block lies in one tile.
Frames smallest_tile_frames(const Plan& plan);

/// Name of a step for `plan` and progress, for example "lanes 16× eq·compressor".
std::string step_name(const Plan& plan, const PlanStep& step);

}  // namespace tutti
