// SPDX-License-Identifier: Apache-2.0
// The checks behind validate_session, one function per concern.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "host/session/issues.hpp"
#include "host/session/model.hpp"

namespace tutti {

/// One stem or bus: stems first, then buses, as the session lists them.
struct StripRef {
  const StripSpec* spec = nullptr;
  bool is_bus = false;
  std::string path;  ///< "buses[2]"
};

/// The session under test, its strips by name, and what was found.
class Validation {
 public:
  explicit Validation(const Session& session);

  const Session& session;
  std::vector<StripRef> strips;
  std::vector<Issue> issues;

  void error(const std::string& path, std::string message, std::string hint = {});
  void warning(const std::string& path, std::string message, std::string hint = {});

  /// Index of the strip of that name (the first, if it is not unique), or kNone.
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  std::size_t find(std::string_view name) const;

  /// "did you mean …?" among buses or all strips; empty when nothing is close, or when so many
  /// names were wrong before that looking for more would take long.
  std::string suggest(const std::string& word, bool buses_only);

 private:
  void add(Severity severity, const std::string& path, std::string message, std::string hint);
  std::unordered_map<std::string_view, std::size_t> by_name_;
  std::vector<std::string> strip_names_, bus_names_;
  std::size_t comparisons_left_;
};

/// Names of strips, groups and inserts; what outputs, sends, members and side-chains name.
void check_names(Validation& v);
/// Loops through outputs, sends and side-chains.
void check_routing(Validation& v);
/// Every insert against its unit's own rules, at the session's rate.
void check_units(Validation& v);
void check_automation(Validation& v);
/// Start, end, clips, trim.
void check_timeline(Validation& v);
void check_outputs(Validation& v);

/// Name of the strip that a processor listens to; empty: itself.
std::string sidechain_source(const InsertSpec& insert);

/// "stems[3].inserts[1].compressor".
std::string processor_path(const std::string& owner, std::size_t index, const InsertSpec& insert);

}  // namespace tutti
