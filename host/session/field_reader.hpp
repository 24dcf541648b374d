// SPDX-License-Identifier: Apache-2.0
// The visitor that fills a Spec from a map of the document, and says what does not fit.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/audio/channel_layout.hpp"
#include "host/session/document.hpp"
#include "host/session/fields.hpp"
#include "host/session/issues.hpp"
#include "host/session/values.hpp"

namespace tutti {

/// Where the reader is and what it found wrong so far.
class ReadContext {
 public:
  ReadContext(const yaml::Document& tree, std::string file, std::vector<Issue>& issues)
      : document(tree), file_(std::move(file)), issues_(issues) {}

  const yaml::Document& document;

  /// A problem at bytes [begin, end); the path is that of the open steps.
  void error(std::uint32_t begin, std::uint32_t end, std::string message, std::string hint = {});
  void error(const yaml::Node& node, std::string message, std::string hint = {});
  std::string path() const;

  /// One key or index of the path while it lives.
  class Step {
   public:
    Step(ReadContext& context, std::string_view key) : context_(context) {
      context.steps_.push_back({key, 0});
    }
    Step(ReadContext& context, std::size_t index) : context_(context) {
      context.steps_.push_back({{}, index});
    }
    ~Step() { context_.steps_.pop_back(); }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

   private:
    ReadContext& context_;
  };

 private:
  struct PathPart {
    std::string_view key;
    std::size_t index;
  };
  std::vector<PathPart> steps_;
  std::string file_;
  std::vector<Issue>& issues_;
};

/// Reads one map. Each call takes one key; `finish` then names the keys that nobody took.
class FieldReader {
 public:
  FieldReader(ReadContext& context, const yaml::Node& map);

  void number(std::string_view key, double& value, NumberRange range, Automatable);
  void optional_number(std::string_view key, std::optional<double>& value, NumberRange range,
                       Automatable);
  void boolean(std::string_view key, bool& value);
  void text(std::string_view key, std::string& value);
  void required_text(std::string_view key, std::string& value);
  void integer(std::string_view key, std::uint64_t& value);
  void time(std::string_view key, TimeSpec& value);
  void optional_time(std::string_view key, std::optional<TimeSpec>& value);
  void auto_or_time(std::string_view key, bool& is_auto, std::optional<TimeSpec>& value);
  void names(std::string_view key, std::vector<std::string>& value);
  void version(std::string_view key, int& value);
  void layout(std::string_view key, std::string& value);
  void pan(std::string_view key, PanSpec& value);
  void inserts(std::string_view key, std::vector<InsertSpec>& value);
  void points(std::string_view key, std::vector<AutomationSpec::Point>& value);
  void file_or_clips(std::string_view file_key, std::string_view clips_key,
                     std::vector<ClipSpec>& value);
  void output_source(std::string_view key, OutputSpec& value);

  template <typename Enum, std::size_t N>
  void choice(std::string_view key, Enum& value, std::span<const Choice<Enum>, N> words) {
    std::array<std::string_view, N> texts;
    for (std::size_t i = 0; i < N; ++i) texts[i] = words[i].word;
    if (const auto picked = pick(key, texts)) value = words[*picked].value;
  }
  template <typename Enum, std::size_t N>
  void optional_choice(std::string_view key, std::optional<Enum>& value,
                       std::span<const Choice<Enum>, N> words) {
    Enum picked{};
    if (has(key)) {
      value.emplace();
      choice(key, picked, words);
      value = picked;
    } else {
      know(key);
    }
  }

  template <typename T>
  void list(std::string_view key, std::vector<T>& value) {
    const yaml::Node* node = take_list(key);
    if (node == nullptr) return;
    const ReadContext::Step step(context_, key);
    value.reserve(node->entry_count);
    for (const yaml::Entry& entry : context_.document.entries(*node)) {
      const ReadContext::Step index(context_, value.size());
      read_struct(context_.document.node(entry.value), value.emplace_back());
    }
  }
  template <typename T>
  void object(std::string_view key, std::optional<T>& value) {
    const yaml::Node* node = take(key);
    if (node == nullptr) return;
    const ReadContext::Step step(context_, key);
    read_struct(*node, value.emplace());
  }
  template <typename T>
  void section(std::string_view key, T& value) {
    const yaml::Node* node = take(key);
    if (node == nullptr || node->kind == yaml::NodeKind::null) return;
    const ReadContext::Step step(context_, key);
    read_struct(*node, value);
  }

  /// Reports every key that was not asked for.
  void finish();

 private:
  template <typename T>
  void read_struct(const yaml::Node& node, T& value) {
    if (!expect_map(node)) return;
    FieldReader reader(context_, node);
    visit_fields(reader, value);
    reader.finish();
  }
  bool expect_map(const yaml::Node& node);
  bool has(std::string_view key) const;
  void know(std::string_view key);
  /// The value of a key, or null when it is not there. Marks the key as known.
  const yaml::Node* take(std::string_view key);
  /// The same for a list: an empty value is no list, other kinds are an issue.
  const yaml::Node* take_list(std::string_view key);
  std::optional<double> read_number_at(std::string_view key, const yaml::Node& node,
                                       const NumberRange& range);
  std::optional<std::string> read_text_at(std::string_view key, const yaml::Node& node);
  std::optional<TimeSpec> read_time_at(std::string_view key, const yaml::Node& node);
  std::optional<std::size_t> pick(std::string_view key, std::span<const std::string_view> words);
  void read_insert(const yaml::Node& node, InsertSpec& insert);
  template <typename T>
  void read_processor(const yaml::Node& node, InsertSpec& insert, T spec);
  void refuse_processor(const yaml::Entry& entry);
  void refuse_beside_processor(const yaml::Entry& entry, std::string_view processor);
  void refuse_twice(const yaml::Node& item, const yaml::Node& settings);
  bool read_point(const yaml::Node& node, AutomationSpec::Point& point);
  void wrong_type(std::string_view key, const yaml::Node& node, std::string_view expected,
                  std::string hint = {});
  void missing(std::string_view key);
  std::string hint_for_unknown(const yaml::Entry& entry,
                               const std::vector<std::string>& keys) const;

  ReadContext& context_;
  const yaml::Node& map_;
  std::span<const yaml::Entry> entries_;
  std::vector<bool> taken_;
  std::vector<std::string_view> known_;
};

}  // namespace tutti
