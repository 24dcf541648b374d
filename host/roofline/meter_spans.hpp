// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/audio/units.hpp"

namespace tutti::roofline {

/// Frames of the spans that a meter measures at once (kernels/meter_spans.hpp).
inline constexpr Frames kMeterSpanFrames = 4096;

}  // namespace tutti::roofline
