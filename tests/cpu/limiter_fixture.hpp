// SPDX-License-Identifier: Apache-2.0
// The CPU's limiter on whole signals, and what is asked of its output again and again.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "host/audio/buffer.hpp"
#include "host/cpu/limiter.hpp"
#include "host/cpu/meter.hpp"

namespace tutti::test {

inline constexpr double kOverDb = 0.02;  // what the product promises after quantisation

inline Buffer limited(const LimiterSpec& spec, const Buffer& in, double rate_hz = 48000) {
  Buffer out(in.channels(), in.frames());
  limit(design(spec, rate_hz), in.view(), out.view());
  return out;
}

inline double true_peak_dbtp(const Buffer& signal, double rate_hz) {
  const std::vector<double> weights(signal.channels(), 1.0);
  return measure(signal.view(), rate_hz, weights, {false, true, false})
      .true_peak_dbtp.value_or(-999);
}

inline std::span<const float> samples(const Buffer& signal, int c = 0) {
  return {signal.channel(c), static_cast<std::size_t>(signal.frames())};
}

inline Buffer two_channels(const Buffer& left, const Buffer& right) {
  Buffer out(2, std::min(left.frames(), right.frames()));
  std::copy_n(left.channel(0), out.frames(), out.channel(0));
  std::copy_n(right.channel(0), out.frames(), out.channel(1));
  return out;
}

}  // namespace tutti::test
