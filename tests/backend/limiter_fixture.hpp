// SPDX-License-Identifier: Apache-2.0
// A limiter on one of the machines, and what is asked of its output again and again.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

#include "host/cpu/meter.hpp"
#include "tests/support/backend_streams.hpp"
#include "tests/support/limiter_battery.hpp"

namespace tutti::test {

inline constexpr double kRateHz = 48000;
inline constexpr double kOverDb = 0.02;  // what the product promises after quantisation

inline double true_peak_dbtp(const Buffer& signal) {
  const std::vector<double> weights(static_cast<std::size_t>(signal.channels()), 1.0);
  return measure(signal.view(), kRateHz, weights, {false, true, false})
      .true_peak_dbtp.value_or(-999);
}

inline Buffer two_channels(const Buffer& left, const Buffer& right) {
  Buffer out(2, std::min(left.frames(), right.frames()));
  std::copy_n(left.channel(0), out.frames(), out.channel(0));
  std::copy_n(right.channel(0), out.frames(), out.channel(1));
  return out;
}

inline bool same_bits(const Buffer& a, const Buffer& b, Frames first, Frames last) {
  for (int c = 0; c < a.channels(); ++c)
    if (std::memcmp(a.channel(c) + first, b.channel(c) + first,
                    static_cast<std::size_t>(last - first) * sizeof(float)) != 0)
      return false;
  return true;
}

class LimiterOnEveryMachine : public ::testing::TestWithParam<Machine> {
 protected:
  Buffer limited(const LimiterSpec& spec, const Buffer& in, double rate_hz = kRateHz) const {
    return limit_aligned_on(*backend_, design(spec, rate_hz), in);
  }

  std::unique_ptr<Backend> backend_ = open_machine(GetParam());
};

}  // namespace tutti::test
