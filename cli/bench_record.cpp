// SPDX-License-Identifier: Apache-2.0
#include "cli/bench_record.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "host/report/json_values.hpp"
#include "host/report/terminal_text.hpp"
#include "host/report/text_table.hpp"

namespace tutti::cli {
namespace {

struct Stage {
  const char* name;
  double RenderTimings::*seconds;
};
// Decoding happens during the mix, on all threads: it is no part of the wall time.
constexpr Stage kStages[] = {{"startup", &RenderTimings::startup_s},
                             {"mix", &RenderTimings::mix_s},
                             {"master", &RenderTimings::master_s},
                             {"encode", &RenderTimings::encode_s}};

double stem_seconds_per_s(const RenderResult& render) {
  return render.timings.wall_s > 0 ? render.stem_seconds / render.timings.wall_s : 0;
}

std::string seconds(double value) { return fmt::format("{:.3f}", value); }

nlohmann::ordered_json device_json(const BenchedDevice& benched) {
  const RenderResult& typical = benched.typical();
  nlohmann::ordered_json out;
  out["device"] = json_text(benched.device);
  out["model"] = json_text(benched.model);
  out["runs"] = benched.renders.size();
  out["startup_s"] = benched.startup_s;
  out["cold_wall_s"] = benched.cold_wall_s();
  out["wall_s"] = typical.timings.wall_s;
  out["walls_s"] = nlohmann::ordered_json::array();
  for (const RenderResult& render : benched.renders) out["walls_s"].push_back(render.timings.wall_s);
  out["realtime_factor"] = json_number(typical.realtime_factor);
  out["stem_seconds_per_s"] = stem_seconds_per_s(typical);
  for (const Stage& stage : kStages)
    out["stages"][std::string(stage.name) + "_s"] = typical.timings.*stage.seconds;
  out["stages"]["decode_thread_s"] = typical.timings.decode_s;
  return out;
}

}  // namespace

const RenderResult& BenchedDevice::typical() const {
  if (renders.size() == 1) return renders.front();
  std::vector<const RenderResult*> warm;
  for (std::size_t i = 1; i < renders.size(); ++i) warm.push_back(&renders[i]);
  const auto middle = warm.begin() + static_cast<std::ptrdiff_t>(warm.size() / 2);
  std::nth_element(warm.begin(), middle, warm.end(),
                   [](const RenderResult* a, const RenderResult* b) {
                     return a->timings.wall_s < b->timings.wall_s;
                   });
  return **middle;
}

std::optional<double> BenchRecord::speedup() const {
  if (devices.size() < 2) return std::nullopt;
  return devices[0].typical().timings.wall_s / devices[1].typical().timings.wall_s;
}

std::string bench_text(const BenchRecord& record) {
  TextTable table;
  table.add_column("device");
  for (const char* head : {"open s", "cold s", "warm s", "x realtime", "stem-s per s", "start-up %",
                           "mix %", "master %", "encode %"})
    table.add_column(head, TextTable::Align::right);
  for (const BenchedDevice& benched : record.devices) {
    const RenderResult& typical = benched.typical();
    std::vector<std::string> cells = {
        benched.device + " (" + benched.model + ")", seconds(benched.startup_s),
        seconds(benched.cold_wall_s()), seconds(typical.timings.wall_s),
        format_value(typical.realtime_factor),
        fmt::format("{:.0f}", stem_seconds_per_s(typical))};
    for (const Stage& stage : kStages)
      cells.push_back(
          fmt::format("{:.0f}", 100 * typical.timings.*stage.seconds / typical.timings.wall_s));
    table.add_row(std::move(cells));
  }
  std::string out = table.text();
  for (const std::string& line : record.skipped) out += "left out: " + printable(line) + "\n";
  if (const auto speedup = record.speedup())
    out += fmt::format("{} is {:.2f} x as fast as {} (warm)\n", record.devices[1].device, *speedup,
                       record.devices[0].device);
  if (record.compared)
    out += record.null_peak_dbfs
               ? fmt::format("null between them: {:.1f} dBFS peak\n", *record.null_peak_dbfs)
               : "null between them: equal bits\n";
  return out;
}

std::string bench_json(const BenchRecord& record) {
  nlohmann::ordered_json out;
  out["session"] = json_text(record.session);
  out["devices"] = nlohmann::ordered_json::array();
  for (const BenchedDevice& benched : record.devices) out["devices"].push_back(device_json(benched));
  out["skipped"] = nlohmann::ordered_json::array();
  for (const std::string& line : record.skipped) out["skipped"].push_back(json_text(line));
  out["speedup"] = json_number(record.speedup());
  out["null_peak_dbfs"] = json_number(record.null_peak_dbfs);
  out["equal_bits"] = record.compared && !record.null_peak_dbfs;
  return json_document(out);
}

}  // namespace tutti::cli
