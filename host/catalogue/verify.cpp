// SPDX-License-Identifier: Apache-2.0
#include "host/catalogue/verify.hpp"

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
      : out_(out), sink_(sink) {
    for (const CatalogueItem& item : manifest.items) inputs_[item.id] = item.input;
  }

  void check(const FoundSidecar& found) {
    ++summary.outputs;
    const Sidecar& sidecar = found.sidecar;
    compare(sidecar.id, out_ / found.output, found.output.string(), sidecar.output.sha256, "output");
    const auto input = inputs_.find(sidecar.id);
    if (input == inputs_.end() || sidecar.id == last_input_) return;
    last_input_ = sidecar.id;  // the deliveries of one item often follow each other
    compare(sidecar.id, input->second, input->second.string(), sidecar.input.sha256, "input");
  }

  VerifySummary summary;

 private:
  void compare(const std::string& id, const fs::path& file, const std::string& name,
               const std::string& sha256, const std::string& what) {
    try {
      if (hash_file(file).sha256 != sha256)
        tell({id, name, what + "_changed", "its bytes are not those that its sidecar names"});
    } catch (const IoError& problem) {
      tell({id, name, what + "_missing", problem.what()});
    }
  }

  void tell(const Discrepancy& discrepancy) {
    ++summary.discrepancies;
    if (sink_) sink_(discrepancy);
  }

  fs::path out_;
  const std::function<void(const Discrepancy&)>& sink_;
  std::unordered_map<std::string, fs::path> inputs_;
  std::string last_input_;
};

}  // namespace

VerifySummary verify_catalogue(const Manifest& manifest, const fs::path& out,
                               const std::atomic<bool>* stop,
                               const std::function<void(const Discrepancy&)>& sink) {
  Verification verification(manifest, out, sink);
  for_each_sidecar(out, [&](FoundSidecar&& found) {
    if (stop && stop->load()) throw Cancelled();
    verification.check(found);
  });
  return verification.summary;
}

}  // namespace tutti
