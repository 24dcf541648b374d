// SPDX-License-Identifier: Apache-2.0
// What an automation lane drives: the text of `target` resolved against its strip.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "host/session/model.hpp"

namespace tutti {

struct AutomationTarget {
  enum class Kind { fader, pan, pan_width, mute, send_gain, insert_field };
  Kind kind = Kind::fader;
  std::size_t index = 0;  ///< of the send or the insert in its strip
  std::string field;      ///< insert_field: path below the processor, "bands.1.gain_db"
  NumberRange range;      ///< of the values of the points
  bool is_level = false;  ///< in dB, so that `domain: gain` has a meaning
};

/// Why a target does not resolve.
struct TargetProblem {
  std::string message, hint;
};

/// The parts of a strip that a lane can name. Pointers may be null: no such part.
struct AutomationScope {
  bool pan = false, mute = false;
  const std::vector<InsertSpec>* inserts = nullptr;
  const std::vector<SendSpec>* sends = nullptr;
};
AutomationScope automation_scope(const StripSpec& strip);
AutomationScope automation_scope(const GroupSpec& group);
AutomationScope automation_scope(const MasterSpec& master);

/// Resolves "gain_db", "pan", "pan.width", "mute", "sends.<bus>.gain_db" and
/// "inserts.<name or index>.<field path>"; lists count from 0.
std::variant<AutomationTarget, TargetProblem> resolve_automation_target(
    std::string_view target, const AutomationScope& scope);

/// The number at a field path ("threshold_db", "bands.1.gain_db", "sidechain.high_pass_hz") of a
/// processor, automatable or not, so that a value can be written before the spec is designed again;
/// null if there is no such number. A number that was left to its default (`q`) is given one.
double* insert_field(ProcessorSpec& processor, std::string_view path);

/// Whether the path leads to a number that a lane may drive.
bool is_automatable(const ProcessorSpec& processor, std::string_view path);

/// Paths of all numbers of the processor that a lane may drive.
std::vector<std::string> automatable_fields(const ProcessorSpec& processor);

}  // namespace tutti
