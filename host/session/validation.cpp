// SPDX-License-Identifier: Apache-2.0
#include "host/session/validation.hpp"

#include <algorithm>
#include <cmath>

#include "host/audio/channel_layout.hpp"
#include "host/session/chain.hpp"
#include "host/session/document.hpp"
#include "host/session/output_files.hpp"
#include "host/session/parser.hpp"
#include "host/session/text.hpp"

namespace tutti {
namespace {

// About a second of edit distances: enough for every name of a session that a person wrote.
constexpr std::size_t kMaximumComparisons = 2'000'000;

std::string element(const char* list, std::size_t index) {
  return std::string(list) + "[" + std::to_string(index) + "]";
}

/// Whether the session comes from a text that could not be read at all: nothing more to say.
bool is_unread(const Session& session) {
  return session.spans && session.spans->root().kind != yaml::NodeKind::map;
}

void check_format(Validation& v) {
  const Session& session = v.session;
  if (session.layout != "mono" && session.layout != "stereo") {
    v.error("layout", "layout " + text::quoted(session.layout) + " is not rendered yet",
            "this version renders mono and stereo");
  }
  if (session.sample_rate_hz != std::floor(session.sample_rate_hz)) {
    v.error("sample_rate_hz",
            "sample_rate_hz must be a whole number, not " + text::number(session.sample_rate_hz));
  }
  if (session.stems.empty()) v.error("stems", "the session has no stems");
  if (session.outputs.empty()) {
    v.warning("outputs", "the session names no outputs: a render would write nothing",
              "for example: outputs: [{file: master.wav}]");
  }
}

/// A chain hears nothing but what it works on.
void check_chain_keys(Validation& v) {
  const std::vector<InsertSpec>& inserts = v.session.master.inserts;
  for (std::size_t i = 0; i < inserts.size(); ++i)
    if (!sidechain_source(inserts[i]).empty())
      v.error(processor_path("master", i, inserts[i]) + ".sidechain.source",
              "a chain has no stems or buses to listen to", "leave `source` out");
}

/// A chain has a master only, and its files are named after what goes in.
void check_chain_output(Validation& v, std::size_t index) {
  const OutputSpec& output = v.session.outputs[index];
  const std::string path = element("outputs", index);
  if (output.source != OutputSource::master)
    v.error(path + ".source", "the outputs of a chain are of its master",
            "leave `source` out");
  const std::filesystem::path path_of_file(output.file);
  const bool leaves = path_of_file.is_absolute() ||
                      std::find(path_of_file.begin(), path_of_file.end(), "..") != path_of_file.end();
  if (leaves)
    v.error(path + ".file", "the outputs of a chain stay in the output folder",
            "leave out `..` and the leading `/`");
  if (!output.file.empty() && output.file.find("{name}") == std::string::npos)
    v.error(path + ".file", "one file for each input needs `{name}` in its name",
            "for example: \"{name}.flac\"");
  // A session's render warns of it; a job may be done with thousands before its report is read.
  const ContainerProblem problem = decoding_problem(output.file, sample_format_of(output));
  if (problem.field != ContainerProblem::Field::none)
    v.warning(path + (output.bit_depth ? ".bit_depth" : ".preset"), problem.message, problem.hint);
}

}  // namespace

Validation::Validation(const Session& checked)
    : session(checked), comparisons_left_(kMaximumComparisons) {
  strips.reserve(session.stems.size() + session.buses.size());
  for (std::size_t i = 0; i < session.stems.size(); ++i) {
    strips.push_back({&session.stems[i], false, element("stems", i)});
  }
  for (std::size_t i = 0; i < session.buses.size(); ++i) {
    strips.push_back({&session.buses[i], true, element("buses", i)});
    bus_names_.push_back(session.buses[i].name);
  }
  for (std::size_t i = 0; i < strips.size(); ++i) {
    by_name_.try_emplace(strips[i].spec->name, i);
    strip_names_.push_back(strips[i].spec->name);
  }
}

void Validation::add(Severity severity, const std::string& path, std::string message,
                     std::string hint) {
  Issue issue;
  issue.severity = severity;
  issue.file = session.file.string();
  issue.span = find_span(session.spans, path);
  issue.path = path;
  issue.message = std::move(message);
  issue.hint = std::move(hint);
  issues.push_back(std::move(issue));
}

void Validation::error(const std::string& path, std::string message, std::string hint) {
  add(Severity::error, path, std::move(message), std::move(hint));
}

void Validation::warning(const std::string& path, std::string message, std::string hint) {
  add(Severity::warning, path, std::move(message), std::move(hint));
}

std::size_t Validation::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found != by_name_.end() ? found->second : kNone;
}

std::string Validation::suggest(const std::string& word, bool buses_only) {
  const std::vector<std::string>& names = buses_only ? bus_names_ : strip_names_;
  if (names.size() > comparisons_left_) return {};
  comparisons_left_ -= names.size();
  const std::string close = did_you_mean(word, names);
  if (!close.empty()) return "did you mean `" + text::printable(close, 60) + "`?";
  constexpr std::size_t kShown = 12;
  if (names.empty() || names.size() > kShown) return {};
  return (buses_only ? "the buses are: " : "the stems and buses are: ") +
         text::enumerate(names.data(), names.size(), "and");
}

std::string sidechain_source(const InsertSpec& insert) {
  return std::visit(
      [](const auto& spec) -> std::string {
        if constexpr (requires { spec.sidechain; }) {
          return spec.sidechain ? spec.sidechain->source : std::string();
        } else {
          return {};
        }
      },
      insert.processor);
}

std::string processor_path(const std::string& owner, std::size_t index, const InsertSpec& insert) {
  return owner + ".inserts[" + std::to_string(index) + "]." + processor_key(insert.processor);
}

std::vector<Issue> validate_session(const Session& session) {
  if (is_unread(session)) return {};
  Validation v(session);
  check_format(v);
  check_names(v);
  check_routing(v);
  check_units(v);
  check_automation(v);
  check_timeline(v);
  check_outputs(v);
  tidy_issues(v.issues);
  return std::move(v.issues);
}

std::vector<Issue> validate_chain(const Session& chain) {
  if (is_unread(chain)) return {};
  Validation v(chain);
  for (std::size_t i = 0; i < chain.outputs.size(); ++i) check_chain_output(v, i);
  check_chain_keys(v);
  check_units(v);
  check_automation(v);
  check_timeline(v);
  check_outputs(v);
  tidy_issues(v.issues);
  return std::move(v.issues);
}

}  // namespace tutti
