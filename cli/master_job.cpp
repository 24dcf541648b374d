// SPDX-License-Identifier: Apache-2.0
#include "cli/master_job.hpp"

#include <tbb/global_control.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "cli/master_engine.hpp"
#include "cli/master_plan.hpp"
#include "cli/master_results.hpp"
#include "cli/master_summary.hpp"
#include "cli/output.hpp"
#include "cli/signals.hpp"
#include "host/catalogue/result_log.hpp"
#include "host/io/file_identity.hpp"
#include "host/io/temporaries.hpp"
#include "host/report/terminal_text.hpp"

namespace tutti::cli {
namespace {

namespace fs = std::filesystem;

void refuse_file_as_folder(const fs::path& out) {
  std::error_code unknown;
  if (fs::exists(out, unknown) && !fs::is_directory(out, unknown))
    throw UsageError(printable(out.string()) + " is a file: -o names the folder for the results");
}

/// Names no output may have twice, also where a chain makes several files of an item.
void refuse_shared_outputs(const Manifest& manifest, const Session& chain, const fs::path& out) {
  if (chain.outputs.size() < 2) return;  // the manifest's own names have been checked
  std::set<fs::path> seen;
  for (const CatalogueItem& item : manifest.items)
    for (const fs::path& file : output_files(chain, item, out))
      if (!seen.insert(file).second)
        throw UsageError("two items would be written to " + printable(file.string()) +
                         "; give the chain's outputs names that differ in more than the extension");
}

/// An input is never written, whatever the output is called.
void refuse_inputs_as_outputs(const Manifest& manifest, const Session& chain, const fs::path& out) {
  std::set<io::FileIdentity> inputs;
  std::set<fs::path> names;
  for (const CatalogueItem& item : manifest.items) {
    names.insert(fs::absolute(item.input).lexically_normal());
    if (const auto identity = io::file_identity(item.input)) inputs.insert(*identity);
  }
  for (const CatalogueItem& item : manifest.items)
    for (const fs::path& file : output_files(chain, item, out)) {
      const auto identity = io::file_identity(file);
      if (names.count(file) != 0 || (identity && inputs.count(*identity) != 0))
        throw UsageError(printable(file.string()) +
                         " is an input; an input is never overwritten: give another -o folder");
    }
}

/// The tracks of an album share one gain, so they share what it is sought for.
void refuse_album_of_two_targets(const Manifest& manifest) {
  std::map<std::string, const CatalogueItem*> first;
  for (const CatalogueItem& item : manifest.items) {
    if (item.album.empty()) continue;
    const CatalogueItem& known = *first.try_emplace(item.album, &item).first->second;
    if (known.target_lufs != item.target_lufs || known.ceiling_dbtp != item.ceiling_dbtp)
      throw UsageError(printable(manifest.file.string()) + ":" + std::to_string(item.line) +
                       ": album " + printable(item.album) + " has another target in line " +
                       std::to_string(known.line) +
                       "; its tracks share one gain: give all the same, or --album off");
  }
}

void tidy_folders(const Manifest& manifest, const Session& chain, const fs::path& out,
                  const ShardChoice& shard) {
  const std::vector<int> shards = shard_of_items(manifest, shard.count);
  std::set<fs::path> folders;
  for (std::size_t i = 0; i < manifest.items.size(); ++i) {
    if (shards[i] != shard.index) continue;
    for (const fs::path& file : output_files(chain, manifest.items[i], out))
      folders.insert(file.parent_path());
  }
  for (const fs::path& folder : folders) io::remove_abandoned_temporaries(folder);
}

/// Results are notes beside the sidecars: `status`, `report` and `retry` read the failures there. Each
/// is on disk as soon as its item has ended. One that can not be written is no failure of the job.
class Notes {
 public:
  Notes(const fs::path& out, const ShardChoice& shard) : log_(out, run_name(), shard) {}

  void take(const ItemResult& result, ProgressDisplay& display) {
    try {
      log_.append(result);
    } catch (const IoError& problem) {
      if (!std::exchange(warned_, true))
        display.print_line("warning: " + printable(problem.what()));
    }
  }

 private:
  static std::string run_name() {
    const char* const job = std::getenv("SLURM_ARRAY_JOB_ID");
    return job != nullptr ? std::string("slurm-") + job : "local";
  }

  ResultLog log_;
  bool warned_ = false;
};

/// What the job reads is not what it writes.
void check_documents(const JobOutput& shown, const Manifest& manifest) {
  std::vector<std::string> inputs;
  if (!manifest.file.empty()) inputs.push_back(manifest.file.string());
  for (const CatalogueItem& item : manifest.items) inputs.push_back(item.input.string());
  check_document_path(shown.json(), DocumentKind::json, inputs);
  check_document_path(shown.html(), DocumentKind::html, inputs);
  if (!shown.html().empty() && shown.html() == shown.json())
    throw UsageError("--json and --report name the same file " + printable(shown.html()));
}

void tell(const MasterResults& results, const MasterJob& job, const JobOutput& shown) {
  if (!shown.quiet() && shown.json() != "-" && shown.html() != "-")
    print(summary_text(results, job, shown.verbose()));
  write_document(shown.json(), DocumentKind::json,
                 [&](const DocumentSink& sink) { write_summary_json(results, job, sink); });
  if (!shown.html().empty())
    write_document(shown.html(), DocumentKind::html, summary_html(results, job));
}

}  // namespace

JobOutput::JobOutput(CommandLine& line) : json_(line) {
  line.add_option("--report", html_, "Write a page about the run")->type_name("FILE.html");
  add_progress_option(line, progress_);
  line.add_flag("-q,--quiet", quiet_, "Print errors only");
  line.add_flag("-v,--verbose", verbose_, "Print every output, however many, and checksums");
}

void tell_undecodable(const Manifest& manifest) {
  constexpr std::size_t kMostNames = 5;
  const std::vector<fs::path>& files = manifest.undecodable;
  if (files.empty()) return;
  std::string names;
  for (std::size_t i = 0; i < std::min(kMostNames, files.size()); ++i)
    names += (i == 0 ? "" : ", ") + printable(files[i].string());
  if (files.size() > kMostNames) names += " and " + std::to_string(files.size() - kMostNames) + " more";
  const std::string count =
      files.size() == 1 ? "1 file is" : std::to_string(files.size()) + " files are";
  print_error("warning: " + count + " of kinds that can not be decoded and left out: " + names +
              "; convert to WAV or FLAC what is to be mastered\n");
}

int run_master_job(Manifest manifest, const MasterOptions& options, const fs::path& out,
                   const ShardChoice& shard, const JobOutput& shown) {
  manifest = with_albums(std::move(manifest), options);
  check_documents(shown, manifest);
  if (manifest.items.empty()) {  // as of a retry where nothing failed: no device is needed for that
    ProgressDisplay none(ProgressMode::none);
    tell(MasterResults(manifest, {}, 0, none), {options.chain, out, manifest.undecodable}, shown);
    return kDone;
  }
  refuse_file_as_folder(out);
  refuse_album_of_two_targets(manifest);
  refuse_shared_outputs(manifest, options.chain, out);
  refuse_inputs_as_outputs(manifest, options.chain, out);
  const OpenedBackend opened = open_backend(options.device);
  if (!opened.why_not_cuda.empty() && !shown.quiet())
    print_error("note: " + printable(opened.why_not_cuda) + "; mastering on the CPU\n");
  tidy_folders(manifest, options.chain, out, shard);

  ProgressDisplay display(shown.quiet() && shown.progress() == "auto"
                              ? ProgressMode::none
                              : progress_mode(shown.progress()));
  MasterResults results(manifest, shard_of_items(manifest, shard.count), shard.index, display);
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism,
                                  static_cast<std::size_t>(options.threads));
  RunOptions run;
  run.out = out;
  run.shard = shard;
  run.jobs = options.jobs > 0 ? options.jobs : options.threads;
  run.overwrite = options.overwrite;
  run.allow_damaged = options.allow_damaged;
  run.full_hash = options.full_hash;
  run.stop = &stop_flag();
  // One file named on the command line is told on the terminal.
  const bool noted = manifest.items.size() > 1 || !manifest.file.empty();
  Notes notes(out, shard);
  run.on_result = [&](const CatalogueItem& item, const ItemResult& result) {
    if (noted) notes.take(result, display);
    results.take(item, result);
  };
  const bool read_ahead =
      options.threads > std::min(run.jobs, static_cast<int>(manifest.items.size()));
  const CatalogueEngine engine =
      master_engine(options, *opened.backend, out, read_ahead, &stop_flag());
  const RunSummary summary = run_catalogue(manifest, engine, run);
  tell(results, {options.chain, out, manifest.undecodable}, shown);
  if (summary.stopped) throw Cancelled();
  if (summary.retriable > 0) return kStopped;
  return summary.failed > 0 ? kRunFailed : kDone;
}

}  // namespace tutti::cli
