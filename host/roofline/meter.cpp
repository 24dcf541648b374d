// SPDX-License-Identifier: Apache-2.0
// A meter: samples into its ring, and of whole spans the parts that were asked for.
#include <algorithm>

#include "host/dsp/loudness.hpp"
#include "host/dsp/true_peak.hpp"
#include "host/roofline/kernels.hpp"
#include "host/roofline/meter_spans.hpp"
#include "host/roofline/ring.hpp"
#include "host/roofline/true_peak_table.hpp"
#include "host/roofline/units.hpp"

namespace tutti::roofline {
namespace {

constexpr Frames kMostFrames = Frames{1} << 20;

class CountingMeter : public MeterRunner {
 public:
  CountingMeter(Ledger& ledger, double sample_rate_hz, std::span<const double> weights,
                MeterParts parts)
      : ledger_(ledger),
        rate_hz_(sample_rate_hz),
        channels_(static_cast<Frames>(weights.size())),
        heard_(static_cast<Frames>(weights.size()) - std::ranges::count(weights, 0.0)),
        ring_(channels_, kMeterSpanFrames + kTruePeakTaps, 4) {
    readings_.sample_rate_hz = sample_rate_hz;
    readings_.channels = static_cast<int>(weights.size());
    readings_.parts = parts;
    readings_.sums.resize(weights.size());
    if (parts.loudness) {
      ledger_.send(12 * heard_ + 12 * 257 * 8);  // channels, weights, powers of the filter
      ledger_.clear(2 * heard_ * loudness_state_bytes());
    }
    if (parts.true_peak) ledger_.send(kTruePeakTableBytes);
    if (parts.statistics) ledger_.clear(8 * sums() + 4 + 8);
    tables_ = Held(ledger, 12 * 257 * 8 + kTruePeakTableBytes + 8 * sums() + 76 * heard_ + 12);
  }

  void process(TileView block) override {
    take(block.frames, block.sounds());
    readings_.frames += block.frames;
  }

  MeterReadings readings() override {
    if (readings_.frames > 0)
      while (measured_ - kTruePeakReach < readings_.frames + kTruePeakReach)
        take(measured_ + kMeterSpanFrames - taken_, false);
    if (readings_.parts.loudness) {
      ledger_.fetch(bins_.bytes());
      readings_.bin_energies.assign(static_cast<std::size_t>(bins_.size()), 0.0);
    }
    if (readings_.parts.true_peak) {
      ledger_.fetch(peaks_.bytes());
      readings_.true_peaks.assign(static_cast<std::size_t>(peaks_.size()), 0.0F);
    }
    if (readings_.parts.statistics) ledger_.fetch(8 * sums() + 4 + 8);
    return std::move(readings_);
  }

 private:
  Frames sums() const { return 2 * channels_ + (channels_ == 2 ? 1 : 0); }

  void take(Frames frames, bool sounds) {
    for (Frames done = 0; done < frames;) {
      const Frames count = std::min(frames - done, kMostFrames);
      ring_.make_room(ledger_, count);
      ledger_.launch("ring.append", append_cost(channels_, sounds, count));
      done += count;
      taken_ += count;
      measure();
    }
  }

  void measure() {
    const Frames spans = (taken_ - measured_) / kMeterSpanFrames;
    if (spans == 0) return;
    if (readings_.parts.loudness) add_loudness(spans);
    if (readings_.parts.true_peak) add_true_peak(spans);
    if (readings_.parts.statistics) {
      ledger_.launch("statistics.spans", statistics_cost(channels_, spans));
      ledger_.launch("statistics.add", statistics_add_cost(channels_, spans));
    }
    measured_ += spans * kMeterSpanFrames;
  }

  void add_loudness(Frames spans) {
    const std::int64_t first = bin_at(measured_, rate_hz_);
    const std::int64_t last = bin_at(measured_ + spans * kMeterSpanFrames - 1, rate_hz_);
    bins_.grow(ledger_, last + 1);
    if (heard_ == 0) return;
    const auto slots =
        static_cast<Frames>(static_cast<double>(kMeterSpanFrames * kBinsPerSecond) / rate_hz_) + 2;
    ledger_.scratch(8 * heard_ * spans * (4 * 256 + 4 + slots));
    ledger_.launch("loudness.scan", loudness_scan_cost(heard_, spans));
    ledger_.launch("loudness.energy", loudness_energy_cost(heard_, spans, slots));
    ledger_.launch("loudness.bins", loudness_bins_cost(heard_, spans, slots, last - first + 1));
  }

  void add_true_peak(Frames spans) {
    const Frames first = measured_ - kTruePeakReach, positions = spans * kMeterSpanFrames;
    const std::int64_t last = bin_at(first + positions - 1, rate_hz_) / kMeterPeakBins;
    peaks_.grow(ledger_, last + 2);
    ledger_.launch("true_peak.samples", true_peak_samples_cost(channels_, positions));
    ledger_.launch("true_peak.peaks", true_peak_cost(channels_, positions));
  }

  Ledger& ledger_;
  double rate_hz_;
  Frames channels_, heard_;
  MeterReadings readings_;
  Ring ring_;
  GrowingBuffer bins_{8}, peaks_{4};
  Held tables_;
  Frames taken_ = 0, measured_ = 0;
};

}  // namespace

std::unique_ptr<MeterRunner> make_meter(Ledger& ledger, double sample_rate_hz,
                                        std::span<const double> loudness_weights,
                                        MeterParts parts) {
  return std::make_unique<CountingMeter>(ledger, sample_rate_hz, loudness_weights, parts);
}

}  // namespace tutti::roofline
