// SPDX-License-Identifier: Apache-2.0
// The CPU's side of the list of operations.
#include "host/backend/backend.hpp"

#include <cmath>

#include "host/cpu/delay.hpp"
#include "host/cpu/lanes.hpp"
#include "host/cpu/limiter.hpp"
#include "host/cpu/meter.hpp"
#include "host/cpu/spectral.hpp"
#include "host/cpu/stereo.hpp"
#include "host/cpu/sums.hpp"

namespace tutti {
namespace {

class CpuLanes : public LaneRunner {
 public:
  explicit CpuLanes(const LaneProgram& program) : lanes_(program) {}
  void process(Frames count, std::span<const float* const> inputs,
               std::span<const float* const> keys, std::span<float* const> outputs,
               std::span<const LaneMix> mixes) override {
    lanes_.process(count, inputs, keys, outputs, mixes);
  }
  void set_biquads(int op, int strip, std::span<const BiquadDesign> sections) override {
    lanes_.set_biquads(op, strip, sections);
  }
  void set_compressor(int op, int strip, const CompressorDesign& design) override {
    lanes_.set_compressor(op, strip, design);
  }
  void set_expander(int op, int strip, const ExpanderDesign& design) override {
    lanes_.set_expander(op, strip, design);
  }
  void set_gate(int op, int strip, const GateDesign& design) override {
    lanes_.set_gate(op, strip, design);
  }
  void set_gain(int op, int strip, double linear) override { lanes_.set_gain(op, strip, linear); }
  bool quiet() const override { return lanes_.quiet(); }
  void reset() override { lanes_.reset(); }

 private:
  LaneProcessor lanes_;
};

/// A unit with process, quiet and reset.
template <typename Unit>
class CpuChannels : public ChannelRunner {
 public:
  template <typename... Arguments>
  explicit CpuChannels(Arguments&&... arguments) : unit_(std::forward<Arguments>(arguments)...) {}
  void process(ConstBlockView in, BlockView out) override { unit_.process(in, out); }
  bool quiet() const override { return unit_.quiet(); }
  void reset() override { unit_.reset(); }

 protected:
  Unit unit_;
};

class CpuStereo : public CpuChannels<StereoUnit> {
 public:
  using CpuChannels::CpuChannels;
  void set_stereo(const StereoDesign& design) override { unit_.set_gains(design.mid, design.side); }
};

/// The limiter as an insert. It has forgotten a sound when its look-ahead is empty and 40 time
/// constants of its release (10^−17) have passed.
class CpuLimiterInsert : public ChannelRunner {
 public:
  CpuLimiterInsert(const LimiterDesign& design, int channels)
      : design_(design), channels_(channels), limiter_(design, channels) {
    const double pole = design.stages[0].release_pole;
    memory_frames_ = design.latency_frames + design.stages[0].hold_frames +
                     (pole > 0 ? static_cast<Frames>(-40.0 / std::log(pole)) : 0);
  }
  void process(ConstBlockView in, BlockView out) override {
    bool silent = true;
    for (int c = 0; c < in.channels && silent; ++c)
      for (Frames n = 0; n < in.frames && silent; ++n) silent = in.channel(c)[n] == 0.0f;
    silent_frames_ = silent ? silent_frames_ + in.frames : 0;
    limiter_.process(in, out);
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
  Frames memory_frames_ = 0, silent_frames_ = 0;
};

class CpuLimiter : public LimiterRunner {
 public:
  CpuLimiter(const LimiterDesign& design, int channels) : limiter_(design, channels) {}
  void process(ConstBlockView in, BlockView out) override { limiter_.process(in, out); }
  double max_reduction_db() const override { return limiter_.report().max_reduction_db; }

 private:
  Limiter limiter_;
};

class CpuMeter : public MeterRunner {
 public:
  CpuMeter(double sample_rate_hz, std::span<const double> weights, MeterParts parts)
      : meter_(sample_rate_hz, weights, parts) {}
  void process(ConstBlockView block) override { meter_.process(block); }
  Measurement finish() override { return meter_.finish(); }

 private:
  Meter meter_;
};

class CpuBackend : public Backend {
 public:
  std::string name() const override { return "cpu"; }
  void add_to_sum(const float* in, double gain, Frames count, double* sum) override {
    tutti::add_to_sum(in, gain, count, sum);
  }
  void add_to_sum(const float* in, const float* gains, Frames count, double* sum) override {
    tutti::add_to_sum(in, gains, count, sum);
  }
  void round_sum(const double* sum, Frames count, float* out) override {
    tutti::round_sum(sum, count, out);
  }
  std::unique_ptr<LaneRunner> make_lanes(const LaneProgram& program) override {
    return std::make_unique<CpuLanes>(program);
  }
  std::unique_ptr<SpectralRunner> make_spectral(const SpectralProgram& program, int slots,
                                                Frames tile_frames) override {
    return std::make_unique<CpuSpectral>(program, slots, tile_frames, spectra_);
  }
  std::unique_ptr<ChannelRunner> make_delay(const DelayDesign& design, int channels) override {
    return std::make_unique<CpuChannels<DelayUnit>>(design, channels);
  }
  std::unique_ptr<ChannelRunner> make_stereo(const StereoDesign& design) override {
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

 private:
  SpectraCache spectra_;
};

}  // namespace

std::unique_ptr<Backend> open_cpu_backend() { return std::make_unique<CpuBackend>(); }

}  // namespace tutti
