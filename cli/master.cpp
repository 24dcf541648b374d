// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "cli/master_job.hpp"
#include "cli/output.hpp"
#include "cli/parallel.hpp"
#include "host/io/decode.hpp"
#include "host/report/terminal_text.hpp"

namespace tutti::cli {
namespace {

constexpr const char* kExample =
    "tutti master mix.wav -o out --target -14 --ceiling -1\n"
    "  brings mix.wav to -14 LUFS, limits it at -1 dBTP and writes out/mix.wav; a folder in place of\n"
    "  mix.wav is mastered file by file and mirrored under out";

bool is_manifest(const std::string& input) {
  const std::string extension = std::filesystem::path(input).extension().string();
  return extension == ".jsonl" || extension == ".csv";
}

/// What lies in the output folder is no input: nothing would be left to master.
void refuse_the_output_folder(const std::vector<std::string>& inputs, const std::string& out) {
  for (const std::string& input : inputs) {
    std::error_code missing;
    if (std::filesystem::equivalent(input, out, missing))
      throw UsageError(printable(input) +
                       " is the input and the folder for the results: give another -o folder");
  }
}

/// 0 for what can not be read: the run will say so.
double seconds_of(const CatalogueItem& item) {
  try {
    const AudioInfo info = open_audio(item.input)->info();
    return static_cast<double>(info.frames) / info.sample_rate_hz;
  } catch (const IoError&) {
    return 0;
  }
}

Manifest manifest_of(const std::vector<std::string>& inputs, const std::filesystem::path& out,
                     bool folder_albums, int threads) {
  const bool any = std::any_of(inputs.begin(), inputs.end(), is_manifest);
  if (any && inputs.size() > 1)
    throw UsageError("a manifest (.jsonl, .csv) stands alone: it lists all inputs");
  if (any) return read_manifest(inputs[0]);
  const std::vector<std::filesystem::path> paths(inputs.begin(), inputs.end());
  Manifest manifest = manifest_of_folders(paths, out, folder_albums);
  // For the progress line, and for the longest to go first.
  for_each_parallel(manifest.items.size(), threads,
                    [&](std::size_t i) { manifest.items[i].seconds = seconds_of(manifest.items[i]); });
  return manifest;
}

}  // namespace

int run_master(const Arguments& arguments) {
  CommandLine line("master", "Master finished mixes: a file, many files, folders or a manifest.",
                   kExample);
  std::vector<std::string> inputs;
  std::string out;
  line.add_option("inputs", inputs, "Audio files, folders, or one manifest (.jsonl, .csv)")
      ->type_name("INPUT");
  line.add_option("-o,--output", out, "Folder that everything is written under")->type_name("DIR");
  bool folder_albums = false;
  line.add_flag("--folder-albums", folder_albums,
                "Files without an ALBUM tag are an album with those of their folder");
  const MasterArguments master(line);
  JobOutput shown(line);
  if (!line.read(arguments)) return kDone;
  if (inputs.empty()) throw UsageError("nothing to master: tutti master INPUT -o DIR");
  if (out.empty()) throw UsageError("give the folder for the results: -o DIR");
  refuse_the_output_folder(inputs, out);
  const MasterOptions options = master.take(shown.quiet());
  const Manifest manifest = manifest_of(inputs, out, folder_albums, options.threads);
  tell_undecodable(manifest);
  if (manifest.items.empty())
    throw UsageError("no audio files in " + printable(inputs[0]) +
                     (inputs.size() > 1 ? " and the other inputs" : ""));
  return run_master_job(manifest, options, out, {}, shown);
}

}  // namespace tutti::cli
