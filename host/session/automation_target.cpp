// SPDX-License-Identifier: Apache-2.0
#include "host/session/automation_target.hpp"

#include <algorithm>
#include <charconv>

#include "host/session/fields.hpp"
#include "host/session/issues.hpp"
#include "host/session/text.hpp"

namespace tutti {
namespace {

std::optional<std::size_t> index_of(std::string_view text) {
  std::size_t index = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), index);
  if (text.empty() || parsed.ec != std::errc() || parsed.ptr != text.data() + text.size())
    return {};
  return index;
}

/// A number of a Spec and what its table says of it.
struct FoundField {
  double* value = nullptr;
  NumberRange range;
  Automatable automatable = Automatable::no;
};

/// Visitor that follows a path to a number.
class FieldFinder {
 public:
  explicit FieldFinder(std::string_view path) : rest_(path.substr(path.find('.') + 1)) {
    first_ = path.substr(0, path.find('.'));
    if (first_.size() == path.size()) rest_ = {};
  }
  FoundField found;

  void number(std::string_view key, double& value, NumberRange range, Automatable automatable) {
    if (key == first_ && rest_.empty()) found = {&value, range, automatable};
  }
  void optional_number(std::string_view key, std::optional<double>& value, NumberRange range,
                       Automatable automatable) {
    if (key != first_ || !rest_.empty()) return;
    if (!value) value = 0;
    found = {&*value, range, automatable};
  }
  void boolean(std::string_view, bool&) {}
  void text(std::string_view, std::string&) {}
  template <typename Enum, std::size_t N>
  void choice(std::string_view, Enum&, std::span<const Choice<Enum>, N>) {}
  template <typename T>
  void list(std::string_view key, std::vector<T>& items) {
    if (key != first_) return;
    const auto index = index_of(rest_.substr(0, rest_.find('.')));
    if (!index || *index >= items.size() || rest_.find('.') == std::string_view::npos) return;
    descend(items[*index], rest_.substr(rest_.find('.') + 1));
  }
  template <typename T>
  void object(std::string_view key, std::optional<T>& value) {
    if (key == first_ && value && !rest_.empty()) descend(*value, rest_);
  }

 private:
  template <typename T>
  void descend(T& spec, std::string_view path) {
    FieldFinder inner(path);
    visit_fields(inner, spec);
    found = inner.found;
  }
  std::string_view first_, rest_;
};

/// Visitor that lists the numbers that may be automated.
class FieldLister {
 public:
  FieldLister(std::string prefix, std::vector<std::string>& paths)
      : prefix_(std::move(prefix)), paths_(paths) {}

  void number(std::string_view key, double&, NumberRange, Automatable automatable) {
    if (automatable == Automatable::yes) paths_.push_back(prefix_ + std::string(key));
  }
  void optional_number(std::string_view key, std::optional<double>&, NumberRange range,
                       Automatable automatable) {
    double unused = 0;
    number(key, unused, range, automatable);
  }
  void boolean(std::string_view, bool&) {}
  void text(std::string_view, std::string&) {}
  template <typename Enum, std::size_t N>
  void choice(std::string_view, Enum&, std::span<const Choice<Enum>, N>) {}
  template <typename T>
  void list(std::string_view key, std::vector<T>& items) {
    for (std::size_t i = 0; i < items.size(); ++i) {
      FieldLister inner(prefix_ + std::string(key) + "." + std::to_string(i) + ".", paths_);
      visit_fields(inner, items[i]);
    }
  }
  template <typename T>
  void object(std::string_view key, std::optional<T>& value) {
    if (!value) return;
    FieldLister inner(prefix_ + std::string(key) + ".", paths_);
    visit_fields(inner, *value);
  }

 private:
  std::string prefix_;
  std::vector<std::string>& paths_;
};

FoundField find_field(ProcessorSpec& processor, std::string_view path) {
  FieldFinder finder(path);
  std::visit([&](auto& spec) { visit_fields(finder, spec); }, processor);
  return finder.found;
}

std::string suggestion(const std::string& word, const std::vector<std::string>& candidates) {
  const std::string close = did_you_mean(word, candidates);
  if (!close.empty()) return "did you mean `" + close + "`?";
  constexpr std::size_t kShown = 12;
  if (candidates.empty()) return {};
  const std::size_t shown = std::min(candidates.size(), kShown);
  return "possible here: " + text::enumerate(candidates.data(), shown, "and") +
         (shown < candidates.size() ? ", …" : "");
}

using Result = std::variant<AutomationTarget, TargetProblem>;

Result resolve_send(std::string_view rest, const std::vector<SendSpec>& sends) {
  constexpr std::string_view kField = ".gain_db";
  if (!rest.ends_with(kField)) {
    return TargetProblem{"only the gain of a send can be automated",
                         "write sends.<bus>" + std::string(kField)};
  }
  const std::string_view name = rest.substr(0, rest.size() - kField.size());
  AutomationTarget target;
  target.kind = AutomationTarget::Kind::send_gain;
  target.range = kLevelRangeDb;
  target.is_level = true;
  std::size_t matches = 0;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < sends.size(); ++i) {
    names.push_back(sends[i].to);
    if (sends[i].to != name) continue;
    target.index = i;
    ++matches;
  }
  if (matches == 1) return target;
  if (matches > 1) {
    return TargetProblem{
        "there are several sends to " + text::quoted(name) + ", so this target does not say which",
        "leave one send to each bus that is automated"};
  }
  return TargetProblem{"there is no send to " + text::quoted(name) + " here",
                       suggestion(std::string(name), names)};
}

Result resolve_field(const InsertSpec& insert, std::size_t index, std::string_view path) {
  if (path == "mix") {
    AutomationTarget target;
    target.kind = AutomationTarget::Kind::insert_field;
    target.index = index;
    target.field = path;
    target.range = kShareRange;
    return target;
  }
  ProcessorSpec copy = insert.processor;
  const FoundField found = find_field(copy, path);
  const std::string key = processor_key(insert.processor);
  if (found.value != nullptr && found.automatable == Automatable::yes) {
    AutomationTarget target;
    target.kind = AutomationTarget::Kind::insert_field;
    target.index = index;
    target.field = path;
    target.range = found.range;
    target.is_level = path.ends_with("_db");
    return target;
  }
  std::vector<std::string> fields = automatable_fields(insert.processor);
  fields.emplace_back("mix");
  if (found.value != nullptr || path == "enabled") {
    return TargetProblem{text::quoted(path) + " of `" + key + "` can not be automated",
                         "possible here: " + text::enumerate(fields.data(), fields.size(), "and")};
  }
  return TargetProblem{"`" + key + "` has no number " + text::quoted(path),
                       suggestion(std::string(path), fields)};
}

Result resolve_insert(std::string_view rest, const std::vector<InsertSpec>& inserts) {
  const std::size_t dot = rest.find('.');
  const std::string_view name = rest.substr(0, dot);
  if (dot == std::string_view::npos) {
    return TargetProblem{"this target names no field of its insert",
                         "write inserts.<name or number>.<field>"};
  }
  const std::string_view path = rest.substr(dot + 1);
  std::vector<std::string> names;
  std::string by_key;
  for (std::size_t i = 0; i < inserts.size(); ++i) {
    if (!inserts[i].name.empty() && inserts[i].name == name) {
      return resolve_field(inserts[i], i, path);
    }
    if (!inserts[i].name.empty()) names.push_back(inserts[i].name);
    if (name == processor_key(inserts[i].processor)) by_key = std::to_string(i);
  }
  if (const auto index = index_of(name)) {
    if (*index < inserts.size()) return resolve_field(inserts[*index], *index, path);
    return TargetProblem{"there is no insert " + std::string(name) + ": this strip has " +
                             std::to_string(inserts.size()),
                         "inserts count from 0"};
  }
  return TargetProblem{"there is no insert named " + text::quoted(name) + " here",
                       by_key.empty()
                           ? suggestion(std::string(name), names)
                           : "give it `name: " + std::string(name) + "`, or write inserts." +
                                 by_key + "." + text::printable(path, 40)};
}

}  // namespace

AutomationScope automation_scope(const StripSpec& strip) {
  return {true, true, &strip.inserts, &strip.sends};
}
AutomationScope automation_scope(const GroupSpec&) { return {false, true, nullptr, nullptr}; }
AutomationScope automation_scope(const MasterSpec& master) {
  return {false, false, &master.inserts, nullptr};
}

Result resolve_automation_target(std::string_view target, const AutomationScope& scope) {
  using Kind = AutomationTarget::Kind;
  if (target == "gain_db") return AutomationTarget{Kind::fader, 0, {}, kLevelRangeDb, true};
  if (scope.pan && target == "pan") return AutomationTarget{Kind::pan, 0, {}, kPanRange, false};
  if (scope.pan && target == "pan.width") {
    return AutomationTarget{Kind::pan_width, 0, {}, kPanWidthRange, false};
  }
  if (scope.mute && target == "mute") return AutomationTarget{Kind::mute, 0, {}, kMuteRange, false};
  if (scope.sends != nullptr && target.starts_with("sends.")) {
    return resolve_send(target.substr(6), *scope.sends);
  }
  if (scope.inserts != nullptr && target.starts_with("inserts.")) {
    return resolve_insert(target.substr(8), *scope.inserts);
  }
  std::vector<std::string> words = {"gain_db"};
  if (scope.pan) words.insert(words.end(), {"pan", "pan.width"});
  if (scope.mute) words.emplace_back("mute");
  if (scope.sends != nullptr) words.emplace_back("sends.<bus>.gain_db");
  if (scope.inserts != nullptr) words.emplace_back("inserts.<name or number>.<field>");
  return TargetProblem{text::quoted(target) + " can not be automated here",
                       suggestion(std::string(target), words)};
}

double* insert_field(ProcessorSpec& processor, std::string_view path) {
  return find_field(processor, path).value;
}

bool is_automatable(const ProcessorSpec& processor, std::string_view path) {
  ProcessorSpec copy = processor;
  return find_field(copy, path).automatable == Automatable::yes;
}

std::vector<std::string> automatable_fields(const ProcessorSpec& processor) {
  std::vector<std::string> paths;
  ProcessorSpec copy = processor;
  FieldLister lister({}, paths);
  std::visit([&](auto& spec) { visit_fields(lister, spec); }, copy);
  return paths;
}

}  // namespace tutti
