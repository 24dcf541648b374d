// SPDX-License-Identifier: Apache-2.0
// A predicted render as text and as JSON.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "host/engine/roofline.hpp"

namespace tutti {
namespace {

using nlohmann::ordered_json;
using roofline::Bound;
using roofline::Counts;
using roofline::KernelBound;
using roofline::KernelCost;
using roofline::Machine;

constexpr std::size_t kKernelsInText = 8;

std::string readable(double bytes) {
  return bytes < 1e6   ? fmt::format("{:.0f} kB", bytes / 1e3)
         : bytes < 1e9 ? fmt::format("{:.1f} MB", bytes / 1e6)
                       : fmt::format("{:.2f} GB", bytes / 1e9);
}
std::string readable_ms(double seconds) { return fmt::format("{:.2f} ms", 1e3 * seconds); }

ordered_json json_of(const roofline::Operations& operations) {
  return {{"float", operations.floats},
          {"double", operations.doubles},
          {"integer", operations.integers}};
}

ordered_json json_of(const Bound& bound) {
  return {{"upload_s", bound.upload_s},   {"download_s", bound.download_s},
          {"kernels_s", bound.kernels_s}, {"device_s", bound.device_s},
          {"bound_s", bound.seconds},     {"bound_by", bound.by}};
}

ordered_json kernels_json(const Counts& counts, const Machine& machine) {
  ordered_json kernels = ordered_json::array();
  for (const auto& [name, cost] : counts.kernels) {
    const KernelBound bound = roofline::bound_of(cost, machine);
    kernels.push_back({{"name", name},
                       {"launches", cost.launches},
                       {"blocks", cost.blocks},
                       {"read_bytes", cost.read_bytes},
                       {"written_bytes", cost.written_bytes},
                       {"operations", json_of(cost.operations)},
                       {"operations_at_most_more", json_of(cost.at_most_more)},
                       {"serial_cycles", cost.serial_cycles},
                       {"memory_s", bound.memory_s},
                       {"operations_s", bound.operations_s},
                       {"few_blocks_s", bound.few_blocks_s},
                       {"serial_s", bound.serial_s},
                       {"bound_s", bound.seconds},
                       {"bound_by", bound.by}});
  }
  return kernels;
}

ordered_json counts_json(const Counts& counts, const Machine& machine) {
  ordered_json result = {{"stem_upload_bytes", counts.stem_bytes},
                         {"sent_bytes", counts.sent_bytes},
                         {"upload_bytes", counts.uploaded_bytes()},
                         {"download_bytes", counts.fetched_bytes},
                         {"cleared_bytes", counts.cleared_bytes},
                         {"copied_bytes", counts.copied_bytes},
                         {"bound", json_of(roofline::bound_of(counts, machine))}};
  result["kernels"] = kernels_json(counts, machine);
  return result;
}

ordered_json machine_json(const Machine& machine) {
  return {{"name", machine.name},
          {"memory_bytes", machine.memory_bytes},
          {"memory_bytes_per_s", machine.memory_bytes_per_s},
          {"upload_bytes_per_s", machine.upload_bytes_per_s},
          {"download_bytes_per_s", machine.download_bytes_per_s},
          {"float_flops", machine.float_flops},
          {"double_flops", machine.double_flops},
          {"integer_ops", machine.integer_ops},
          {"multiprocessors", machine.multiprocessors},
          {"clock_hz", machine.clock_hz},
          {"sources", machine.sources}};
}

std::string stage_row(const std::string& name, const std::string& passes, const Counts& counts,
                      const Machine& machine) {
  const Bound bound = roofline::bound_of(counts, machine);
  double traffic = 0, launches = 0;
  for (const auto& [kernel, cost] : counts.kernels) {
    traffic += static_cast<double>(cost.read_bytes + cost.written_bytes);
    launches += static_cast<double>(cost.launches);
  }
  return fmt::format("  {:<22} {:>7} {:>9.0f} {:>10} {:>10} {:>10} {:>12}  {}\n", name, passes,
                     launches, readable(static_cast<double>(counts.uploaded_bytes())),
                     readable(static_cast<double>(counts.fetched_bytes)), readable(traffic),
                     readable_ms(bound.seconds), bound.by);
}

std::string kernel_rows(const Counts& counts, const Machine& machine) {
  std::vector<std::pair<std::string, KernelCost>> kernels(counts.kernels.begin(),
                                                          counts.kernels.end());
  const auto seconds = [&](const auto& kernel) {
    return roofline::bound_of(kernel.second, machine).seconds;
  };
  std::stable_sort(kernels.begin(), kernels.end(),
                   [&](const auto& a, const auto& b) { return seconds(a) > seconds(b); });
  std::string text;
  for (std::size_t k = 0; k < std::min(kernels.size(), kKernelsInText); ++k) {
    const auto& [name, cost] = kernels[k];
    const KernelBound bound = roofline::bound_of(cost, machine);
    text += fmt::format("  {:<29} {:>9} {:>10} {:>10} {:>22}  {}\n", name, cost.launches,
                        readable(static_cast<double>(cost.read_bytes)),
                        readable(static_cast<double>(cost.written_bytes)),
                        readable_ms(bound.seconds), bound.by);
  }
  return text;
}

}  // namespace

std::string roofline_text(const Roofline& roofline, const Machine& machine) {
  std::string text = fmt::format(
      "\nroofline of {}: predicted lower bounds, no time here was measured\n"
      "  {:<22} {:>7} {:>9} {:>10} {:>10} {:>10} {:>12}  {}\n",
      machine.name, "stage", "passes", "launches", "up", "down", "memory", "a pass ≥", "set by");
  text += stage_row("mix, stems uploaded", "1", roofline.mix.pass, machine);
  text += stage_row("mix, stems resident", "1", roofline.warm_mix, machine);
  for (const RooflineStage& stage : roofline.stages)
    text += stage_row(stage.name + " " + stage.file,
                      (stage.name == "limit" ? "about " : "") + std::to_string(stage.passes),
                      stage.pass, machine);
  for (const bool warm : {false, true}) {
    const Bound bound = roofline.bound(machine, warm);
    text += fmt::format("  {} at least {:.4f} s in these passes: bus {:.4f} s, kernels {:.4f} s\n",
                        warm ? "warm" : "cold", bound.seconds,
                        std::max(bound.upload_s, bound.download_s), bound.kernels_s);
  }
  text += fmt::format("  device memory: {} of stems that stay, slabs of {}, {} of signals\n",
                      readable(static_cast<double>(roofline.memory.resident_bytes)),
                      readable(static_cast<double>(roofline.memory.slab_bytes)),
                      readable(static_cast<double>(roofline.memory.working_bytes)));
  text += fmt::format("\n  {:<29} {:>9} {:>10} {:>10} {:>22}  {}\n", "kernels, all passes",
                      "launches", "read", "written", "at least", "set by");
  return text + kernel_rows(roofline.counts(false), machine);
}

std::string roofline_json(const Roofline& roofline, const Machine& machine) {
  ordered_json document;
  document["prediction"] =
      "lower bounds that follow from the plan and the kernels' source; no time was measured";
  document["machine"] = machine_json(machine);
  document["duration_s"] = roofline.duration_s;
  document["stages"] = ordered_json::array();
  const auto add = [&](const std::string& name, const std::string& file, int passes,
                       const Counts& counts) {
    ordered_json stage = {{"name", name}, {"file", file}, {"passes", passes}};
    stage.update(counts_json(counts, machine));
    document["stages"].push_back(std::move(stage));
  };
  add("mix_cold", "", 1, roofline.mix.pass);
  add("mix_warm", "", 1, roofline.warm_mix);
  for (const RooflineStage& stage : roofline.stages)
    add(stage.name, stage.file, stage.passes, stage.pass);
  for (const bool warm : {false, true}) {
    document[warm ? "warm" : "cold"] = json_of(roofline.bound(machine, warm));
    document[warm ? "warm" : "cold"].update(
        {{"upload_bytes", roofline.counts(warm).uploaded_bytes()},
         {"download_bytes", roofline.counts(warm).fetched_bytes}});
  }
  document["memory"] = {{"resident_bytes", roofline.memory.resident_bytes},
                        {"slab_bytes", roofline.memory.slab_bytes},
                        {"working_bytes", roofline.memory.working_bytes}};
  return document.dump();
}

}  // namespace tutti
