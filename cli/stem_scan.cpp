// SPDX-License-Identifier: Apache-2.0
#include "cli/stem_scan.hpp"

#include <algorithm>
#include <cctype>
#include <set>

#include "cli/parallel.hpp"
#include "cli/signals.hpp"
#include "host/audio/buffer.hpp"
#include "host/report/terminal_text.hpp"

namespace tutti::cli {
namespace {

namespace fs = std::filesystem;

// Short, so that a window lies in the sound or in the silence, hardly ever in both; and long enough
// for half a period of the lowest note, 20 ms at 25 Hz.
constexpr double kWindowMs = 20;
constexpr Frames kWindowsPerBlock = 16;
constexpr double kGateDbfs = -60;
constexpr int kMostStemChannels = 2;

// The message of an IoError without the path in front, which the comment names already.
std::string cause_of(const IoError& error) {
  const std::string message = error.what();
  const std::string prefix = error.path() + ": ";
  return message.starts_with(prefix) ? message.substr(prefix.size()) : message;
}

std::string name_of(const fs::path& path) {
  std::string name = printable(path.stem().string());
  const std::size_t first = name.find_first_not_of(' ');
  if (first == std::string::npos) return "Stem";
  name = name.substr(first, name.find_last_not_of(' ') - first + 1);
  // Words that an output's `source` and a strip's `output` already use.
  for (const char* reserved : {"mix", "master", "buses", "stems"})
    if (name == reserved) name += " (stem)";
  return name;
}

FoundStem look_at(const fs::path& path) {
  FoundStem stem;
  stem.path = path;
  if (!is_valid_utf8(path.filename().string())) {
    stem.problem = "its name is not UTF-8, which a session can not say; rename it";
    return stem;
  }
  try {
    stem.info = open_audio(path)->info();
  } catch (const IoError& error) {
    if (error.fault() == IoFault::exhausted) throw;
    stem.problem = cause_of(error);
    return stem;
  }
  if (stem.info.channels > kMostStemChannels)
    stem.problem = std::to_string(stem.info.channels) + " channels; a stem has one or two";
  else if (stem.info.frames == 0)
    stem.problem = "holds no audio";
  stem.name = name_of(path);
  return stem;
}

void make_names_unique(std::vector<FoundStem>& stems) {
  std::set<std::string> taken;
  for (FoundStem& stem : stems) {
    if (!stem.problem.empty()) continue;
    std::string name = stem.name;
    for (int number = 2; !taken.insert(name).second; ++number)
      name = stem.name + " (" + std::to_string(number) + ")";
    stem.name = name;
  }
}

// A run of digits at `i`, without leading zeros; moves `i` past it.
std::string_view take_digits(std::string_view text, std::size_t& i) {
  while (i < text.size() && text[i] == '0') ++i;
  const std::size_t first = i;
  while (i < text.size() && text[i] >= '0' && text[i] <= '9') ++i;
  return text.substr(first, i - first);
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

int compare_naturally(std::string_view a, std::string_view b) {
  std::size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (is_digit(a[i]) && is_digit(b[j])) {
      const std::string_view x = take_digits(a, i), y = take_digits(b, j);
      if (x.size() != y.size()) return x.size() < y.size() ? -1 : 1;
      if (const int order = x.compare(y); order != 0) return order;
      continue;
    }
    const int x = std::tolower(static_cast<unsigned char>(a[i++]));
    const int y = std::tolower(static_cast<unsigned char>(b[j++]));
    if (x != y) return x - y;
  }
  return static_cast<int>(i < a.size()) - static_cast<int>(j < b.size());
}

}  // namespace

bool natural_less(std::string_view a, std::string_view b) {
  const int order = compare_naturally(a, b);
  return order != 0 ? order < 0 : a < b;
}

StemScan scan_stems(const fs::path& folder) {
  std::error_code error;
  fs::directory_iterator entries(folder, error);
  if (error) throw IoError(printable(folder.string()), error.message());
  std::vector<fs::path> files;
  StemScan scan;
  for (const fs::directory_entry& entry : entries) {
    const fs::path& path = entry.path();
    if (path.filename().string().starts_with('.')) continue;
    if (entry.is_directory(error))
      scan.folders.push_back(path);
    else if (entry.is_regular_file(error))
      files.push_back(path);
  }
  const auto by_name = [](const fs::path& a, const fs::path& b) {
    return natural_less(a.filename().string(), b.filename().string());
  };
  std::sort(files.begin(), files.end(), by_name);
  std::sort(scan.folders.begin(), scan.folders.end(), by_name);
  for (const fs::path& file : files) {
    throw_if_stopped();
    scan.stems.push_back(look_at(file));
  }
  make_names_unique(scan.stems);
  return scan;
}

void measure_sounding_rms(std::vector<FoundStem>& stems) {
  for_each_parallel(stems.size(), 0, [&](std::size_t i) {
    FoundStem& stem = stems[i];
    if (!stem.problem.empty()) return;
    try {
      stem.sounding_rms_dbfs = sounding_rms_dbfs(*open_audio(stem.path));
    } catch (const IoError& error) {
      if (error.fault() == IoFault::exhausted) throw;
      stem.problem = cause_of(error);
    }
  });
}

namespace {

double sum_of_squares(BlockView view) {
  double sum = 0;
  for (int c = 0; c < view.channels; ++c)
    for (Frames n = 0; n < view.frames; ++n)
      sum += static_cast<double>(view.channel(c)[n]) * view.channel(c)[n];
  return sum;
}

}  // namespace

std::optional<double> sounding_rms_dbfs(AudioReader& reader) {
  const AudioInfo& info = reader.info();
  const Frames window_frames = std::max<Frames>(1, ms_to_frames(kWindowMs, info.sample_rate_hz));
  const double gate = std::pow(10.0, kGateDbfs / 10);
  Buffer block(info.channels, window_frames * kWindowsPerBlock);
  double squares = 0, samples = 0;
  for (Frames first = 0; first < info.frames; first += block.frames()) {
    throw_if_stopped();
    const BlockView whole = block.view().slice(0, std::min(block.frames(), info.frames - first));
    reader.read(first, whole);
    for (Frames at = 0; at < whole.frames; at += window_frames) {
      const BlockView view = whole.slice(at, std::min(window_frames, whole.frames - at));
      const double sum = sum_of_squares(view);
      const double count = static_cast<double>(view.frames) * view.channels;
      if (sum <= gate * count) continue;
      squares += sum;
      samples += count;
    }
  }
  if (samples == 0) return std::nullopt;
  return power_to_db(squares / samples);
}

}  // namespace tutti::cli
