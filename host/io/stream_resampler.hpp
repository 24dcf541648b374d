// SPDX-License-Identifier: Apache-2.0
// Sample-rate conversion of a stream of blocks.
#pragma once

#include <memory>

#include "host/audio/buffer.hpp"

namespace tutti {

/// soxr at its best quality (28 bit, linear phase). Output frame 0 is aligned with input frame 0;
/// after `finish` exactly round(input · to / from) frames have come out. The bits do not depend on
/// the sizes of the calls. Throws std::invalid_argument for rates outside 1 kHz … 1 MHz.
class StreamResampler {
 public:
  StreamResampler(int channels, double from_rate_hz, double to_rate_hz);
  ~StreamResampler();
  StreamResampler(StreamResampler&&) noexcept;

  /// Consumes all of `in`; returns what came out (valid until the next call).
  ConstBlockView process(ConstBlockView in);
  /// The rest, after the last input.
  ConstBlockView finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tutti
