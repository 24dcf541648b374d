// SPDX-License-Identifier: Apache-2.0
#include "host/session/parser.hpp"

#include <memory>

#include "host/session/chain.hpp"
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

/// What a file of chains has at its top.
struct ChainRoot {
  Session& session;
};

template <class V>
void visit_fields(V& v, ChainRoot& chain) {
  v.version("tutti_chain", chain.session.version);
  v.text("title", chain.session.title);
  v.section("master", chain.session.master);
  v.list("outputs", chain.session.outputs);
}

/// What the text is read as.
struct Kind {
  const char* noun;
  const char* first_line;
  void (*read)(FieldReader&, Session&);
};

constexpr Kind kSession = {"a session", "a session starts with `tutti: 1`",
                           [](FieldReader& reader, Session& session) {
                             visit_fields(reader, session);
                             normalise_outputs(session);
                           }};
constexpr Kind kChain = {"a chain", "a chain starts with `tutti_chain: 1`",
                         [](FieldReader& reader, Session& session) {
                           ChainRoot root{session};
                           visit_fields(reader, root);
                         }};

void read_root(const yaml::Document& document, const std::string& file, const Kind& kind,
               ParseResult& result) {
  ReadContext context(document, file, result.issues);
  const yaml::Node& root = document.root();
  if (root.kind != yaml::NodeKind::map) {
    context.error(root, std::string("expected ") + kind.noun + ", found " + describe(root),
                  kind.first_line);
    return;
  }
  FieldReader reader(context, root);
  kind.read(reader, result.session);
  reader.finish();
}

ParseResult parse_text(const std::string& text, const std::filesystem::path& path,
                       const Kind& kind) {
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
  if (whole) read_root(*document, path.string(), kind, result);
  tidy_issues(result.issues);
  return result;
}

}  // namespace

ParseResult parse_session_file(const std::filesystem::path& path) {
  return parse_session_text(read_source_file(path), path);
}

ParseResult parse_session_text(const std::string& text, const std::filesystem::path& path) {
  return parse_text(text, path, kSession);
}

ParseResult parse_chain_file(const std::filesystem::path& path) {
  return parse_chain_text(read_source_file(path), path);
}

ParseResult parse_chain_text(const std::string& text, const std::filesystem::path& path) {
  return parse_text(text, path, kChain);
}

}  // namespace tutti
