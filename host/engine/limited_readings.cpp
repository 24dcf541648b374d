// SPDX-License-Identifier: Apache-2.0
#include "host/engine/limited_readings.hpp"

#include <algorithm>

#include "host/dsp/loudness.hpp"
#include "host/engine/limited_spans.hpp"
#include "host/engine/master_blocks.hpp"

namespace tutti {

MeterReadings scaled_readings(const MeterReadings& plain, double gain) {
  MeterReadings readings;
  readings.sample_rate_hz = plain.sample_rate_hz;
  readings.channels = plain.channels;
  readings.frames = plain.frames;
  readings.parts = {true, false, false};
  readings.bin_energies = plain.bin_energies;
  for (double& energy : readings.bin_energies) energy *= gain * gain;
  return readings;
}

MeterReadings limited_readings(Backend& backend, std::span<const double> loudness_weights,
                               const MeterReadings& plain, double gain, const LimiterDesign& limiter,
                               const std::function<void(Frames first, BlockView)>& read) {
  const double rate_hz = plain.sample_rate_hz;
  MeterReadings readings = scaled_readings(plain, gain);
  std::vector<double>& bins = readings.bin_energies;
  for (const FrameSpan& span : limited_spans(plain, gain, limiter)) {
    const auto meter = backend.make_meter(rate_hz, loudness_weights, readings.parts);
    const Frames lead = span_lead(span, rate_hz);
    run_master_span(backend, plain.channels, limiter, std::max<Frames>(0, lead - kLimiterFadeFrames),
                    {lead, span.end}, read, [&](TileView tile) { meter->process(tile); });
    const std::vector<double> heard = meter->readings().bin_energies;
    const std::int64_t first = bin_at(lead, rate_hz);
    for (std::int64_t bin = bin_at(span.begin, rate_hz); bin < std::ssize(bins); ++bin) {
      if (bin - first >= std::ssize(heard) || bin_start(bin, rate_hz) >= span.end) break;
      bins[bin] = heard[bin - first];
    }
  }
  return readings;
}

}  // namespace tutti
