// SPDX-License-Identifier: Apache-2.0
#include "cli/measure_file.hpp"

#include <algorithm>
#include <vector>

#include "cli/k_system.hpp"
#include "cli/signals.hpp"
#include "host/audio/buffer.hpp"
#include "host/audio/channel_layout.hpp"
#include "host/cpu/meter.hpp"
#include "host/io/decode.hpp"

namespace tutti::cli {
namespace {

// Large enough that the calls cost nothing, small enough that a stereo block stays in the second
// level cache between the decoder and the meter.
constexpr Frames kBlockFrames = 16384;

struct Loudspeakers {
  std::string layout;  ///< empty: unknown
  std::vector<double> weights;
  std::string note;
};

Loudspeakers loudspeakers_of(const AudioInfo& info) {
  const std::vector<double> weights = loudness_weights_of(info.channels, info.wave_mask);
  if (const auto layout = layout_of(info.channels, info.wave_mask))
    return {std::string(layout->name), weights, ""};
  return {"", weights,
          "unknown loudspeaker layout: every channel counts alike towards loudness, but an LFE not "
          "at all"};
}

KSystemReading k_system_reading(int scale, const Measurement& measurement,
                                const KSystemMeter& meter) {
  constexpr double kSineConventionDb = 3.010299956639812;  // 10 lg 2: a full-scale sine reads 0
  KSystemReading reading;
  reading.scale = scale;
  if (meter.max_mean_square() > 0)
    reading.average_max_db = power_to_db(meter.max_mean_square()) + kSineConventionDb + scale;
  if (measurement.rms_dbfs) reading.average_db = *measurement.rms_dbfs + kSineConventionDb + scale;
  if (measurement.sample_peak_dbfs) reading.peak_db = *measurement.sample_peak_dbfs + scale;
  return reading;
}

}  // namespace

MeasuredFile measure_file(const std::string& path, const MeasureOptions& options) {
  MeasuredFile result;
  result.file = path;
  const auto reader =
      open_audio(path, [&](const Warning& warning) { result.notes.push_back(warning.message); },
                 {options.allow_non_finite, /*check_md5=*/false});
  const AudioInfo& info = reader->info();
  const Loudspeakers speakers = loudspeakers_of(info);
  result.layout = speakers.layout;
  if (!speakers.note.empty()) result.notes.push_back(speakers.note);

  Meter meter(info.sample_rate_hz, speakers.weights);
  std::optional<KSystemMeter> k_system;
  if (options.k_system_scale > 0) k_system.emplace(info.sample_rate_hz, info.channels);
  Buffer buffer(info.channels, std::min(kBlockFrames, std::max<Frames>(1, info.frames)));
  for (Frames first = 0; first < info.frames; first += buffer.frames()) {
    throw_if_stopped();
    const BlockView block = buffer.view().slice(0, std::min(buffer.frames(), info.frames - first));
    reader->read(first, block);
    meter.process(block);
    if (k_system) k_system->process(block);
    if (options.progress) options.progress(first + block.frames, info.frames);
  }
  result.measurement = meter.finish();
  if (k_system)
    result.k_system = k_system_reading(options.k_system_scale, *result.measurement, *k_system);
  return result;
}

}  // namespace tutti::cli
