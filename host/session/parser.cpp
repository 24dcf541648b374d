// SPDX-License-Identifier: Apache-2.0
#include "host/session/parser.hpp"

#include <memory>

#include "host/session/field_reader.hpp"
#include "host/session/source_file.hpp"
#include "host/session/yaml.hpp"

namespace tutti {
namespace {

/// `master` is where a strip goes by default; the model says so by an empty name.
void normalise_outputs(Session& session) {
  for (StemSpec& stem : session.stems) {
    if (stem.output == "master") stem.output.clear();
  }
  for (BusSpec& bus : session.buses) {
    if (bus.output == "master") bus.output.clear();
  }
}

void read_session(const yaml::Document& document, const std::string& file, ParseResult& result) {
  ReadContext context(document, file, result.issues);
  const yaml::Node& root = document.root();
  if (root.kind != yaml::NodeKind::map) {
    context.error(root, "expected a session, found " + describe(root),
                  "a session starts with `tutti: 1`");
    return;
  }
  FieldReader reader(context, root);
  visit_fields(reader, result.session);
  reader.finish();
  normalise_outputs(result.session);
}

}  // namespace

ParseResult parse_session_file(const std::filesystem::path& path) {
  return parse_session_text(read_source_file(path), path);
}

ParseResult parse_session_text(const std::string& text, const std::filesystem::path& path) {
  ParseResult result;
  result.session.file = path;
  result.session.directory = path.parent_path();
  auto document = std::make_shared<yaml::Document>(text);
  std::vector<yaml::YamlProblem> problems;
  const bool whole = yaml::read_yaml(*document, problems);
  for (yaml::YamlProblem& problem : problems) {
    Issue issue;
    issue.file = path.string();
    issue.span = document->span(problem.begin, problem.end);
    issue.message = std::move(problem.message);
    issue.hint = std::move(problem.hint);
    result.issues.push_back(std::move(issue));
  }
  result.source = document->source();
  result.session.spans = document;
  if (whole) read_session(*document, path.string(), result);
  tidy_issues(result.issues);
  return result;
}

}  // namespace tutti
