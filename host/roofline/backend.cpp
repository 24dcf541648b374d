// SPDX-License-Identifier: Apache-2.0
#include "host/roofline/backend.hpp"

#include "host/roofline/kernels.hpp"
#include "host/roofline/units.hpp"

namespace tutti::roofline {
namespace {

constexpr Frames kSumTermBytes = 2608;

/// Memory that is only counted: its address stands for sound and is never followed.
class CountedTile : public TileBuffer {
 public:
  CountedTile(Ledger& ledger, int channels, Frames frames)
      : TileBuffer({nowhere(), channels, frames, stride_of(frames)}),
        held_(ledger, 4 * channels * stride_of(frames)) {}

 private:
  static Frames stride_of(Frames frames) { return whole(frames, 32) * 32; }
  static float* nowhere() {
    static float place;
    return &place;
  }
  Held held_;
};

class CountingBackend : public Backend {
 public:
  explicit CountingBackend(Ledger& ledger)
      : ledger_(ledger), stems_(ledger), spectra_(make_spectra_cache(ledger)) {}

  std::string name() const override { return "cuda"; }
  std::string description() const override { return "a prediction"; }
  bool has_own_memory() const override { return true; }
  Frames block_frames() const override { return kBlockFrames; }
  int lanes_per_group() const override { return kLanesPerGroup; }
  void release_kept() override { stems_.keep_nothing(); }

  std::unique_ptr<TileBuffer> allocate(int channels, Frames frames) override {
    return std::make_unique<CountedTile>(ledger_, channels, frames);
  }

  void fill(TileView to, const std::function<void(BlockView)>&) override {
    ledger_.send(4 * to.channels * to.frames);
  }

  ConstBlockView fetch(TileView from, Buffer& host) override {
    if (host.channels() < from.channels || host.frames() < from.frames)
      host = Buffer(from.channels, from.frames);
    ledger_.fetch(4 * from.channels * from.frames);
    return std::as_const(host).view().channel_range(0, from.channels).slice(0, from.frames);
  }

  void sum(Frames, std::span<const SumTerm> terms, TileView out) override {
    Frames sounding = 0, inputs = 0, rows = 0;
    for (const SumTerm& term : terms) {
      if (!term.in.sounds()) continue;
      ++sounding;
      inputs += term.in.channels;
      for (const GainCurve* curve : term.curves) rows += curve != nullptr;
    }
    ledger_.send(4 * rows * out.frames + kSumTermBytes * sounding);
    ledger_.launch("sum", sum_cost(sounding, inputs, out.channels, rows, out.frames));
  }

  std::unique_ptr<LaneRunner> make_lanes(const LaneProgram& program, Frames tile_frames) override {
    return roofline::make_lanes(ledger_, stems_, program, tile_frames);
  }
  std::unique_ptr<SpectralRunner> make_spectral(const SpectralProgram& program, int slots,
                                                Frames) override {
    return roofline::make_spectral(ledger_, spectra_, program, slots);
  }
  std::unique_ptr<ChannelRunner> make_delay(const DelayDesign& design, int channels) override {
    return roofline::make_delay(ledger_, design, channels);
  }
  std::unique_ptr<StereoRunner> make_stereo(const StereoDesign& design) override {
    return roofline::make_stereo(ledger_, design);
  }
  std::unique_ptr<ChannelRunner> make_limiter_insert(const LimiterDesign& design,
                                                     int channels) override {
    return roofline::make_limiter_insert(ledger_, design, channels);
  }
  std::unique_ptr<ChannelRunner> make_alignment(Frames delay_frames, int channels) override {
    return roofline::make_alignment(ledger_, delay_frames, channels);
  }
  std::unique_ptr<LimiterRunner> make_limiter(const LimiterDesign& design, int channels) override {
    return roofline::make_limiter(ledger_, design, channels);
  }
  std::unique_ptr<MeterRunner> make_meter(double sample_rate_hz,
                                          std::span<const double> loudness_weights,
                                          MeterParts parts) override {
    return roofline::make_meter(ledger_, sample_rate_hz, loudness_weights, parts);
  }
  std::unique_ptr<PackRunner> make_packer(const PackDesign& design, int channels) override {
    return roofline::make_packer(ledger_, design, channels);
  }

 private:
  Ledger& ledger_;
  StemStore stems_;
  std::shared_ptr<SpectraCache> spectra_;
};

}  // namespace

std::unique_ptr<Backend> make_backend(Ledger& ledger) {
  return std::make_unique<CountingBackend>(ledger);
}

}  // namespace tutti::roofline
