// SPDX-License-Identifier: Apache-2.0
// How a Spec describes its own fields: one table that the parser, the validator, the JSON Schema and
// the automation targets all read.
#pragma once

#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tutti {

/// Inclusive range of a number; `minus_infinity` also allows −inf (dB fields that may mute).
struct NumberRange {
  double minimum = -std::numeric_limits<double>::max();
  double maximum = std::numeric_limits<double>::max();
  bool minus_infinity = false;
  bool plus_infinity = false;
};

/// Whether an automation lane may drive the field.
enum class Automatable { no, yes };

/// One legal word of a choice field.
template <typename Enum>
struct Choice {
  std::string_view word;
  Enum value;
};

/// A problem in a Spec that the field table alone can not express.
/// `field` is the key path below the unit ("bands[2].slope_db_per_oct"); `message` says what is
/// wrong with the value, `hint` what to write instead (may be empty).
struct SpecIssue {
  std::string field;
  std::string message;
  std::string hint;
};

// A unit declares `template <class V> void visit_fields(V& visitor, UnitSpec& spec)`, which calls:
//   visitor.number(key, double&, NumberRange, Automatable)
//   visitor.optional_number(key, std::optional<double>&, NumberRange, Automatable)
//   visitor.boolean(key, bool&)
//   visitor.text(key, std::string&)                 free text: a name or a path
//   visitor.choice(key, Enum&, span of Choice<Enum>)
//   visitor.list(key, std::vector<T>&)              T has visit_fields
//   visitor.object(key, std::optional<T>&)          T has visit_fields
// Keys are the session's keys and equal the member names.

}  // namespace tutti
