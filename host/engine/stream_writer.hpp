// SPDX-License-Identifier: Apache-2.0
// A tap written while it is mixed, at its own rate.
#pragma once

#include <memory>
#include <optional>

#include "host/engine/deliveries.hpp"
#include "host/io/stream_resampler.hpp"

namespace tutti {

class StreamWriter {
 public:
  /// `session_rate_hz` is the tap's. Throws IoError.
  StreamWriter(const Delivery& delivery, double session_rate_hz, Frames expected_frames);
  void write(ConstBlockView block);
  /// The finished file, not measured yet.
  RenderedOutput commit();

 private:
  void put(ConstBlockView block);
  void write_silence();

  const Delivery& delivery_;
  WriteSpec spec_;
  Frames frames_ = 0;   ///< written so far, at the delivery's rate
  bool silent_ = true;  ///< nothing but zeros so far
  std::unique_ptr<AudioWriter> writer_;
  std::optional<StreamResampler> resampler_;
};

}  // namespace tutti
