// SPDX-License-Identifier: Apache-2.0
#include "host/catalogue/output_names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "host/report/terminal_text.hpp"
#include "host/session/output_files.hpp"
#include "host/session/text.hpp"

namespace tutti::catalogue {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 9> kLossless = {".wav",  ".wave", ".bwf",  ".rf64", ".w64",
                                                       ".aiff", ".aif",  ".aifc", ".caf"};
constexpr std::array<std::string_view, 7> kLossy = {".mp3", ".mp2",  ".mpga", ".ogg",
                                                    ".oga", ".opus", ".spx"};
constexpr std::array<std::string_view, 4> kOnlyRead = {".au", ".snd", ".sd2", ".voc"};

// AAC and its containers, Windows Media, RealAudio, surround bitstreams, speech, DSD, and lossless
// codecs besides FLAC. Not video, whose sound may be anything.
constexpr std::array<std::string_view, 34> kForeign = {
    ".m4a", ".m4b", ".m4p", ".m4r", ".aac",  ".adts", ".alac", ".3ga",   ".wma",
    ".asf", ".ra",  ".ram", ".ac3", ".ec3",  ".eac3", ".dts",  ".dtshd", ".mlp",
    ".thd", ".amr", ".awb", ".mka", ".weba", ".aax",  ".ape",  ".wv",    ".tta",
    ".tak", ".mpc", ".ofr", ".shn", ".dsf",  ".dff",  ".wsd"};

// A name may have 255 bytes (NAME_MAX), and the sidecar's is five longer than the output's.
constexpr std::size_t kMaximumNameBytes = 250;
constexpr std::size_t kMaximumPathBytes = 3000;  // of 4096 (PATH_MAX): the output folder needs some

template <std::size_t N>
bool among(const std::array<std::string_view, N>& list, const std::string& word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

std::string lower_extension(const fs::path& file) {
  std::string text = file.extension().string();
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

// "Op. 9 No. 2" and "Vol.2" end in no extension, "take.pcm" in one that means something.
bool looks_like_extension(std::string_view extension) {
  if (extension.size() < 2 || extension.size() > 6) return false;
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z'); };
  return is_letter(extension[1]) &&
         std::all_of(extension.begin() + 1, extension.end(),
                     [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

// 48 kHz is a rate that every container holds.
ContainerProblem problem_of(const fs::path& file) {
  return container_problem(file.filename().string(), std::nullopt, 48000);
}

std::string place_problem(const std::string& text, const fs::path& path) {
  if (text.find('\0') != std::string::npos) return "holds a zero byte";
  if (!is_valid_utf8(text)) return "is not UTF-8";
  if (path.is_absolute()) return "is absolute; write it relative to the output folder";
  if (text.ends_with('/')) return "names a folder, not a file";
  if (text.size() > kMaximumPathBytes)
    return fmt::format("has {} bytes; {} are possible", text.size(), kMaximumPathBytes);
  for (const fs::path& part : path.lexically_normal()) {
    if (part == "..") return "leaves the output folder";
    if (part.native().size() > kMaximumNameBytes)
      return fmt::format("holds a name of {} bytes; {} are possible", part.native().size(),
                         kMaximumNameBytes);
  }
  return {};
}

}  // namespace

bool has_audio_name(const fs::path& file) {
  const std::string extension = lower_extension(file);
  return extension == ".flac" || among(kLossless, extension) || among(kLossy, extension) ||
         among(kOnlyRead, extension);
}

bool has_extension(const fs::path& file) { return looks_like_extension(lower_extension(file)); }

bool has_foreign_audio_name(const fs::path& file) { return among(kForeign, lower_extension(file)); }

std::string container_for(const fs::path& input) {
  const std::string extension = lower_extension(input);
  if (among(kLossless, extension) || extension == ".flac") return input.extension().string();
  return among(kLossy, extension) ? ".flac" : ".wav";
}

fs::path fitting(const fs::path& output) {
  const std::string extension = output.extension().string();
  std::string stem = output.stem().string();
  if (stem.size() + extension.size() <= kMaximumNameBytes || extension.size() >= kMaximumNameBytes)
    return output;
  std::size_t bytes = kMaximumNameBytes - extension.size();
  const auto continues = [&](std::size_t at) {
    return (static_cast<unsigned char>(stem[at]) & 0xc0) == 0x80;  // inside a character of UTF-8
  };
  while (bytes > 0 && continues(bytes)) --bytes;
  return output.parent_path() / (stem.substr(0, bytes) + extension);
}

OutputName output_name(const std::string& text, const fs::path& input) {
  OutputName name;
  const fs::path path(text);
  if (std::string problem = place_problem(text, path); !problem.empty()) {
    name.problem = fmt::format("output {} {}", text::quoted(text), problem);
    return name;
  }
  name.path = path.lexically_normal();
  if (name.path.filename().empty() || name.path.filename() == ".") {
    name.problem = fmt::format("output {} names no file", text::quoted(text));
    return name;
  }
  const ContainerProblem problem = problem_of(name.path);
  if (problem.field == ContainerProblem::Field::none) return name;
  if (looks_like_extension(lower_extension(name.path))) {
    name.problem = fmt::format("output {}: {}", text::quoted(text), problem.message);
    name.hint = problem.hint;
    return name;
  }
  name.path += container_for(input);
  return name;
}

std::string default_id(const fs::path& output) {
  return (output.parent_path() / output.stem()).string();
}

}  // namespace tutti::catalogue
