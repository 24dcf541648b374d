// SPDX-License-Identifier: Apache-2.0
// Which encoder, and whether it can hold what is asked.
#include "host/io/encode.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <optional>
#include <string_view>
#include <variant>

#include "host/audio/errors.hpp"
#include "host/io/writers.hpp"

namespace tutti {
namespace {

using io::LossyCodec;
using io::PcmContainer;
struct Flac {};
using Target = std::variant<PcmContainer, Flac, LossyCodec>;

constexpr int kMaxWriteChannels = 16;

std::string lower_extension(const std::filesystem::path& path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension;
}

std::optional<Target> target_of(const std::filesystem::path& path) {
  struct Row {
    std::string_view extension;
    Target target;
  };
  static const Row kRows[] = {{".wav", PcmContainer::wave},   {".wave", PcmContainer::wave},
                              {".bwf", PcmContainer::wave},   {".rf64", PcmContainer::wave},
                              {".w64", PcmContainer::wave64}, {".aiff", PcmContainer::aiff},
                              {".aif", PcmContainer::aiff},   {".aifc", PcmContainer::aiff},
                              {".caf", PcmContainer::caf},    {".flac", Flac{}},
                              {".ogg", LossyCodec::vorbis},   {".opus", LossyCodec::opus},
                              {".mp3", LossyCodec::mp3}};
  const std::string extension = lower_extension(path);
  for (const Row& row : kRows) {
    if (row.extension == extension) return row.target;
  }
  return std::nullopt;
}

bool one_of(double rate_hz, std::initializer_list<double> rates_hz) {
  return std::find(rates_hz.begin(), rates_hz.end(), rate_hz) != rates_hz.end();
}

std::string flac_reason(const WriteSpec& spec) {
  if (integer_bits(spec.encoding) == 0) return "FLAC holds whole numbers only, not floats";
  if (spec.channels > 8) return fmt::format("FLAC holds 8 channels, not {}", spec.channels);
  return "";
}

std::string pcm_reason(const WriteSpec& spec, PcmContainer container) {
  try {
    io::pcm_header(container, spec, std::max<Frames>(spec.expected_frames, 0));
    return "";
  } catch (const IoError&) {
    return "AIFF ends at 4 GiB; .wav, .caf and .w64 do not";
  }
}

std::string lossy_reason(const WriteSpec& spec, LossyCodec codec) {
  const double rate_hz = spec.sample_rate_hz;
  const int most_channels = codec == LossyCodec::mp3 ? 2 : 8;
  const char* name = codec == LossyCodec::mp3    ? "MP3"
                     : codec == LossyCodec::opus ? "Opus"
                                                 : "Vorbis";
  if (spec.channels > most_channels) {
    return fmt::format("{} holds {} channels here, not {}", name, most_channels, spec.channels);
  }
  if (codec == LossyCodec::opus && !one_of(rate_hz, {8000, 12000, 16000, 24000, 48000})) {
    return fmt::format("Opus knows 8, 12, 16, 24 and 48 kHz, not {} Hz", rate_hz);
  }
  if (codec == LossyCodec::mp3 &&
      !one_of(rate_hz, {8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000})) {
    return fmt::format("MP3 knows no sample rate of {} Hz", rate_hz);
  }
  if (rate_hz > 192000) return fmt::format("{} ends at 192 kHz", name);
  return "";
}

}  // namespace

std::string unsupported_reason(const WriteSpec& spec) {
  const auto target = target_of(spec.path);
  if (!target) {
    return fmt::format("'{}' names no container; use .wav .flac .aiff .caf .w64 .ogg .opus or .mp3",
                       spec.path.extension().string());
  }
  if (spec.channels < 1 || spec.channels > kMaxWriteChannels) {
    return fmt::format("{} channels; 1 to {} can be written", spec.channels, kMaxWriteChannels);
  }
  const double rate_hz = spec.sample_rate_hz;
  if (!(rate_hz >= 8000 && rate_hz <= 384000) || rate_hz != std::floor(rate_hz)) {
    return fmt::format("a sample rate of {} Hz; whole numbers from 8000 to 384000 can be written",
                       rate_hz);
  }
  if (std::holds_alternative<Flac>(*target)) return flac_reason(spec);
  if (const auto* codec = std::get_if<LossyCodec>(&*target)) return lossy_reason(spec, *codec);
  return pcm_reason(spec, std::get<PcmContainer>(*target));
}

void AudioWriter::write_packed(const Packed&) { assert(false && "no packing() was offered"); }

std::optional<PackDesign> packing_of(const WriteSpec& spec) {
  const Target target = *target_of(spec.path);
  if (std::holds_alternative<Flac>(target)) return io::pack_design(spec, io::flac_format(spec.encoding));
  if (const auto* container = std::get_if<PcmContainer>(&target))
    return io::pack_design(spec, io::stored_format(*container, spec.encoding));
  return std::nullopt;
}

bool is_lossy(const std::filesystem::path& path) {
  const std::optional<Target> target = target_of(path);
  return target && std::holds_alternative<LossyCodec>(*target);
}

int integer_bits(Encoding encoding) {
  switch (encoding) {
    case Encoding::pcm8:
      return 8;
    case Encoding::pcm16:
      return 16;
    case Encoding::pcm24:
      return 24;
    case Encoding::pcm32:
      return 32;
    case Encoding::float32:
    case Encoding::float64:
      return 0;
  }
  return 0;
}

std::unique_ptr<AudioWriter> open_writer(const WriteSpec& spec) {
  if (const std::string reason = unsupported_reason(spec); !reason.empty()) {
    throw IoError(spec.path.string(), "cannot be written: " + reason, IoFault::output);
  }
  const Target target = *target_of(spec.path);
  if (std::holds_alternative<Flac>(target)) return io::open_flac_writer(spec);
  if (const auto* codec = std::get_if<LossyCodec>(&target)) {
    return io::open_lossy_writer(spec, *codec);
  }
  return io::open_pcm_writer(spec, std::get<PcmContainer>(target));
}

}  // namespace tutti
