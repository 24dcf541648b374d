// SPDX-License-Identifier: Apache-2.0
// A band's digital sections as close to the analogue prototype as asked.
#pragma once

#include <vector>

#include "host/dsp/eq_matched.hpp"

namespace tutti {

/// The magnitude follows the prototype from DC up to this frequency: 20 kHz or 0.4 of the rate,
/// whichever is higher, but at most 0.45 of the rate (19,845 Hz at 44,100 Hz).
double eq_top_hz(double sample_rate_hz);

/// Sections whose magnitude lies within kEqEnoughDb of the prototype up to `place.omega_top`: the
/// closed form where that is enough, else fitted, with one section more where needed.
std::vector<BiquadDesign> exact_sections(const EqBandSpec& band, const EqPrototype& prototype,
                                         const EqPlace& place);

/// The closed form, always with matched_section_count sections.
std::vector<BiquadDesign> quick_sections(const EqBandSpec& band, const EqPrototype& prototype,
                                         const EqPlace& place);

/// Aim of the fit on its grid. The promise is 0.05 dB; the rest is for what lies between the points
/// of the grid (at most 0.002 dB in sweeps over all types) and for several bands in a row.
inline constexpr double kEqEnoughDb = 0.04;

}  // namespace tutti
