// SPDX-License-Identifier: Apache-2.0
// Loudness, slowly, from ITU-R BS.1770-5 and EBU Tech 3342: one sample at a time, every window
// summed anew, in double.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

namespace tutti::test {

struct ReferenceLoudness {
  double integrated_lufs, momentary_max_lufs, short_term_max_lufs, range_lu;
};

/// Two sections of the standard: its own table at 48 kHz, else the bilinear transform of the
/// analogue filters behind the table, the high pass scaled to the table's passband gain.
class ReferenceKWeighting {
 public:
  explicit ReferenceKWeighting(double rate_hz) {
    if (rate_hz == 48000) {
      set(0, 1.53512485958697, -2.69169618940638, 1.19839281085285, -1.69065929318241,
          0.73248077421585);
      set(1, 1, -2, 1, -1.99004745483398, 0.99007225036621);
      return;
    }
    const double pi = std::acos(-1.0);
    double k = std::tan(pi * 1681.974450955533 / rate_hz), q = 0.7071752369554196;
    const double vh = std::pow(10.0, 3.999843853973347 / 20), vb = std::pow(vh, 0.4996667741545416);
    double a0 = 1 + k / q + k * k;
    set(0, (vh + vb * k / q + k * k) / a0, 2 * (k * k - vh) / a0, (vh - vb * k / q + k * k) / a0,
        2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0);
    k = std::tan(pi * 38.13547087602444 / rate_hz), q = 0.5003270373238773;
    a0 = 1 + k / q + k * k;
    const double b = 1.0049948987 / a0;
    set(1, b, -2 * b, b, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0);
  }

  double operator()(double x) {
    for (Section& s : sections_) {  // direct form I
      const double y = s.b0 * x + s.b1 * s.x1 + s.b2 * s.x2 - s.a1 * s.y1 - s.a2 * s.y2;
      s.x2 = s.x1;
      s.x1 = x;
      s.y2 = s.y1;
      s.y1 = y;
      x = y;
    }
    return x;
  }

 private:
  struct Section {
    double b0, b1, b2, a1, a2, x1 = 0, x2 = 0, y1 = 0, y2 = 0;
  };
  void set(int i, double b0, double b1, double b2, double a1, double a2) {
    sections_[i] = {b0, b1, b2, a1, a2};
  }
  Section sections_[2];
};

/// The gates of BS.1770-5 over block powers; −inf when nothing passes.
inline double reference_gated_lufs(const std::vector<double>& powers) {
  const auto mean_above = [&](double gate_a, double gate_b) {
    double sum = 0;
    int count = 0;
    for (double z : powers) {
      const double level = z > 0 ? -0.691 + 10 * std::log10(z) : -1e9;
      if (level > gate_a && level > gate_b) sum += z, ++count;
    }
    return count == 0 ? -std::numeric_limits<double>::infinity()
                      : -0.691 + 10 * std::log10(sum / count);
  };
  return mean_above(-70, mean_above(-70, -1e9) - 10);
}

/// `channels[c]`: samples; `weights[c]`: G. Missing values are −inf (levels) and −1 (range).
inline ReferenceLoudness reference_loudness(const std::vector<std::span<const float>>& channels,
                                            const std::vector<double>& weights, double rate_hz) {
  const std::size_t frames = channels[0].size();
  std::vector<double> power(frames, 0.0);
  for (std::size_t c = 0; c < channels.size(); ++c) {
    ReferenceKWeighting filter(rate_hz);
    for (std::size_t n = 0; n < frames; ++n) {
      const double y = filter(channels[c][n]);
      power[n] += weights[c] * y * y;
    }
  }
  const auto windows = [&](double length_s, double hop_s) {
    std::vector<double> result;
    for (int i = 0;; ++i) {
      const auto first = static_cast<std::size_t>(std::llround(i * hop_s * rate_hz));
      const auto last = static_cast<std::size_t>(std::llround((i * hop_s + length_s) * rate_hz));
      if (last > frames) return result;
      double sum = 0;
      for (std::size_t n = first; n < last; ++n) sum += power[n];
      result.push_back(sum / static_cast<double>(last - first));
    }
  };
  const auto loudest = [](const std::vector<double>& z) {
    const double top = z.empty() ? 0 : *std::max_element(z.begin(), z.end());
    return top > 0 ? -0.691 + 10 * std::log10(top) : -std::numeric_limits<double>::infinity();
  };
  ReferenceLoudness out{};
  out.integrated_lufs = reference_gated_lufs(windows(0.4, 0.1));
  out.momentary_max_lufs = loudest(windows(0.4, 0.01));
  out.short_term_max_lufs = loudest(windows(3, 0.01));
  std::vector<double> levels;  // Tech 3342, section 5, in dB like its MATLAB listing
  double sum = 0;
  for (double z : windows(3, 0.1)) {
    const double level = z > 0 ? -0.691 + 10 * std::log10(z) : -1e9;
    if (level >= -70) levels.push_back(level), sum += std::pow(10, level / 10);
  }
  const double gate = 10 * std::log10(sum / static_cast<double>(levels.size())) - 20;
  std::erase_if(levels, [&](double level) { return level < gate; });
  std::sort(levels.begin(), levels.end());
  const auto at = [&](double percent) {
    return levels[std::lround(static_cast<double>(levels.size() - 1) * percent / 100 + 1) - 1];
  };
  out.range_lu = levels.empty() ? -1 : at(95) - at(10);
  return out;
}

}  // namespace tutti::test
