// SPDX-License-Identifier: Apache-2.0
// Fields of simple types: numbers, texts, choices, times.
#include "host/session/field_reader.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "host/session/text.hpp"

namespace tutti {

using yaml::Entry;
using yaml::Node;
using yaml::NodeKind;

namespace {

// Above this nobody reads on, and what a broken generator wrote should not fill the memory.
constexpr std::size_t kMaximumRawIssues = 4 * kMaximumIssues;

// Of the core schema of YAML 1.2; [false], [true].
constexpr std::array<std::array<std::string_view, 3>, 2> kBooleanWords = {
    {{"false", "False", "FALSE"}, {"true", "True", "TRUE"}}};

}  // namespace

void ReadContext::error(std::uint32_t begin, std::uint32_t end, std::string message,
                        std::string hint) {
  if (issues_.size() >= kMaximumRawIssues) return;
  Issue issue;
  issue.file = file_;
  issue.span = document.span(begin, end);
  issue.path = path();
  issue.message = std::move(message);
  issue.hint = std::move(hint);
  issues_.push_back(std::move(issue));
}

void ReadContext::error(const Node& node, std::string message, std::string hint) {
  error(node.begin, node.end, std::move(message), std::move(hint));
}

std::string ReadContext::path() const {
  std::string out;
  for (const PathPart& part : steps_) {
    if (part.key.empty()) {
      out.append("[").append(std::to_string(part.index)).append("]");
    } else {
      if (!out.empty()) out += ".";
      out += part.key;
    }
  }
  return out;
}

FieldReader::FieldReader(ReadContext& context, const Node& map)
    : context_(context),
      map_(map),
      entries_(context.document.entries(map)),
      taken_(entries_.size(), false) {
  known_.reserve(16);
}

bool FieldReader::has(std::string_view key) const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [&](const Entry& entry) { return entry.key == key; });
}

void FieldReader::know(std::string_view key) { known_.push_back(key); }

const Node* FieldReader::take(std::string_view key) {
  know(key);
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (taken_[i] || entries_[i].key != key) continue;
    taken_[i] = true;
    return &context_.document.node(entries_[i].value);
  }
  return nullptr;
}

const Node* FieldReader::take_list(std::string_view key) {
  const Node* node = take(key);
  if (node == nullptr || node->kind == NodeKind::list) return node;
  if (node->kind != NodeKind::null) wrong_type(key, *node, "a list", "write [ … ] or `- ` items");
  return nullptr;
}

bool FieldReader::expect_map(const Node& node) {
  if (node.kind == NodeKind::map) return true;
  const bool empty = node.kind == NodeKind::null;
  context_.error(node, "expected keys and values, found " + describe(node),
                 empty ? "write {} for the defaults, or leave it out" : "");
  return false;
}

void FieldReader::wrong_type(std::string_view key, const Node& node, std::string_view expected,
                             std::string hint) {
  const ReadContext::Step step(context_, key);
  context_.error(
      node, std::string(key) + ": expected " + std::string(expected) + ", found " + describe(node),
      std::move(hint));
}

void FieldReader::missing(std::string_view key) {
  context_.error(map_, "the key `" + std::string(key) + "` is missing");
}

// ---- numbers --------------------------------------------------------------------------------

std::optional<double> FieldReader::read_number_at(std::string_view key, const Node& node,
                                                  const NumberRange& range) {
  const bool scalar = node.kind == NodeKind::scalar;
  const NumberText number = scalar ? read_number(node.text, key) : NumberText{};
  const bool quoted_infinity = node.quoted && number.value && std::isinf(*number.value);
  const std::string name(key);
  if (number.not_a_number) {
    const ReadContext::Step step(context_, key);
    context_.error(node, name + " must be a finite number, not " + text::printable(node.text, 40),
                   "allowed: " + describe(range));
    return {};
  }
  if (!number.value || (node.quoted && !quoted_infinity)) {
    std::string hint = number.value ? "remove the quotes" : number.hint;
    if (node.kind == NodeKind::null) hint = "leave the key out for its default";
    wrong_type(key, node, "a number", std::move(hint));
    return {};
  }
  if (contains(range, *number.value)) return number.value;
  const ReadContext::Step step(context_, key);
  if (std::isinf(*number.value)) {
    const bool below = *number.value < 0 && std::isfinite(range.minimum);
    context_.error(node, name + " must be a finite number, not " + text::printable(node.text, 40),
                   below && name.find("_db") != std::string::npos
                       ? "the least is " + text::number(range.minimum)
                       : "allowed: " + describe(range));
  } else {
    context_.error(
        node, name + " must be " + describe(range) + ", not " + text::printable(node.text, 40));
  }
  return {};
}

void FieldReader::number(std::string_view key, double& value, NumberRange range, Automatable) {
  const Node* node = take(key);
  if (node == nullptr) return;
  if (const auto number = read_number_at(key, *node, range)) value = *number;
}

void FieldReader::optional_number(std::string_view key, std::optional<double>& value,
                                  NumberRange range, Automatable) {
  const Node* node = take(key);
  if (node == nullptr) return;
  if (const auto number = read_number_at(key, *node, range)) value = number;
}

void FieldReader::integer(std::string_view key, std::uint64_t& value) {
  const Node* node = take(key);
  if (node == nullptr) return;
  if (const auto read = read_whole_number(node->text);
      node->kind == NodeKind::scalar && !node->quoted && read) {
    value = *read;
  } else {
    wrong_type(key, *node, "a whole number from 0 to 2^64 − 1");
  }
}

void FieldReader::version(std::string_view key, int& value) {
  const Node* node = take(key);
  if (node == nullptr) {
    context_.error(map_, "the key `" + std::string(key) + "` is missing",
                   "start the session with `" + std::string(key) + ": 1`, its format version");
    return;
  }
  const NumberText number =
      node->kind == NodeKind::scalar && !node->quoted ? read_number(node->text) : NumberText{};
  const ReadContext::Step step(context_, key);
  if (!number.value || *number.value < 1 || *number.value != std::floor(*number.value)) {
    context_.error(*node, "the format version must be the number 1, found " + describe(*node),
                   "write `" + std::string(key) + ": 1`");
  } else if (*number.value > 1) {
    context_.error(*node,
                   "this session is written in format version " + text::printable(node->text, 40) +
                       "; this program reads version 1",
                   "use a newer version of the program");
  } else {
    value = 1;
  }
}

// ---- words ----------------------------------------------------------------------------------

void FieldReader::boolean(std::string_view key, bool& value) {
  const Node* node = take(key);
  if (node == nullptr) return;
  if (node->kind == NodeKind::scalar && !node->quoted) {
    for (const bool word : {true, false}) {
      const auto& spellings = kBooleanWords[word];
      if (std::find(spellings.begin(), spellings.end(), node->text) == spellings.end()) continue;
      value = word;
      return;
    }
  }
  std::string lower(node->text.substr(0, 8));
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  std::string hint;
  if (lower == "yes" || lower == "on" || lower == "y" || lower == "1" || lower == "true") {
    hint = "write true";
  } else if (lower == "no" || lower == "off" || lower == "n" || lower == "0" || lower == "false") {
    hint = "write false";
  }
  wrong_type(key, *node, "true or false", std::move(hint));
}

std::optional<std::string> FieldReader::read_text_at(std::string_view key, const Node& node) {
  if (node.kind == NodeKind::scalar && !node.text.empty()) return std::string(node.text);
  wrong_type(key, node, "a text",
             node.kind == NodeKind::scalar ? "it must not be empty" : std::string());
  return {};
}

void FieldReader::text(std::string_view key, std::string& value) {
  const Node* node = take(key);
  if (node == nullptr) return;
  if (auto read = read_text_at(key, *node)) value = std::move(*read);
}

void FieldReader::required_text(std::string_view key, std::string& value) {
  if (!has(key)) missing(key);
  text(key, value);
}

std::optional<std::size_t> FieldReader::pick(std::string_view key,
                                             std::span<const std::string_view> words) {
  const Node* node = take(key);
  if (node == nullptr) return {};
  std::vector<std::string> list(words.begin(), words.end());
  const std::string allowed = text::enumerate(list.data(), list.size(), "or");
  if (node->kind != NodeKind::scalar) {
    wrong_type(key, *node, allowed);
    return {};
  }
  const NumberText number = read_number(node->text);
  for (std::size_t i = 0; i < words.size(); ++i) {
    const NumberText word = read_number(words[i]);
    const bool same_number = word.value && number.value && *word.value == *number.value;
    if (words[i] == node->text || same_number) return i;
  }
  const ReadContext::Step step(context_, key);
  const std::string close = did_you_mean(std::string(node->text), list);
  context_.error(*node,
                 std::string(key) + " must be " + allowed + ", not " + text::quoted(node->text),
                 close.empty() ? "" : "did you mean `" + close + "`?");
  return {};
}

void FieldReader::layout(std::string_view key, std::string& value) {
  std::vector<std::string_view> names;
  for (const ChannelLayout& layout : all_layouts()) names.push_back(layout.name);
  if (const auto picked = pick(key, names)) value = names[*picked];
}

// ---- times ----------------------------------------------------------------------------------

std::optional<TimeSpec> FieldReader::read_time_at(std::string_view key, const Node& node) {
  const TimeText time = node.kind == NodeKind::scalar ? read_time(node.text) : read_time("");
  if (time.value) return time.value;
  wrong_type(key, node, "a time", time.hint);
  return {};
}

void FieldReader::time(std::string_view key, TimeSpec& value) {
  const Node* node = take(key);
  if (node == nullptr) return;
  if (const auto time = read_time_at(key, *node)) value = *time;
}

void FieldReader::optional_time(std::string_view key, std::optional<TimeSpec>& value) {
  const Node* node = take(key);
  if (node == nullptr) return;
  if (const auto time = read_time_at(key, *node)) value = time;
}

void FieldReader::auto_or_time(std::string_view key, bool& is_auto,
                               std::optional<TimeSpec>& value) {
  const Node* node = take(key);
  if (node == nullptr) return;
  if (node->kind == NodeKind::scalar && node->text == "auto") {
    is_auto = true;
  } else if (node->kind != NodeKind::scalar || !read_time(node->text).value) {
    wrong_type(key, *node, "auto or a time",
               read_time(node->kind == NodeKind::scalar ? node->text : "").hint);
  } else {
    value = read_time(node->text).value;
  }
}

// ---- the end --------------------------------------------------------------------------------

std::string FieldReader::hint_for_unknown(const Entry& entry,
                                          const std::vector<std::string>& keys) const {
  const std::string word(entry.key);
  const auto longer = std::find_if(keys.begin(), keys.end(), [&](const std::string& key) {
    return key.starts_with(word + "_");  // the unit is missing
  });
  if (longer != keys.end()) return "did you mean `" + *longer + "`?";
  const std::string close = did_you_mean(word, keys);
  if (!close.empty()) return "did you mean `" + close + "`?";
  if (read_number(word).value)
    return "decimals are written with a point, texts with a comma in quotes";
  const std::size_t colon = word.find(':');
  if (colon != std::string::npos &&
      std::find(keys.begin(), keys.end(), word.substr(0, colon)) != keys.end()) {
    return "put a space after the colon";
  }
  return "keys here: " + text::enumerate(keys.data(), keys.size(), "and");
}

void FieldReader::finish() {
  if (std::find(taken_.begin(), taken_.end(), false) == taken_.end()) return;
  const std::vector<std::string> keys(known_.begin(), known_.end());
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (taken_[i]) continue;
    const Entry& entry = entries_[i];
    const ReadContext::Step step(context_, entry.key);
    context_.error(entry.key_begin, entry.key_end, "unknown key " + text::quoted(entry.key),
                   hint_for_unknown(entry, keys));
  }
}

}  // namespace tutti
