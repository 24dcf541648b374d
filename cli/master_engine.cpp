// SPDX-License-Identifier: Apache-2.0
#include "cli/master_engine.hpp"

#include <mutex>
#include <utility>

#include "cli/master_plan.hpp"
#include "host/engine/remaster.hpp"
#include "host/report/json_values.hpp"
#include "host/report/render_report.hpp"
#include "host/report/services.hpp"
#include "host/session/presets.hpp"

namespace tutti::cli {
namespace {

namespace fs = std::filesystem;

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

class Engine {
 public:
  Engine(const MasterOptions& options, Backend& backend, fs::path out, bool read_ahead,
         const std::atomic<bool>* stop)
      : options_(options),
        backend_(backend),
        out_(std::move(out)),
        read_ahead_(read_ahead),
        stop_(stop) {}

  std::vector<PlannedOutput> plan(const CatalogueItem& item) const {
    return MasterPlan(options_, out_).outputs_of(item);
  }

  std::vector<std::vector<Sidecar>> master(const std::vector<UnitItem>& unit,
                                           const std::function<void()>& unchanged) const {
    std::vector<RemasterInput> inputs;
    for (const UnitItem& item : unit) inputs.push_back(input_of(item));
    std::mutex mutex;
    std::vector<Warning> warnings;
    RemasterOptions remastering;
    remastering.allow_non_finite = options_.allow_non_finite;
    remastering.allow_damaged = options_.allow_damaged;
    remastering.read_ahead = read_ahead_;
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
      sidecar.output.bytes = static_cast<std::uint64_t>(output.bytes);
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

  /// The engine's messages begin with the output's name; a finding stands beside it already.
  static std::string without_name(const std::string& message, const std::string& output) {
    const std::string name = fs::path(output).filename().string() + ": ";
    return message.starts_with(name) ? message.substr(name.size()) : message;
  }

  /// What was said of this input or this output, and the goals that it misses.
  static void add_findings(Sidecar& sidecar, const UnitItem& item, const RenderedOutput& output,
                           const std::vector<Warning>& warnings) {
    const std::string input = item.item->input.string();
    for (const Warning& warning : warnings)
      if (warning.path == input || warning.path == output.file || warning.path.empty())
        sidecar.findings.push_back({warning.code, without_name(warning.message, output.file), ""});
    // An album's track has the album's loudness to meet, not its own.
    ReportedOutput goals = reported(output, sidecar.tolerance_lu);
    if (!item.item->album.empty()) goals.target_lufs.reset();
    for (const Warning& warning : output_warnings(goals, sidecar.findings))
      sidecar.findings.push_back({warning.code, warning.message, ""});
  }

  const MasterOptions& options_;
  Backend& backend_;
  fs::path out_;
  bool read_ahead_;
  const std::atomic<bool>* stop_;
};

}  // namespace

CatalogueEngine master_engine(const MasterOptions& options, Backend& backend, const fs::path& out,
                              bool read_ahead, const std::atomic<bool>* stop) {
  auto engine = std::make_shared<Engine>(options, backend, out, read_ahead, stop);
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
