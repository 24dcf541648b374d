// SPDX-License-Identifier: Apache-2.0
// Session → graph, one node for each thing the session says, in strip order:
// polarity → pre_inserts sends → inserts → pre_fader sends → fader × groups → mute → pan →
// post_fader sends → output.
#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>

#include "host/audio/channel_layout.hpp"
#include "host/graph/audibility.hpp"
#include "host/graph/convolution.hpp"
#include "host/graph/curves.hpp"
#include "host/graph/graph.hpp"
#include "host/graph/moving_levels.hpp"
#include "host/session/issues.hpp"

namespace tutti {
namespace {

class Builder {
 public:
  Builder(const Session& session, const GraphInputs& inputs, const TapRequest& request)
      : session_(session), inputs_(inputs), request_(request), audible_(session, request.solo) {}

  Graph run() {
    graph_.sample_rate_hz = session_.sample_rate_hz;
    graph_.layout_channels = layout_by_name(session_.layout)->channels();
    for (const BusSpec& bus : session_.buses) bus_sum_[bus.name] = add_sum(bus.name, layout());
    const NodeId master = add_sum("master", layout());
    bus_sum_[""] = bus_sum_["master"] = master;
    for (std::size_t i = 0; i < session_.stems.size(); ++i) add_stem(i);
    for (std::size_t i = 0; i < session_.buses.size(); ++i)
      add_strip(session_.buses[i], bus_sum_[session_.buses[i].name],
                "buses[" + std::to_string(i) + "]");
    const NodeId end = add_master(master);
    connect_keys();
    if (!issues_.empty()) throw SessionError(std::move(issues_), source_of(session_.spans));
    if (request_.mix) graph_.taps.push_back({"mix", master});
    if (request_.master) graph_.taps.push_back({"master", end});
    for (const std::string& name : request_.strips) graph_.taps.push_back({name, strip_end_.at(name)});
    return std::move(graph_);
  }

 private:
  int layout() const { return graph_.layout_channels; }
  int channels(NodeId node) const { return graph_.nodes[node].channels; }

  NodeId add_sum(const std::string& name, int channel_count) {
    Node node;
    node.kind = NodeKind::sum;
    node.name = name;
    node.channels = channel_count;
    graph_.nodes.push_back(std::move(node));
    return static_cast<NodeId>(graph_.nodes.size()) - 1;
  }

  NodeId add_gain(const std::string& name, NodeId from, EdgeGain gain) {
    const NodeId node = add_sum(name, gain.outputs);
    graph_.nodes[node].inputs.push_back({from, std::move(gain), 0});
    return node;
  }

  void connect(NodeId from, NodeId to, EdgeGain gain) {
    graph_.nodes[to].inputs.push_back({from, std::move(gain), 0});
  }

  void add_stem(std::size_t index) {
    const StemSpec& stem = session_.stems[index];
    Node source;
    source.kind = NodeKind::source;
    source.name = stem.name;
    source.channels = inputs_.stem_channels[index];
    source.stem = static_cast<int>(index);
    graph_.nodes.push_back(std::move(source));
    add_strip(stem, static_cast<NodeId>(graph_.nodes.size()) - 1,
              "stems[" + std::to_string(index) + "]");
  }

  void add_strip(const StripSpec& strip, NodeId node, const std::string& path) {
    if (strip.invert_polarity)
      node = add_gain(strip.name + "/polarity", node, EdgeGain::scalar(channels(node), -1.0));
    const NodeId before_inserts = node;
    node = add_inserts(strip.inserts, strip.automation, strip.name, node, path);
    const NodeId before_fader = node;
    strip_before_fader_[strip.name] = node;
    const bool silent = !audible_.contains(strip.name);
    node = add_gain(strip.name + "/fader", node, fader_gain(strip, channels(node), silent));
    node = add_gain(strip.name + "/pan", node, pan_gain(strip, channels(node)));
    strip_end_[strip.name] = node;
    add_sends(strip, before_inserts, before_fader, node, silent);
    connect(node, bus_sum_.at(strip.output), EdgeGain::unity(layout()));
  }

  EdgeGain fader_gain(const StripSpec& strip, int channel_count, bool silent) {
    EdgeGain gain = EdgeGain::scalar(channel_count, strip.mute || silent ? 0.0 : 1.0);
    double level = db_to_linear(strip.gain_db);
    if (auto curve = curve_for(strip.automation, "gain_db", session_.sample_rate_hz)) {
      gain.levels.push_back(curve);
      level = 1;
    }
    if (auto curve = curve_for(strip.automation, "mute", session_.sample_rate_hz)) {
      gain = EdgeGain::scalar(channel_count, silent ? 0.0 : 1.0);
      if (auto fader = curve_for(strip.automation, "gain_db", session_.sample_rate_hz))
        gain.levels.push_back(fader);
      gain.mutes.push_back(curve);
    }
    for (const GroupSpec& group : session_.groups) {
      if (std::find(group.members.begin(), group.members.end(), strip.name) == group.members.end())
        continue;
      if (auto curve = curve_for(group.automation, "gain_db", session_.sample_rate_hz))
        gain.levels.push_back(curve);
      else
        level *= db_to_linear(group.gain_db);
      if (auto curve = curve_for(group.automation, "mute", session_.sample_rate_hz))
        gain.mutes.push_back(curve);
      else if (group.mute)
        level = 0;
    }
    for (double& entry : gain.matrix) entry *= level;
    return gain;
  }

  /// Strip channels to layout channels. One channel pans, two balance or take a stereo pan; with
  /// more, the channels are the layout's own. A mono layout averages a stereo strip.
  EdgeGain pan_gain(const StripSpec& strip, int channel_count) {
    EdgeGain gain;
    gain.outputs = layout();
    gain.inputs = channel_count;
    gain.matrix.assign(static_cast<std::size_t>(layout() * channel_count), 0.0);
    if (layout() == 1) {
      for (double& entry : gain.matrix) entry = 1.0 / channel_count;
      return gain;
    }
    if (channel_count > 2) return EdgeGain::unity(layout());
    PanMotion motion;
    motion.position = curve_for(strip.automation, "pan", session_.sample_rate_hz);
    motion.width = curve_for(strip.automation, "pan.width", session_.sample_rate_hz);
    if (motion.position || motion.width) {
      motion.fixed_position = strip.pan.position;
      motion.fixed_width = strip.pan.width;
      if (motion.width && !motion.fixed_width) motion.fixed_width = 1.0;
      motion.law = session_.pan_law;
      motion.inputs = channel_count;
      gain.matrix.assign(static_cast<std::size_t>(layout()) * 2, 0.0);
      gain.matrix[0] = gain.matrix[3] = 1;
      gain.pan = motion;
      return gain;
    }
    const std::vector<double> matrix =
        pan_matrix(channel_count, strip.pan.position, strip.pan.width, session_.pan_law);
    std::copy(matrix.begin(), matrix.end(), gain.matrix.begin());
    return gain;
  }

  void add_sends(const StripSpec& strip, NodeId before_inserts, NodeId before_fader, NodeId end,
                 bool silent) {
    for (const SendSpec& send : strip.sends) {
      const NodeId from = send.tap == SendTap::pre_inserts ? before_inserts
                          : send.tap == SendTap::pre_fader ? before_fader
                                                           : end;
      // A signal that has not been panned goes to the middle.
      StripSpec centred;
      EdgeGain gain =
          channels(from) == layout() ? EdgeGain::unity(layout()) : pan_gain(centred, channels(from));
      const std::string target = "sends." + send.to + ".gain_db";
      double level = silent ? 0.0 : db_to_linear(send.gain_db);
      if (auto curve = curve_for(strip.automation, target, session_.sample_rate_hz)) {
        gain.levels.push_back(curve);
        level = silent ? 0.0 : 1.0;
      }
      for (double& entry : gain.matrix) entry *= level;
      connect(from, bus_sum_.at(send.to), std::move(gain));
    }
  }

  NodeId add_inserts(const std::vector<InsertSpec>& inserts,
                     const std::vector<AutomationSpec>& automation, const std::string& strip,
                     NodeId from, const std::string& path) {
    for (std::size_t i = 0; i < inserts.size(); ++i) {
      if (!inserts[i].enabled) continue;
      Node node;
      node.kind = NodeKind::process;
      node.name = strip + "/" + processor_key(inserts[i].processor);
      node.insert = inserts[i];
      node.motions = motions_for(automation, inserts, i, session_.sample_rate_hz);
      node.channels = channels(from);
      node.inputs.push_back({from, EdgeGain::unity(channels(from)), 0});
      from = add_insert(std::move(node), path + ".inserts[" + std::to_string(i) + "]");
    }
    return from;
  }

  /// The processor, and around it the levels that move. Returns the node behind it all.
  NodeId add_insert(Node node, const std::string& path) {
    const InsertLevels levels = take_moving_levels(node);
    NodeId from = node.inputs[0].from;
    const std::string name = node.name;
    if (levels.input) {
      EdgeGain gain = EdgeGain::unity(channels(from));
      gain.levels.push_back(levels.input);
      from = node.inputs[0].from = add_gain(name + "/input", from, std::move(gain));
    }
    NodeId unit = from;
    if (levels.has_unit) {
      if (!design_node(node, path)) return from;
      graph_.nodes.push_back(std::move(node));
      unit = static_cast<NodeId>(graph_.nodes.size()) - 1;
    }
    if (!levels.surround()) return unit;
    const int outputs = channels(unit);
    const NodeId sum = add_sum(name + "/levels", outputs);
    connect(unit, sum, levels.wet_gain(outputs));
    for (EdgeGain& gain : levels.dry_gains(outputs, channels(from)))
      connect(from, sum, std::move(gain));
    return sum;
  }

  bool design_node(Node& node, const std::string& path) {
    const std::string key = processor_key(node.insert.processor);
    try {
      if (const auto* spec = std::get_if<ConvolverSpec>(&node.insert.processor)) {
        const auto impulse = inputs_.load_impulse(spec->impulse);
        ConvolutionDesign unit = convolution_of(*spec, node.insert.mix, impulse, node.channels,
                                                session_.sample_rate_hz);
        node.channels = unit.outputs;
        if (unit.outputs > layout())
          throw std::invalid_argument("a stereo impulse response needs a stereo session");
        node.design = share_equal(*spec, node, std::move(unit));
      } else {
        if (std::holds_alternative<StereoSpec>(node.insert.processor) && node.channels != 2)
          throw std::invalid_argument("`stereo` needs a two-channel strip, this one has " +
                                      std::to_string(node.channels));
        node.design = design_at(node, 0, session_.sample_rate_hz);
        realise_linear_phase(node);
      }
    } catch (const std::invalid_argument& problem) {
      Issue issue;
      issue.file = session_.file.string();
      issue.path = path + "." + key;
      issue.span = find_span(session_.spans, issue.path);
      issue.message = problem.what();
      issues_.push_back(std::move(issue));
      return false;
    }
    node.latency_frames = std::max(node.latency_frames, latency_of(node.design));
    return true;
  }

  /// A linear-phase equaliser is a convolution; its dry share waits for the wet one.
  static void realise_linear_phase(Node& node) {
    const auto* eq = std::get_if<EqDesign>(&node.design);
    if (!eq || eq->impulse.empty()) return;
    if (!node.motions.empty())
      throw std::invalid_argument("a linear-phase eq can not be automated; use phase: minimum");
    std::vector<double> taps = eq->impulse;
    for (double& tap : taps) tap *= node.insert.mix;
    taps[static_cast<std::size_t>(eq->latency_frames)] += 1.0 - node.insert.mix;
    EqDesign blended = *eq;
    blended.impulse = std::move(taps);
    node.latency_frames = eq->latency_frames;
    ConvolutionDesign unit = fold_eq(identity_convolution(node.channels), blended);
    unit.label = "linear-phase eq";
    node.design = std::move(unit);
  }

  /// One set of impulses per distinct convolver, however many strips carry it.
  ConvolutionDesign share_equal(const ConvolverSpec& spec, const Node& node, ConvolutionDesign unit) {
    const std::string key = spec.impulse + '\n' + std::to_string(spec.predelay_ms) + ' ' +
                            std::to_string(spec.wet_db) + ' ' + std::to_string(spec.dry_db) + ' ' +
                            std::to_string(node.insert.mix) + ' ' + std::to_string(unit.inputs);
    return convolutions_.emplace(key, std::move(unit)).first->second;
  }

  static Frames latency_of(const ProcessorDesign& design) {
    return std::visit(
        [](const auto& unit) -> Frames {
          if constexpr (requires { unit.latency_frames; }) return unit.latency_frames;
          if constexpr (requires { unit.lookahead_frames; }) return unit.lookahead_frames;
          return 0;
        },
        design);
  }

  NodeId add_master(NodeId node) {
    node = add_inserts(session_.master.inserts, session_.master.automation, "master", node, "master");
    EdgeGain gain = EdgeGain::scalar(layout(), db_to_linear(session_.master.gain_db));
    if (auto curve = curve_for(session_.master.automation, "gain_db", session_.sample_rate_hz)) {
      gain = EdgeGain::unity(layout());
      gain.levels.push_back(curve);
    }
    return add_gain("master/fader", node, std::move(gain));
  }

  void connect_keys() {
    for (Node& node : graph_.nodes) {
      if (node.kind != NodeKind::process) continue;
      const std::string source = key_source(node.insert.processor);
      if (source.empty()) continue;
      const NodeId from = strip_before_fader_.at(source);
      node.inputs.push_back({from, key_gain(channels(from), node.channels), 0});
    }
  }

  static std::string key_source(const ProcessorSpec& processor) {
    return std::visit(
        [](const auto& spec) -> std::string {
          if constexpr (requires { spec.sidechain; })
            return spec.sidechain ? spec.sidechain->source : "";
          else
            return "";
        },
        processor);
  }

  /// A key of as many channels is taken channel by channel; else every channel hears the average.
  static EdgeGain key_gain(int from, int to) {
    if (from == to) return EdgeGain::unity(to);
    EdgeGain gain;
    gain.outputs = to;
    gain.inputs = from;
    gain.matrix.assign(static_cast<std::size_t>(to * from), 1.0 / from);
    return gain;
  }

  const Session& session_;
  const GraphInputs& inputs_;
  const TapRequest& request_;
  Audibility audible_;
  Graph graph_;
  std::map<std::string, NodeId> bus_sum_, strip_end_, strip_before_fader_;
  std::map<std::string, ConvolutionDesign> convolutions_;
  std::vector<Issue> issues_;
};

}  // namespace

Graph build_graph(const Session& session, const GraphInputs& inputs, const TapRequest& request) {
  return Builder(session, inputs, request).run();
}

}  // namespace tutti
