// SPDX-License-Identifier: Apache-2.0
// A visitor of the session tables that writes every field down, defaults too.
#include "host/session/canonical.hpp"

#include <charconv>
#include <span>
#include <string_view>

#include "host/session/fields.hpp"

namespace tutti {
namespace {

class CanonicalWriter {
 public:
  explicit CanonicalWriter(std::string& out) : out_(out) {}

  void number(std::string_view key, double& value, NumberRange, Automatable) {
    name(key);
    put(value);
  }
  void optional_number(std::string_view key, std::optional<double>& value, NumberRange,
                       Automatable) {
    name(key);
    if (value) put(*value);
  }
  void boolean(std::string_view key, bool& value) {
    name(key);
    out_ += value ? "true" : "false";
  }
  void text(std::string_view key, std::string& value) {
    name(key);
    put(value);
  }
  void required_text(std::string_view key, std::string& value) { text(key, value); }
  void integer(std::string_view key, std::uint64_t& value) {
    name(key);
    out_ += std::to_string(value);
  }
  template <typename Enum, std::size_t N>
  void choice(std::string_view key, Enum& value, std::span<const Choice<Enum>, N>) {
    name(key);
    out_ += std::to_string(static_cast<int>(value));
  }
  template <typename Enum, std::size_t N>
  void optional_choice(std::string_view key, std::optional<Enum>& value,
                       std::span<const Choice<Enum>, N>) {
    name(key);
    if (value) out_ += std::to_string(static_cast<int>(*value));
  }
  template <typename T>
  void list(std::string_view key, std::vector<T>& value) {
    name(key);
    out_ += '[';
    for (T& item : value) section("", item);
    out_ += ']';
  }
  template <typename T>
  void object(std::string_view key, std::optional<T>& value) {
    name(key);
    if (value) section("", *value);
  }
  template <typename T>
  void section(std::string_view key, T& value) {
    name(key);
    out_ += '{';
    visit_fields(*this, value);
    out_ += '}';
  }
  void time(std::string_view key, TimeSpec& value) {
    name(key);
    put(value);
  }
  void optional_time(std::string_view key, std::optional<TimeSpec>& value) {
    name(key);
    if (value) put(*value);
  }
  void auto_or_time(std::string_view key, bool& is_auto, std::optional<TimeSpec>& value) {
    boolean(key, is_auto);
    optional_time("", value);
  }
  void names(std::string_view key, std::vector<std::string>& value) {
    name(key);
    for (const std::string& item : value) put(item);
  }
  void version(std::string_view key, int& value) {
    name(key);
    out_ += std::to_string(value);
  }
  void layout(std::string_view key, std::string& value) { text(key, value); }
  void pan(std::string_view key, PanSpec& value) { section(key, value); }
  void inserts(std::string_view key, std::vector<InsertSpec>& value) {
    name(key);
    out_ += '[';
    for (InsertSpec& insert : value) {
      out_ += processor_key(insert.processor);
      visit_insert_fields(*this, insert);
      std::visit([this](auto& spec) { section("", spec); }, insert.processor);
    }
    out_ += ']';
  }
  void points(std::string_view key, std::vector<AutomationSpec::Point>& value) {
    name(key);
    for (const AutomationSpec::Point& point : value) {
      put(point.time);
      put(point.value);
    }
  }
  void file_or_clips(std::string_view, std::string_view key, std::vector<ClipSpec>& value) {
    list(key, value);
  }
  void output_source(std::string_view key, OutputSpec& value) {
    name(key);
    out_ += std::to_string(static_cast<int>(value.source));
    put(value.source_name);
  }

 private:
  void name(std::string_view key) {
    out_ += '\n';
    out_ += key;
    out_ += '=';
  }
  /// The shortest text that reads back as the same number.
  void put(double value) {
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, value).ptr;
    out_.append(text, end);
    out_ += ' ';
  }
  /// With its length in front, so that no text can look like the end of itself.
  void put(const std::string& value) { out_ += std::to_string(value.size()) + ':' + value; }
  void put(const TimeSpec& value) {
    put(value.value);
    out_ += value.in_samples ? "smp " : "s ";
  }

  std::string& out_;
};

}  // namespace

std::string canonical_text(const Session& session) {
  Session copy = session;  // the tables are visited by reference
  std::string out;
  CanonicalWriter(out).section("", copy);
  return out;
}

}  // namespace tutti
