// SPDX-License-Identifier: Apache-2.0
// The one list of operations that a machine offers. Two backends implement it: host/cpu and kernels.
//
// Calls may only queue work; what they queue happens as if it had happened at once. `fetch`,
// `MeterRunner::readings`, `PackRunner::process` and `LimiterRunner::max_reduction_db` wait for it. Every call may throw
// DeviceError; host memory that a call was given may be reused when the call returns. Runners are
// independent of each other and each is used by one thread at a time; the backend itself by any.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>

#include "host/audio/buffer.hpp"
#include "host/backend/lanes.hpp"
#include "host/backend/spectral.hpp"
#include "host/backend/tile.hpp"
#include "host/dsp/delay.hpp"
#include "host/dsp/limiter.hpp"
#include "host/dsp/measurement.hpp"
#include "host/dsp/pack.hpp"
#include "host/dsp/stereo.hpp"

namespace tutti {

/// One signal that meets others: out[o][n] += Σ_i gain[o][i] · in[i][n].
struct SumTerm {
  TileView in;                               ///< as many frames as the sum; silence is left out
  std::span<const double> gains;             ///< [out · inputs + in], linear; 0: left out
  std::span<const GainCurve* const> curves;  ///< the same order, null where the static gain holds.
                                             ///< Empty: nothing moves
};

/// A processor of whole channels. `in` and `out` have the same frames and may be the same memory.
class ChannelRunner {
 public:
  virtual ~ChannelRunner() = default;
  /// `in` without address is silence.
  virtual void process(TileView in, TileView out) = 0;
  /// With silent input the output would stay below −300 dBFS for good.
  virtual bool quiet() const = 0;
  /// Forgets the signal, keeps the parameters.
  virtual void reset() = 0;
};

/// New mid and side gains of a `stereo` unit from one frame of the tile on, reached in a line over
/// the next kControlFrames frames.
struct StereoChange {
  Frames frame = 0;  ///< in the tile, a multiple of kControlFrames
  StereoDesign design;
};

/// A `stereo` unit, which is a ChannelRunner whose parameters may move.
class StereoRunner : public ChannelRunner {
 public:
  using ChannelRunner::process;
  void process(TileView in, TileView out) final { process(in, out, {}); }
  virtual void process(TileView in, TileView out, std::span<const StereoChange> changes) = 0;
};

class MeterRunner {
 public:
  virtual ~MeterRunner() = default;
  virtual void process(TileView block) = 0;
  /// Ends the stream and says what was heard. One of these, once.
  virtual MeterReadings readings() = 0;
  Measurement finish() { return assemble_measurement(readings()); }
};

/// The true-peak limiter on a stream: output lags by LimiterDesign::latency_frames.
class LimiterRunner {
 public:
  virtual ~LimiterRunner() = default;
  virtual void process(TileView in, TileView out) = 0;
  virtual double max_reduction_db() const = 0;
};

/// Makes the bytes of a file of consecutive blocks: the samples of a Packer, bit for bit.
class PackRunner {
 public:
  virtual ~PackRunner() = default;
  /// In host memory, until the next call; waits for it.
  virtual Packed process(TileView block) = 0;
};

class Backend {
 public:
  virtual ~Backend() = default;
  /// As --device names it.
  virtual std::string name() const = 0;
  /// What it is: model, memory.
  virtual std::string description() const = 0;
  /// Its memory is not the host's, and may be too small for what the host can plan.
  virtual bool has_own_memory() const = 0;
  /// How many frames of one signal it likes to work on at once.
  virtual Frames block_frames() const = 0;
  /// How many channels a LaneProgram may hold.
  virtual int lanes_per_group() const = 0;

  /// Gives up the memory of what is only kept for renders to come.
  virtual void release_kept() {}

  /// The same machine for one of several tracks in flight, with the same bits: where the machine can do
  /// both at once, what it is given there does not wait for what others are. Not for ever another one:
  /// tracks share where there are many. Tiles and runners of the one are not for the other. To be given
  /// back before this backend goes. Any thread. Throws DeviceError.
  virtual std::shared_ptr<Backend> lend() { return {std::shared_ptr<Backend>(), this}; }

  /// Throws DeviceMemoryError when there is not enough of its memory.
  virtual std::unique_ptr<TileBuffer> allocate(int channels, Frames frames) = 0;
  /// Lets `write` fill host memory of the shape of `to`, and puts it there.
  virtual void fill(TileView to, const std::function<void(BlockView)>& write) = 0;
  /// The frames of a signal in host memory: `from` itself where that is host memory, else a copy in
  /// `host`, which is made as large as needed. Waits for whatever makes them.
  virtual ConstBlockView fetch(TileView from, Buffer& host) = 0;

  /// Where signals meet: sums in double, term by term and input by input (each product added with one
  /// rounding), rounded to float once. `out` is overwritten; it may be an input whose gains form a
  /// diagonal. `first_frame` is the timeline's at the start of `out`.
  virtual void sum(Frames first_frame, std::span<const SumTerm> terms, TileView out) = 0;

  virtual std::unique_ptr<LaneRunner> make_lanes(const LaneProgram& program, Frames tile_frames) = 0;
  virtual std::unique_ptr<SpectralRunner> make_spectral(const SpectralProgram& program, int slots,
                                                        Frames tile_frames) = 0;
  virtual std::unique_ptr<ChannelRunner> make_delay(const DelayDesign& design, int channels) = 0;
  virtual std::unique_ptr<StereoRunner> make_stereo(const StereoDesign& design) = 0;
  virtual std::unique_ptr<ChannelRunner> make_limiter_insert(const LimiterDesign& design,
                                                             int channels) = 0;
  /// A plain delay of whole frames, for alignment.
  virtual std::unique_ptr<ChannelRunner> make_alignment(Frames delay_frames, int channels) = 0;
  virtual std::unique_ptr<LimiterRunner> make_limiter(const LimiterDesign& design,
                                                      int channels) = 0;
  virtual std::unique_ptr<MeterRunner> make_meter(double sample_rate_hz,
                                                  std::span<const double> loudness_weights,
                                                  MeterParts parts) = 0;
  virtual std::unique_ptr<PackRunner> make_packer(const PackDesign& design, int channels) = 0;
};

struct OpenedBackend {
  std::unique_ptr<Backend> backend;
  std::string why_not_cuda;  ///< `auto` gave the CPU: a sentence
};

/// Opens a backend by its name in the interface: auto, cpu, cuda, cuda:N. `auto` is the first CUDA
/// device, or the CPU. Throws DeviceError with one sentence when the device can not be had.
OpenedBackend open_backend(const std::string& device);

/// The CPU backend (defined by host/cpu).
std::unique_ptr<Backend> open_cpu_backend();

}  // namespace tutti
