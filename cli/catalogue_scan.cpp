// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <filesystem>

#include "cli/catalogue.hpp"
#include "cli/master_job.hpp"
#include "cli/output.hpp"
#include "cli/parallel.hpp"
#include "cli/signals.hpp"
#include "host/audio/errors.hpp"
#include "host/catalogue/errors.hpp"
#include "host/catalogue/item.hpp"
#include "host/io/decode.hpp"
#include "host/report/terminal_text.hpp"

namespace tutti::cli {
namespace {

namespace fs = std::filesystem;

/// Length of one item; returns what is wrong with its file. Such an item stays in the
/// manifest: its render will say "failed", which a line that is not there could not.
std::string look_at(CatalogueItem& item) {
  throw_if_stopped();
  try {
    const AudioInfo info = open_audio(item.input)->info();
    item.seconds = static_cast<double>(info.frames) / info.sample_rate_hz;
  } catch (const IoError& error) {
    if (error.fault() == IoFault::exhausted) throw;
    return error.what();
  }
  return {};
}

struct ManifestText {
  std::string text;
  std::size_t items = 0;
};

/// What a manifest can not name is told and left out: one odd name stops no scan.
ManifestText manifest_text(const Manifest& manifest, const fs::path& folder) {
  ManifestText out;
  for (const CatalogueItem& item : manifest.items) try {
      out.text += manifest_line(item, folder);
      ++out.items;
    } catch (const CatalogueError& problem) {
      print_error(fmt::format("warning: left out: {}\n", problem.what()));
    }
  return out;
}

void check_output(const std::string& file, bool overwrite) {
  std::error_code error;
  const std::string shown = printable(file);
  if (file == "-") return;
  if (fs::path(file).extension() != ".jsonl")
    throw UsageError(shown + ": a manifest's name ends in .jsonl");
  if (fs::exists(file, error) && !overwrite)
    throw UsageError(shown + ": exists already; give another name with -o, or --overwrite");
}

Manifest scan(const std::vector<std::string>& inputs, bool folder_albums, bool quiet) {
  const std::vector<fs::path> paths(inputs.begin(), inputs.end());
  Manifest manifest = manifest_of_folders(paths, {}, folder_albums);
  std::vector<std::string> problems(manifest.items.size());
  for_each_parallel(manifest.items.size(), 0,
                    [&](std::size_t i) { problems[i] = look_at(manifest.items[i]); });
  for (const std::string& problem : problems)
    if (!problem.empty() && !quiet)
      print_error(fmt::format("note: it will fail: {}\n", printable(problem)));
  tell_undecodable(manifest);
  if (manifest.items.empty()) throw UsageError(printable(inputs.front()) + ": holds no audio file");
  return manifest;
}

}  // namespace

int run_catalogue_scan(const Arguments& arguments) {
  CommandLine line("catalogue scan",
                   "Make a manifest of folders: one line an audio file, with its length, and its "
                   "album from the tags ALBUM and ALBUMARTIST. Outputs of ours are left out.",
                   "tutti catalogue scan music -o music.jsonl\n  lists every audio file under "
                   "music; edit the lines as you like");
  std::vector<std::string> inputs;
  std::string file;
  bool overwrite = false, folder_albums = false, quiet = false;
  line.add_option("inputs", inputs, "Folders and files")->option_text("DIR...");
  line.add_option("-o,--output", file, "The manifest to write; - prints it")->type_name("FILE");
  line.add_flag("--folder-albums", folder_albums, "Untagged files of one folder are an album");
  line.add_flag("--overwrite", overwrite, "Replace a manifest that exists");
  line.add_flag("-q,--quiet", quiet, "Print errors only");
  if (!line.read(arguments)) return kDone;
  if (inputs.empty()) throw UsageError("no folder given: tutti catalogue scan DIR... -o FILE");
  require_option(file, "scan", "-o FILE.jsonl");
  check_output(file, overwrite);
  check_document_path(file, DocumentKind::json, inputs);
  const Manifest manifest = scan(inputs, folder_albums, quiet);
  const fs::path folder =
      file == "-" ? fs::current_path() : fs::absolute(file).lexically_normal().parent_path();
  const ManifestText lines = manifest_text(manifest, folder);
  if (lines.items == 0)
    throw UsageError(printable(inputs.front()) + ": holds no audio file that a manifest can name");
  write_document(file, DocumentKind::json, lines.text);
  if (!quiet && file != "-")
    print(fmt::format("{}: {} items; next: tutti catalogue plan --manifest {} --shards N\n",
                      printable(file), lines.items, printable(file)));
  return kDone;
}

}  // namespace tutti::cli
