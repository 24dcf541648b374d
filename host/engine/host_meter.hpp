// SPDX-License-Identifier: Apache-2.0
// A backend's meter for what lies in the host's memory anyway.
#pragma once

#include <memory>
#include <span>

#include "host/backend/backend.hpp"

namespace tutti {

class HostMeter {
 public:
  /// Outlived by `backend`. Throws DeviceError.
  HostMeter(Backend& backend, double sample_rate_hz, std::span<const double> loudness_weights);

  /// The next frames, of as many channels as there are weights.
  void take(ConstBlockView block);
  /// Ends the stream; once.
  MeterReadings readings() { return meter_->readings(); }

 private:
  Backend& backend_;
  std::unique_ptr<MeterRunner> meter_;
  std::unique_ptr<TileBuffer> tile_;  ///< as long as the longest block so far
};

}  // namespace tutti
