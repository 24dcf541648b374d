// SPDX-License-Identifier: Apache-2.0
// The loops of a Quantiser, for the vectors that the machine has. The bits are the same on all.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace tutti {

/// Order of the error feedback: more than 12 gains less than 1 dB at 48 kHz.
inline constexpr std::size_t kShapingOrder = 12;

/// Noise comes in whole numbers of these frames: 32 counters of four.
inline constexpr std::size_t kNoiseStep = 128;
/// Triangular noise of ±1 step is kept as whole numbers of these.
inline constexpr double kNoiseUnit = 0x1p-16;

/// Whose random words: they depend on (seed, channel, frame) alone.
struct NoiseStream {
  std::uint64_t seed;
  int channel;
};

/// noise[i] belongs to frame 4·group + i; `count` is a multiple of kNoiseStep.
void fill_noise(const NoiseStream& stream, std::uint64_t group, std::size_t count,
                std::int32_t* noise);

/// out = in · scale + noise, to the nearest, ties to even, inside [−scale, scale − 1]. Returns how many
/// were outside.
std::int64_t round_noisy(const float* in, const std::int32_t* noise, std::size_t count, double scale,
                         std::int32_t* out);

/// One channel of a noise-shaped conversion.
struct ShapedLane {
  const float* in;
  const std::int32_t* noise;
  std::int32_t* out;
  double* feedback;  ///< kShapingOrder shares of past errors in coming frames
};

using ShapingFilter = std::array<double, kShapingOrder>;

/// At most so many frames are shaped at a time.
inline constexpr std::size_t kShapedFrames = 256;

/// Error feedback: every frame waits for the one before, so two channels take the time of one. Returns
/// how many samples clipped.
std::int64_t shape_noisy(const std::array<ShapedLane, 2>& lanes, std::size_t count,
                         const ShapingFilter& filter, double scale);

}  // namespace tutti
