// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <mutex>

#include "cli/command_line.hpp"
#include "cli/measure_file.hpp"
#include "cli/output.hpp"
#include "cli/parallel.hpp"
#include "cli/progress.hpp"
#include "host/audio/errors.hpp"
#include "host/report/terminal_text.hpp"

namespace tutti::cli {
namespace {

// One bad file must not hide the figures of the others, so its error becomes its result.
MeasuredFile measure_or_error(const std::string& path, const MeasureOptions& options) {
  try {
    return measure_file(path, options);
  } catch (const IoError& error) {
    MeasuredFile result;
    result.file = path;
    result.error = error.what();
    return result;
  }
}

// Progress over all files, each of the same weight: their lengths are not known before they are
// opened. `done` and `total` are thousandths of a file.
class MeasureProgress {
 public:
  MeasureProgress(std::size_t files, ProgressMode mode) : parts_(files), display_(mode) {}

  void show(std::size_t file, Frames done, Frames total) {
    const Frames part = total > 0 ? 1000 * done / total : 1000;
    const std::lock_guard lock(mutex_);
    done_ += part - parts_[file];
    parts_[file] = part;
    Progress progress;
    progress.stage = "measure";
    progress.done = done_;
    progress.total = static_cast<Frames>(1000 * parts_.size());
    const double elapsed =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    if (done_ > 0)
      progress.eta_s =
          elapsed * static_cast<double>(progress.total - done_) / static_cast<double>(done_);
    display_.show(progress);
  }

 private:
  std::mutex mutex_;
  std::vector<Frames> parts_;
  Frames done_ = 0;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  ProgressDisplay display_;
};

std::vector<MeasuredFile> measure_all(const std::vector<std::string>& paths,
                                      const MeasureOptions& options, int threads,
                                      ProgressMode mode) {
  std::vector<MeasuredFile> results(paths.size());
  MeasureProgress progress(paths.size(), mode);
  for_each_parallel(paths.size(), threads, [&](std::size_t i) {
    MeasureOptions own = options;
    own.progress = [&progress, i](Frames done, Frames total) { progress.show(i, done, total); };
    results[i] = measure_or_error(paths[i], own);
    progress.show(i, 1, 1);
  });
  return results;
}

}  // namespace

int run_measure(const Arguments& arguments) {
  CommandLine line("measure",
                   "Loudness (EBU R 128, ITU-R BS.1770-5) and levels of audio files: integrated, "
                   "short-term and momentary loudness, range, true peak, RMS and more.",
                   "tutti measure master.wav other.flac\n  prints a table; with --json - the same "
                   "figures for a program");
  std::vector<std::string> paths;
  bool csv = false, quiet = false;
  std::string progress = "auto";
  MeasureOptions options;
  int threads = 0;
  line.add_option("files", paths, "The audio files")->option_text("FILE...");
  JsonOption json(line);
  line.add_flag("--csv", csv, "Print comma-separated values instead of the table");
  line.add_option("--k-system", options.k_system_scale, "Add readings of a K-System meter")
      ->check(CLI::IsMember({12, 14, 20}))
      ->option_text("12|14|20");
  line.add_option("--threads", threads, "Files measured at the same time; 0 is one per core")
      ->check(CLI::Range(0, 1024))
      ->option_text("N");
  line.add_flag("--allow-non-finite", options.allow_non_finite,
                "Read NaN and infinity as 0 instead of refusing them");
  add_progress_option(line, progress);
  line.add_flag("-q,--quiet", quiet,
                "Print no table: errors only, and what --json and --csv ask for");
  if (!line.read(arguments)) return kDone;
  if (paths.empty())
    throw UsageError("no file given: tutti measure FILE... (JSON on standard output: --json -)");
  if (csv && json.on_standard_output())
    throw UsageError("--csv and --json - both go to standard output: give --json a file's name");
  check_document_path(json.path(), DocumentKind::json, paths);

  const std::vector<MeasuredFile> results =
      measure_all(paths, options, threads,
                  quiet && progress == "auto" ? ProgressMode::none : progress_mode(progress));
  if (csv)
    print(measured_files_csv(results));
  else if (!json.on_standard_output() && !quiet)
    print(measured_files_text(results));
  write_document(json.path(), DocumentKind::json, measured_files_json(results));
  bool failed = false;
  for (const MeasuredFile& result : results) {
    if (result.error.empty()) continue;
    failed = true;
    print_error("tutti: " + printable(result.error) + "\n");
  }
  return failed ? kWrongInput : kDone;
}

}  // namespace tutti::cli
