// SPDX-License-Identifier: Apache-2.0
#include "host/engine/deliveries.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "host/audio/channel_layout.hpp"
#include "host/session/output_files.hpp"
#include "host/session/presets.hpp"

namespace tutti {
namespace {

/// Word-length reduction is dithered where it can be heard or where it is the last one: below 24 bit
/// always, at 24 bit on the master.
DitherKind default_dither(SampleFormat format, bool mastered) {
  if (format == SampleFormat::pcm8 || format == SampleFormat::pcm16) return DitherKind::tpdf;
  return format == SampleFormat::pcm24 && mastered ? DitherKind::tpdf : DitherKind::none;
}

Delivery make_delivery(const Session& session, const OutputSpec& spec, const RenderOptions& options,
                       const std::string& file, const std::string& source) {
  const DeliveryPreset* preset = spec.preset.empty() ? nullptr : find_preset(spec.preset);
  Delivery delivery;
  delivery.source = source;
  delivery.mastered = spec.source == OutputSource::master;
  const SampleFormat format = sample_format_of(spec);
  const auto layout = *layout_by_name(session.layout);
  const std::filesystem::path base =
      options.output_directory.empty() ? session.directory : options.output_directory;
  delivery.write.path = std::filesystem::absolute(base / file).lexically_normal();
  delivery.write.sample_rate_hz = spec.sample_rate_hz.value_or(
      preset && preset->sample_rate_hz ? *preset->sample_rate_hz : session.sample_rate_hz);
  delivery.write.channels = layout.channels();
  delivery.write.wave_mask = layout.wave_mask;
  delivery.write.encoding = encoding_of(format);
  delivery.write.dither = spec.dither.value_or(default_dither(format, delivery.mastered));
  delivery.write.seed = spec.seed;
  delivery.write.overwrite = options.overwrite;
  delivery.write.digests = options.digests;
  if (!delivery.mastered) return delivery;
  delivery.loudness = session.master.loudness;
  delivery.limiter = session.master.limiter;
  if (preset) {
    if (preset->target_lufs) {
      if (!delivery.loudness) delivery.loudness.emplace();
      delivery.loudness->target_lufs = *preset->target_lufs;
      delivery.loudness->tolerance_lu = preset->tolerance_lu;
    }
    if (!delivery.limiter) delivery.limiter.emplace();
    delivery.limiter->ceiling_dbtp = preset->ceiling_dbtp;
  }
  return delivery;
}

bool wanted(const RenderOptions& options, const OutputSpec& spec, const Delivery& delivery,
            const std::string& file, std::set<std::string>& used) {
  if (options.only.empty()) return true;
  const char* const group = spec.source == OutputSource::buses   ? "buses"
                            : spec.source == OutputSource::stems ? "stems"
                                                                 : "";
  bool found = false;
  for (const std::string& name : options.only) {
    if (name != file && name != spec.file && name != delivery.source && name != group &&
        name != delivery.write.path.filename().string())
      continue;
    used.insert(name);
    found = true;
  }
  return found;
}

}  // namespace

Encoding encoding_of(SampleFormat format) {
  switch (format) {
    case SampleFormat::pcm8: return Encoding::pcm8;
    case SampleFormat::pcm16: return Encoding::pcm16;
    case SampleFormat::pcm24: return Encoding::pcm24;
    case SampleFormat::pcm32: return Encoding::pcm32;
    case SampleFormat::float32: return Encoding::float32;
    case SampleFormat::float64: return Encoding::float64;
  }
  return Encoding::pcm24;
}

void warn_of_decoding(const WarningSink& warnings, const OutputSpec& output,
                      const std::filesystem::path& file, const std::string& place) {
  const ContainerProblem problem = decoding_problem(file.string(), sample_format_of(output));
  if (!warnings || problem.field == ContainerProblem::Field::none) return;
  warnings({"flac_32_bit", file.filename().string() + ": " + problem.message + "; " + problem.hint,
            place.empty() ? file.string() : place});
}

std::vector<Delivery> resolve_deliveries(const Session& session, const RenderOptions& options) {
  std::vector<Delivery> deliveries;
  std::vector<Issue> issues;
  std::set<std::string> used;
  std::set<std::filesystem::path> paths;
  auto report = [&](std::size_t index, std::string message) {
    Issue issue;
    issue.file = session.file.string();
    issue.path = fmt::format("outputs[{}].file", index);
    issue.span = find_span(session.spans, issue.path);
    issue.message = std::move(message);
    issues.push_back(std::move(issue));
  };
  for (std::size_t i = 0; i < session.outputs.size(); ++i) {
    const OutputSpec& spec = session.outputs[i];
    std::vector<std::string> sources;
    if (spec.source == OutputSource::mix) sources = {"mix"};
    if (spec.source == OutputSource::master) sources = {"master"};
    if (spec.source == OutputSource::strip) sources = {spec.source_name};
    if (spec.source == OutputSource::buses)
      for (const BusSpec& bus : session.buses) sources.push_back(bus.name);
    if (spec.source == OutputSource::stems)
      for (const StemSpec& stem : session.stems) sources.push_back(stem.name);
    const std::size_t before = deliveries.size();
    for (const std::string& source : sources) {
      const std::string file = output_file_name(spec.file, source);
      Delivery delivery = make_delivery(session, spec, options, file, source);
      if (!wanted(options, spec, delivery, file, used)) continue;
      if (const std::string reason = unsupported_reason(delivery.write); !reason.empty())
        report(i, file + ": " + reason);
      else if (!paths.insert(delivery.write.path).second)
        report(i, file + " is written twice");
      else
        deliveries.push_back(std::move(delivery));
    }
    if (deliveries.size() > before)
      warn_of_decoding(options.warnings, spec, spec.file,
                       fmt::format("outputs[{}].{}", i, spec.bit_depth ? "bit_depth" : "preset"));
  }
  for (const std::string& name : options.only)
    if (!used.count(name)) {
      Issue issue;
      issue.file = session.file.string();
      issue.path = "outputs";
      issue.message = "--only " + name + ": no output has this file or source name";
      issues.push_back(std::move(issue));
    }
  if (!issues.empty()) throw SessionError(std::move(issues), source_of(session.spans));
  return deliveries;
}

}  // namespace tutti
