// SPDX-License-Identifier: Apache-2.0
#include "host/io/non_finite.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "host/io/pcm_layout.hpp"

namespace tutti::io {

FiniteGuard::FiniteGuard(std::string path, double sample_rate_hz, bool allow, WarningSink warnings)
    : path_(std::move(path)),
      sample_rate_hz_(sample_rate_hz),
      allow_(allow),
      warnings_(std::move(warnings)) {}

void FiniteGuard::handle(Frames first, BlockView block) {
  for (Frames n = 0; n < block.frames; ++n) {
    for (int c = 0; c < block.channels; ++c) {
      float& sample = block.channel(c)[n];
      if (std::isfinite(sample)) continue;
      const Frames frame = first + n;
      const std::string where = fmt::format("{} at frame {} ({:.4f} s) of channel {}",
                                            std::isnan(sample) ? "NaN" : "infinity", frame,
                                            static_cast<double>(frame) / sample_rate_hz_, c + 1);
      if (!allow_)
        throw IoError(path_,
                      where + "; export it again, or give --allow-non-finite to read it as 0");
      if (!warned_) {
        warned_ = true;
        warn(warnings_, path_, "non_finite", where + "; it and all like it are read as 0");
      }
      sample = 0;
    }
  }
}

void FiniteGuard::check(Frames first, BlockView block) {
  std::uint32_t largest = 0;
  for (int c = 0; c < block.channels; ++c) {
    const float* samples = block.channel(c);
    for (Frames n = 0; n < block.frames; ++n) {
      largest = std::max(largest, std::bit_cast<std::uint32_t>(samples[n]) & 0x7fffffffu);
    }
  }
  if (largest >= 0x7f800000u) handle(first, block);
}

}  // namespace tutti::io
