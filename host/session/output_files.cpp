// SPDX-License-Identifier: Apache-2.0
#include "host/session/output_files.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <span>
#include <vector>

#include "host/session/issues.hpp"
#include "host/session/presets.hpp"
#include "host/session/text.hpp"

namespace tutti {
namespace {

constexpr double kLeastRateHz = 8000;
constexpr double kMostRateHz = 384000;

// Rates that a codec's own format lists: RFC 6716 for Opus, ISO 11172-3, 13818-3 and their
// extension to low rates for MP3. Others hold any whole number.
constexpr double kOpusRatesHz[] = {8000, 12000, 16000, 24000, 48000};
constexpr double kMp3RatesHz[] = {8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000};

struct Container {
  std::string_view extension;
  std::string_view name;
  bool floats = true;
  bool lossy = false;
  double most_rate_hz = kMostRateHz;
  std::span<const double> rates_hz = {};
};

constexpr std::array<Container, 13> kContainers = {{
    {".wav", "WAV"},
    {".wave", "WAV"},
    {".bwf", "WAV"},
    {".rf64", "RF64"},
    {".w64", "Wave64"},
    {".aiff", "AIFF"},
    {".aif", "AIFF"},
    {".aifc", "AIFF"},
    {".caf", "CAF"},
    {".flac", "FLAC", false},
    {".ogg", "Vorbis", true, true, 192000},
    {".opus", "Opus", true, true, 48000, kOpusRatesHz},
    {".mp3", "MP3", true, true, 48000, kMp3RatesHz},
}};

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

/// The container that the file's extension names; null: none.
const Container* container_of(std::string_view file) {
  const std::string extension = lower(std::filesystem::path(file).extension().string());
  const auto found =
      std::find_if(kContainers.begin(), kContainers.end(),
                   [&](const Container& known) { return known.extension == extension; });
  return found != kContainers.end() ? &*found : nullptr;
}

ContainerProblem unknown_container(const std::string& extension) {
  std::vector<std::string> known;
  for (const Container& container : kContainers) known.emplace_back(container.extension);
  const std::string close = extension.empty() ? "" : did_you_mean(extension, known);
  const std::string list = "use .wav, .flac, .aiff, .caf, .w64, .ogg, .opus or .mp3";
  return {ContainerProblem::Field::file,
          extension.empty() ? "the file name has no extension to say which container is wanted"
                            : text::quoted(extension) + " names no container that can be written",
          close.empty() ? list : "did you mean `" + close + "`?"};
}

ContainerProblem rate_problem(const Container& container, double rate_hz) {
  const std::string rate = text::number(rate_hz) + " Hz";
  const std::string name(container.name);
  const auto& rates = container.rates_hz;
  if (!rates.empty() && std::find(rates.begin(), rates.end(), rate_hz) == rates.end()) {
    std::vector<std::string> words;
    for (const double known : rates) words.push_back(text::number(known));
    return {ContainerProblem::Field::sample_rate, name + " has no sample rate of " + rate,
            "it has " + text::enumerate(words.data(), words.size(), "and") + " Hz"};
  }
  if (rate_hz < kLeastRateHz || rate_hz > container.most_rate_hz ||
      rate_hz != std::floor(rate_hz)) {
    return {ContainerProblem::Field::sample_rate, name + " can not be written at " + rate,
            "whole numbers from " + text::number(kLeastRateHz) + " to " +
                text::number(container.most_rate_hz) + " Hz are possible"};
  }
  return {};
}

}  // namespace

std::string output_file_name(std::string_view pattern, std::string_view strip_name) {
  constexpr std::string_view kPlaceholder = "{name}";
  std::string safe(strip_name);
  std::replace(safe.begin(), safe.end(), '/', '_');
  std::replace(safe.begin(), safe.end(), '\0', '_');
  std::string file(pattern);
  for (std::size_t at = file.find(kPlaceholder); at != std::string::npos;
       at = file.find(kPlaceholder, at + safe.size())) {
    file.replace(at, kPlaceholder.size(), safe);
  }
  return file;
}

ContainerProblem container_problem(std::string_view file, std::optional<SampleFormat> bit_depth,
                                   double sample_rate_hz) {
  const Container* const container = container_of(file);
  if (container == nullptr)
    return unknown_container(lower(std::filesystem::path(file).extension().string()));
  const bool wants_float = bit_depth == SampleFormat::float32 || bit_depth == SampleFormat::float64;
  const std::string name(container->name);
  if (container->lossy && bit_depth) {
    return {ContainerProblem::Field::bit_depth, name + " has no bit depth", "leave the key out"};
  }
  if (!container->floats && wants_float) {
    return {ContainerProblem::Field::bit_depth, name + " holds whole numbers only, not floats",
            "write bit_depth: 24, or use .wav"};
  }
  return rate_problem(*container, sample_rate_hz);
}

SampleFormat sample_format_of(const OutputSpec& output) {
  const DeliveryPreset* const preset = output.preset.empty() ? nullptr : find_preset(output.preset);
  return output.bit_depth.value_or(preset && preset->bit_depth ? *preset->bit_depth
                                                               : SampleFormat::pcm24);
}

ContainerProblem decoding_problem(std::string_view file, SampleFormat format) {
  const Container* const container = container_of(file);
  if (container == nullptr || container->name != "FLAC" || format != SampleFormat::pcm32) return {};
  return {ContainerProblem::Field::bit_depth,
          "few programs decode FLAC of 32 bits: libFLAC 1.4 does, libsndfile 1.2 refuses it, "
          "FFmpeg 5.1 finds no audio in it and reports no error",
          "write bit_depth: 24, or use .wav"};
}

}  // namespace tutti
