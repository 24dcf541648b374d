// SPDX-License-Identifier: Apache-2.0
#include "host/engine/render.hpp"

#include <algorithm>

#include "cli/load_session.hpp"
#include "cli/output.hpp"
#include "cli/progress.hpp"
#include "cli/render_arguments.hpp"
#include "cli/render_record.hpp"
#include "cli/signals.hpp"
#include "cli/version.hpp"
#include "host/report/render_report.hpp"
#include "host/report/terminal_text.hpp"

namespace tutti::cli {
namespace {

constexpr const char* kExample =
    "tutti render mix.yaml -o out --report out/mix.html\n"
    "  mixes and masters what mix.yaml names, writes its outputs under out and a page about them";

struct ReportPaths {
  std::string json, html;
};

// Every file that the render reads.
std::vector<std::string> input_files(const Session& session) {
  std::vector<std::string> files = {session.file.string()};
  for (const StemSpec& stem : session.stems)
    for (const ClipSpec& clip : stem.clips) files.push_back(resolve(session, clip.file).string());
  return files;
}

void check_reports(const ReportPaths& paths, const Session& session) {
  const std::vector<std::string> inputs = input_files(session);
  check_document_path(paths.json, DocumentKind::json, inputs);
  check_document_path(paths.html, DocumentKind::html, inputs);
  if (!paths.html.empty() && paths.html == paths.json)
    throw UsageError("--json and --report name the same file " + printable(paths.html));
}

std::string warning_line(const Warning& warning) {
  return "warning: " + (warning.path.empty() ? "" : printable(warning.path) + ": ") +
         printable(warning.message);
}

struct Shown {
  std::string progress = "auto";
  bool quiet = false, verbose = false;
};

// The render with its progress and warnings on standard error.
RenderResult render_and_show(const Session& session, RenderOptions options, const Shown& shown) {
  const bool hidden = shown.quiet && shown.progress == "auto";
  ProgressDisplay display(hidden ? ProgressMode::none : progress_mode(shown.progress));
  options.stop = &stop_flag();
  options.progress = [&](const Progress& step) { display.show(step); };
  options.warnings = [&](const Warning& warning) {
    if (!shown.quiet) display.print_line(warning_line(warning));
  };
  return render(session, options);
}

bool missed_any_goal(const RenderReport& report) {
  return std::any_of(report.outputs.begin(), report.outputs.end(),
                     [](const ReportedOutput& output) { return !missed_goals(output).empty(); });
}

}  // namespace

int run_render(const Arguments& arguments) {
  CommandLine line("render", "Mix, master and write every output of a session, in one pass.",
                   kExample);
  RenderArguments render_arguments(line);
  JsonOption json(line);
  ReportPaths paths;
  Shown shown;
  bool overwrite = false, strict = false;
  line.add_option("--report", paths.html, "Write a page about the render")->type_name("FILE.html");
  add_progress_option(line, shown.progress);
  line.add_flag("--overwrite", overwrite, "Replace outputs that exist");
  line.add_flag("--strict", strict, "Exit with 1 when a loudness target or ceiling is missed");
  line.add_flag("-q,--quiet", shown.quiet, "Print errors only");
  line.add_flag("-v,--verbose", shown.verbose, "Print checksums too");
  if (!line.read(arguments)) return kDone;
  json.give_back(render_arguments.session_path);
  if (render_arguments.session_path.empty())
    throw UsageError("no session given: tutti render SESSION");
  paths.json = json.path();

  const ParseResult parsed = require_session(render_arguments.session_path, shown.quiet);
  RenderOptions options = render_arguments.options(parsed.session);
  check_reports(paths, parsed.session);
  options.overwrite = overwrite;
  options.digests = shown.verbose || !paths.json.empty() || !paths.html.empty();
  RenderReport report = report_of(render_and_show(parsed.session, options, shown), parsed.session);
  report.program_version = program_version();
  if (!shown.quiet && paths.json != "-") print(render_report_text(report, shown.verbose));
  write_document(paths.json, DocumentKind::json, render_report_json(report));
  write_document(paths.html, DocumentKind::html, render_report_html(report));
  return strict && missed_any_goal(report) ? kGateFailed : kDone;
}

}  // namespace tutti::cli
