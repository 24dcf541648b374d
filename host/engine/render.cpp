// SPDX-License-Identifier: Apache-2.0
// The flow: files → stems ▶ buses ▶ master → meter + limit → files. `Render::run` is that line.
#include "host/engine/render.hpp"

#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>

#include "host/audio/channel_layout.hpp"
#include "host/engine/clock.hpp"
#include "host/engine/delivery_targets.hpp"
#include "host/engine/estimate.hpp"
#include "host/engine/execute.hpp"
#include "host/engine/master.hpp"
#include "host/engine/peak_memory.hpp"
#include "host/engine/prepare.hpp"
#include "host/engine/read_back.hpp"
#include "host/engine/render_news.hpp"
#include "host/engine/stream_writer.hpp"
#include "host/engine/up_to_date.hpp"

namespace tutti {
namespace {

class Render {
 public:
  Render(Backend& backend, const Session& session, const RenderOptions& options)
      : session_(session),
        options_(options),
        backend_(backend),
        news_(options, session.sample_rate_hz, clock_) {
    options_.warnings = [this](const Warning& warning) { news_.warn(warning); };
    result_.session = session.file.string();
    result_.device = backend_.name();
  }

  RenderResult run() {
    std::vector<Delivery> deliveries = resolve_deliveries(session_, options_);
    UpToDate up_to_date(session_, options_, deliveries);
    up_to_date.take_finished(deliveries, result_.outputs);
    if (!deliveries.empty()) {
      PreparedRender prepared =
          prepare(session_, options_, std::move(deliveries), backend_.lanes_per_group());
      targets_.emplace(prepared.deliveries, prepared.inputs.files);
      result_.timings.startup_s = clock_.seconds();
      LongBuffer master = mix_or_blame(prepared);
      finish_streams();
      deliver(prepared, master);
      up_to_date.remember(result_.outputs, *result_.duration_s);
    }
    measure_outputs();
    if (result_.duration_s)
      result_.realtime_factor = *result_.duration_s / std::max(1e-9, clock_.seconds());
    else
      result_.duration_s = up_to_date.finished_duration_s();
    return summary();
  }

  MasterMix run_mix(std::span<const MixListener> listeners) {
    listeners_ = listeners;
    RenderOptions unwritten = options_;
    unwritten.warnings = nullptr;  // of files that nobody writes
    PreparedRender prepared = prepare(session_, options_, resolve_deliveries(session_, unwritten),
                                      backend_.lanes_per_group());
    return {mix_within_memory(prepared), prepared.range.start};
  }

 private:
  /// A stem that turns out to be damaged is an error at its line of the session.
  LongBuffer mix_or_blame(PreparedRender& prepared) {
    try {
      return mix_within_memory(prepared);
    } catch (const IoError& problem) {
      const InputFile* const file = prepared.inputs.find_file(problem.path());
      if (!file || problem.fault() != IoFault::input) throw;
      throw SessionError({issue_at(session_, file->place, problem.what())},
                         source_of(session_.spans));
    }
  }

  /// A device that has not enough memory gets one tile in flight, then shorter tiles: the sound does
  /// not depend on either.
  LongBuffer mix_within_memory(PreparedRender& prepared) {
    for (;;) {
      try {
        return mix(prepared);
      } catch (const DeviceMemoryError&) {
        if (!look_less_far_ahead(prepared.plan)) throw;
        backend_.release_kept();
        streams_.clear();
      }
    }
  }

  bool look_less_far_ahead(Plan& plan) {
    if (tiles_in_flight_ > 1) {
      tiles_in_flight_ = 1;
      return true;
    }
    if (plan.tile_frames / 2 < smallest_tile_frames(plan)) return false;
    plan.tile_frames /= 2;
    return true;
  }

  LongBuffer mix(PreparedRender& prepared) {
    const Stopwatch watch;
    LongBuffer master(prepared.plan.nodes.empty() ? 2 : layout_channels(), long_signal_budget_bytes(options_),
                      spill_folder(prepared));
    master.reserve(prepared.range.last_sound - prepared.range.start + prepared.range.quiet_frames);
    for (const MixListener& listener : listeners_) listener.begin();
    if (listeners_.empty()) open_streams(prepared);
    std::vector<std::unique_ptr<StemStage>> stems = open_stems(prepared);
    ExecuteOptions execution;
    execution.first_frame = prepared.first_frame;
    execution.end_frame = prepared.range.latest_end + prepared.plan.latency_frames;
    execution.tiles_in_flight = tiles_in_flight_;
    execution.stop = options_.stop;
    Timeline timeline(prepared.plan, prepared.range, [&](std::size_t tap, ConstBlockView block) {
      const std::string& source = prepared.plan.taps[tap].name;
      if (source == "master") master.append(block);
      for (const MixListener& listener : listeners_)
        if (listener.source == source) listener.take(block);
      for (auto& [name, stream] : streams_)
        if (name == source) stream->write(block);
    });
    prepared.inputs.impulses.clear();
    execute(prepared.plan, backend_, stems, execution, [&](const TileSignals& tile) {
      const bool more = timeline.accept(tile);
      news_.report("mix", timeline.position() - prepared.range.start,
                   prepared.range.last_sound - prepared.range.start);
      return more;
    });
    for (const auto& stem : stems) result_.timings.decode_s += stem->seconds();
    result_.duration_s = static_cast<double>(timeline.end_frame() - prepared.range.start) /
                         session_.sample_rate_hz;
    news_.know_duration(*result_.duration_s);
    result_.timings.mix_s = watch.seconds();
    return master;
  }

  std::vector<std::unique_ptr<StemStage>> open_stems(PreparedRender& prepared) {
    std::vector<std::unique_ptr<StemStage>> stems;
    result_.stem_seconds = 0;
    for (const StemInput& stem : prepared.inputs.stems) {
      result_.stem_seconds += stem.channels * static_cast<double>(stem.end_frame) / 48000.0;
      stems.push_back(std::make_unique<StemStage>(stem.channels, stem.clips));
    }
    return stems;
  }

  void open_streams(const PreparedRender& prepared) {
    const Frames expected =
        prepared.range.fixed_end ? prepared.range.latest_end - prepared.range.start : 0;
    for (const Delivery& delivery : prepared.deliveries)
      if (!delivery.mastered)
        streams_.emplace_back(delivery.source, std::make_unique<StreamWriter>(
                                                   delivery, session_.sample_rate_hz, expected));
  }

  void finish_streams() {
    const Stopwatch watch;
    std::vector<RenderedOutput> outputs(streams_.size());
    tbb::parallel_for(std::size_t{0}, streams_.size(),
                      [&](std::size_t i) { outputs[i] = streams_[i].second->commit(); });
    streams_.clear();
    for (RenderedOutput& output : outputs) result_.outputs.push_back(std::move(output));
    result_.timings.encode_s += watch.seconds();
  }

  void deliver(const PreparedRender& prepared, const LongBuffer& master) {
    const Stopwatch watch;
    std::vector<Delivery> masters;
    for (const Delivery& delivery : prepared.deliveries)
      if (delivery.mastered) masters.push_back(delivery);
    if (!masters.empty()) {
      const MasterContext context{
          backend_,
          layout_by_name(session_.layout)->loudness_weights,
          {long_signal_budget_bytes(options_), spill_folder(prepared), options_.stop},
          [this](Frames done, Frames total) { news_.report("master", done, total); },
          options_.warnings};
      const double rate_hz = session_.sample_rate_hz;
      const MasterEdit edit = plan_edit(session_.master, rate_hz, master, prepared.range.start);
      const std::vector<MasterTrack> track = {{context, master, rate_hz, edit, std::move(masters)}};
      std::vector<RenderedOutput> outputs = std::move(deliver_masters(track)[0]);
      for (RenderedOutput& output : outputs) result_.outputs.push_back(std::move(output));
    }
    result_.timings.master_s = watch.seconds();
  }

  /// What is on disk is what counts: every file is read again and measured.
  void measure_outputs() {
    const Stopwatch watch;
    std::atomic<Frames> done = 0;
    tbb::parallel_for(std::size_t{0}, result_.outputs.size(), [&](std::size_t i) {
      result_.outputs[i].measured = measure_file(result_.outputs[i].file, backend_, options_.stop);
      news_.report("write", ++done, static_cast<Frames>(result_.outputs.size()));
    });
    result_.timings.encode_s += watch.seconds();
  }

  RenderResult summary() {
    result_.timings.wall_s = clock_.seconds();
    result_.stems = static_cast<int>(session_.stems.size());
    result_.warnings = news_.warnings();
    result_.peak_memory_bytes = peak_memory_bytes();
    return std::move(result_);
  }

  int layout_channels() const { return layout_by_name(session_.layout)->channels(); }

  static std::filesystem::path spill_folder(const PreparedRender& prepared) {
    return prepared.deliveries[0].write.path.parent_path();
  }

  const Session& session_;
  RenderOptions options_;
  Backend& backend_;
  Stopwatch clock_;
  RenderNews news_;
  RenderResult result_;
  int tiles_in_flight_ = tiles_in_flight(options_);
  std::span<const MixListener> listeners_;
  std::optional<DeliveryTargets> targets_;  ///< outlives the writers: it tidies up after them
  std::vector<std::pair<std::string, std::unique_ptr<StreamWriter>>> streams_;
};

}  // namespace

MasterMix mix_master_on(Backend& backend, const Session& session, const RenderOptions& options,
                        std::span<const MixListener> listeners) {
  return Render(backend, session, options).run_mix(listeners);
}

RenderResult render_on(Backend& backend, const Session& session, const RenderOptions& options) {
  const int threads = options.threads > 0 ? options.threads : tbb::this_task_arena::max_concurrency();
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism,
                                  static_cast<std::size_t>(threads));
  tbb::task_arena arena(threads);
  RenderResult result;
  arena.execute([&] { result = Render(backend, session, options).run(); });
  return result;
}

}  // namespace tutti
