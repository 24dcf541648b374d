// SPDX-License-Identifier: Apache-2.0
#include "host/engine/prepare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace tutti {
namespace {

/// Time after which what a processor heard no longer shows, in seconds: 16 time constants are
/// −139 dB, a filter rings for about 16·Q/(π·f).
double memory_s(const InsertSpec& insert) {
  struct Visitor {
    double operator()(const EqSpec& eq) const {
      double longest = 0;
      for (const EqBandSpec& band : eq.bands)
        longest = std::max(longest, 16.0 * std::max(1.0, band.q.value_or(0.7)) * 4 / (kPi * band.freq_hz));
      return longest;
    }
    double operator()(const CompressorSpec& s) const {
      return 16e-3 * (s.attack_ms + s.release_ms + s.rms_window_ms);
    }
    double operator()(const GateSpec& s) const {
      return 1e-3 * s.hold_ms + 16e-3 * (s.attack_ms + s.release_ms);
    }
    double operator()(const ExpanderSpec& s) const { return 16e-3 * (s.attack_ms + s.release_ms); }
    double operator()(const DelaySpec& s) const {
      const double repeats = s.feedback > 0 ? std::log(1e-7) / std::log(s.feedback) : 1;
      return 1e-3 * s.time_ms * (repeats + 1);
    }
    double operator()(const ConvolverSpec& s) const { return 1e-3 * s.predelay_ms; }
    double operator()(const GainSpec&) const { return 0; }
    double operator()(const StereoSpec& s) const { return 16.0 / (kPi * s.mono_below_hz.value_or(20)); }
    double operator()(const LimiterSpec& s) const { return 1e-3 * (s.lookahead_ms + 16 * s.release_ms); }
  };
  return std::visit(Visitor{}, insert.processor);
}

template <typename Visit>
void for_each_insert(const Session& session, Visit&& visit) {
  for (const StemSpec& stem : session.stems)
    for (const InsertSpec& insert : stem.inserts) visit(insert);
  for (const BusSpec& bus : session.buses)
    for (const InsertSpec& insert : bus.inserts) visit(insert);
  for (const InsertSpec& insert : session.master.inserts) visit(insert);
}

Frames longest_impulse(const SessionInputs& inputs) {
  std::size_t frames = 0;
  for (const auto& [file, impulse] : inputs.impulses)
    for (const auto& channel : impulse->channels) frames = std::max(frames, channel.size());
  return static_cast<Frames>(frames);
}

TimelineRange make_range(const Session& session, const RenderOptions& options,
                         const SessionInputs& inputs) {
  const double rate = session.sample_rate_hz;
  const auto start = options.range_start ? options.range_start : session.start;
  const auto end = options.range_end ? options.range_end : session.end;
  TimelineRange range;
  range.start = start ? std::max<Frames>(0, start->frames(rate)) : 0;
  if (end) {
    range.fixed_end = true;
    range.last_sound = range.latest_end = std::max(range.start, end->frames(rate));
    return range;
  }
  double longest_gap_s = 1;
  for_each_insert(session, [&](const InsertSpec& insert) {
    if (const auto* delay = std::get_if<DelaySpec>(&insert.processor))
      longest_gap_s = std::max(longest_gap_s, 1 + 1e-3 * delay->time_ms);
    if (const auto* convolver = std::get_if<ConvolverSpec>(&insert.processor))
      longest_gap_s = std::max(longest_gap_s, 1 + 1e-3 * convolver->predelay_ms);
  });
  range.last_sound = std::max(range.start, inputs.end_frame);
  range.latest_end = range.last_sound + seconds_to_frames(session.tail.max_s, rate);
  range.until_level = db_to_linear(session.tail.until_db);
  range.quiet_frames = seconds_to_frames(longest_gap_s, rate) + longest_impulse(inputs);
  return range;
}

Frames preroll_start(const Session& session, const PreparedRender& prepared) {
  double memory = 0;
  for_each_insert(session, [&](const InsertSpec& insert) {
    if (insert.enabled) memory += memory_s(insert);
  });
  const Frames frames = seconds_to_frames(memory, session.sample_rate_hz) +
                        longest_impulse(prepared.inputs) * 2 + prepared.plan.latency_frames;
  const Frames wanted = std::max<Frames>(0, prepared.range.start - frames);
  return wanted / prepared.plan.tile_frames * prepared.plan.tile_frames;
}

void refuse_unknown_solo(const Session& session, const RenderOptions& options) {
  std::vector<std::string> names;
  for (const StemSpec& stem : session.stems) names.push_back(stem.name);
  for (const BusSpec& bus : session.buses) names.push_back(bus.name);
  std::vector<Issue> issues;
  for (const std::string& name : options.solo) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    Issue issue;
    issue.file = session.file.string();
    issue.message = "--solo " + name + ": no stem or bus has this name";
    if (const std::string close = did_you_mean(name, names); !close.empty())
      issue.hint = "did you mean \"" + close + "\"?";
    issues.push_back(std::move(issue));
  }
  if (!issues.empty()) throw SessionError(std::move(issues), source_of(session.spans));
}

/// What a range or a trim asks for and can not have.
void warn_of_times(const Session& session, const RenderOptions& options,
                   const PreparedRender& prepared) {
  if (!options.warnings) return;
  const double rate = session.sample_rate_hz;
  const auto seconds = [&](Frames frames) {
    return fmt::format("{:.3f} s", static_cast<double>(frames) / rate);
  };
  const TimelineRange& range = prepared.range;
  const Frames last_clip_end = prepared.inputs.end_frame;
  if (range.start > 0 && range.start >= last_clip_end)
    options.warnings({"range_outside",
                      fmt::format("the range starts at {}, the last clip ends at {}",
                                  seconds(range.start), seconds(last_clip_end)),
                      options.range_start ? "" : "start"});
  const bool mastered = std::any_of(prepared.deliveries.begin(), prepared.deliveries.end(),
                                    [](const Delivery& delivery) { return delivery.mastered; });
  if (!mastered) return;
  const TrimSpec& trim = session.master.trim;
  const auto warn_of_trim = [&](const char* place, const std::string& message) {
    options.warnings({"trim_outside", message, place});
  };
  if (trim.start && trim.start->frames(rate) >= range.last_sound)
    warn_of_trim("master.trim.start",
                 fmt::format("the trim starts at {}, the last sound ends at {}",
                             seconds(trim.start->frames(rate)), seconds(range.last_sound)));
  if (trim.end && trim.end->frames(rate) > range.latest_end)
    warn_of_trim("master.trim.end",
                 fmt::format("the trim ends at {}, the mix at {} at the latest",
                             seconds(trim.end->frames(rate)), seconds(range.latest_end)));
}

/// What the session writes, whether asked for now or not: which gains are folded follows from it, so
/// that an output has the same bits whatever else is rendered beside it.
TapRequest every_output(const Session& session, const RenderOptions& options) {
  TapRequest request;
  request.mix = request.master = false;
  request.solo = options.solo;
  std::set<std::string> strips;
  const auto add = [&](const std::string& name) {
    if (strips.insert(name).second) request.strips.push_back(name);
  };
  for (const OutputSpec& output : session.outputs) {
    request.mix |= output.source == OutputSource::mix;
    request.master |= output.source == OutputSource::master;
    if (output.source == OutputSource::strip) add(output.source_name);
    if (output.source == OutputSource::buses)
      for (const BusSpec& bus : session.buses) add(bus.name);
    if (output.source == OutputSource::stems)
      for (const StemSpec& stem : session.stems) add(stem.name);
  }
  return request;
}

std::set<std::string> sources_of(const std::vector<Delivery>& deliveries) {
  std::set<std::string> sources;
  for (const Delivery& delivery : deliveries) sources.insert(delivery.source);
  return sources;
}

/// Leaves the other taps and what only they hear out of a compiled graph.
void hear_only(Graph& graph, const std::set<std::string>& sources) {
  const auto unasked = [&](const Tap& tap) { return sources.count(tap.name) == 0; };
  if (std::erase_if(graph.taps, unasked) == 0) return;
  PassNotes unsaid;
  remove_dead(graph, unsaid);
}

}  // namespace

PreparedRender prepare(const Session& session, const RenderOptions& options,
                       std::vector<Delivery> deliveries, int lanes_per_group) {
  refuse_unknown_solo(session, options);
  std::vector<Issue> issues;
  SessionInputs inputs =
      open_inputs(session, options.warnings,
                  {options.allow_non_finite, /*check_md5=*/true, options.read_ahead}, issues);
  tidy_issues(issues);
  if (has_errors(issues)) throw SessionError(std::move(issues), source_of(session.spans));
  return prepare(session, options, std::move(deliveries), std::move(inputs), lanes_per_group);
}

PreparedRender prepare(const Session& session, const RenderOptions& options,
                       std::vector<Delivery> deliveries, SessionInputs inputs,
                       int lanes_per_group) {
  PreparedRender prepared;
  prepared.deliveries = std::move(deliveries);
  prepared.inputs = std::move(inputs);
  Graph graph =
      build_graph(session, prepared.inputs.graph_inputs(), every_output(session, options));
  prepared.graph_before = print_graph(graph);
  prepared.passes = compile(graph, options.disabled_passes);
  hear_only(graph, sources_of(prepared.deliveries));
  prepared.graph_after = print_graph(graph);
  prepared.plan = schedule(graph, lanes_per_group);
  prepared.range = make_range(session, options, prepared.inputs);
  prepared.first_frame = preroll_start(session, prepared);
  warn_of_times(session, options, prepared);
  return prepared;
}

}  // namespace tutti
