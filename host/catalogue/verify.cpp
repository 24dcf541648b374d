// SPDX-License-Identifier: Apache-2.0
#include "host/catalogue/verify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "host/audio/errors.hpp"
#include "host/catalogue/collect.hpp"

namespace tutti {
namespace {

namespace fs = std::filesystem;

class Verification {
 public:
  Verification(const Manifest& manifest, const fs::path& out,
               const std::function<void(const Discrepancy&)>& sink)
      : manifest_(manifest), out_(out), sink_(sink) {
    for (const CatalogueItem& item : manifest.items) {
      known_[item.id].input = item.input;
      id_of_output_[item.output.string()] = item.id;
    }
  }

  void check(const FoundSidecar& found) {
    ++summary.outputs;
    const Sidecar& sidecar = found.sidecar;
    compare(sidecar.id, out_ / found.output, found.output.string(), sidecar.output.sha256, "output",
            "; render again with --verify full --overwrite");
    const auto known = known_.find(sidecar.id);
    if (known == known_.end()) return;
    ++known->second.sidecars;
    known->second.wanted = std::max(known->second.wanted, sidecar.deliveries);
    if (sidecar.id == last_input_) return;
    last_input_ = sidecar.id;  // the deliveries of one item often follow each other
    const fs::path& input = known->second.input;
    compare(sidecar.id, input, input.string(), sidecar.input.sha256, "input",
            "; bring the file back, or render again to master what it is now");
  }

  void tell_damaged(const UnreadableSidecar& damaged) {
    const std::string output = damaged.output.string();
    const auto id = id_of_output_.find(output);
    if (id != id_of_output_.end()) ++known_[id->second].sidecars;
    tell({id != id_of_output_.end() ? id->second : output, sidecar_path(output).string(),
          "sidecar_damaged", damaged.message});
  }

  /// What left neither output nor sidecar is known to the manifest only.
  void check_manifest() {
    for (const CatalogueItem& item : manifest_.items) {
      const Known& known = known_[item.id];
      if (known.sidecars == 0)
        tell({item.id, item.output.string(), "output_missing", "has no sidecar; render it"});
      else if (known.sidecars < known.wanted)
        tell({item.id, item.output.string(), "output_missing",
              fmt::format("{} of its {} outputs have a sidecar; render it again", known.sidecars,
                          known.wanted)});
    }
  }

  VerifySummary summary;

 private:
  void compare(const std::string& id, const fs::path& file, const std::string& name,
               const std::string& sha256, const std::string& what, const char* advice) {
    try {
      if (hash_file(file).sha256 != sha256)
        tell({id, name, what + "_changed",
              std::string("its bytes are not those that its sidecar names") + advice});
    } catch (const IoError& problem) {
      tell({id, name, what + "_missing", problem.what()});
    }
  }

  void tell(const Discrepancy& discrepancy) {
    ++summary.discrepancies;
    if (sink_) sink_(discrepancy);
  }

  /// What the sidecars say of an item of the manifest.
  struct Known {
    fs::path input;
    int sidecars = 0, wanted = 1;
  };

  const Manifest& manifest_;
  fs::path out_;
  const std::function<void(const Discrepancy&)>& sink_;
  std::unordered_map<std::string, Known> known_;
  std::unordered_map<std::string, std::string> id_of_output_;
  std::string last_input_;
};

}  // namespace

VerifySummary verify_catalogue(const Manifest& manifest, const fs::path& out,
                               const std::atomic<bool>* stop,
                               const std::function<void(const Discrepancy&)>& sink) {
  Verification verification(manifest, out, sink);
  for_each_sidecar(
      out,
      [&](FoundSidecar&& found) {
        if (stop && stop->load()) throw Cancelled();
        verification.check(found);
      },
      [&](const UnreadableSidecar& damaged) { verification.tell_damaged(damaged); });
  verification.check_manifest();
  return verification.summary;
}

}  // namespace tutti
