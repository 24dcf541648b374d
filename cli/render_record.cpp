// SPDX-License-Identifier: Apache-2.0
#include "cli/render_record.hpp"

#include "host/audio/channel_layout.hpp"
#include "host/io/decode.hpp"
#include "host/session/presets.hpp"

namespace tutti::cli {
namespace {

constexpr double kDefaultToleranceLu = 0.1;

// The session's output that this file was written for, by its file name's end; none for `{name}`.
const OutputSpec* spec_of(const RenderedOutput& output, const Session& session) {
  const std::string file = std::filesystem::path(output.file).lexically_normal().generic_string();
  for (const OutputSpec& spec : session.outputs) {
    const std::string written =
        std::filesystem::path(spec.file).lexically_normal().generic_string();
    if (file == written || file.ends_with("/" + written)) return &spec;
  }
  return nullptr;
}

double tolerance_of(const RenderedOutput& output, const Session& session) {
  const OutputSpec* const spec = spec_of(output, session);
  const DeliveryPreset* const preset =
      spec != nullptr && !spec->preset.empty() ? find_preset(spec->preset) : nullptr;
  if (preset != nullptr && preset->target_lufs) return preset->tolerance_lu;
  return session.master.loudness ? session.master.loudness->tolerance_lu : kDefaultToleranceLu;
}

std::string layout_of(int channels, const Session& session) {
  const auto own = layout_by_name(session.layout);
  if (own && own->channels() == channels) return session.layout;
  const auto usual = default_layout(channels);
  return usual ? std::string(usual->name) : "";
}

ReportedOutput reported(const RenderedOutput& output, const Session& session) {
  ReportedOutput out;
  out.measured.file = output.file;
  out.measured.layout = layout_of(output.measured.channels, session);
  out.measured.measurement = output.measured;
  out.source = output.source;
  const AudioInfo info = open_audio(output.file)->info();
  out.format = info.container + " " + info.encoding;
  out.sha256 = output.sha256;
  out.audio_md5 = output.audio_md5;
  out.up_to_date = output.up_to_date;
  out.target_lufs = output.target_lufs;
  out.ceiling_dbtp = output.ceiling_dbtp;
  out.tolerance_lu = tolerance_of(output, session);
  out.loudness_mode = output.loudness_mode;
  out.only_if_louder = output.only_if_louder;
  out.gain_db = output.gain_db;
  out.limiter_max_reduction_db = output.limiter_max_reduction_db;
  out.clipped_samples = output.clipped_samples;
  return out;
}

}  // namespace

RenderReport report_of(const RenderResult& result, const Session& session) {
  RenderReport report;
  report.session = result.session;
  report.title = session.title;
  report.device = result.device;
  report.device_note = result.device_note;
  report.duration_s = result.duration_s;
  report.stems = result.stems;
  report.stem_seconds = result.stem_seconds;
  report.startup_s = result.timings.startup_s;
  report.decode_s = result.timings.decode_s;
  report.mix_s = result.timings.mix_s;
  report.master_s = result.timings.master_s;
  report.encode_s = result.timings.encode_s;
  report.wall_s = result.timings.wall_s;
  report.realtime_factor = result.realtime_factor;
  report.peak_memory_bytes = result.peak_memory_bytes;
  for (const RenderedOutput& output : result.outputs)
    report.outputs.push_back(reported(output, session));
  report.warnings = result.warnings;
  return report;
}

}  // namespace tutti::cli
