// SPDX-License-Identifier: Apache-2.0
// The look-ahead limiter, slowly and in double, from its definition: every window searched anew,
// the smoothing kernel as a plain convolution.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "tests/reference/true_peak.hpp"

namespace tutti::test {

struct ReferenceLimiterStage {
  std::ptrdiff_t window;                ///< W frames, the current one included
  std::array<std::ptrdiff_t, 3> boxes;  ///< Σ − 2 = W
  std::ptrdiff_t hold;                  ///< frames that a reduction is held
  double release_pole;
};

/// One channel; aligned with its input. Peaks above `ceiling` are taken to `target`.
inline std::vector<double> reference_limit(std::vector<double> x,
                                           const std::vector<ReferenceLimiterStage>& stages,
                                           double ceiling, double target) {
  const auto frames = static_cast<std::ptrdiff_t>(x.size());
  for (const ReferenceLimiterStage& stage : stages) {
    const std::vector<float> samples(x.begin(), x.end());
    const std::vector<double> peaks = reference_interval_peaks(samples, 16);
    const auto at = [&](std::ptrdiff_t n) {
      return n < -32 || n >= frames + 32 ? 0.0 : peaks[n + 32];
    };
    // What frame n needs: the higher of the intervals that it bounds.
    const auto needed = [&](std::ptrdiff_t n) {
      const double peak = std::max(at(n - 1), at(n));
      return peak > ceiling ? 1 - target / peak : 0.0;
    };
    std::vector<double> kernel = {1};
    for (std::ptrdiff_t box : stage.boxes) {
      std::vector<double> wider(kernel.size() + box - 1, 0.0);
      for (std::size_t i = 0; i < kernel.size(); ++i)
        for (std::ptrdiff_t k = 0; k < box; ++k)
          wider[i + k] += kernel[i] / static_cast<double>(box);
      kernel = wider;
    }
    // released[i]: reduction asked for at frame i − margin, after the window and the release.
    const std::ptrdiff_t margin = 40 + 2 * stage.window + stage.hold;
    std::vector<double> released(frames + 2 * margin, 0.0);
    double previous = 0;
    for (std::ptrdiff_t i = 0; i < frames + 2 * margin; ++i) {
      double held = 0;
      for (std::ptrdiff_t k = -stage.hold; k < stage.window; ++k)
        held = std::max(held, needed(i - margin + k));
      previous = released[i] = std::max(held, previous * stage.release_pole);
    }
    // The window of frame n reaches ahead, so the kernel reaches back.
    for (std::ptrdiff_t n = 0; n < frames; ++n) {
      double reduction = 0;
      for (std::size_t j = 0; j < kernel.size(); ++j)
        reduction += kernel[j] * released[n + margin - static_cast<std::ptrdiff_t>(j)];
      x[n] = static_cast<float>(x[n] * (1 - reduction));
    }
  }
  return x;
}

}  // namespace tutti::test
