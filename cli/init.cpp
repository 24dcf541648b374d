// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "cli/command_line.hpp"
#include "cli/output.hpp"
#include "cli/starter_session.hpp"
#include "cli/stem_scan.hpp"
#include "host/report/terminal_text.hpp"
#include "host/session/source_file.hpp"
#include "host/session/yaml.hpp"

namespace tutti::cli {
namespace {

namespace fs = std::filesystem;

// Whether a file is, or was meant to be, a session: `tutti:` is a key of its top level. An empty
// one holds nothing to lose.
bool is_session(const fs::path& file) {
  yaml::Document document(read_source_file(file));
  if (document.source().find_first_not_of(" \t\r\n") == std::string::npos) return true;
  std::vector<yaml::YamlProblem> problems;
  if (!yaml::read_yaml(document, problems))
    return document.source().starts_with("tutti:") ||
           document.source().find("\ntutti:") != std::string::npos;
  const auto entries = document.entries(document.root());
  return std::any_of(entries.begin(), entries.end(),
                     [](const yaml::Entry& entry) { return entry.key == "tutti"; });
}

void refuse_existing(const fs::path& file, bool overwrite) {
  std::error_code error;
  const std::string shown = printable(file.string());
  if (fs::is_directory(file, error)) throw UsageError(shown + ": is a folder; name a file");
  if (!fs::exists(file, error)) return;
  if (!overwrite)
    throw UsageError(shown + ": exists already; give another name with -o, or --overwrite");
  if (!fs::is_regular_file(file, error) || !is_session(file))
    throw UsageError(shown +
                     ": is no Tutti session, so --overwrite does not replace it; give "
                     "another name with -o");
}

void refuse_stem(const fs::path& file, const StemScan& scan) {
  std::error_code error;
  for (const FoundStem& stem : scan.stems)
    if (stem.problem.empty() && fs::equivalent(file, stem.path, error))
      throw UsageError(printable(file.string()) +
                       ": is a stem of that folder; give another name with -o");
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
  if (!to_output) refuse_stem(file, scan);
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
