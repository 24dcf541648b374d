// SPDX-License-Identifier: Apache-2.0
// The schema, by a small validator of the JSON Schema vocabulary that it uses: it accepts what the
// parser accepts and refuses what the parser refuses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "host/session/parser.hpp"
#include "host/session/yaml.hpp"

namespace tutti {
namespace {

using Json = nlohmann::json;

const Json& schema() {
  static const Json parsed = Json::parse(session_schema());
  return parsed;
}

bool accepts(const Json& rule, const Json& value);

bool has_type(const std::string& type, const Json& value) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "null") return value.is_null();
  if (type == "integer") return value.is_number_integer();
  if (type == "number") return value.is_number();
  ADD_FAILURE() << "unknown type " << type;
  return false;
}

bool accepts_object(const Json& rule, const Json& value) {
  for (const auto& key : rule.value("required", Json::array())) {
    if (!value.contains(key.get<std::string>())) return false;
  }
  for (const auto& [key, item] : value.items()) {
    if (rule.contains("properties") && rule["properties"].contains(key)) {
      if (!accepts(rule["properties"][key], item)) return false;
    } else if (rule.contains("additionalProperties")) {
      return false;
    }
  }
  return true;
}

bool accepts_array(const Json& rule, const Json& value) {
  if (value.size() < rule.value("minItems", 0u)) return false;
  if (rule.contains("maxItems") && value.size() > rule["maxItems"].get<std::size_t>()) return false;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const bool prefixed = rule.contains("prefixItems") && i < rule["prefixItems"].size();
    if (prefixed && !accepts(rule["prefixItems"][i], value[i])) return false;
    if (!prefixed && rule.contains("items") && !accepts(rule["items"], value[i])) return false;
  }
  return true;
}

std::size_t count_accepting(const Json& rules, const Json& value) {
  std::size_t count = 0;
  for (const Json& rule : rules) count += accepts(rule, value) ? 1 : 0;
  return count;
}

bool accepts(const Json& rule, const Json& value) {
  if (rule.contains("$ref")) {
    const std::string name = rule["$ref"].get<std::string>().substr(std::string("#/$defs/").size());
    if (!accepts(schema().at("$defs").at(name), value)) return false;
  }
  if (rule.contains("type")) {
    const Json types = rule["type"].is_array() ? rule["type"] : Json::array({rule["type"]});
    bool any = false;
    for (const Json& type : types) any = any || has_type(type, value);
    if (!any) return false;
  }
  if (rule.contains("const") && rule["const"] != value) return false;
  if (rule.contains("enum")) {
    bool any = false;
    for (const Json& word : rule["enum"]) any = any || word == value;
    if (!any) return false;
  }
  if (rule.contains("anyOf") && count_accepting(rule["anyOf"], value) == 0) return false;
  if (rule.contains("oneOf") && count_accepting(rule["oneOf"], value) != 1) return false;
  if (value.is_number()) {
    if (rule.contains("minimum") && value < rule["minimum"]) return false;
    if (rule.contains("maximum") && value > rule["maximum"]) return false;
  }
  if (value.is_string() && rule.contains("pattern")) {
    const auto matches = testing::ContainsRegex(rule["pattern"].get<std::string>());
    if (!testing::Value(value.get<std::string>(), matches)) return false;
  }
  if (value.is_object()) return accepts_object(rule, value);
  return !value.is_array() || accepts_array(rule, value);
}

/// A YAML text as the JSON that an editor would check.
Json to_json(const yaml::Document& document, const yaml::Node& node) {
  Json out;
  switch (node.kind) {
    case yaml::NodeKind::null:
      break;
    case yaml::NodeKind::scalar: {
      const std::string text(node.text);
      out = text;
      if (!node.quoted && (text == "true" || text == "false")) out = text == "true";
      if (!node.quoted && text.find_first_not_of("0123456789.-e") == std::string::npos) {
        out = Json::parse(text, nullptr, false);
        if (out.is_discarded()) out = text;
      }
      break;
    }
    case yaml::NodeKind::list:
      out = Json::array();
      for (const auto& entry : document.entries(node)) {
        out.push_back(to_json(document, document.node(entry.value)));
      }
      break;
    case yaml::NodeKind::map:
      out = Json::object();
      for (const auto& entry : document.entries(node)) {
        out[std::string(entry.key)] = to_json(document, document.node(entry.value));
      }
      break;
  }
  return out;
}

Json json_of(const std::string& text) {
  yaml::Document document(text);
  std::vector<yaml::YamlProblem> problems;
  EXPECT_TRUE(yaml::read_yaml(document, problems));
  return to_json(document, document.root());
}

std::string file_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

TEST(Schema, SaysWhatItIs) {
  EXPECT_EQ(schema().at("$schema"), "https://json-schema.org/draft/2020-12/schema");
  EXPECT_EQ(schema().at("properties").at("tutti").at("const"), 1);
  EXPECT_EQ(session_schema(), session_schema());
}

TEST(Schema, AcceptsTheSessionsOfTheProject) {
  int count = 0;
  const std::filesystem::path folder = std::filesystem::path(TUTTI_SOURCE_DIR) / "data/sessions";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".yaml") continue;
    EXPECT_TRUE(accepts(schema(), json_of(file_text(entry.path())))) << entry.path();
    ++count;
  }
  EXPECT_GT(count, 0);
}

constexpr const char* kHead = "tutti: 1\nstems:\n  - {name: A, file: a.wav}\n";

bool parses(const std::string& text) {
  return !has_errors(parse_session_text(text, "mix.yaml").issues);
}

TEST(Schema, AgreesWithTheParserOnSmallTexts) {
  // One line of a stem, or of the session: what one accepts the other does.
  const char* const stem_lines[] = {
      "gain_db: -3",
      "gain_db: -inf",
      "gain_db: loud",
      "gain_db: 61",
      "gain_db: [1]",
      "gain: 3",
      "pan: 0.5",
      "pan: 2",
      "pan: {position: 0.1, width: 0.5}",
      "pan: {where: 1}",
      "mute: true",
      "mute: yes",
      "polarity: invert",
      "polarity: both",
      "output: Bus",
      "output: {a: b}",
      "inserts: [{eq: {bands: [{type: bell, freq_hz: 100, gain_db: 3}]}}]",
      "inserts: [{eq: {bands: [{type: bel}]}}]",
      "inserts: [{compressor: {ratio: inf}}]",
      "inserts: [{compressor: {ratio: 0.5}}]",
      "inserts: [{reverb: {}}]",
      "inserts: [{}]",
      "inserts: [{gain: {}, stereo: {}}]",
      "inserts: [{gain: {gain_db: 1}, name: x}]",
      "inserts: [{gain: {name: x, mix: 0.5, enabled: false}}]",
      "inserts: [gain]",
      "inserts:",
      "sends: [{to: Hall, tap: pre_fader}]",
      "sends: [{gain_db: 1}]",
      "sends: [{to: H, tap: x}]",
      "automation: [{target: pan, points: [[0, 1], [\"1:30\", 0], [\"5 smp\", -inf]]}]",
      "automation: [{target: pan, points: []}]",
      "automation: [{target: pan, points: [[0]]}]",
      "automation: [{target: pan, points: [[0, x]]}]",
      "automation: [{points: [[0, 1]]}]",
      "clips: [{file: b.wav}]",
      "title: x"};
  for (const std::string line : stem_lines) {
    const std::string text = "tutti: 1\nstems:\n  - name: A\n    file: a.wav\n    " + line + "\n";
    EXPECT_EQ(accepts(schema(), json_of(text)), parses(text)) << line;
  }
  const char* const session_lines[] = {"layout: 5.1",
                                       "layout: wide",
                                       "pan_law_db: -4.5",
                                       "pan_law_db: -4",
                                       "sample_rate_hz: 44100",
                                       "sample_rate_hz: 1",
                                       "start: \"0:30\"",
                                       "start: soon",
                                       "tail: {max_s: 3}",
                                       "tail: {s: 3}",
                                       "master:",
                                       "master: {limiter: {ceiling_dbtp: -1}}",
                                       "master: {limiter: {ratio: 3}}",
                                       "master: {trim: {start: auto, end: 3}}",
                                       "master: {trim: {start: yes}}",
                                       "master: {fade_out: {length_s: 3, shape: s_curve}}",
                                       "groups: [{name: G, members: [A], gain_db: -1}]",
                                       "groups: [{name: G}]",
                                       "outputs: [{file: a.wav, bit_depth: 24}]",
                                       "outputs: [{file: a.wav, bit_depth: 32f}]",
                                       "outputs: [{file: a.wav, bit_depth: 20}]",
                                       "outputs: [{source: mix}]",
                                       "outputs: [{file: a.wav, seed: -1}]",
                                       "outputs: [{file: a.wav, dither: shaped}]",
                                       "tutti_: 1",
                                       "buses: [{name: B}]",
                                       "buses: [{file: b.wav, name: B}]"};
  for (const std::string line : session_lines) {
    const std::string text = kHead + line + "\n";
    EXPECT_EQ(accepts(schema(), json_of(text)), parses(text)) << line;
  }
  EXPECT_FALSE(accepts(schema(), json_of("stems: []\n"))) << "the version is required";
}

TEST(Schema, AcceptsTheInfinityThatAnEditorMakesOfTheWord) {
  const auto stem_with = [](double gain_db, double ratio) {
    Json session = json_of("tutti: 1\nstems: [{name: A, file: a.wav, inserts: []}]\n");
    session["stems"][0]["gain_db"] = gain_db;
    session["stems"][0]["inserts"].push_back({{"compressor", {{"ratio", ratio}}}});
    return session;
  };
  EXPECT_TRUE(accepts(schema(), stem_with(-INFINITY, 2)));
  EXPECT_TRUE(accepts(schema(), stem_with(-3, INFINITY)));
  EXPECT_FALSE(accepts(schema(), stem_with(INFINITY, 2)));
  EXPECT_FALSE(accepts(schema(), stem_with(-3, -INFINITY)));
  EXPECT_FALSE(accepts(schema(), stem_with(-130, 2)));
}

}  // namespace
}  // namespace tutti
