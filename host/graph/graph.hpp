// SPDX-License-Identifier: Apache-2.0
// The signal graph of a session: what is to be computed, before anything says how.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "host/audio/units.hpp"
#include "host/dsp/automation.hpp"
#include "host/graph/edge_gain.hpp"
#include "host/session/model.hpp"

namespace tutti {

/// An impulse response at the session's rate, one vector per channel of its file.
struct Impulse {
  std::string file;
  std::vector<std::vector<float>> channels;
};

/// The taps of an impulse response: computed in double, kept in the single precision in which
/// spectra are made of them.
using SharedTaps = std::shared_ptr<const std::vector<float>>;

/// A linear, time-invariant unit as impulses: `impulses[out · inputs + in]`; null is silence.
/// Equal pointers are equal impulses, which is how sharing is found.
struct ConvolutionDesign {
  int inputs = 1;
  int outputs = 1;
  std::vector<SharedTaps> impulses;
  std::string label;  ///< for `plan`: what was folded into it
  Frames length_frames() const;
};

using ProcessorDesign = std::variant<EqDesign, CompressorDesign, GateDesign, ExpanderDesign,
                                     DelayDesign, GainDesign, StereoDesign, LimiterDesign,
                                     ConvolutionDesign>;

/// A field of a processor driven by a curve.
struct FieldMotion {
  std::string field;  ///< path inside the Spec: "threshold_db", "bands.1.gain_db"
  std::shared_ptr<const AutomationCurve> curve;
};

using NodeId = int;

/// A connection. The gain maps the channels of `from` to the channels of the consumer.
struct Edge {
  NodeId from = -1;
  EdgeGain gain;
  Frames delay_frames = 0;  ///< set by latency alignment
};

enum class NodeKind {
  source,  ///< a stem's assembled clips
  sum,     ///< adds its inputs: a gain stage, a strip's end, a bus, the master
  process  ///< one processor; inputs[0] is the signal, inputs[1] (if any) the key
};

struct Node {
  NodeKind kind = NodeKind::sum;
  std::string name;         ///< "Violins I", "Violins I/compressor", …
  int channels = 1;         ///< of its output
  std::vector<Edge> inputs;
  int stem = -1;            ///< source: index into Session::stems
  InsertSpec insert;        ///< process: as written (for automation)
  ProcessorDesign design;   ///< process
  std::vector<FieldMotion> motions;  ///< process: automated fields; not empty: not time-invariant
  Frames latency_frames = 0;  ///< own
  Frames arrival_frames = 0;  ///< by how much its output lags the timeline
  bool alive = true;
};

/// A place whose signal leaves the graph.
struct Tap {
  std::string name;  ///< "mix", "master" or a strip's name
  NodeId node = -1;
};

struct Graph {
  double sample_rate_hz = 48000;
  int layout_channels = 2;
  std::vector<Node> nodes;
  std::vector<Tap> taps;

  /// Alive nodes, producers before consumers. Throws std::logic_error on a cycle (validation has
  /// refused those).
  std::vector<NodeId> order() const;
  /// How many alive edges read each node, taps not counted.
  std::vector<int> consumer_counts() const;
  bool is_tapped(NodeId node) const;
};

/// What the graph needs to know of the files.
struct GraphInputs {
  std::vector<int> stem_channels;  ///< per stem
  std::function<std::shared_ptr<const Impulse>(const std::string& file)> load_impulse;
};

/// Which taps a render wants.
struct TapRequest {
  std::vector<std::string> strips;  ///< names of stems and buses to tap after fader and pan
  bool mix = true;
  bool master = true;
  std::vector<std::string> solo;    ///< added to the session's
};

/// The graph exactly as the session says, nothing simplified. The session has passed validation.
/// Throws SessionError for what needs the files (a `stereo` insert on a mono strip, channel counts).
Graph build_graph(const Session& session, const GraphInputs& inputs, const TapRequest& request);

/// Fresh design of a process node's Spec with some fields moved to their values at `frame`.
ProcessorDesign design_at(const Node& node, Frames frame, double sample_rate_hz);

}  // namespace tutti
