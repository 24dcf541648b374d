// SPDX-License-Identifier: Apache-2.0
// Inserts against the rules of their units; automation against the inserts.
#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "host/session/automation_target.hpp"
#include "host/session/text.hpp"
#include "host/session/validation.hpp"
#include "host/session/values.hpp"

namespace tutti {
namespace {

std::vector<SpecIssue> unit_issues(const ProcessorSpec& processor, double sample_rate_hz) {
  return std::visit([&](const auto& spec) { return validate(spec, sample_rate_hz); }, processor);
}

std::string below(const std::string& owner, const std::string& field) {
  return field.empty() ? owner : owner + "." + field;
}

void check_inserts(Validation& v, const std::string& owner,
                   const std::vector<InsertSpec>& inserts) {
  for (std::size_t i = 0; i < inserts.size(); ++i) {
    const std::string path = processor_path(owner, i, inserts[i]);
    for (SpecIssue& issue : unit_issues(inserts[i].processor, v.session.sample_rate_hz)) {
      v.error(below(path, issue.field), std::move(issue.message), std::move(issue.hint));
    }
    if (std::holds_alternative<LimiterSpec>(inserts[i].processor) && inserts[i].mix != 1) {
      v.error(path + ".mix", "a limiter has no `mix`: the dry share would pass its ceiling",
              "leave `mix` out, or limit on a bus of its own");
    }
  }
}

// ---- automation -----------------------------------------------------------------------------

/// One lane under test.
struct Lane {
  const AutomationSpec& spec;
  std::string path;
  const std::vector<InsertSpec>* inserts;

  std::string point(std::size_t index) const {
    return path + ".points[" + std::to_string(index) + "]";
  }
};

void check_points(Validation& v, const Lane& lane, const AutomationTarget& target) {
  const auto& points = lane.spec.points;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (contains(target.range, points[i].value)) continue;
    v.error(lane.point(i) + "[1]", text::quoted(lane.spec.target) + " must be " +
                                       describe(target.range) + ", not " +
                                       text::number(points[i].value));
  }
}

void check_order(Validation& v, const Lane& lane) {
  const auto& points = lane.spec.points;
  const double rate_hz = v.session.sample_rate_hz;
  if (points.empty()) {
    if (v.session.spans) return;  // the parser said so
    v.error(lane.path + ".points", "an automation lane needs at least one point");
    return;
  }
  if (points.front().time.value < 0) {
    v.error(lane.point(0) + "[0]", "a point can not stand before the start of the timeline");
  }
  for (std::size_t i = 1; i < points.size(); ++i) {
    if (points[i].time.frames(rate_hz) >= points[i - 1].time.frames(rate_hz)) continue;
    v.error(lane.point(i) + "[0]", "this point stands before the one above it",
            "write the points in the order of their times");
  }
}

/// Writes the extremes of the lane into the processor: its own rules hold for them too (a frequency
/// below Nyquist, not both q and bandwidth).
void check_driven_unit(Validation& v, const Lane& lane, const AutomationTarget& target) {
  if (target.field == "mix") return;  // of the insert, not of its processor
  const InsertSpec& insert = (*lane.inserts)[target.index];
  const double rate_hz = v.session.sample_rate_hz;
  if (const auto* eq = std::get_if<EqSpec>(&insert.processor)) {
    if (eq->phase == EqPhase::linear) {
      v.error(lane.path + ".target", "an eq with `phase: linear` can not be automated",
              "use phase: minimum");
      return;
    }
  }
  if (lane.spec.points.empty() || !unit_issues(insert.processor, rate_hz).empty()) return;
  const auto [least, most] =
      std::minmax_element(lane.spec.points.begin(), lane.spec.points.end(),
                          [](const auto& a, const auto& b) { return a.value < b.value; });
  for (const auto& extreme : {least, most}) {
    if (!contains(target.range, extreme->value)) continue;
    ProcessorSpec driven = insert.processor;
    *insert_field(driven, target.field) = extreme->value;
    const auto index = static_cast<std::size_t>(extreme - lane.spec.points.begin());
    for (SpecIssue& issue : unit_issues(driven, rate_hz)) {
      v.error(lane.point(index), std::move(issue.message), std::move(issue.hint));
    }
    if (least == most) break;
  }
}

void check_lane(Validation& v, const Lane& lane, const AutomationScope& scope) {
  check_order(v, lane);
  if (lane.spec.target.empty()) return;  // missing: the parser said so
  auto resolved = resolve_automation_target(lane.spec.target, scope);
  if (auto* problem = std::get_if<TargetProblem>(&resolved)) {
    v.error(lane.path + ".target", std::move(problem->message), std::move(problem->hint));
    return;
  }
  const auto& target = std::get<AutomationTarget>(resolved);
  check_points(v, lane, target);
  if (lane.spec.domain == AutomationDomain::gain && !target.is_level) {
    v.error(lane.path + ".domain",
            "`domain: gain` is for levels in dB; " + text::quoted(lane.spec.target) + " is none",
            "leave `domain` out");
  }
  if (target.kind == AutomationTarget::Kind::insert_field) check_driven_unit(v, lane, target);
}

void check_lanes(Validation& v, const std::string& owner,
                 const std::vector<AutomationSpec>& automation, const AutomationScope& scope) {
  std::unordered_set<std::string_view> seen;
  for (std::size_t i = 0; i < automation.size(); ++i) {
    const Lane lane{automation[i], owner + ".automation[" + std::to_string(i) + "]", scope.inserts};
    if (!automation[i].target.empty() && !seen.insert(automation[i].target).second) {
      v.error(lane.path + ".target",
              "another lane drives " + text::quoted(automation[i].target) + " already");
      continue;
    }
    check_lane(v, lane, scope);
  }
}

}  // namespace

void check_units(Validation& v) {
  for (const StripRef& strip : v.strips) check_inserts(v, strip.path, strip.spec->inserts);
  const MasterSpec& master = v.session.master;
  check_inserts(v, "master", master.inserts);
  if (master.limiter) {
    for (SpecIssue& issue : validate(*master.limiter, v.session.sample_rate_hz)) {
      v.error(below("master.limiter", issue.field), std::move(issue.message),
              std::move(issue.hint));
    }
  }
  if (master.loudness && !(master.loudness->tolerance_lu > 0)) {
    v.error("master.loudness.tolerance_lu", "tolerance_lu must be greater than 0",
            "0.1 LU is what meters agree on");
  }
}

void check_automation(Validation& v) {
  for (const StripRef& strip : v.strips) {
    check_lanes(v, strip.path, strip.spec->automation, automation_scope(*strip.spec));
  }
  for (std::size_t i = 0; i < v.session.groups.size(); ++i) {
    const GroupSpec& group = v.session.groups[i];
    check_lanes(v, "groups[" + std::to_string(i) + "]", group.automation, automation_scope(group));
  }
  check_lanes(v, "master", v.session.master.automation, automation_scope(v.session.master));
}

}  // namespace tutti
