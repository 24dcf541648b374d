// SPDX-License-Identifier: Apache-2.0
// Names and what refers to them.
#include <algorithm>
#include <array>
#include <map>
#include <unordered_set>

#include "host/session/text.hpp"
#include "host/session/validation.hpp"

namespace tutti {
namespace {

// Words that `source:` and `output:` give a meaning of their own.
constexpr std::array<std::string_view, 4> kReserved = {"master", "mix", "buses", "stems"};

std::string first_line(const Validation& v, const std::string& path) {
  const int line = find_span(v.session.spans, path).line;
  return line > 0 ? "the first one is on line " + std::to_string(line) : "";
}

void check_strip_names(Validation& v) {
  for (std::size_t i = 0; i < v.strips.size(); ++i) {
    const StripRef& strip = v.strips[i];
    const std::string& name = strip.spec->name;
    const std::string path = strip.path + ".name";
    if (name.empty()) continue;  // missing: the parser said so
    if (std::find(kReserved.begin(), kReserved.end(), name) != kReserved.end()) {
      v.error(path, "the name " + text::quoted(name) + " is reserved",
              "master, mix, buses and stems name what an output can take");
    }
    const std::size_t first = v.find(name);
    if (first != i) {
      v.error(path, "the name " + text::quoted(name) + " is taken; stems and buses share one list",
              first_line(v, v.strips[first].path + ".name"));
    }
  }
}

void check_output(Validation& v, const StripRef& strip) {
  const std::string& output = strip.spec->output;
  if (output.empty()) return;
  const std::size_t target = v.find(output);
  const std::string path = strip.path + ".output";
  if (target == Validation::kNone) {
    v.error(path, "there is no bus named " + text::quoted(output), v.suggest(output, true));
  } else if (!v.strips[target].is_bus) {
    v.error(path, text::quoted(output) + " is a stem; an output has to be a bus or master",
            v.suggest(output, true));
  }
}

void check_sends(Validation& v, const StripRef& strip) {
  for (std::size_t i = 0; i < strip.spec->sends.size(); ++i) {
    const std::string& to = strip.spec->sends[i].to;
    if (to.empty()) continue;
    const std::size_t target = v.find(to);
    const std::string path = strip.path + ".sends[" + std::to_string(i) + "].to";
    if (to == "master") {
      v.error(path, "a send goes to a bus, not to the master",
              "leave `output` out to feed the master");
    } else if (target == Validation::kNone) {
      v.error(path, "there is no bus named " + text::quoted(to), v.suggest(to, true));
    } else if (!v.strips[target].is_bus) {
      v.error(path, text::quoted(to) + " is a stem; a send has to go to a bus",
              v.suggest(to, true));
    }
  }
}

void check_insert_names(Validation& v, const std::string& owner,
                        const std::vector<InsertSpec>& inserts) {
  std::map<std::string_view, std::size_t> seen;
  for (std::size_t i = 0; i < inserts.size(); ++i) {
    const std::string& name = inserts[i].name;
    if (name.empty()) continue;
    const std::string path = processor_path(owner, i, inserts[i]) + ".name";
    const bool number =
        std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (number || name.find('.') != std::string::npos) {
      v.error(path, "an insert can not be named " + text::quoted(name),
              "automation could not tell it from a number or a path; use letters");
    }
    if (!seen.try_emplace(name, i).second) {
      v.error(path, "the name " + text::quoted(name) + " is taken by another insert of this strip");
    }
  }
}

void check_sidechains(Validation& v, const std::string& owner,
                      const std::vector<InsertSpec>& inserts) {
  for (std::size_t i = 0; i < inserts.size(); ++i) {
    const std::string source = sidechain_source(inserts[i]);
    if (source.empty() || v.find(source) != Validation::kNone) continue;
    v.error(processor_path(owner, i, inserts[i]) + ".sidechain.source",
            "there is no stem or bus named " + text::quoted(source), v.suggest(source, false));
  }
}

void check_groups(Validation& v) {
  std::map<std::string_view, std::string> seen;
  for (std::size_t i = 0; i < v.session.groups.size(); ++i) {
    const GroupSpec& group = v.session.groups[i];
    const std::string path = "groups[" + std::to_string(i) + "]";
    const auto [first, fresh] = seen.try_emplace(group.name, path + ".name");
    if (!group.name.empty() && !fresh) {
      v.error(path + ".name", "there is another group named " + text::quoted(group.name),
              first_line(v, first->second));
    }
    std::unordered_set<std::string_view> members;
    for (std::size_t m = 0; m < group.members.size(); ++m) {
      const std::string& member = group.members[m];
      const std::string member_path = path + ".members[" + std::to_string(m) + "]";
      if (member.empty()) continue;
      if (v.find(member) == Validation::kNone) {
        v.error(member_path, "there is no stem or bus named " + text::quoted(member),
                v.suggest(member, false));
      } else if (!members.insert(member).second) {
        v.error(member_path, text::quoted(member) + " is twice in this group");
      }
    }
  }
}

}  // namespace

void check_names(Validation& v) {
  check_strip_names(v);
  for (const StripRef& strip : v.strips) {
    check_output(v, strip);
    check_sends(v, strip);
    check_insert_names(v, strip.path, strip.spec->inserts);
    check_sidechains(v, strip.path, strip.spec->inserts);
  }
  check_insert_names(v, "master", v.session.master.inserts);
  check_sidechains(v, "master", v.session.master.inserts);
  check_groups(v);
}

}  // namespace tutti
