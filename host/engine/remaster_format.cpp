// SPDX-License-Identifier: Apache-2.0
#include "host/engine/remaster_format.hpp"

#include <array>
#include <cmath>

#include "host/engine/deliveries.hpp"

namespace tutti {
namespace {

SampleFormat word_length_of(const AudioInfo& info) {
  if (info.encoding.starts_with("PCM 16")) return SampleFormat::pcm16;
  if (info.encoding.starts_with("PCM 8")) return SampleFormat::pcm8;
  if (info.encoding.starts_with("PCM 32")) return SampleFormat::pcm32;
  if (info.encoding == "float 32") return SampleFormat::float32;
  if (info.encoding == "float 64") return SampleFormat::float64;
  return SampleFormat::pcm24;
}

/// The rate of the other family costs more than it has to.
std::array<double, 2> common_rates_hz(double rate_hz) {
  const bool of_the_cd = std::fmod(rate_hz, 11025) == 0;
  return of_the_cd ? std::array<double, 2>{44100, 48000} : std::array<double, 2>{48000, 44100};
}

}  // namespace

std::string fit_to_container(OutputSpec& output, const std::filesystem::path& file,
                             const AudioInfo& input, bool mirrors) {
  if (!output.preset.empty()) return {};  // a preset says both
  WriteSpec spec;
  spec.path = file;
  spec.channels = input.channels;
  spec.sample_rate_hz = output.sample_rate_hz.value_or(input.sample_rate_hz);
  const auto fits = [&](SampleFormat format) {
    spec.encoding = encoding_of(format);
    return unsupported_reason(spec).empty();
  };
  SampleFormat format = output.bit_depth.value_or(mirrors ? word_length_of(input) : SampleFormat::pcm24);
  if (!output.sample_rate_hz && !fits(format) && !fits(SampleFormat::pcm24))
    for (const double rate_hz : common_rates_hz(input.sample_rate_hz)) {
      spec.sample_rate_hz = rate_hz;
      if (!fits(format) && !fits(SampleFormat::pcm24)) continue;
      output.sample_rate_hz = rate_hz;
      break;
    }
  spec.sample_rate_hz = output.sample_rate_hz.value_or(input.sample_rate_hz);
  if (!output.bit_depth) output.bit_depth = fits(format) ? format : SampleFormat::pcm24;
  spec.encoding = encoding_of(*output.bit_depth);
  return unsupported_reason(spec);
}

}  // namespace tutti
