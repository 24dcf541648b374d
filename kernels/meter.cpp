// SPDX-License-Identifier: Apache-2.0
// A meter on the device: what it adds up is fetched once, at the end, and gated on the host.
#include <algorithm>
#include <optional>

#include "host/dsp/measurement.hpp"
#include "host/dsp/true_peak.hpp"
#include "kernels/loudness.hpp"
#include "kernels/meter_spans.hpp"
#include "kernels/ring.hpp"
#include "kernels/runtime/device_tile.hpp"
#include "kernels/statistics.hpp"
#include "kernels/true_peak.hpp"
#include "kernels/units.hpp"

namespace tutti::cuda {
namespace {

// What is read at once, so that the memory for it does not grow with the block.
constexpr Frames kMostFrames = Frames{1} << 20;
// The interpolator reaches back over the positions that a block completes, and their filters.
constexpr Frames kMemoryFrames = kMeterSpanFrames + kTruePeakTaps;

class CudaMeter : public MeterRunner {
 public:
  CudaMeter(SharedDevice device, double sample_rate_hz, std::span<const double> weights,
            MeterParts parts)
      : device_(std::move(device)), ring_(static_cast<int>(weights.size()), kMemoryFrames) {
    readings_.sample_rate_hz = sample_rate_hz;
    readings_.channels = static_cast<int>(weights.size());
    readings_.parts = parts;
    readings_.sums.resize(weights.size());
    const Device::Queue queue(*device_);
    if (parts.loudness) loudness_.emplace(*device_, sample_rate_hz, weights);
    if (parts.true_peak) true_peak_.emplace(*device_, sample_rate_hz);
    if (parts.statistics) statistics_.emplace(*device_, readings_.channels);
  }

  void process(TileView block) override {
    const Device::Queue queue(*device_);
    take(block);
    readings_.frames += block.frames;
  }

  MeterReadings readings() override {
    if (readings_.frames > 0) {
      const Device::Queue queue(*device_);
      // The rest of the last span, then as much silence as the interpolator rings on.
      while (measured_frames_ - kTruePeakReach < readings_.frames + kTruePeakReach)
        take({nullptr, readings_.channels, measured_frames_ + kMeterSpanFrames - taken_frames_, 0});
    }
    if (loudness_) readings_.bin_energies = loudness_->read();
    if (true_peak_) readings_.true_peaks = true_peak_->read();
    if (statistics_) statistics_->read(readings_);
    return std::move(readings_);
  }

 private:
  void take(TileView block) {
    for (Frames done = 0; done < block.frames;) {
      const Frames count = std::min(block.frames - done, kMostFrames);
      ring_.make_room(device_->compute(), taken_frames_, count);
      append(device_->compute(), device_block(block.slice(done, count)), ring_.data(), ring_.mask(),
             {.first = taken_frames_, .gain = 1, .flush = true});
      done += count;
      taken_frames_ += count;
      measure();
    }
  }

  /// All spans that are complete.
  void measure() {
    MeterSpans spans{ring_.data(), ring_.mask(), readings_.channels, measured_frames_, 0};
    spans.spans = static_cast<int>((taken_frames_ - measured_frames_) / kMeterSpanFrames);
    if (spans.spans == 0) return;
    if (loudness_) loudness_->add(spans);
    if (true_peak_) true_peak_->add(spans);
    if (statistics_) statistics_->add(spans);
    measured_frames_ += spans.frames();
  }

  SharedDevice device_;
  MeterReadings readings_;
  DeviceRing<float> ring_;
  std::optional<LoudnessMeter> loudness_;
  std::optional<TruePeakMeter> true_peak_;
  std::optional<StatisticsMeter> statistics_;
  Frames taken_frames_ = 0;
  Frames measured_frames_ = 0;  ///< whole spans
};

}  // namespace

std::unique_ptr<MeterRunner> make_meter(SharedDevice device, double sample_rate_hz,
                                        std::span<const double> weights, MeterParts parts) {
  return std::make_unique<CudaMeter>(std::move(device), sample_rate_hz, weights, parts);
}

}  // namespace tutti::cuda
