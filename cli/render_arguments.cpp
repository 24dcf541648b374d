// SPDX-License-Identifier: Apache-2.0
#include "cli/render_arguments.hpp"

#include <algorithm>
#include <charconv>

#include "cli/quantities.hpp"
#include "host/report/terminal_text.hpp"
#include "host/session/issues.hpp"
#include "host/session/output_files.hpp"

namespace tutti::cli {
namespace {

std::vector<std::string> strip_names(const Session& session) {
  std::vector<std::string> names;
  for (const StemSpec& stem : session.stems) names.push_back(stem.name);
  for (const BusSpec& bus : session.buses) names.push_back(bus.name);
  return names;
}

// Under this not even the tiles of a small session fit; what a session needs, `tutti plan` says.
constexpr std::uint64_t kLeastMemoryBytes = std::uint64_t{16} << 20;

std::uint64_t memory_limit_bytes(const std::string& text) {
  const std::uint64_t bytes = parse_size_bytes(text);
  if (bytes < kLeastMemoryBytes)
    throw UsageError("--max-memory: " + printable(text) +
                     " is too little to render anything; give at least 16MiB (tutti plan says what "
                     "a session takes)");
  return bytes;
}

// What --only can name: an output by its file, as written in the session or with the names filled
// in, or by what it carries.
std::vector<std::string> output_names(const Session& session) {
  std::vector<std::string> names;
  const auto add_strip = [&](const OutputSpec& output, const std::string& strip) {
    names.push_back(strip);
    names.push_back(output_file_name(output.file, strip));
  };
  for (const OutputSpec& output : session.outputs) {
    names.push_back(output.file);
    switch (output.source) {
      case OutputSource::mix:
        names.emplace_back("mix");
        break;
      case OutputSource::master:
        names.emplace_back("master");
        break;
      case OutputSource::strip:
        add_strip(output, output.source_name);
        break;
      case OutputSource::buses:
        for (const BusSpec& bus : session.buses) add_strip(output, bus.name);
        names.emplace_back("buses");
        break;
      case OutputSource::stems:
        for (const StemSpec& stem : session.stems) add_strip(output, stem.name);
        names.emplace_back("stems");
        break;
    }
  }
  return names;
}

// Names of `texts`, each of which must be one of `known`.
std::vector<std::string> known_names(const char* option, const std::vector<std::string>& texts,
                                     const std::vector<std::string>& known, const char* noun) {
  std::vector<std::string> names = split_names(texts, known);
  if (names.empty() && !texts.empty()) throw UsageError(std::string(option) + ": no name given");
  for (const std::string& name : names) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const std::string guess = did_you_mean(name, known);
    throw UsageError(std::string(option) + ": \"" + printable(name) + "\" is not " + noun +
                     " of the session" +
                     (guess.empty() ? "" : "; did you mean \"" + printable(guess) + "\"?"));
  }
  return names;
}

void check_device(const std::string& device) {
  if (device == "auto" || device == "cpu" || device == "cuda") return;
  if (device.starts_with("cuda:")) {
    int index = -1;
    const char* const end = device.data() + device.size();
    const auto result = std::from_chars(device.data() + 5, end, index);
    if (result.ec == std::errc{} && result.ptr == end && index >= 0) return;
  }
  throw UsageError("--device: \"" + printable(device) + "\" is not auto, cpu, cuda or cuda:N");
}

}  // namespace

RenderArguments::RenderArguments(CommandLine& line) {
  line.add_option("session", session_path, "The session file")->type_name("SESSION");
  line.add_option("-o,--output", output_directory_,
                  "Folder that relative output paths start from (default: the session's)")
      ->type_name("DIR");
  line.add_option("--range", range_, "Part of the timeline: 10..25.5, 1:00.., \"0 smp..48000 smp\"")
      ->type_name("A..B");
  line.add_option("--only", only_, "Outputs to write, by file or by source")->type_name("NAME,...");
  line.add_option("--solo", solo_, "Stems and buses to solo besides the session's")
      ->type_name("NAME,...");
  line.add_option("--device", device_, "auto, cpu or cuda[:N]")->type_name("DEVICE");
  line.add_option("--threads", threads_, "Threads; 0 is one per core")
      ->check(CLI::Range(0, 1024))
      ->option_text("N");
  line.add_option("--max-memory", max_memory_, "Memory to stay under, such as 4GiB")
      ->type_name("SIZE");
  line.add_flag("--allow-non-finite", allow_non_finite_,
                "Read NaN and infinity in stems as 0 instead of refusing them");
  line.add_option("--disable-pass", disabled_passes_, "Graph passes to leave out")
      ->type_name("NAME,...");
}

RenderOptions RenderArguments::options(const Session& session) const {
  RenderOptions options;
  options.output_directory = output_directory_;
  check_device(device_);
  options.device = device_;
  options.threads = threads_;
  options.allow_non_finite = allow_non_finite_;
  if (!max_memory_.empty()) options.max_memory_bytes = memory_limit_bytes(max_memory_);
  if (range_) {
    const TimeRange range = parse_time_range(*range_);
    options.range_start = range.start;
    options.range_end = range.end;
    const double rate_hz = session.sample_rate_hz;
    if (range.start && range.end && range.end->frames(rate_hz) <= range.start->frames(rate_hz))
      throw UsageError("--range: " + printable(*range_) + " ends before it starts");
  }
  options.only = known_names("--only", only_, output_names(session), "an output or a source");
  options.solo = known_names("--solo", solo_, strip_names(session), "a stem or a bus");
  options.disabled_passes = split_names(disabled_passes_, {});
  return options;
}

}  // namespace tutti::cli
