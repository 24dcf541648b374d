// SPDX-License-Identifier: Apache-2.0
// Loops in the routing: a depth-first search over strips with a stack of its own.
#include <algorithm>

#include "host/session/text.hpp"
#include "host/session/validation.hpp"

namespace tutti {
namespace {

/// `to` can only be computed after the strip that the edge starts from.
struct Edge {
  std::size_t to;
  std::string path;  ///< of the value in the session that makes the connection
};
using Edges = std::vector<std::vector<Edge>>;

Edges edges_of(const Validation& v) {
  Edges edges(v.strips.size());
  const auto connect = [&](std::size_t from, std::size_t to, std::string path) {
    if (from != Validation::kNone && to != Validation::kNone) {
      edges[from].push_back({to, std::move(path)});
    }
  };
  const auto bus = [&](const std::string& name) {
    const std::size_t found = v.find(name);
    return found != Validation::kNone && v.strips[found].is_bus ? found : Validation::kNone;
  };
  for (std::size_t i = 0; i < v.strips.size(); ++i) {
    const StripSpec& spec = *v.strips[i].spec;
    const std::string& path = v.strips[i].path;
    // A stem that is named where a bus belongs is told elsewhere.
    if (!spec.output.empty()) connect(i, bus(spec.output), path + ".output");
    for (std::size_t s = 0; s < spec.sends.size(); ++s) {
      connect(i, bus(spec.sends[s].to), path + ".sends[" + std::to_string(s) + "].to");
    }
    for (std::size_t n = 0; n < spec.inserts.size(); ++n) {
      const std::string source = sidechain_source(spec.inserts[n]);
      if (source.empty()) continue;
      connect(v.find(source), i, processor_path(path, n, spec.inserts[n]) + ".sidechain.source");
    }
  }
  return edges;
}

constexpr std::size_t kNamesShown = 12;
constexpr std::size_t kMaximumLoops = 20;

/// "A → B → A"; the middle of a long loop is left out.
std::string spell(const Validation& v, const std::vector<std::size_t>& loop) {
  std::string out;
  for (std::size_t i = 0; i < loop.size(); ++i) {
    if (loop.size() > kNamesShown && i == kNamesShown - 1) {
      const std::size_t left_out = loop.size() - kNamesShown;
      out += "… " + std::to_string(left_out) + " more … → ";
      i = loop.size() - 1;
    }
    out += text::printable(v.strips[loop[i]].spec->name, 60) + " → ";
  }
  return out + text::printable(v.strips[loop.front()].spec->name, 60);
}

class LoopSearch {
 public:
  LoopSearch(Validation& v, const Edges& edges)
      : v_(v), edges_(edges), state_(edges.size(), State::fresh), reported_(edges.size(), false) {}

  void run() {
    for (std::size_t i = 0; i < edges_.size(); ++i) {
      if (state_[i] == State::fresh) search_from(i);
    }
  }

 private:
  enum class State { fresh, open, done };
  struct Visit {
    std::size_t strip;
    std::size_t next_edge;
  };

  void search_from(std::size_t root) {
    open(root);
    while (!stack_.empty()) {
      Visit& here = stack_.back();
      if (here.next_edge == edges_[here.strip].size()) {
        state_[here.strip] = State::done;
        stack_.pop_back();
        continue;
      }
      const Edge& edge = edges_[here.strip][here.next_edge++];
      if (state_[edge.to] == State::fresh) {
        open(edge.to);
      } else if (state_[edge.to] == State::open) {
        report(edge);
      }
    }
  }

  void open(std::size_t strip) {
    state_[strip] = State::open;
    stack_.push_back({strip, 0});
  }

  /// One loop per strip is enough to work on; the next check finds what is left.
  void report(const Edge& closing) {
    if (reported_[closing.to] || loops_ == kMaximumLoops) return;
    std::vector<std::size_t> loop;
    const auto first = std::find_if(stack_.begin(), stack_.end(),
                                    [&](const Visit& visit) { return visit.strip == closing.to; });
    for (auto at = first; at != stack_.end(); ++at) loop.push_back(at->strip);
    for (const std::size_t strip : loop) reported_[strip] = true;
    ++loops_;
    v_.error(closing.path, "the routing has a loop: " + spell(v_, loop),
             loop.size() == 1 ? "a strip can not feed itself"
                              : "one output, send or side-chain of the loop has to go elsewhere");
  }

  Validation& v_;
  const Edges& edges_;
  std::vector<State> state_;
  std::vector<bool> reported_;
  std::vector<Visit> stack_;
  std::size_t loops_ = 0;
};

}  // namespace

void check_routing(Validation& v) {
  const Edges edges = edges_of(v);
  LoopSearch(v, edges).run();
}

}  // namespace tutti
