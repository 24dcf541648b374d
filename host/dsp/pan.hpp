// SPDX-License-Identifier: Apache-2.0
// Pan laws: from a position to channel gains.
#pragma once

#include <array>

namespace tutti {

/// Level of a centred mono strip, as `pan_law_db` names it.
enum class PanLaw { zero, minus_3, minus_4_5, minus_6 };

/// Gains (left, right) of a mono strip at `position` in −1 … +1.
/// θ = (p+1)·π/4: −3 is (cos θ, sin θ); −6 is linear; −4.5 their geometric mean; 0 is the −3 law
/// raised by √2 so that the centre is 0 dB.
std::array<double, 2> pan_gains(PanLaw law, double position);

/// Gains (left, right) of a stereo strip's balance: the far side is attenuated linearly, no law.
std::array<double, 2> balance_gains(double position);

/// 2×2 matrix [out][in] of stereo pan: the width scales the side (1 unchanged, 0 mono, −1 swapped),
/// then the image is placed at `position` with the −3 law relative to the centre.
std::array<std::array<double, 2>, 2> stereo_pan_matrix(double position, double width);

}  // namespace tutti
