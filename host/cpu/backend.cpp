// SPDX-License-Identifier: Apache-2.0
// The CPU's side of the list of operations.
#include "host/backend/backend.hpp"

#include <algorithm>

#include "host/cpu/delay.hpp"
#include "host/cpu/host_tile.hpp"
#include "host/cpu/lane_runner.hpp"
#include "host/cpu/limiter.hpp"
#include "host/cpu/meter.hpp"
#include "host/cpu/spectral.hpp"
#include "host/cpu/stereo.hpp"
#include "host/cpu/sums.hpp"

namespace tutti {
namespace {

// Long enough to amortise the calls, short enough to stay in the second-level cache.
constexpr Frames kBlockFrames = 32768;

/// What a unit reads: the input, or silence written where its output goes.
ConstBlockView input_or_silence(TileView in, TileView out) {
  if (in.sounds()) return host_view(in);
  const BlockView view = host_view(out);
  for (int c = 0; c < view.channels; ++c) std::fill_n(view.channel(c), view.frames, 0.0f);
  return view;
}

/// A unit with process, quiet and reset.
template <typename Unit>
class CpuChannels : public ChannelRunner {
 public:
  template <typename... Arguments>
  explicit CpuChannels(Arguments&&... arguments) : unit_(std::forward<Arguments>(arguments)...) {}
  void process(TileView in, TileView out) override {
    unit_.process(input_or_silence(in, out), host_view(out));
  }
  bool quiet() const override { return unit_.quiet(); }
  void reset() override { unit_.reset(); }

 private:
  Unit unit_;
};

class CpuStereo : public StereoRunner {
 public:
  explicit CpuStereo(const StereoDesign& design) : unit_(design) {}
  void process(TileView in, TileView out, std::span<const StereoChange> changes) override {
    const ConstBlockView from = input_or_silence(in, out);
    const BlockView to = host_view(out);
    Frames done = 0;
    for (const StereoChange& change : changes) {
      unit_.process(from.slice(done, change.frame - done), to.slice(done, change.frame - done));
      unit_.set_gains(change.design.mid, change.design.side);
      done = change.frame;
    }
    unit_.process(from.slice(done, to.frames - done), to.slice(done, to.frames - done));
  }
  bool quiet() const override { return unit_.quiet(); }
  void reset() override { unit_.reset(); }

 private:
  StereoUnit unit_;
};

/// The limiter as an insert.
class CpuLimiterInsert : public ChannelRunner {
 public:
  CpuLimiterInsert(const LimiterDesign& design, int channels)
      : design_(design),
        channels_(channels),
        limiter_(design, channels),
        memory_frames_(limiter_memory_frames(design)) {}
  void process(TileView tile, TileView out) override {
    const ConstBlockView in = input_or_silence(tile, out);
    bool silent = true;
    for (int c = 0; c < in.channels && silent; ++c)
      for (Frames n = 0; n < in.frames && silent; ++n) silent = in.channel(c)[n] == 0.0f;
    silent_frames_ = silent ? silent_frames_ + in.frames : 0;
    limiter_.process(in, host_view(out));
  }
  bool quiet() const override { return silent_frames_ >= memory_frames_; }
  void reset() override {
    limiter_ = Limiter(design_, channels_);
    silent_frames_ = memory_frames_;
  }

 private:
  LimiterDesign design_;
  int channels_;
  Limiter limiter_;
  Frames memory_frames_, silent_frames_ = 0;
};

class CpuLimiter : public LimiterRunner {
 public:
  CpuLimiter(const LimiterDesign& design, int channels) : limiter_(design, channels) {}
  void process(TileView in, TileView out) override {
    limiter_.process(input_or_silence(in, out), host_view(out));
  }
  double max_reduction_db() const override { return limiter_.report().max_reduction_db; }

 private:
  Limiter limiter_;
};

class CpuMeter : public MeterRunner {
 public:
  CpuMeter(double sample_rate_hz, std::span<const double> weights, MeterParts parts)
      : meter_(sample_rate_hz, weights, parts) {}
  void process(TileView block) override { meter_.process(host_view(block)); }
  MeterReadings readings() override { return meter_.readings(); }

 private:
  Meter meter_;
};

class CpuPacker : public PackRunner {
 public:
  CpuPacker(const PackDesign& design, int channels) : packer_(design, channels) {}
  Packed process(TileView block) override { return packer_.process(host_view(block)); }

 private:
  Packer packer_;
};

class CpuBackend : public Backend {
 public:
  std::string name() const override { return "cpu"; }
  std::string description() const override { return "the processor"; }
  bool has_own_memory() const override { return false; }
  Frames block_frames() const override { return kBlockFrames; }
  int lanes_per_group() const override { return kLanes; }
  std::unique_ptr<TileBuffer> allocate(int channels, Frames frames) override {
    return std::make_unique<HostTile>(channels, frames);
  }
  void fill(TileView to, const std::function<void(BlockView)>& write) override {
    write(host_view(to));
  }
  ConstBlockView fetch(TileView from, Buffer&) override { return host_view(from); }
  void sum(Frames first_frame, std::span<const SumTerm> terms, TileView out) override {
    sum_terms(first_frame, terms, out);
  }
  std::unique_ptr<LaneRunner> make_lanes(const LaneProgram& program, Frames) override {
    return std::make_unique<CpuLaneRunner>(program);
  }
  std::unique_ptr<SpectralRunner> make_spectral(const SpectralProgram& program, int slots,
                                                Frames tile_frames) override {
    return std::make_unique<CpuSpectral>(program, slots, tile_frames, spectra_);
  }
  std::unique_ptr<ChannelRunner> make_delay(const DelayDesign& design, int channels) override {
    return std::make_unique<CpuChannels<DelayUnit>>(design, channels);
  }
  std::unique_ptr<StereoRunner> make_stereo(const StereoDesign& design) override {
    return std::make_unique<CpuStereo>(design);
  }
  std::unique_ptr<ChannelRunner> make_limiter_insert(const LimiterDesign& design,
                                                     int channels) override {
    return std::make_unique<CpuLimiterInsert>(design, channels);
  }
  std::unique_ptr<ChannelRunner> make_alignment(Frames delay_frames, int channels) override {
    return std::make_unique<CpuChannels<DelayLine>>(channels, delay_frames);
  }
  std::unique_ptr<LimiterRunner> make_limiter(const LimiterDesign& design, int channels) override {
    return std::make_unique<CpuLimiter>(design, channels);
  }
  std::unique_ptr<MeterRunner> make_meter(double sample_rate_hz,
                                          std::span<const double> loudness_weights,
                                          MeterParts parts) override {
    return std::make_unique<CpuMeter>(sample_rate_hz, loudness_weights, parts);
  }
  std::unique_ptr<PackRunner> make_packer(const PackDesign& design, int channels) override {
    return std::make_unique<CpuPacker>(design, channels);
  }

 private:
  SpectraCache spectra_;
};

}  // namespace

std::unique_ptr<Backend> open_cpu_backend() { return std::make_unique<CpuBackend>(); }

}  // namespace tutti
