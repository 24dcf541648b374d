// SPDX-License-Identifier: Apache-2.0
// What a render would do, as text and as JSON.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "host/engine/clock.hpp"
#include "host/backend/cuda_library.hpp"
#include "host/engine/estimate.hpp"
#include "host/engine/roofline.hpp"
#include "host/roofline/backend.hpp"

namespace tutti {
namespace {

using nlohmann::ordered_json;

struct FftUse {
  Frames block_frames = 0;
  Frames impulse_frames = 0;
  int count = 0;
};

std::vector<FftUse> fft_uses(const Plan& plan) {
  std::map<std::pair<Frames, Frames>, int> counts;
  for (const PlanStep& step : plan.steps)
    if (const auto* spectral = std::get_if<SpectralStep>(&step))
      for (const SpectralSource& source : spectral->sources)
        counts[{spectral->block_frames, source.unit.length_frames()}] += source.unit.inputs;
  std::vector<FftUse> uses;
  for (const auto& [key, count] : counts) uses.push_back({key.first, key.second, count});
  return uses;
}

std::string readable(std::uint64_t bytes) {
  return fmt::format("{:.1f} MiB", static_cast<double>(bytes) / 1048576.0);
}

std::string text_of(const PreparedRender& prepared, const std::string& device,
                    const Estimate& estimate) {
  const Plan& plan = prepared.plan;
  std::string text = fmt::format("device {} · tile {} frames · latency {} frames (compensated)\n",
                                 device, plan.tile_frames, plan.latency_frames);
  text += fmt::format("memory about {} · time about {:.1f} s\n\n", readable(estimate.memory_bytes),
                      estimate.time_s);
  text += "passes                nodes        edges\n";
  for (const PassRecord& pass : prepared.passes) {
    text += fmt::format("  {:<16} {:>5} → {:<5} {:>4} → {:<5}{}\n", pass.name, pass.nodes_before,
                        pass.nodes_after, pass.edges_before, pass.edges_after,
                        pass.enabled ? "" : "  (off)");
    for (const std::string& note : pass.notes) text += "      " + note + "\n";
  }
  text += "\ngraph\n" + prepared.graph_after + "\nsteps of a tile\n";
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    text += fmt::format("{:>4}  {}", i, step_name(plan, plan.steps[i]));
    for (int before : plan.depends[i]) text += fmt::format(" ← {}", before);
    text += '\n';
  }
  for (const FftUse& use : fft_uses(plan))
    text += fmt::format("\nfft of {} points, hop {}, for {} impulse{} of {} frames", 2 * use.block_frames,
                        use.block_frames, use.count, use.count == 1 ? "" : "s", use.impulse_frames);
  return text + "\n";
}

ordered_json json_of(const PreparedRender& prepared, const std::string& device,
                     const Estimate& estimate) {
  const Plan& plan = prepared.plan;
  ordered_json document;
  document["device"] = device;
  document["nodes"] = ordered_json::array();
  document["edges"] = ordered_json::array();
  for (std::size_t id = 0; id < plan.nodes.size(); ++id) {
    const Node& node = plan.nodes[id];
    if (!node.alive) continue;
    constexpr const char* kKinds[] = {"source", "sum", "process"};
    document["nodes"].push_back({{"id", id},
                                 {"name", node.name},
                                 {"kind", kKinds[static_cast<int>(node.kind)]},
                                 {"channels", node.channels},
                                 {"arrival_frames", node.arrival_frames}});
    for (const Edge& edge : node.inputs)
      document["edges"].push_back(
          {{"from", edge.from}, {"to", id}, {"delay_frames", edge.delay_frames}, {"gain", edge.gain.matrix}});
  }
  document["passes"] = ordered_json::array();
  for (const PassRecord& pass : prepared.passes)
    document["passes"].push_back({{"name", pass.name},
                                  {"enabled", pass.enabled},
                                  {"before", {{"nodes", pass.nodes_before}, {"edges", pass.edges_before}}},
                                  {"after", {{"nodes", pass.nodes_after}, {"edges", pass.edges_after}}},
                                  {"notes", pass.notes}});
  document["steps"] = ordered_json::array();
  for (const PlanStep& step : plan.steps) document["steps"].push_back(step_name(plan, step));
  document["tile_frames"] = plan.tile_frames;
  document["ffts"] = ordered_json::array();
  for (const FftUse& use : fft_uses(plan))
    document["ffts"].push_back({{"size", 2 * use.block_frames},
                                {"hop", use.block_frames},
                                {"impulse_frames", use.impulse_frames},
                                {"count", use.count}});
  document["latency_frames"] = plan.latency_frames;
  document["memory_bytes"] = estimate.memory_bytes;
  document["estimate_s"] = estimate.time_s;
  return document;
}

struct PlannedDevice {
  std::string name;
  int lanes_per_group = 0;
  bool is_cuda = false;
};

/// A CUDA device that is asked for need not be there: what it would do can be said without it.
PlannedDevice planned_device(const std::string& device) {
  if (const int ordinal = cuda_ordinal(device); ordinal >= 0)
    return {"cuda:" + std::to_string(ordinal), roofline::kLanesPerGroup, true};
  const std::unique_ptr<Backend> backend = open_backend(device).backend;
  return {backend->name(), backend->lanes_per_group(), backend->has_own_memory()};
}

}  // namespace

PlanDescription describe_plan(const Session& session, const RenderOptions& options,
                              const roofline::Machine& machine) {
  const Stopwatch watch;
  const PlannedDevice device = planned_device(options.device);
  PreparedRender prepared =
      prepare(session, options, resolve_deliveries(session, options), device.lanes_per_group);
  const Estimate estimate =
      estimate_render(prepared, options, session.sample_rate_hz, watch.seconds());
  std::string text = text_of(prepared, device.name, estimate);
  ordered_json document = json_of(prepared, device.name, estimate);
  if (device.is_cuda) {
    const Roofline roofline = predict_roofline(session, options, prepared, machine);
    text += roofline_text(roofline, machine);
    document["roofline"] = ordered_json::parse(roofline_json(roofline, machine));
  }
  return {std::move(text), document.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n"};
}

}  // namespace tutti
