// SPDX-License-Identifier: Apache-2.0
#include "host/cpu/meter.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "host/audio/buffer.hpp"
#include "host/cpu/denormals.hpp"
#include "host/cpu/loudness.hpp"
#include "host/cpu/true_peak.hpp"

namespace tutti {
namespace {

struct Channel {
  TruePeakChannel peaks;
  KWeightingChannel weighting;
  ChannelSums block;  // of the last block
};

}  // namespace

// All geometry is anchored at frame 0: blocks of kMeterBlockFrames, bins at their nearest sample.
struct Meter::State {
  State(double rate_hz, std::span<const double> loudness_weights, MeterParts meter_parts)
      : sample_rate_hz(rate_hz),
        weights(loudness_weights.begin(), loudness_weights.end()),
        parts(meter_parts),
        weighting(rate_hz),
        channels(loudness_weights.size()),
        pending(static_cast<int>(loudness_weights.size()), kMeterBlockFrames) {
    readings.sample_rate_hz = rate_hz;
    readings.channels = static_cast<int>(channels.size());
    readings.parts = parts;
    readings.sums.resize(channels.size());
  }

  double sample_rate_hz;
  std::vector<double> weights;
  MeterParts parts;
  KWeightingLanes weighting;
  std::vector<Channel> channels;
  Buffer pending;
  int pending_frames = 0;
  Frames block_start = 0;  // of the next block

  MeterReadings readings;
  KEnergies energies;

  void consume(ConstBlockView block);
  void add_loudness();
  void add_energy(double weight);
  void add_true_peaks();
  void add_statistics();
  void flush();
};

void Meter::State::consume(ConstBlockView block) {
  for (std::size_t c = 0; c < channels.size(); ++c)
    channels[c].peaks.load(block.channel(static_cast<int>(c)), kMeterBlockFrames);
  if (parts.loudness) add_loudness();
  if (parts.statistics) add_statistics();
  if (parts.true_peak) add_true_peaks();
  block_start += kMeterBlockFrames;
}

void Meter::State::add_loudness() {
  const Frames end = block_start + kMeterBlockFrames;
  std::vector<double>& bins = readings.bin_energies;
  while (bin_start(static_cast<std::int64_t>(bins.size()), sample_rate_hz) < end) bins.push_back(0);
  for (std::size_t c = 0; c < channels.size(); ++c) {
    Channel& channel = channels[c];
    if (weights[c] == 0) continue;
    if (channel.peaks.sample_peak() == 0 && channel.weighting.at_rest()) continue;
    channel.weighting.process(weighting, channel.peaks.block(), energies, channel.block);
    add_energy(weights[c]);
  }
}

void Meter::State::add_energy(double weight) {
  const Frames end = block_start + kMeterBlockFrames;
  std::vector<double>& bins = readings.bin_energies;
  for (auto bin = static_cast<std::int64_t>(bins.size()) - 1; bin >= 0; --bin) {
    const Frames first = bin_start(bin, sample_rate_hz);
    const Frames last = bin_start(bin + 1, sample_rate_hz);
    if (last <= block_start) break;
    bins[bin] +=
        weight * energies.between(static_cast<int>(std::max(first, block_start) - block_start),
                                  static_cast<int>(std::min(last, end) - block_start));
  }
}

void Meter::State::add_true_peaks() {
  const Frames first_position = block_start - kTruePeakReach;
  std::vector<float>& peaks = readings.true_peaks;
  const auto next_start = [&] {
    return bin_start(static_cast<std::int64_t>(peaks.size()) * kMeterPeakBins, sample_rate_hz);
  };
  for (int at = 0; at < kMeterBlockFrames;) {
    const Frames position = std::max<Frames>(first_position + at, 0);
    while (next_start() <= position) peaks.push_back(0);
    const int end =
        static_cast<int>(std::min<Frames>(next_start() - first_position, kMeterBlockFrames));
    for (Channel& channel : channels) peaks.back() = channel.peaks.maximum(at, end, peaks.back());
    at = end;
  }
}

void Meter::State::add_statistics() {
  for (std::size_t c = 0; c < channels.size(); ++c) {
    Channel& channel = channels[c];
    const float peak = channel.peaks.sample_peak();
    if (peak == 0) continue;
    readings.sample_peak = std::max(readings.sample_peak, peak);
    if (!parts.loudness || weights[c] == 0) channel.block = block_sums(channel.peaks.block());
    readings.sums[c].sum += channel.block.sum;
    readings.sums[c].squares += channel.block.squares;
    if (peak < kFullScale) continue;
    const float* x = channel.peaks.block().at(0);
    readings.clipped_samples += std::count_if(
        x, x + kMeterBlockFrames, [](float value) { return std::abs(value) >= kFullScale; });
  }
  if (channels.size() == 2 && channels[0].peaks.sample_peak() > 0 &&
      channels[1].peaks.sample_peak() > 0)
    readings.product += block_product(channels[0].peaks.block(), channels[1].peaks.block());
}

// The rest of the last block, then as much silence as the interpolator rings on.
void Meter::State::flush() {
  const Frames end = readings.frames + kTruePeakReach;
  while (block_start - kTruePeakReach < end) {
    for (int c = 0; c < pending.channels(); ++c)
      std::memset(pending.channel(c) + pending_frames, 0,
                  (kMeterBlockFrames - pending_frames) * sizeof(float));
    pending_frames = 0;
    consume(pending.view());
  }
}

Meter::Meter(double sample_rate_hz, std::span<const double> loudness_weights, MeterParts parts)
    : state_(std::make_unique<State>(sample_rate_hz, loudness_weights, parts)) {}
Meter::~Meter() = default;
Meter::Meter(Meter&&) noexcept = default;
Meter& Meter::operator=(Meter&&) noexcept = default;

void Meter::process(ConstBlockView block) {
  const ScopedFlushDenormals flush;
  State& s = *state_;
  s.readings.frames += block.frames;
  for (Frames at = 0; at < block.frames;) {
    const Frames left = block.frames - at;
    if (s.pending_frames == 0 && left >= kMeterBlockFrames) {
      s.consume(block.slice(at, kMeterBlockFrames));
      at += kMeterBlockFrames;
      continue;
    }
    const auto count =
        static_cast<int>(std::min<Frames>(left, kMeterBlockFrames - s.pending_frames));
    for (int c = 0; c < block.channels; ++c)
      std::memcpy(s.pending.channel(c) + s.pending_frames, block.channel(c) + at,
                  count * sizeof(float));
    at += count;
    s.pending_frames += count;
    if (s.pending_frames < kMeterBlockFrames) continue;
    s.pending_frames = 0;
    s.consume(s.pending.view());
  }
}

MeterReadings Meter::readings() {
  const ScopedFlushDenormals flush;
  State& s = *state_;
  if (s.readings.frames > 0) s.flush();
  return std::move(s.readings);
}

Measurement measure(ConstBlockView signal, double sample_rate_hz,
                    std::span<const double> loudness_weights, MeterParts parts) {
  Meter meter(sample_rate_hz, loudness_weights, parts);
  meter.process(signal);
  return meter.finish();
}

}  // namespace tutti
