// SPDX-License-Identifier: Apache-2.0
// Error as a residual in dBFS: the peak of the difference.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "host/audio/units.hpp"

namespace tutti::test {

/// Peak of a − b in dBFS over the common length; +inf when the lengths differ or a value is NaN.
template <typename A, typename B>
double residual_dbfs(const A& a, const B& b) {
  if (std::size(a) != std::size(b)) return INFINITY;
  double peak = 0;
  for (std::size_t i = 0; i < std::size(a); ++i) {
    const double difference = std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i]));
    if (!(difference <= 1e300)) return INFINITY;
    peak = std::max(peak, difference);
  }
  return linear_to_db(peak);
}

}  // namespace tutti::test

#define EXPECT_RESIDUAL_BELOW(actual, truth, bound_dbfs) \
  EXPECT_LE(::tutti::test::residual_dbfs(actual, truth), bound_dbfs)
