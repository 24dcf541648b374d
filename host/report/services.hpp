// SPDX-License-Identifier: Apache-2.0
// The delivery page: what each service will do to a finished master.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "host/dsp/measurement.hpp"
#include "host/session/presets.hpp"

namespace tutti {

struct ServicePlayback {
  std::string name;           ///< of the preset
  double target_lufs = 0;     ///< what the service plays at
  double gain_db = 0;         ///< that it will apply
  double level_lufs = 0;      ///< that it will be heard at
  double true_peak_dbtp = 0;  ///< after the gain
  bool over_ceiling = false;  ///< of the file as delivered, before the service's encoder
};

/// What every preset with a playback rule does to a master of these figures; empty for what has no
/// loudness.
std::vector<ServicePlayback> services_of(const Measurement& master,
                                         const std::vector<DeliveryPreset>& presets);

/// [{"service", "target_lufs", "gain_db", "level_lufs", "true_peak_dbtp", "over_ceiling"}]
nlohmann::ordered_json services_json(const std::vector<ServicePlayback>& services);

/// A table for people.
std::string services_text(const std::vector<ServicePlayback>& services);

}  // namespace tutti
