// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "cli/command_line.hpp"
#include "cli/load_session.hpp"
#include "cli/output.hpp"
#include "cli/progress.hpp"
#include "cli/signals.hpp"
#include "host/engine/render.hpp"
#include "host/report/issues_json.hpp"
#include "host/report/terminal_text.hpp"

namespace tutti::cli {
namespace {

std::string count_of(std::ptrdiff_t count, const char* noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string summary(const ParseResult& result, const std::string& path) {
  const auto errors = std::count_if(result.issues.begin(), result.issues.end(),
                                    [](const Issue& i) { return i.severity == Severity::error; });
  const auto warnings = static_cast<std::ptrdiff_t>(result.issues.size()) - errors;
  const Session& session = result.session;
  if (errors > 0)
    return fmt::format("{}: {}, {}\n", printable(path), count_of(errors, "error"),
                       count_of(warnings, "warning"));
  return fmt::format(
      "{}: good: {}, {}, {}; {}\n", printable(path), count_of(std::ssize(session.stems), "stem"),
      session.buses.size() == 1 ? "1 bus" : fmt::format("{} buses", session.buses.size()),
      count_of(std::ssize(session.outputs), "output"), count_of(warnings, "warning"));
}

std::vector<Issue> check_and_show(const Session& session, CheckOptions options,
                                  const std::string& progress, bool quiet) {
  ProgressDisplay display(quiet && progress == "auto" ? ProgressMode::none
                                                      : progress_mode(progress));
  options.stop = &stop_flag();
  options.progress = [&](const Progress& step) { display.show(step); };
  return check_inputs(session, options);
}

}  // namespace

int run_check(const Arguments& arguments) {
  CommandLine line(
      "check",
      "Read and validate a session and every file that it names; report all problems "
      "at once.",
      "tutti check mix.yaml\n  prints each problem with its line, what stands there and "
      "what is allowed; exit 2 if one is an error");
  std::string path;
  line.add_option("session", path, "The session file")->type_name("SESSION");
  JsonOption json(line);
  bool quiet = false, headers_only = false;
  std::string progress = "auto";
  CheckOptions options;
  line.add_flag("--headers-only", headers_only,
                "Open the files, but do not decode them whole to find damage");
  line.add_flag("--allow-non-finite", options.allow_non_finite,
                "NaN and infinity are warnings, as render --allow-non-finite takes them");
  add_progress_option(line, progress);
  line.add_flag("-q,--quiet", quiet, "Print errors only");
  if (!line.read(arguments)) return kDone;
  json.give_back(path);
  if (path.empty()) throw UsageError("no session given: tutti check SESSION");
  check_document_path(json.path(), DocumentKind::json, {&path, 1});

  ParseResult result = read_session(path);
  options.session_is_valid = !has_errors(result.issues);
  options.decode = !headers_only;
  merge_issues(result.issues, check_and_show(result.session, options, progress, quiet));
  if (!json.on_standard_output()) {
    for (const Issue& issue : result.issues)
      if (!quiet || issue.severity == Severity::error)
        print_error(issue_text(issue, result.source));
    if (!quiet) print(summary(result, path));
  }
  write_document(json.path(), DocumentKind::json, issues_json(result.issues));
  return has_errors(result.issues) ? kWrongInput : kDone;
}

}  // namespace tutti::cli
