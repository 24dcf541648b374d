// SPDX-License-Identifier: Apache-2.0
// Fields with a shape of their own: pan, inserts, automation points, clips, members, sources.
#include <algorithm>
#include <cmath>

#include "host/session/field_reader.hpp"
#include "host/session/processors.hpp"
#include "host/session/text.hpp"

namespace tutti {

using yaml::Entry;
using yaml::Node;
using yaml::NodeKind;

void FieldReader::pan(std::string_view key, PanSpec& value) {
  const Node* node = take(key);
  if (node == nullptr) return;
  if (node->kind == NodeKind::map) {
    const ReadContext::Step step(context_, key);
    read_struct(*node, value);
  } else if (node->kind == NodeKind::scalar) {
    if (const auto position = read_number_at(key, *node, kPanRange)) value.position = *position;
  } else {
    wrong_type(key, *node, "a number or {position: , width: }");
  }
}

void FieldReader::names(std::string_view key, std::vector<std::string>& value) {
  if (!has(key)) missing(key);
  const Node* node = take_list(key);
  if (node == nullptr) return;
  const ReadContext::Step step(context_, key);
  for (const Entry& entry : context_.document.entries(*node)) {
    const Node& name = context_.document.node(entry.value);
    const ReadContext::Step index(context_, value.size());
    if (name.kind == NodeKind::scalar && !name.text.empty()) {
      value.emplace_back(name.text);
    } else {
      value.emplace_back();  // keeps the places of the others
      context_.error(name, "expected a name, found " + describe(name));
    }
  }
}

void FieldReader::file_or_clips(std::string_view file_key, std::string_view clips_key,
                                std::vector<ClipSpec>& value) {
  const bool both = has(file_key) && has(clips_key);
  if (both || (!has(file_key) && !has(clips_key))) {
    context_.error(
        map_,
        both ? "a stem has either `file` or `clips`, not both" : "a stem needs `file` or `clips`",
        "`file: x.wav` is one clip at 0");
  }
  std::string file;
  text(file_key, file);
  list(clips_key, value);
  if (!file.empty() && !both) {
    value.emplace_back();
    value.back().file = std::move(file);
  }
}

void FieldReader::output_source(std::string_view key, OutputSpec& value) {
  std::string source;
  text(key, source);
  if (source.empty()) return;
  value.source = source == "mix"      ? OutputSource::mix
                 : source == "master" ? OutputSource::master
                 : source == "buses"  ? OutputSource::buses
                 : source == "stems"  ? OutputSource::stems
                                      : OutputSource::strip;
  if (value.source == OutputSource::strip) value.source_name = std::move(source);
}

// ---- automation points ----------------------------------------------------------------------

bool FieldReader::read_point(const Node& node, AutomationSpec::Point& point) {
  const auto items = context_.document.entries(node);
  if (node.kind != NodeKind::list || items.size() != 2) {
    context_.error(node, "expected a point [time, value], found " + describe(node),
                   node.kind == NodeKind::list ? "a point has exactly two values" : "");
    return false;
  }
  const Node& time_node = context_.document.node(items[0].value);
  const Node& value_node = context_.document.node(items[1].value);
  const bool scalars = time_node.kind == NodeKind::scalar && value_node.kind == NodeKind::scalar;
  const TimeText time = read_time(time_node.kind == NodeKind::scalar ? time_node.text : "");
  const NumberText number = scalars ? read_number(value_node.text) : NumberText{};
  if (!time.value) {
    context_.error(time_node, "expected a time, found " + describe(time_node), time.hint);
  }
  const bool quoted_number = value_node.quoted && number.value && std::isfinite(*number.value);
  if (!number.value || quoted_number) {
    context_.error(value_node, "expected a number, found " + describe(value_node),
                   quoted_number ? "remove the quotes" : number.hint);
  }
  if (!time.value || !number.value || quoted_number) return false;
  point = {*time.value, *number.value};
  return true;
}

void FieldReader::points(std::string_view key, std::vector<AutomationSpec::Point>& value) {
  if (!has(key)) missing(key);
  const Node* node = take(key);
  if (node == nullptr) return;
  if (node->kind != NodeKind::list || node->entry_count == 0) {
    wrong_type(key, *node, "at least one point [time, value]",
               "for example: points: [[0, -6], [12.5, 0]]");
    return;
  }
  const ReadContext::Step step(context_, key);
  std::size_t index = 0;
  value.reserve(node->entry_count);
  for (const Entry& entry : context_.document.entries(*node)) {
    const ReadContext::Step at(context_, index++);
    AutomationSpec::Point point;
    // A point that can not be read keeps its place, after the one before it, so that paths fit.
    if (!read_point(context_.document.node(entry.value), point) && !value.empty()) {
      point = value.back();
    }
    value.push_back(point);
  }
}

// ---- inserts --------------------------------------------------------------------------------

template <typename T>
void FieldReader::read_processor(const Node& node, InsertSpec& insert, T spec) {
  insert.processor = std::move(spec);
  if (!expect_map(node)) return;
  FieldReader reader(context_, node);
  visit_insert_fields(reader, insert);
  visit_fields(reader, std::get<T>(insert.processor));
  reader.finish();
}

void FieldReader::refuse_processor(const Entry& entry) {
  const std::string key(entry.key);
  const auto later = std::find(kLaterProcessors.begin(), kLaterProcessors.end(), key);
  const std::vector<std::string> keys = processor_keys();
  const std::string list = "available: " + text::enumerate(keys.data(), keys.size(), "and");
  const ReadContext::Step step(context_, entry.key);
  if (later != kLaterProcessors.end()) {
    context_.error(entry.key_begin, entry.key_end, "`" + key + "` is not available in this version",
                   list);
    return;
  }
  const std::string close = did_you_mean(key, keys);
  context_.error(entry.key_begin, entry.key_end, "unknown processor " + text::quoted(key),
                 close.empty() ? list : "did you mean `" + close + "`?");
}

void FieldReader::refuse_beside_processor(const Entry& entry, std::string_view processor) {
  const std::vector<std::string> keys = processor_keys();
  const bool second = std::find(keys.begin(), keys.end(), entry.key) != keys.end();
  const std::string first(processor);
  const ReadContext::Step step(context_, entry.key);
  if (second) {
    context_.error(
        entry.key_begin, entry.key_end,
        "a second processor, `" + std::string(entry.key) + "`, in the item of `" + first + "`",
        "start each processor with its own `- `");
  } else {
    context_.error(
        entry.key_begin, entry.key_end,
        "the key " + text::quoted(entry.key) + " stands beside `" + first + "`, not inside it",
        "indent the settings of `" + first + "` below it, or write `" + first + ": {" +
            text::printable(entry.key, 40) + ": …}`");
  }
}

/// `name`, `enabled` and `mix` may stand in the settings or beside them, once.
void FieldReader::refuse_twice(const Node& item, const Node& settings) {
  for (const Entry& outer : context_.document.entries(item)) {
    for (const Entry& inner : context_.document.entries(settings)) {
      if (outer.key != inner.key) continue;
      context_.error(
          inner.key_begin, inner.key_end,
          "the key " + text::quoted(inner.key) + " stands both beside the processor and inside it");
    }
  }
}

void FieldReader::read_insert(const Node& node, InsertSpec& insert) {
  const std::vector<std::string> keys = processor_keys();
  const auto is_processor = [&](std::string_view key) {
    return std::find(keys.begin(), keys.end(), key) != keys.end();
  };
  if (node.kind != NodeKind::map || node.entry_count == 0) {
    const bool bare = node.kind == NodeKind::scalar && is_processor(node.text);
    context_.error(node, "expected a processor with its settings, found " + describe(node),
                   bare ? "write `" + std::string(node.text) + ": {}` for its defaults"
                        : "for example: {gain: {gain_db: -3}}");
    return;
  }
  const auto entries = context_.document.entries(node);
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [&](const Entry& entry) { return is_processor(entry.key); });
  if (found == entries.end()) {
    refuse_processor(entries.front());
    return;
  }
  FieldReader item(context_, node);
  item.take(found->key);
  visit_insert_fields(item, insert);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (!item.taken_[i]) refuse_beside_processor(entries[i], found->key);
  }
  const Node& settings = context_.document.node(found->value);
  if (settings.kind == NodeKind::map) refuse_twice(node, settings);
  const ReadContext::Step step(context_, found->key);
  for_each_processor([&](auto spec) {
    if (found->key == spec.kKey) {
      read_processor(settings, insert, std::move(spec));
    }
  });
}

void FieldReader::inserts(std::string_view key, std::vector<InsertSpec>& value) {
  const Node* node = take_list(key);
  if (node == nullptr) return;
  const ReadContext::Step step(context_, key);
  for (const Entry& entry : context_.document.entries(*node)) {
    const ReadContext::Step index(context_, value.size());
    read_insert(context_.document.node(entry.value), value.emplace_back());
  }
}

}  // namespace tutti
