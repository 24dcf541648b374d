// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "cli/command_line.hpp"
#include "cli/output.hpp"
#include "cli/starter_session.hpp"
#include "cli/stem_scan.hpp"
#include "host/report/terminal_text.hpp"

namespace tutti::cli {
namespace {

namespace fs = std::filesystem;

void refuse_existing(const fs::path& file, bool overwrite) {
  std::error_code error;
  if (fs::is_directory(file, error))
    throw UsageError(printable(file.string()) + ": is a folder; name a file");
  if (fs::exists(file, error) && !overwrite)
    throw UsageError(printable(file.string()) +
                     ": exists already; give another name with -o, or --overwrite");
}

std::ptrdiff_t count_usable(const StemScan& scan) {
  return std::count_if(scan.stems.begin(), scan.stems.end(),
                       [](const FoundStem& stem) { return stem.problem.empty(); });
}

void say_what_was_left_out(const StemScan& scan) {
  for (const FoundStem& stem : scan.stems)
    if (!stem.problem.empty())
      print_error(fmt::format("note: not used: {}: {}\n", printable(stem.path.string()),
                              printable(stem.problem)));
}

}  // namespace

int run_init(const Arguments& arguments) {
  CommandLine line("init", "Write a commented starter session for the audio files of a folder.",
                   "tutti init stems -o mix.yaml --gain-stage\n"
                   "  one strip for every file in stems, each fader set so that its stem sits at "
                   "-18 dBFS RMS while it sounds");
  std::string folder, file;
  bool gain_stage = false, overwrite = false, quiet = false;
  line.add_option("folder", folder, "The folder of stems")->type_name("DIR");
  line.add_option("-o,--output", file,
                  "The session to write (default: DIR/session.yaml; - prints it)")
      ->type_name("FILE");
  line.add_flag("--gain-stage", gain_stage, "Set every fader by the stem's level");
  line.add_flag("--overwrite", overwrite, "Replace a session that exists");
  line.add_flag("-q,--quiet", quiet, "Print errors only");
  if (!line.read(arguments)) return kDone;
  if (folder.empty()) throw UsageError("no folder given: tutti init DIR");

  const bool to_output = file == "-";
  if (file.empty()) file = (fs::path(folder) / "session.yaml").string();
  if (!to_output) {
    refuse_existing(file, overwrite);
    check_document_path(file, DocumentKind::yaml, {});
  }
  StemScan scan = scan_stems(folder);
  if (gain_stage) measure_sounding_rms(scan.stems);
  if (!quiet) say_what_was_left_out(scan);
  if (count_usable(scan) == 0)
    throw UsageError(printable(folder) + ": holds no audio file that can be a stem");

  StarterOptions options;
  options.folder = folder;
  options.session_directory = to_output ? fs::path() : fs::path(file).parent_path();
  options.session_name = to_output ? "mix.yaml" : file;
  options.gain_stage = gain_stage;
  write_document(file, DocumentKind::yaml, starter_session(scan, options));
  if (!quiet && !to_output)
    print(fmt::format("{}: {} stems; next: tutti check {}\n", printable(file), count_usable(scan),
                      printable(file)));
  return kDone;
}

}  // namespace tutti::cli
