// SPDX-License-Identifier: Apache-2.0
// The runner with an engine that copies.
#pragma once

#include <fstream>
#include <map>
#include <mutex>

#include "host/audio/errors.hpp"
#include "host/catalogue/run.hpp"
#include "tests/catalogue/fixture.hpp"

namespace tutti::test {

class CatalogueRun : public ::testing::Test {
 protected:
  CatalogueRun() {
    engine_.sound_version = "1";
    engine_.plan = [this](const CatalogueItem& item) {
      return std::vector<PlannedOutput>{{out_ / item.output, settings_}};
    };
    engine_.master = [this](const std::vector<UnitItem>& unit, const std::function<void()>& unchanged) {
      return copy(unit, unchanged);
    };
  }

  std::vector<std::vector<Sidecar>> copy(const std::vector<UnitItem>& unit,
                                         const std::function<void()>& unchanged) {
    {
      const std::lock_guard lock(mutex_);  // units run beside each other
      units_.push_back(unit.size());
    }
    for (const UnitItem& item : unit)
      if (const auto trouble = trouble_.find(item.item->id); trouble != trouble_.end())
        trouble->second(item);
    unchanged();
    std::vector<std::vector<Sidecar>> sidecars;
    for (const UnitItem& item : unit) {
      const std::filesystem::path& file = item.outputs[0].file;
      if (std::filesystem::exists(file) && !item.replace[0] && hash_file(file).sha256 != item.input.sha256)
        throw IoError(file.string(), "exists", IoFault::output);
      std::filesystem::create_directories(file.parent_path());
      item.before_rename[0](item.input.sha256);
      std::filesystem::copy_file(item.item->input, file, std::filesystem::copy_options::overwrite_existing);
      Sidecar sidecar;
      const FileHash hash = hash_file(file);
      sidecar.output.sha256 = hash.sha256;
      sidecar.output.bytes = hash.bytes;
      sidecar.findings = findings_[item.item->id];
      sidecars.push_back({sidecar});
    }
    return sidecars;
  }

  CatalogueItem& add(const std::string& id, const std::string& bytes, const std::string& album = "") {
    CatalogueItem item;
    item.id = id;
    item.album = album;
    item.input = folder_.write("in/" + id, bytes);
    item.output = id + ".wav";
    manifest_.items.push_back(item);
    return manifest_.items.back();
  }

  std::map<std::string, ItemResult> run(RunOptions options = {}) {
    std::map<std::string, ItemResult> results;
    options.out = out_;
    options.on_result = [&](const CatalogueItem& item, const ItemResult& result) {
      results[item.id] = result;
    };
    summary_ = run_catalogue(manifest_, engine_, options);
    return results;
  }

  TemporaryFolder folder_;
  std::filesystem::path out_ = folder_.path() / "out";
  nlohmann::ordered_json settings_ = {{"gain", 1}};
  CatalogueEngine engine_;
  Manifest manifest_;
  RunSummary summary_;
  std::mutex mutex_;
  std::vector<std::size_t> units_;
  std::map<std::string, std::function<void(const UnitItem&)>> trouble_;
  std::map<std::string, std::vector<Warning>> findings_;
};

}  // namespace tutti::test
