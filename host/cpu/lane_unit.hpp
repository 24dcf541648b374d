// SPDX-License-Identifier: Apache-2.0
// What the lane processor's units share: the chunk they work on, and how they are driven.
#pragma once

#include <array>
#include <cstdint>

#include "host/backend/lanes.hpp"

namespace tutti {

/// Lanes of a group: one AVX-512 register of floats. Fixed, so that the geometry and with it every
/// bit of the result is the same whatever the vector width.
inline constexpr int kLanes = 16;

/// One chunk, frames outermost, so that a row is one vector of all lanes: 4 KiB, stays in L1.
struct alignas(64) LaneRows {
  float values[kControlFrames * kLanes];

  float* row(Frames n) { return values + n * kLanes; }
  const float* row(Frames n) const { return values + n * kLanes; }
};

/// The same chunk lane by lane: what is summed over the lanes needs no horizontal sums here.
struct alignas(64) LanePlanes {
  float values[kLanes * kControlFrames];

  float* lane(int l) { return values + l * kControlFrames; }
  const float* lane(int l) const { return values + l * kControlFrames; }
};

/// One number per lane.
template <typename T>
struct alignas(64) LaneColumn {
  std::array<T, kLanes> values{};

  T& operator[](int lane) { return values[lane]; }
  T operator[](int lane) const { return values[lane]; }
  T* data() { return values.data(); }
  const T* data() const { return values.data(); }
};

/// A gain for each row: `stride` kLanes, or 0 when one row serves all frames.
struct RowGains {
  const float* values = nullptr;
  int stride = 0;
};

/// Who sits where: lane = strip · channels + channel.
struct LaneShape {
  int strips = 0;
  int channels = 1;

  int lanes() const { return strips * channels; }
};

/// The chunk on its way through the units, and their scratch space.
struct LaneWork {
  LaneRows signal;    ///< in place
  LaneRows key;       ///< external key of the unit that runs, if it has one
  LaneRows detector;  ///< scratch
  LaneRows control;   ///< scratch
  LaneRows glide;     ///< scratch
  LanePlanes planes;  ///< the result, for the mixes
  LanePlanes gains;   ///< scratch
};

/// Magnitude below which a state that carries audio is silent: −300 dBFS.
inline constexpr double kQuietAmplitude = 1e-15;

/// One op of the chain with its state.
class LaneUnit {
 public:
  LaneUnit() = default;
  LaneUnit(const LaneUnit&) = delete;
  LaneUnit& operator=(const LaneUnit&) = delete;
  virtual ~LaneUnit() = default;

  /// Turns the first `frames` rows of `work.signal` into the unit's output.
  virtual void run(LaneWork& work, int frames) = 0;
  virtual bool quiet() const = 0;
  virtual void reset() = 0;
};

}  // namespace tutti
