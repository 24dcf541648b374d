// SPDX-License-Identifier: Apache-2.0
// The same session on each device, in one run, start-up apart; and whether it sounds the same.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "cli/bench_record.hpp"
#include "cli/command_line.hpp"
#include "cli/difference.hpp"
#include "cli/load_session.hpp"
#include "cli/output.hpp"
#include "cli/signals.hpp"
#include "host/backend/backend.hpp"

namespace tutti::cli {
namespace {

namespace fs = std::filesystem;

/// A folder of its own under the system's temporary one, gone with its files at the end.
class TemporaryFolder {
 public:
  TemporaryFolder() : path_(fs::temp_directory_path() / fmt::format("tutti-bench-{}", getpid())) {
    fs::create_directories(path_);
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

RenderOptions options_for(const fs::path& folder, int threads) {
  RenderOptions options;
  options.output_directory = folder;
  options.overwrite = true;
  options.threads = threads;
  options.stop = &stop_flag();
  return options;
}

/// Mix and master as floats: what a null test compares, free of dither.
Session for_null_test(Session session) {
  session.outputs.clear();
  for (const OutputSource source : {OutputSource::mix, OutputSource::master}) {
    OutputSpec output;
    output.file = source == OutputSource::mix ? "mix.wav" : "master.wav";
    output.source = source;
    output.bit_depth = SampleFormat::float32;
    output.dither = DitherKind::none;
    session.outputs.push_back(std::move(output));
  }
  return session;
}

BenchedDevice bench_device(const std::string& device, const Session& session, int runs, int threads,
                           const fs::path& folder) {
  BenchedDevice benched;
  const auto start = std::chrono::steady_clock::now();
  const std::unique_ptr<Backend> backend = open_backend(device).backend;
  benched.startup_s = seconds_since(start);
  benched.device = backend->name();
  benched.model = backend->description();
  for (int run = 0; run < runs; ++run) {
    // Nothing is up to date: every run computes and writes everything.
    const fs::path out = folder / fmt::format("run-{}", run);
    benched.renders.push_back(render_on(*backend, session, options_for(out, threads)));
    fs::remove_all(out);
  }
  render_on(*backend, for_null_test(session), options_for(folder / "null", threads));
  return benched;
}

void add_difference(const fs::path& a, const fs::path& b, BenchRecord& record) {
  for (const char* file : {"mix.wav", "master.wav"}) {
    const auto first = open_audio(a / "null" / file), second = open_audio(b / "null" / file);
    Comparison difference;
    difference.channels = first->info().channels;
    const Frames frames = std::max(first->info().frames, second->info().frames);
    measure_difference(*first, *second, {0, frames, 0, 1}, difference);
    record.compared = true;
    if (difference.peak_difference_dbfs)
      record.null_peak_dbfs = std::max(record.null_peak_dbfs.value_or(kMinusInfinityDb),
                                       *difference.peak_difference_dbfs);
  }
}

BenchRecord bench(const Session& session, const std::vector<std::string>& devices,
                  bool devices_named, int runs, int threads) {
  const TemporaryFolder folder;
  BenchRecord record;
  record.session = session.file.string();
  std::vector<fs::path> folders;
  for (const std::string& device : devices) {
    const fs::path own = folder.path() / std::to_string(folders.size());
    try {
      record.devices.push_back(bench_device(device, session, runs, threads, own));
      folders.push_back(own);
    } catch (const DeviceError& problem) {
      if (devices_named) throw;
      record.skipped.emplace_back(problem.what());
    }
  }
  for (std::size_t i = 1; i < folders.size(); ++i) add_difference(folders[0], folders[i], record);
  return record;
}

}  // namespace

int run_bench(const Arguments& arguments) {
  CommandLine line("bench",
                   "Render a session on each device in one run and compare times and sound. Outputs "
                   "go to a temporary folder and are removed.",
                   "tutti bench mix.yaml --devices cpu,cuda\n"
                   "  wall times cold and warm, shares of the stages, the speed-up and the null");
  std::string session_path;
  std::vector<std::string> devices = {"cpu", "cuda"};
  int runs = 4, threads = 0;
  line.add_option("session", session_path, "The session file")->option_text("SESSION");
  const CLI::Option* named = line.add_option("--devices", devices, "cpu, cuda or cuda:N, separated by commas")
                                 ->delimiter(',')
                                 ->type_name("LIST");
  line.add_option("--runs", runs, "Renders on each device, the first one cold")
      ->check(CLI::Range(1, 100))
      ->option_text("N");
  line.add_option("--threads", threads, "Processor threads, 0: all")
      ->check(CLI::Range(0, 4096))
      ->option_text("N");
  JsonOption json(line);
  bool quiet = false;
  line.add_flag("-q,--quiet", quiet, "Print errors only");
  if (!line.read(arguments)) return kDone;
  json.give_back(session_path);
  if (session_path.empty()) throw UsageError("no session given: tutti bench SESSION");
  check_document_path(json.path(), DocumentKind::json, {&session_path, 1});

  const ParseResult parsed = require_session(session_path, quiet);
  const BenchRecord record = bench(parsed.session, devices, named->count() > 0, runs, threads);
  if (!quiet && !json.on_standard_output()) print(bench_text(record));
  write_document(json.path(), DocumentKind::json, bench_json(record));
  return kDone;
}

}  // namespace tutti::cli
