// SPDX-License-Identifier: Apache-2.0
#include "host/session/presets.hpp"

#include <algorithm>
#include <cstdlib>

#include "host/session/field_reader.hpp"
#include "host/session/presets_data.hpp"
#include "host/session/source_file.hpp"
#include "host/session/yaml.hpp"

namespace tutti {
namespace {

/// The grades of one preset, as a map of their own in the file.
struct PresetGrades {
  DeliveryPreset& preset;
};

template <class V>
void visit_fields(V& v, PresetGrades& s) {
  v.text("loudness", s.preset.loudness_grade);
  v.text("ceiling", s.preset.ceiling_grade);
  v.text("format", s.preset.format_grade);
}

}  // namespace

template <class V>
void visit_fields(V& v, DeliveryPreset& s) {
  PresetGrades grades{s};
  v.required_text("name", s.name);
  v.text("description", s.description);
  v.optional_number("target_lufs", s.target_lufs, {-70, 0}, Automatable::no);
  v.number("tolerance_lu", s.tolerance_lu, {0.01, 10}, Automatable::no);
  v.number("ceiling_dbtp", s.ceiling_dbtp, {-60, 0}, Automatable::no);
  v.choice("playback", s.playback, std::span(kPlaybacks));
  v.optional_choice("bit_depth", s.bit_depth, std::span(kSampleFormats));
  v.optional_number("sample_rate_hz", s.sample_rate_hz, kSampleRateRangeHz, Automatable::no);
  v.section("grades", grades);
  v.required_text("source", s.source);
  v.required_text("date", s.date);
}

namespace {

struct PresetFile {
  int version = 1;
  std::vector<DeliveryPreset> presets;
};

template <class V>
void visit_fields(V& v, PresetFile& s) {
  v.version("tutti_presets", s.version);
  v.list("presets", s.presets);
}

std::vector<DeliveryPreset> load() {
  const char* path = std::getenv("TUTTI_PRESETS");
  if (path == nullptr || *path == '\0') return read_presets(kBuiltInPresets, "presets.yaml");
  return read_presets(read_source_file(path), path);
}

}  // namespace

std::vector<DeliveryPreset> read_presets(const std::string& text, const std::string& file) {
  yaml::Document document(text);
  std::vector<Issue> issues;
  PresetFile read;
  ReadContext context(document, file, issues);
  std::vector<yaml::YamlProblem> problems;
  const bool whole = yaml::read_yaml(document, problems);
  for (yaml::YamlProblem& problem : problems) {
    context.error(problem.begin, problem.end, std::move(problem.message), std::move(problem.hint));
  }
  if (whole) {
    FieldReader reader(context, document.root());
    visit_fields(reader, read);
    reader.finish();
  }
  if (!issues.empty()) throw SessionError(std::move(issues), document.source());
  return std::move(read.presets);
}

const std::vector<DeliveryPreset>& delivery_presets() {
  static const std::vector<DeliveryPreset> presets = load();
  return presets;
}

const DeliveryPreset* find_preset(const std::string& name) {
  const std::vector<DeliveryPreset>& presets = delivery_presets();
  const auto found =
      std::find_if(presets.begin(), presets.end(),
                   [&](const DeliveryPreset& preset) { return preset.name == name; });
  return found != presets.end() ? &*found : nullptr;
}

}  // namespace tutti
