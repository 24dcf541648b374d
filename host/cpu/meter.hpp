// SPDX-License-Identifier: Apache-2.0
// Levels and loudness of a stream in one pass.
#pragma once

#include <memory>
#include <span>

#include "host/audio/block_view.hpp"
#include "host/dsp/measurement.hpp"

namespace tutti {

/// Measures finite samples at any rate from 8 kHz. The result does not depend on how the stream is
/// cut into blocks, bit for bit. One thread at a time. Movable.
class Meter {
 public:
  /// `loudness_weights`: G of BS.1770 for each channel, 0 for an LFE.
  Meter(double sample_rate_hz, std::span<const double> loudness_weights, MeterParts parts = {});
  ~Meter();
  Meter(Meter&&) noexcept;
  Meter& operator=(Meter&&) noexcept;

  /// The next frames; any number. `block.channels` is the number of weights.
  void process(ConstBlockView block);

  /// Ends the stream and says what was heard. One of these, once.
  MeterReadings readings();
  Measurement finish() { return assemble_measurement(readings()); }

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// All of a signal that lies in memory.
Measurement measure(ConstBlockView signal, double sample_rate_hz,
                    std::span<const double> loudness_weights, MeterParts parts = {});

}  // namespace tutti
