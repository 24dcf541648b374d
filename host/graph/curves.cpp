// SPDX-License-Identifier: Apache-2.0
#include "host/graph/curves.hpp"

namespace tutti {
namespace {

std::shared_ptr<const AutomationCurve> compile(const AutomationSpec& spec, double sample_rate_hz) {
  auto curve = std::make_shared<AutomationCurve>();
  curve->interpolation = spec.target == "mute" ? Interpolation::hold : spec.interpolation;
  curve->domain = spec.domain;
  for (const AutomationSpec::Point& point : spec.points)
    curve->points.push_back({point.time.frames(sample_rate_hz), point.value});
  return curve;
}

}  // namespace

std::shared_ptr<const AutomationCurve> curve_for(const std::vector<AutomationSpec>& automation,
                                                 const std::string& target, double sample_rate_hz) {
  for (const AutomationSpec& spec : automation)
    if (spec.target == target) return compile(spec, sample_rate_hz);
  return nullptr;
}

std::vector<FieldMotion> motions_for(const std::vector<AutomationSpec>& automation,
                                     const std::vector<InsertSpec>& inserts, std::size_t index,
                                     double sample_rate_hz) {
  std::vector<FieldMotion> motions;
  const std::string prefixes[] = {
      "inserts." + std::to_string(index) + ".",
      inserts[index].name.empty() ? std::string() : "inserts." + inserts[index].name + "."};
  for (const AutomationSpec& spec : automation)
    for (const std::string& prefix : prefixes)
      if (!prefix.empty() && spec.target.rfind(prefix, 0) == 0)
        motions.push_back({spec.target.substr(prefix.size()), compile(spec, sample_rate_hz)});
  return motions;
}

}  // namespace tutti
