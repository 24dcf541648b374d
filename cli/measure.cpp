// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "cli/command_line.hpp"
#include "cli/measure_file.hpp"
#include "cli/output.hpp"
#include "cli/parallel.hpp"
#include "host/audio/errors.hpp"
#include "host/report/terminal_text.hpp"

namespace tutti::cli {
namespace {

// One bad file must not hide the figures of the others, so its error becomes its result.
MeasuredFile measure_or_error(const std::string& path, int k_system_scale) {
  try {
    return measure_file(path, k_system_scale);
  } catch (const IoError& error) {
    MeasuredFile result;
    result.file = path;
    result.error = error.what();
    return result;
  }
}

std::vector<MeasuredFile> measure_all(const std::vector<std::string>& paths, int k_system_scale,
                                      int threads) {
  std::vector<MeasuredFile> results(paths.size());
  for_each_parallel(paths.size(), threads, [&](std::size_t i) {
    results[i] = measure_or_error(paths[i], k_system_scale);
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
  bool csv = false;
  int k_system_scale = 0, threads = 0;
  line.add_option("files", paths, "The audio files")->option_text("FILE...");
  JsonOption json(line);
  line.add_flag("--csv", csv, "Print comma-separated values instead of the table");
  line.add_option("--k-system", k_system_scale, "Add readings of a K-System meter")
      ->check(CLI::IsMember({12, 14, 20}))
      ->option_text("12|14|20");
  line.add_option("--threads", threads, "Files measured at the same time; 0 is one per core")
      ->check(CLI::Range(0, 1024))
      ->option_text("N");
  if (!line.read(arguments)) return kDone;
  if (paths.empty())
    throw UsageError("no file given: tutti measure FILE... (JSON on standard output: --json -)");
  check_document_path(json.path(), DocumentKind::json, paths);

  const std::vector<MeasuredFile> results = measure_all(paths, k_system_scale, threads);
  if (csv)
    print(measured_files_csv(results));
  else if (!json.on_standard_output())
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
