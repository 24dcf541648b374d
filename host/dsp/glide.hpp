// SPDX-License-Identifier: Apache-2.0
// How a gain gets from one value to the next: in a straight line.
#pragma once

#include "host/audio/host_device.hpp"

namespace tutti {

/// The gain `left` frames before it reaches `target`, `step` a frame; float, each operation
/// rounded.
TUTTI_HOST_DEVICE inline float glide_gain(float target, float step, float left) {
  return target - step * left;
}

}  // namespace tutti
