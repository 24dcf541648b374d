// SPDX-License-Identifier: Apache-2.0
#include "host/report/services.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "host/report/json_values.hpp"
#include "host/report/text_table.hpp"

namespace tutti {
namespace {

double playback_gain_db(const DeliveryPreset& preset, double integrated_lufs,
                        double true_peak_dbtp) {
  const double wanted_db = *preset.target_lufs - integrated_lufs;
  if (wanted_db <= 0) return wanted_db;
  if (preset.playback == Playback::down) return 0;
  return std::clamp(preset.ceiling_dbtp - true_peak_dbtp, 0.0, wanted_db);
}

}  // namespace

std::vector<ServicePlayback> services_of(const Measurement& master,
                                         const std::vector<DeliveryPreset>& presets) {
  std::vector<ServicePlayback> services;
  if (!master.integrated_lufs || !master.true_peak_dbtp) return services;
  for (const DeliveryPreset& preset : presets) {
    if (preset.playback == Playback::none || !preset.target_lufs) continue;
    ServicePlayback service;
    service.name = preset.name;
    service.target_lufs = *preset.target_lufs;
    service.gain_db = playback_gain_db(preset, *master.integrated_lufs, *master.true_peak_dbtp);
    service.level_lufs = *master.integrated_lufs + service.gain_db;
    service.true_peak_dbtp = *master.true_peak_dbtp + service.gain_db;
    service.over_ceiling = *master.true_peak_dbtp > preset.ceiling_dbtp + 0.005;
    services.push_back(std::move(service));
  }
  return services;
}

nlohmann::ordered_json services_json(const std::vector<ServicePlayback>& services) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const ServicePlayback& service : services)
    list.push_back({{"service", service.name},
                    {"target_lufs", service.target_lufs},
                    {"gain_db", json_number(service.gain_db)},
                    {"level_lufs", json_number(service.level_lufs)},
                    {"true_peak_dbtp", json_number(service.true_peak_dbtp)},
                    {"over_ceiling", service.over_ceiling}});
  return list;
}

std::string services_text(const std::vector<ServicePlayback>& services) {
  TextTable table;
  table.add_column("service");
  for (const char* head : {"plays at", "gain dB", "heard LUFS", "TP dBTP"})
    table.add_column(head, TextTable::Align::right);
  table.add_column("");
  for (const ServicePlayback& service : services)
    table.add_row({service.name, format_value(service.target_lufs), format_value(service.gain_db),
                   format_value(service.level_lufs), format_value(service.true_peak_dbtp, 2),
                   service.over_ceiling ? "delivered above its ceiling" : ""});
  return table.text();
}

}  // namespace tutti
