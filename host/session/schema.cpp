// SPDX-License-Identifier: Apache-2.0
// JSON Schema of a session, from the tables that the parser reads.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "host/audio/channel_layout.hpp"
#include "host/session/fields.hpp"
#include "host/session/parser.hpp"
#include "host/session/presets.hpp"
#include "host/session/processors.hpp"
#include "host/session/values.hpp"

namespace tutti {
namespace {

using Json = nlohmann::ordered_json;

Json reference(const char* name) { return {{"$ref", std::string("#/$defs/") + name}}; }

/// A number in its range; −inf and inf are words where they are allowed. An editor's YAML reader
/// makes floats of them, which JSON can not write down: they are beyond every number that it can.
Json number_schema(const NumberRange& range) {
  Json number = {{"type", "number"}};
  if (range.minimum > -1e300) number["minimum"] = range.minimum;
  if (range.maximum < 1e300) number["maximum"] = range.maximum;
  Json words = Json::array();
  if (range.minus_infinity) words.insert(words.end(), {"-inf", "-.inf"});
  if (range.plus_infinity) words.insert(words.end(), {"inf", ".inf"});
  if (words.empty()) return number;
  Json choices = {number, {{"enum", words}}};
  if (range.minus_infinity) choices.push_back({{"type", "number"}, {"maximum", -1e300}});
  if (range.plus_infinity) choices.push_back({{"type", "number"}, {"minimum", 1e300}});
  return {{"anyOf", choices}};
}

/// The value that a field has when it is left out, if JSON can say it.
Json default_of(double value) {
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  if (value == std::floor(value) && std::abs(value) < 1e15) return static_cast<long long>(value);
  return value;
}

/// Words, and as numbers too where they read as such (`bit_depth: 24`).
Json words_schema(std::span<const std::string_view> words) {
  Json values = Json::array();
  for (const std::string_view word : words) {
    if (const auto number = read_number(word).value) values.push_back(default_of(*number));
    values.push_back(word);
  }
  return {{"enum", values}};
}

class SchemaWriter {
 public:
  Json properties = Json::object();
  Json required = Json::array();
  Json one_of = Json::array();

  void number(std::string_view key, double& value, NumberRange range, Automatable) {
    put(key, number_schema(range))["default"] = default_of(value);
  }
  void optional_number(std::string_view key, std::optional<double>&, NumberRange range,
                       Automatable) {
    put(key, number_schema(range));
  }
  void boolean(std::string_view key, bool& value) {
    put(key, {{"type", "boolean"}})["default"] = value;
  }
  void text(std::string_view key, std::string&) { put(key, reference("text")); }
  void required_text(std::string_view key, std::string& value) {
    text(key, value);
    required.push_back(key);
  }
  void integer(std::string_view key, std::uint64_t& value) {
    put(key, {{"type", "integer"}, {"minimum", 0}})["default"] = value;
  }
  template <typename Enum, std::size_t N>
  void choice(std::string_view key, Enum& value, std::span<const Choice<Enum>, N> words) {
    const auto word = std::find_if(words.begin(), words.end(),
                                   [&](const Choice<Enum>& known) { return known.value == value; });
    put(key, choice_schema(words))["default"] = word->word;
  }
  template <typename Enum, std::size_t N>
  void optional_choice(std::string_view key, std::optional<Enum>&,
                       std::span<const Choice<Enum>, N> words) {
    put(key, choice_schema(words));
  }
  template <typename T>
  void list(std::string_view key, std::vector<T>&) {
    // An empty value is an empty list: what is left when the last item is commented out.
    put(key, {{"type", {"array", "null"}}, {"items", object_schema<T>()}});
  }
  template <typename T>
  void object(std::string_view key, std::optional<T>&) {
    put(key, object_schema<T>());
  }
  template <typename T>
  void section(std::string_view key, T&) {
    put(key, {{"anyOf", {object_schema<T>(), {{"type", "null"}}}}});
  }
  void time(std::string_view key, TimeSpec&) { put(key, reference("time"))["default"] = 0; }
  void optional_time(std::string_view key, std::optional<TimeSpec>&) {
    put(key, reference("time"));
  }
  void auto_or_time(std::string_view key, bool&, std::optional<TimeSpec>&) {
    put(key, {{"anyOf", {{{"const", "auto"}}, reference("time")}}});
  }
  void names(std::string_view key, std::vector<std::string>&) {
    put(key, {{"type", {"array", "null"}}, {"items", reference("text")}});
    required.push_back(key);
  }
  void version(std::string_view key, int&) {
    put(key, {{"const", 1}, {"description", "format version"}});
    required.push_back(key);
  }
  void layout(std::string_view key, std::string& value) {
    std::vector<std::string_view> names;
    for (const ChannelLayout& known : all_layouts()) names.push_back(known.name);
    put(key, words_schema(names))["default"] = value;
  }
  void pan(std::string_view key, PanSpec&) {
    put(key, {{"anyOf", {number_schema(kPanRange), object_schema<PanSpec>()}}})["default"] = 0;
  }
  void inserts(std::string_view key, std::vector<InsertSpec>&) {
    put(key, {{"type", {"array", "null"}}, {"items", reference("insert")}});
  }
  void points(std::string_view key, std::vector<AutomationSpec::Point>&) {
    const NumberRange level{-std::numeric_limits<double>::max(), std::numeric_limits<double>::max(),
                            true};
    Json point = {{"type", "array"},
                  {"prefixItems", {reference("time"), number_schema(level)}},
                  {"minItems", 2},
                  {"maxItems", 2}};
    put(key, {{"type", "array"}, {"minItems", 1}, {"items", std::move(point)}});
    required.push_back(key);
  }
  void file_or_clips(std::string_view file_key, std::string_view clips_key,
                     std::vector<ClipSpec>& value) {
    std::string file;
    text(file_key, file);
    list(clips_key, value);
    for (const std::string_view key : {file_key, clips_key}) {
      Json alternative;
      alternative["required"] = Json::array({key});
      one_of.push_back(std::move(alternative));
    }
  }
  void output_source(std::string_view key, OutputSpec&) {
    put(key, {{"description", "mix, master, buses, stems, or the name of a stem or bus"},
              {"type", {"string", "number"}}})["default"] = "master";
  }

  Json schema() const {
    Json out = {{"type", "object"}, {"properties", properties}};
    if (!required.empty()) out["required"] = required;
    if (!one_of.empty()) out["oneOf"] = one_of;
    out["additionalProperties"] = false;
    return out;
  }

 private:
  Json& put(std::string_view key, Json schema) {
    return properties[std::string(key)] = std::move(schema);
  }
  template <typename Enum, std::size_t N>
  static Json choice_schema(std::span<const Choice<Enum>, N> words) {
    std::array<std::string_view, N> texts;
    for (std::size_t i = 0; i < N; ++i) texts[i] = words[i].word;
    return words_schema(texts);
  }
  template <typename T>
  static Json object_schema() {
    T value{};
    SchemaWriter writer;
    visit_fields(writer, value);
    return writer.schema();
  }
};

/// One processor under its key, with the keys that all have: inside its settings or beside them.
template <typename Spec>
Json processor_schema(Spec spec) {
  InsertSpec insert;
  SchemaWriter settings;
  visit_insert_fields(settings, insert);
  visit_fields(settings, spec);
  if constexpr (std::is_same_v<Spec, ConvolverSpec>)
    settings.properties["impulse"]["description"] =
        "a file of 1 channel (for every channel of the strip), 2 (channel by channel) or 4 (true "
        "stereo: LL, LR, RL, RR; a mono strip feeds both inputs at -3 dB, as from the centre)";
  SchemaWriter item;
  visit_insert_fields(item, insert);
  item.properties[spec.kKey] = settings.schema();
  item.required.push_back(spec.kKey);
  return item.schema();
}

Json definitions() {
  Json inserts = Json::array();
  for_each_processor([&](const auto& spec) { inserts.push_back(processor_schema(spec)); });
  return {
      {"text",
       {{"description", "a name or a path; numbers and words are taken as text"},
        {"type", {"string", "number", "boolean"}}}},
      {"time",
       {{"description", "seconds, \"m:ss.mmm\", \"h:mm:ss.mmm\", or \"480000 smp\""},
        {"anyOf",
         {{{"type", "number"}},
          {{"type", "string"},
           {"pattern", "^-?([0-9]+ *smp|([0-9]+:){1,2}[0-9]+(\\.[0-9]*)?|[0-9]*\\.?[0-9]+)$"}}}}}},
      {"insert", {{"oneOf", std::move(inserts)}}}};
}

}  // namespace

std::string session_schema() {
  Session session;
  SchemaWriter writer;
  visit_fields(writer, session);
  std::vector<std::string> presets;
  for (const DeliveryPreset& preset : delivery_presets()) presets.push_back(preset.name);
  writer.properties["outputs"]["items"]["properties"]["preset"] = {{"enum", presets}};
  Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                 {"title", "Tutti session"}};
  const Json body = writer.schema();
  for (const auto& [key, value] : body.items()) schema[key] = value;
  schema["$defs"] = definitions();
  return schema.dump(2) + "\n";
}

}  // namespace tutti
