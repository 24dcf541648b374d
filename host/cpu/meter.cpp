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

// The largest positive sample of a 16-bit file. At this level or over it a converter has nothing
// left.
constexpr float kFullScale = 32767.0F / 32768.0F;
// True peaks are kept per 100 ms, the hop of the PSR.
constexpr int kPeakBins = kGatingHopBins;

struct Channel {
  TruePeakChannel peaks;
  KWeightingChannel weighting;
  BlockSums block;  // of the last block
  double sum = 0;
  double squares = 0;
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
        pending(static_cast<int>(loudness_weights.size()), kMeterBlockFrames) {}

  double sample_rate_hz;
  std::vector<double> weights;
  MeterParts parts;
  KWeightingLanes weighting;
  std::vector<Channel> channels;
  Buffer pending;
  int pending_frames = 0;
  Frames block_start = 0;  // of the next block
  Frames frames = 0;

  std::vector<double> bins;  // energies; the last one is still open
  std::vector<float> peaks;  // true peaks per 100 ms
  float sample_peak = 0;
  double product = 0;  // Σ of first channel × second channel
  std::int64_t clipped_samples = 0;
  std::vector<double> gating_powers;
  KEnergies energies;

  void consume(ConstBlockView block);
  void add_loudness();
  void add_energy(double weight);
  void add_true_peaks();
  void add_statistics();
  void flush();
  void report_loudness(Measurement& result);
  void report_true_peak(Measurement& result) const;
  void report_statistics(Measurement& result) const;
  std::optional<double> least_psr_db(std::span<const double> short_term_powers) const;
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
  for (int at = 0; at < kMeterBlockFrames;) {
    const Frames position = std::max<Frames>(first_position + at, 0);
    while (bin_start(static_cast<std::int64_t>(peaks.size()) * kPeakBins, sample_rate_hz) <=
           position)
      peaks.push_back(0);
    const Frames next =
        bin_start(static_cast<std::int64_t>(peaks.size()) * kPeakBins, sample_rate_hz);
    const int end = static_cast<int>(std::min<Frames>(next - first_position, kMeterBlockFrames));
    for (Channel& channel : channels) peaks.back() = channel.peaks.maximum(at, end, peaks.back());
    at = end;
  }
}

void Meter::State::add_statistics() {
  for (std::size_t c = 0; c < channels.size(); ++c) {
    Channel& channel = channels[c];
    const float peak = channel.peaks.sample_peak();
    if (peak == 0) continue;
    sample_peak = std::max(sample_peak, peak);
    if (!parts.loudness || weights[c] == 0) channel.block = block_sums(channel.peaks.block());
    channel.sum += channel.block.sum;
    channel.squares += channel.block.squares;
    if (peak < kFullScale) continue;
    const float* x = channel.peaks.block().at(0);
    clipped_samples += std::count_if(x, x + kMeterBlockFrames,
                                     [](float value) { return std::abs(value) >= kFullScale; });
  }
  if (channels.size() == 2 && channels[0].peaks.sample_peak() > 0 &&
      channels[1].peaks.sample_peak() > 0)
    product += block_product(channels[0].peaks.block(), channels[1].peaks.block());
}

// The rest of the last block, then as much silence as the interpolator rings on.
void Meter::State::flush() {
  const Frames end = frames + kTruePeakReach;
  while (block_start - kTruePeakReach < end) {
    for (int c = 0; c < pending.channels(); ++c)
      std::memset(pending.channel(c) + pending_frames, 0,
                  (kMeterBlockFrames - pending_frames) * sizeof(float));
    pending_frames = 0;
    consume(pending.view());
  }
}

void Meter::State::report_loudness(Measurement& result) {
  std::size_t complete = bins.size();
  while (complete > 0 && bin_start(static_cast<std::int64_t>(complete), sample_rate_hz) > frames)
    --complete;
  const std::span<const double> heard(bins.data(), complete);
  const auto powers = [&](int window_bins, int hop_bins) {
    return window_powers(heard, sample_rate_hz, window_bins, hop_bins);
  };
  gating_powers = powers(kMomentaryBins, kGatingHopBins);
  const std::vector<double> short_term = powers(kShortTermBins, kGatingHopBins);
  result.integrated_lufs = gated_loudness_lufs(gating_powers);
  result.momentary_max_lufs = loudest_lufs(powers(kMomentaryBins, 1));
  result.short_term_max_lufs = loudest_lufs(powers(kShortTermBins, 1));
  result.loudness_range_lu = loudness_range_lu(short_term);
  if (!parts.true_peak) return;
  result.psr_min_db = least_psr_db(short_term);
  if (result.integrated_lufs && result.true_peak_dbtp)
    result.plr_db = *result.true_peak_dbtp - *result.integrated_lufs;
}

std::optional<double> Meter::State::least_psr_db(std::span<const double> short_term_powers) const {
  constexpr int kWindow = kShortTermBins / kPeakBins;
  std::optional<double> least;
  for (std::size_t w = 0; w < short_term_powers.size(); ++w) {
    const double level_lufs = power_to_lufs(short_term_powers[w]);
    if (!(level_lufs > -70))
      continue;  // the absolute gate: noise floors have no dynamics to speak of
    const float peak = *std::max_element(peaks.begin() + w, peaks.begin() + w + kWindow);
    const double psr_db = linear_to_db(peak) - level_lufs;
    if (!least || psr_db < *least) least = psr_db;
  }
  return least;
}

void Meter::State::report_true_peak(Measurement& result) const {
  const float peak = peaks.empty() ? 0 : *std::max_element(peaks.begin(), peaks.end());
  if (peak > 0) result.true_peak_dbtp = linear_to_db(peak);
}

void Meter::State::report_statistics(Measurement& result) const {
  result.clipped_samples = clipped_samples;
  if (sample_peak > 0) result.sample_peak_dbfs = linear_to_db(sample_peak);
  double squares = 0;
  for (const Channel& channel : channels) {
    squares += channel.squares;
    if (frames == 0) continue;
    const double offset = channel.sum / static_cast<double>(frames);
    if (std::abs(offset) > std::abs(result.dc_offset)) result.dc_offset = offset;
  }
  if (squares > 0)
    result.rms_dbfs =
        power_to_db(squares / (static_cast<double>(frames) * static_cast<double>(channels.size())));
  if (channels.size() != 2) return;
  const double power = std::sqrt(channels[0].squares) * std::sqrt(channels[1].squares);
  if (power > 0) result.correlation = std::clamp(product / power, -1.0, 1.0);
}

Meter::Meter(double sample_rate_hz, std::span<const double> loudness_weights, MeterParts parts)
    : state_(std::make_unique<State>(sample_rate_hz, loudness_weights, parts)) {}
Meter::~Meter() = default;
Meter::Meter(Meter&&) noexcept = default;
Meter& Meter::operator=(Meter&&) noexcept = default;

void Meter::process(ConstBlockView block) {
  const ScopedFlushDenormals flush;
  State& s = *state_;
  s.frames += block.frames;
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

Measurement Meter::finish() {
  const ScopedFlushDenormals flush;
  State& s = *state_;
  if (s.frames > 0) s.flush();
  Measurement result;
  result.sample_rate_hz = s.sample_rate_hz;
  result.channels = static_cast<int>(s.channels.size());
  result.frames = s.frames;
  if (s.parts.statistics) s.report_statistics(result);
  if (s.parts.true_peak) s.report_true_peak(result);
  if (s.parts.loudness) s.report_loudness(result);
  return result;
}

std::span<const double> Meter::gating_block_powers() const { return state_->gating_powers; }

Measurement measure(ConstBlockView signal, double sample_rate_hz,
                    std::span<const double> loudness_weights, MeterParts parts) {
  Meter meter(sample_rate_hz, loudness_weights, parts);
  meter.process(signal);
  return meter.finish();
}

}  // namespace tutti
