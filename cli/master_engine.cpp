// SPDX-License-Identifier: Apache-2.0
#include "cli/master_engine.hpp"

#include <algorithm>
#include <iterator>
#include <mutex>
#include <string_view>
#include <utility>

#include "host/engine/remaster.hpp"
#include "host/report/json_values.hpp"
#include "host/report/render_report.hpp"
#include "host/report/services.hpp"
#include "host/session/canonical.hpp"
#include "host/session/presets.hpp"

namespace tutti::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

/// The chain with what the manifest says of one item.
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
                         const CatalogueItem& item, const MasterOptions& options) {
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
  if (const ordered_json impulses = impulses_of(chain); !impulses.empty())
    settings["impulses"] = impulses;
  if (!item.album.empty())
    settings["album"] = options.album == AlbumLoudness::pooled ? "pooled" : "loudest";
  if (options.allow_non_finite) settings["non_finite"] = "as 0";
  return settings;
}

ReportedOutput reported(const RenderedOutput& output, double tolerance_lu) {
  ReportedOutput reported;
  reported.measured.file = fs::path(output.file).filename().string();
  reported.measured.measurement = output.measured;
  reported.target_lufs = output.target_lufs;
  reported.ceiling_dbtp = output.ceiling_dbtp;
  reported.tolerance_lu = tolerance_lu;
  reported.loudness_mode = output.loudness_mode;
  reported.only_if_louder = output.only_if_louder;
  reported.clipped_samples = output.clipped_samples;
  return reported;
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

class Engine {
 public:
  Engine(const MasterOptions& options, Backend& backend, fs::path out,
         const std::atomic<bool>* stop)
      : options_(options), backend_(backend), out_(std::move(out)), stop_(stop) {}

  std::vector<PlannedOutput> plan(const CatalogueItem& item) const {
    const Session chain = chain_for(options_.chain, item);
    std::vector<PlannedOutput> outputs;
    for (fs::path& file : output_files(chain, item, out_)) {
      ordered_json settings = settings_of(chain, outputs.size(), file, item, options_);
      outputs.push_back({std::move(file), std::move(settings)});
    }
    return outputs;
  }

  std::vector<std::vector<Sidecar>> master(const std::vector<UnitItem>& unit,
                                           const std::function<void()>& unchanged) const {
    std::vector<RemasterInput> inputs;
    for (const UnitItem& item : unit) inputs.push_back(input_of(item));
    std::mutex mutex;
    std::vector<Warning> warnings;
    RemasterOptions remastering;
    remastering.allow_non_finite = options_.allow_non_finite;
    remastering.album = options_.album;
    remastering.max_memory_bytes = options_.max_memory_bytes;
    remastering.stop = stop_;
    remastering.after_reading = unchanged;
    remastering.warnings = [&](const Warning& warning) {
      const std::lock_guard lock(mutex);
      warnings.push_back(warning);
    };
    // An album has one target: its first item's.
    const Session chain = chain_for(options_.chain, *unit[0].item);
    const std::vector<RemasteredTrack> tracks = remaster(backend_, chain, inputs, remastering);
    std::vector<std::vector<Sidecar>> sidecars;
    for (std::size_t i = 0; i < unit.size(); ++i)
      sidecars.push_back(sidecars_of(unit[i], tracks[i], warnings));
    return sidecars;
  }

 private:
  static RemasterInput input_of(const UnitItem& item) {
    RemasterInput input;
    input.file = item.item->input;
    for (std::size_t o = 0; o < item.outputs.size(); ++o)
      input.outputs.push_back({item.outputs[o].file, item.replace[o], item.before_rename[o]});
    return input;
  }

  std::vector<Sidecar> sidecars_of(const UnitItem& item, const RemasteredTrack& track,
                                   const std::vector<Warning>& warnings) const {
    std::vector<Sidecar> sidecars;
    for (const RenderedOutput& output : track.outputs) {
      Sidecar sidecar;
      const AudioInfo written = open_audio(output.file)->info();
      sidecar.output.sha256 = output.sha256;
      sidecar.output.audio_md5 = output.audio_md5;
      sidecar.output.format = written.container + " " + written.encoding;
      sidecar.output.bytes = fs::file_size(output.file);
      sidecar.output.frames = written.frames;
      sidecar.output.sample_rate_hz = written.sample_rate_hz;
      sidecar.output.channels = written.channels;
      sidecar.before = track.before;
      sidecar.after = output.measured;
      sidecar.target_lufs = output.target_lufs;
      sidecar.ceiling_dbtp = output.ceiling_dbtp;
      const auto& loudness = options_.chain.master.loudness;
      sidecar.tolerance_lu = loudness ? loudness->tolerance_lu : 0.1;
      sidecar.gain_db = output.gain_db;
      sidecar.limiter_max_reduction_db = output.limiter_max_reduction_db;
      sidecar.clipped_samples = output.clipped_samples.value_or(0);
      sidecar.services = services_json(services_of(output.measured, delivery_presets()));
      add_findings(sidecar, item, output, warnings);
      sidecars.push_back(std::move(sidecar));
    }
    return sidecars;
  }

  /// What was said of this input or this output, and the goals that it misses.
  static void add_findings(Sidecar& sidecar, const UnitItem& item, const RenderedOutput& output,
                           const std::vector<Warning>& warnings) {
    const std::string input = item.item->input.string();
    for (const Warning& warning : warnings)
      if (warning.path == input || warning.path == output.file || warning.path.empty())
        sidecar.findings.push_back({warning.code, warning.message, ""});
    // An album's track has the album's loudness to meet, not its own.
    ReportedOutput goals = reported(output, sidecar.tolerance_lu);
    if (!item.item->album.empty()) goals.target_lufs.reset();
    for (const Warning& warning : output_warnings(goals))
      sidecar.findings.push_back({warning.code, warning.message, ""});
  }

  const MasterOptions& options_;
  Backend& backend_;
  fs::path out_;
  const std::atomic<bool>* stop_;
};

}  // namespace

std::vector<fs::path> output_files(const Session& chain, const CatalogueItem& item,
                                   const fs::path& out) {
  const fs::path whole = fs::absolute(out / item.output).lexically_normal();
  if (chain.outputs.empty()) return {whole};
  std::vector<fs::path> files;
  for (const OutputSpec& output : chain.outputs)
    files.push_back(fs::absolute(out / filled_in(output.file, item)).lexically_normal());
  return files;
}

CatalogueEngine master_engine(const MasterOptions& options, Backend& backend, const fs::path& out,
                              const std::atomic<bool>* stop) {
  auto engine = std::make_shared<Engine>(options, backend, out, stop);
  CatalogueEngine result;
  result.plan = [engine](const CatalogueItem& item) { return engine->plan(item); };
  result.master = [engine](const std::vector<UnitItem>& unit,
                           const std::function<void()>& unchanged) {
    return engine->master(unit, unchanged);
  };
  // Processor and graphics card differ in their last bits: an album is not to be mixed of both.
  const std::string name = backend.name();
  result.sound_version = sound_version() + "-" + name.substr(0, name.find(':'));
  return result;
}

}  // namespace tutti::cli
