// SPDX-License-Identifier: Apache-2.0
#include "cli/master_plan.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "host/catalogue/sidecar.hpp"
#include "host/engine/render.hpp"
#include "host/report/json_values.hpp"
#include "host/session/canonical.hpp"
#include "host/session/presets.hpp"

namespace tutti::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

/// Convolvers hear files: their content is a setting.
ordered_json impulses_of(const Session& chain) {
  ordered_json impulses = ordered_json::array();
  for (const InsertSpec& insert : chain.master.inserts)
    if (const auto* convolver = std::get_if<ConvolverSpec>(&insert.processor))
      impulses.push_back(hash_file(resolve(chain, convolver->impulse)).sha256);
  return impulses;
}

/// A preset is a name; what it says may change.
ordered_json figures_of(const DeliveryPreset& preset) {
  return {{"target_lufs", json_number(preset.target_lufs)},
          {"tolerance_lu", preset.tolerance_lu},
          {"ceiling_dbtp", preset.ceiling_dbtp},
          {"bit_depth", preset.bit_depth ? static_cast<int>(*preset.bit_depth) : -1},
          {"sample_rate_hz", json_number(preset.sample_rate_hz)}};
}

// What decides one output, without names and places.
ordered_json settings_of(const Session& chain, std::size_t output, const fs::path& file,
                         const CatalogueItem& item, const ChainOptions& options,
                         const ordered_json& impulses) {
  Session one = chain;
  one.title.clear();
  one.outputs.clear();
  if (output < chain.outputs.size()) {
    one.outputs.push_back(chain.outputs[output]);
    one.outputs[0].file.clear();
  }
  ordered_json settings = {{"chain", canonical_text(one)},
                           {"container", file.extension().string()}};
  if (!one.outputs.empty())
    if (const DeliveryPreset* const preset = find_preset(one.outputs[0].preset))
      settings["preset"] = figures_of(*preset);
  if (!impulses.empty()) settings["impulses"] = impulses;
  if (!item.album.empty())
    settings["album"] = options.album == AlbumLoudness::pooled ? "pooled" : "loudest";
  if (options.allow_non_finite) settings["non_finite"] = "as 0";
  return settings;
}

/// `{name}` is the item's place and name, `{extension}` its container's; what they hold is not read
/// again.
std::string filled_in(const std::string& pattern, const CatalogueItem& item) {
  const std::pair<std::string_view, std::string> words[] = {
      {"{name}", (item.output.parent_path() / item.output.stem()).string()},
      {"{extension}", item.output.extension().string()}};
  std::string file;
  for (std::size_t at = 0; at < pattern.size();) {
    const auto word = std::find_if(std::begin(words), std::end(words), [&](const auto& candidate) {
      return pattern.compare(at, candidate.first.size(), candidate.first) == 0;
    });
    if (word == std::end(words)) {
      file += pattern[at++];
    } else {
      file += word->second;
      at += word->first.size();
    }
  }
  return file;
}

}  // namespace

Session chain_for(const Session& chain, const CatalogueItem& item) {
  Session own = chain;
  if (item.target_lufs) {
    if (!own.master.loudness) own.master.loudness.emplace();
    own.master.loudness->target_lufs = *item.target_lufs;
  }
  if (item.ceiling_dbtp || (item.target_lufs && !own.master.limiter)) {
    if (!own.master.limiter) own.master.limiter.emplace();
    own.master.limiter->ceiling_dbtp = item.ceiling_dbtp.value_or(-1);
  }
  return own;
}

std::vector<fs::path> output_files(const Session& chain, const CatalogueItem& item,
                                   const fs::path& out) {
  const fs::path whole = fs::absolute(out / item.output).lexically_normal();
  if (chain.outputs.empty()) return {whole};
  std::vector<fs::path> files;
  for (const OutputSpec& output : chain.outputs)
    files.push_back(fs::absolute(out / filled_in(output.file, item)).lexically_normal());
  return files;
}

MasterPlan::MasterPlan(const ChainOptions& options, fs::path out)
    : options_(options), out_(std::move(out)), impulses_(impulses_of(options.chain)) {}

std::vector<PlannedOutput> MasterPlan::outputs_of(const CatalogueItem& item) const {
  const Session chain = chain_for(options_.chain, item);
  std::vector<PlannedOutput> outputs;
  for (fs::path& file : output_files(chain, item, out_)) {
    ordered_json settings = settings_of(chain, outputs.size(), file, item, options_, impulses_);
    outputs.push_back({std::move(file), std::move(settings)});
  }
  return outputs;
}

AskedOutputs asked_outputs(const Manifest& manifest, const ChainOptions& options,
                           const fs::path& out) {
  const MasterPlan plan(options, out);
  return {manifest, out, [&](const CatalogueItem& item) { return plan.outputs_of(item); },
          sound_version(), options.allow_damaged};
}

}  // namespace tutti::cli
