// SPDX-License-Identifier: Apache-2.0
// The steps of a render on a backend that only counts: the very same plan, blocks and passes.
#include "host/engine/roofline.hpp"

#include <tbb/task_arena.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "host/audio/channel_layout.hpp"
#include "host/engine/estimate.hpp"
#include "host/engine/execute.hpp"
#include "host/engine/master.hpp"
#include "host/engine/master_blocks.hpp"
#include "host/engine/read_back.hpp"
#include "host/roofline/backend.hpp"

namespace tutti {
namespace {

/// Nothing is read: the backend fills no tile.
const auto kNoSamples = [](Frames, BlockView) {};

class Predictor {
 public:
  Predictor(const Session& session, const RenderOptions& options, PreparedRender& prepared,
            const roofline::Machine& machine)
      : session_(session),
        options_(options),
        prepared_(prepared),
        ledger_(machine.memory_bytes),
        backend_(roofline::make_backend(ledger_)),
        layout_(*layout_by_name(session.layout)),
        weights_(layout_.loudness_weights.begin(), layout_.loudness_weights.end()) {}

  Roofline run() {
    result_.mix = {"mix", "", 1, mix()};
    result_.warm_mix = mix();
    std::vector<Delivery> masters;
    for (const Delivery& delivery : prepared_.deliveries)
      if (delivery.mastered) masters.push_back(delivery);
    const std::span<const Delivery> track = masters;
    if (!masters.empty())
      for (const DeliveryGroup& group : delivery_groups({&track, 1})) deliver(masters, group);
    for (const Delivery& delivery : prepared_.deliveries) {
      measure_blocks(*backend_, delivery.write.sample_rate_hz, weights_, frames_of(delivery),
                     kNoSamples);
      add("read_back", delivery);
    }
    result_.memory = ledger_.memory();
    result_.duration_s = static_cast<double>(mixed_frames_) / session_.sample_rate_hz;
    return std::move(result_);
  }

 private:
  roofline::Counts mix() {
    std::vector<std::unique_ptr<StemStage>> stems;
    for (const StemInput& stem : prepared_.inputs.stems)
      stems.push_back(std::make_unique<StemStage>(stem.channels, stem.clips));
    ExecuteOptions execution;
    execution.first_frame = prepared_.first_frame;
    execution.end_frame = prepared_.range.latest_end + prepared_.plan.latency_frames;
    execution.tiles_in_flight = tiles_in_flight(options_);
    execution.stop = options_.stop;
    Timeline timeline(prepared_.plan, prepared_.range, [](std::size_t, ConstBlockView) {});
    execute(prepared_.plan, *backend_, stems, execution,
            [&](const TileSignals& tile) { return timeline.accept(tile); });
    mixed_frames_ = timeline.end_frame() - prepared_.range.start;
    return ledger_.take();
  }

  /// Frames of the file, after trim and at its rate.
  Frames frames_of(const Delivery& delivery) const {
    const double rate = session_.sample_rate_hz;
    Frames begin = 0, end = mixed_frames_;
    if (delivery.mastered) {
      const TrimSpec& trim = session_.master.trim;
      if (trim.start)
        begin = std::clamp<Frames>(trim.start->frames(rate) - prepared_.range.start, 0, end);
      if (trim.end)
        end = std::clamp<Frames>(trim.end->frames(rate) - prepared_.range.start, 0, end);
      if (end <= begin) begin = 0, end = mixed_frames_;
    }
    return static_cast<Frames>(
        std::llround(static_cast<double>(end - begin) * (delivery.write.sample_rate_hz / rate)));
  }

  void deliver(const std::vector<Delivery>& masters, const DeliveryGroup& group) {
    const Delivery& like = masters[group[0]];
    const double rate_hz = like.write.sample_rate_hz;
    const Frames frames = frames_of(like);
    std::optional<LimiterDesign> limiter;
    if (like.limiter) limiter = design(*like.limiter, rate_hz);

    meter_pass(rate_hz, frames, {}, {});
    add("measure", like);
    if (like.loudness && limiter) {
      meter_pass(rate_hz, frames, limiter, {true, false, false});
      add("limit", like, kAssumedLoudnessPasses);
    }
    std::vector<const Delivery*> exact;
    for (const std::size_t i : group) {
      if (!is_lossy(masters[i].write.path)) {
        exact.push_back(&masters[i]);
        continue;
      }
      write_pass({&masters[i]}, frames, limiter);
      measure_blocks(*backend_, rate_hz, weights_, frames, kNoSamples);  // before it has its name
      add("write", masters[i]);
    }
    if (exact.empty()) return;
    write_pass(exact, frames, limiter);
    add("write", *exact[0]);
  }

  void meter_pass(double rate_hz, Frames frames, const std::optional<LimiterDesign>& limiter,
                  MeterParts parts) {
    const auto meter = backend_->make_meter(rate_hz, weights_, parts);
    run_master_blocks(*backend_, channels(), frames, limiter, kNoSamples,
                      [&](TileView tile) { meter->process(tile); });
    meter->readings();
  }

  /// Packed on the device where the file is made of whole numbers or floats, else fetched.
  void write_pass(const std::vector<const Delivery*>& deliveries, Frames frames,
                  const std::optional<LimiterDesign>& limiter) {
    std::vector<std::unique_ptr<PackRunner>> packers;
    for (const Delivery* delivery : deliveries) {
      const std::optional<PackDesign> packing = packing_of(delivery->write);
      packers.push_back(packing ? backend_->make_packer(*packing, channels()) : nullptr);
    }
    Buffer host;
    run_master_blocks(*backend_, channels(), frames, limiter, kNoSamples, [&](TileView tile) {
      for (const auto& packer : packers)
        if (packer)
          packer->process(tile);
        else
          backend_->fetch(tile, host);
    });
  }

  void add(const char* name, const Delivery& delivery, int passes = 1) {
    result_.stages.push_back(
        {name, delivery.write.path.filename().string(), passes, ledger_.take()});
  }

  int channels() const { return static_cast<int>(weights_.size()); }

  const Session& session_;
  const RenderOptions& options_;
  PreparedRender& prepared_;
  roofline::Ledger ledger_;
  std::unique_ptr<Backend> backend_;
  ChannelLayout layout_;
  std::vector<double> weights_;
  Roofline result_;
  Frames mixed_frames_ = 0;
};

}  // namespace

roofline::Counts Roofline::counts(bool warm) const {
  roofline::Counts all = warm ? warm_mix : mix.pass;
  for (const RooflineStage& stage : stages)
    for (int pass = 0; pass < stage.passes; ++pass) all += stage.pass;
  return all;
}

roofline::Bound Roofline::bound(const roofline::Machine& machine, bool warm) const {
  roofline::Bound all = roofline::bound_of(warm ? warm_mix : mix.pass, machine);
  for (const RooflineStage& stage : stages)
    all += roofline::bound_of(stage.pass, machine).times(stage.passes);
  return all;
}

Roofline predict_roofline(const Session& session, const RenderOptions& options,
                          PreparedRender& prepared, const roofline::Machine& machine) {
  Roofline result;
  // One thread, so that what is looked up finds the same order every time.
  tbb::task_arena alone(1);
  alone.execute([&] { result = Predictor(session, options, prepared, machine).run(); });
  return result;
}

}  // namespace tutti
