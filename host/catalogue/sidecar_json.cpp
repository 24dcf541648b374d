// SPDX-License-Identifier: Apache-2.0
#include "host/catalogue/sidecar_json.hpp"

#include <cmath>
#include <limits>
#include <stdexcept>

#include "host/report/json_values.hpp"
#include "host/report/measured_file.hpp"

namespace tutti::catalogue {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kSidecarVersion = 1;

Json measured(const Measurement& measurement, const std::string& file) {
  MeasuredFile out;
  out.file = file;
  out.measurement = measurement;
  return measured_file_json(out);
}

Json output_json(const Sidecar::Output& output) {
  return {{"file", json_text(output.file)},
          {"format", json_text(output.format)},
          {"bytes", output.bytes},
          {"sha256", output.sha256},
          {"audio_md5", json_text_or_null(output.audio_md5)},
          {"frames", output.frames},
          {"sample_rate_hz", json_number(output.sample_rate_hz)},
          {"channels", output.channels}};
}

[[noreturn]] void refuse(const char* key, const char* what) {
  throw std::runtime_error(std::string("`") + key + "` " + what);
}

const Json& at(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) refuse(key, "is missing");
  return *found;
}

const Json& object_at(const Json& object, const char* key) {
  const Json& value = at(object, key);
  if (!value.is_object()) refuse(key, "is not an object");
  return value;
}

std::string text_at(const Json& object, const char* key) {
  const Json& value = at(object, key);
  if (value.is_null()) return {};
  if (!value.is_string()) refuse(key, "is not a text");
  return value.get<std::string>();
}

std::optional<double> number_at(const Json& object, const char* key) {
  const Json& value = at(object, key);
  if (value.is_null()) return {};
  if (!value.is_number()) refuse(key, "is not a number");
  return value.get<double>();
}

/// A count: a whole number that is not negative and that a double holds exactly. Converting others
/// would be undefined, and a file that lies about its size is not ours.
std::int64_t count_at(const Json& object, const char* key) {
  const double value = number_at(object, key).value_or(-1);
  if (!(value >= 0 && value <= 0x1p53 && value == std::floor(value)))
    refuse(key, "is not a whole number");
  return static_cast<std::int64_t>(value);
}

int channels_at(const Json& object) {
  const std::int64_t value = count_at(object, "channels");
  if (value > 4096) refuse("channels", "is too large");
  return static_cast<int>(value);
}

Measurement measurement_at(const Json& document, const char* key) {
  const Json& from = object_at(document, key);
  Measurement m;
  m.sample_rate_hz = number_at(from, "sample_rate_hz").value_or(0);
  m.channels = channels_at(from);
  const double frames = std::round(number_at(from, "duration_s").value_or(0) * m.sample_rate_hz);
  if (!(frames >= 0 && frames <= 0x1p53)) refuse("duration_s", "is no length");
  m.frames = static_cast<Frames>(frames);
  m.integrated_lufs = number_at(from, "integrated_lufs");
  m.momentary_max_lufs = number_at(from, "momentary_max_lufs");
  m.short_term_max_lufs = number_at(from, "short_term_max_lufs");
  m.loudness_range_lu = number_at(from, "loudness_range_lu");
  m.true_peak_dbtp = number_at(from, "true_peak_dbtp");
  m.sample_peak_dbfs = number_at(from, "sample_peak_dbfs");
  m.rms_dbfs = number_at(from, "rms_dbfs");
  m.plr_db = number_at(from, "plr_db");
  m.psr_min_db = number_at(from, "psr_min_db");
  m.dc_offset = number_at(from, "dc_offset").value_or(0);
  m.clipped_samples = count_at(from, "clipped_samples");
  m.correlation = number_at(from, "correlation");
  return m;
}

Sidecar::Output output_at(const Json& document) {
  const Json& from = object_at(document, "output");
  Sidecar::Output output;
  output.file = text_at(from, "file");
  output.format = text_at(from, "format");
  output.bytes = static_cast<std::uint64_t>(count_at(from, "bytes"));
  output.sha256 = text_at(from, "sha256");
  output.audio_md5 = text_at(from, "audio_md5");
  output.frames = count_at(from, "frames");
  output.sample_rate_hz = number_at(from, "sample_rate_hz").value_or(0);
  output.channels = channels_at(from);
  return output;
}

std::vector<Warning> findings_at(const Json& document) {
  const Json& list = at(document, "findings");
  if (!list.is_array()) refuse("findings", "is not a list");
  std::vector<Warning> findings;
  for (const Json& finding : list) {
    if (!finding.is_object()) refuse("findings", "holds what is no object");
    findings.push_back({text_at(finding, "code"), text_at(finding, "message"), {}});
  }
  return findings;
}

}  // namespace

Json sidecar_json(const Sidecar& sidecar) {
  Json out;
  out["tutti_sidecar"] = kSidecarVersion;
  out["key"] = sidecar.key;
  out["id"] = json_text(sidecar.id);
  out["album"] = json_text_or_null(sidecar.album);
  out["sound_version"] = json_text(sidecar.sound_version);
  out["input"] = {{"file", json_text(sidecar.input.file)},
                  {"bytes", sidecar.input.bytes},
                  {"sha256", sidecar.input.sha256}};
  if (!sidecar.album_inputs.empty()) out["album_inputs"] = sidecar.album_inputs;
  out["settings"] = sidecar.settings;
  out["output"] = output_json(sidecar.output);
  out["deliveries"] = sidecar.deliveries;
  out["target_lufs"] = json_number(sidecar.target_lufs);
  out["tolerance_lu"] = json_number(sidecar.tolerance_lu);
  out["ceiling_dbtp"] = json_number(sidecar.ceiling_dbtp);
  out["gain_db"] = json_number(sidecar.gain_db);
  out["limiter_max_reduction_db"] = json_number(sidecar.limiter_max_reduction_db);
  out["clipped_samples"] = sidecar.clipped_samples;
  out["before"] = measured(sidecar.before, sidecar.input.file);
  out["after"] = measured(sidecar.after, sidecar.output.file);
  out["findings"] = Json::array();
  for (const Warning& finding : sidecar.findings)
    out["findings"].push_back(
        {{"code", json_text(finding.code)}, {"message", json_text(finding.message)}});
  out["services"] = sidecar.services;
  return out;
}

Sidecar sidecar_of_json(const Json& document) {
  if (!document.is_object()) throw std::runtime_error("is no JSON object");
  if (count_at(document, "tutti_sidecar") != kSidecarVersion)
    throw std::runtime_error("is of a version that this program does not know");
  Sidecar out;
  out.key = text_at(document, "key");
  out.id = text_at(document, "id");
  out.album = text_at(document, "album");
  out.sound_version = text_at(document, "sound_version");
  const Json& input = object_at(document, "input");
  out.input.file = text_at(input, "file");
  out.input.bytes = static_cast<std::uint64_t>(count_at(input, "bytes"));
  out.input.sha256 = text_at(input, "sha256");
  if (document.contains("album_inputs")) out.album_inputs = text_at(document, "album_inputs");
  out.settings = at(document, "settings");
  out.output = output_at(document);
  const std::int64_t deliveries = count_at(document, "deliveries");
  if (deliveries < 1 || deliveries > 1000) refuse("deliveries", "is no number of files");
  out.deliveries = static_cast<int>(deliveries);
  out.target_lufs = number_at(document, "target_lufs");
  out.tolerance_lu = number_at(document, "tolerance_lu").value_or(0);
  out.ceiling_dbtp = number_at(document, "ceiling_dbtp");
  out.gain_db = number_at(document, "gain_db");
  out.limiter_max_reduction_db = number_at(document, "limiter_max_reduction_db");
  out.clipped_samples = count_at(document, "clipped_samples");
  out.before = measurement_at(document, "before");
  out.after = measurement_at(document, "after");
  out.findings = findings_at(document);
  out.services = at(document, "services");
  return out;
}

}  // namespace tutti::catalogue
