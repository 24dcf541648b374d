// SPDX-License-Identifier: Apache-2.0
// The one list of operations that a machine offers. Two backends implement it: host/cpu and kernels.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "host/audio/block_view.hpp"
#include "host/backend/lanes.hpp"
#include "host/dsp/delay.hpp"
#include "host/dsp/limiter.hpp"
#include "host/dsp/measurement.hpp"
#include "host/dsp/stereo.hpp"

namespace tutti {

/// Runs one LaneProgram; see LaneProgram for lanes and strips. One thread at a time.
class LaneRunner {
 public:
  virtual ~LaneRunner() = default;
  /// `inputs`, `keys`, `outputs`: planar pointers as LaneProcessor documents; null is silence, or
  /// nobody asks.
  virtual void process(Frames count, std::span<const float* const> inputs,
                       std::span<const float* const> keys, std::span<float* const> outputs,
                       std::span<const LaneMix> mixes) = 0;
  virtual void set_biquads(int op, int strip, std::span<const BiquadDesign> sections) = 0;
  virtual void set_compressor(int op, int strip, const CompressorDesign& design) = 0;
  virtual void set_expander(int op, int strip, const ExpanderDesign& design) = 0;
  virtual void set_gate(int op, int strip, const GateDesign& design) = 0;
  virtual void set_gain(int op, int strip, double linear) = 0;
  virtual bool quiet() const = 0;
  virtual void reset() = 0;
};

/// A processor of whole channels. One thread at a time; in and out may be the same memory.
class ChannelRunner {
 public:
  virtual ~ChannelRunner() = default;
  virtual void process(ConstBlockView in, BlockView out) = 0;
  virtual bool quiet() const = 0;
  virtual void reset() = 0;
  /// A `stereo` unit glides to new numbers; others throw std::logic_error.
  virtual void set_stereo(const StereoDesign& design);
};

/// What a spectral runner convolves: per source impulses[out · inputs + in]; null is silence.
struct SpectralProgram {
  Frames block_frames = 0;
  int outputs = 0;
  struct Source {
    int inputs = 1;
    std::vector<std::shared_ptr<const std::vector<double>>> impulses;
    std::vector<double> gains;  ///< per output, linear
  };
  std::vector<Source> sources;
};

/// Transforms sources and accumulates their products, tile by tile. One thread at a time.
class SpectralRunner {
 public:
  virtual ~SpectralRunner() = default;
  /// One tile (whole blocks) of every source; a view without data is silence. The spectra go into
  /// accumulator `slot` (tiles in flight have one each). Returns false if nothing sounds, neither now
  /// nor from earlier tiles: the accumulated spectra are zero.
  virtual bool accumulate(int slot, Frames tile_frames, std::span<const ConstBlockView> sources) = 0;
  /// Adds the accumulated spectra of `runners` (same geometry, in this order) and transforms them
  /// back into `out`, which is overwritten. The accumulators may be used up.
  static void invert(std::span<SpectralRunner* const> runners, int slot, BlockView out);

 protected:
  virtual void invert_all(std::span<SpectralRunner* const> runners, int slot, BlockView out) = 0;
};

class MeterRunner {
 public:
  virtual ~MeterRunner() = default;
  virtual void process(ConstBlockView block) = 0;
  virtual Measurement finish() = 0;
};

/// The true-peak limiter on a stream: output lags by LimiterDesign::latency_frames.
class LimiterRunner {
 public:
  virtual ~LimiterRunner() = default;
  virtual void process(ConstBlockView in, BlockView out) = 0;
  virtual double max_reduction_db() const = 0;
};

class Backend {
 public:
  virtual ~Backend() = default;
  virtual std::string name() const = 0;
  // Where signals meet: sums in double, rounded once. sum[n] += gain · in[n], product and sum rounded
  // together; gains[n] instead of gain where it moves.
  virtual void add_to_sum(const float* in, double gain, Frames count, double* sum) = 0;
  virtual void add_to_sum(const float* in, const float* gains, Frames count, double* sum) = 0;
  virtual void round_sum(const double* sum, Frames count, float* out) = 0;
  virtual std::unique_ptr<LaneRunner> make_lanes(const LaneProgram& program) = 0;
  virtual std::unique_ptr<SpectralRunner> make_spectral(const SpectralProgram& program,
                                                        int slots, Frames tile_frames) = 0;
  virtual std::unique_ptr<ChannelRunner> make_delay(const DelayDesign& design, int channels) = 0;
  virtual std::unique_ptr<ChannelRunner> make_stereo(const StereoDesign& design) = 0;
  virtual std::unique_ptr<ChannelRunner> make_limiter_insert(const LimiterDesign& design,
                                                             int channels) = 0;
  /// A plain delay of whole frames, for alignment.
  virtual std::unique_ptr<ChannelRunner> make_alignment(Frames delay_frames, int channels) = 0;
  virtual std::unique_ptr<LimiterRunner> make_limiter(const LimiterDesign& design,
                                                      int channels) = 0;
  virtual std::unique_ptr<MeterRunner> make_meter(double sample_rate_hz,
                                                  std::span<const double> loudness_weights,
                                                  MeterParts parts) = 0;
};

/// Opens a backend by its name in the interface: auto, cpu, cuda, cuda:N. Throws DeviceError with one
/// sentence when the device can not be had.
std::unique_ptr<Backend> open_backend(const std::string& device);

/// The CPU backend (defined by host/cpu).
std::unique_ptr<Backend> open_cpu_backend();

}  // namespace tutti
