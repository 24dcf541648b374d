// SPDX-License-Identifier: Apache-2.0
// Closed forms that bring an analogue band to the digital side without squeezing it below Nyquist.
#pragma once

#include <vector>

#include "host/dsp/eq_fit.hpp"
#include "host/dsp/eq_prototype.hpp"

namespace tutti {

/// Where a band lies in the digital band.
struct EqPlace {
  double omega0 = 0;     ///< the band's frequency, rad/sample
  double omega_top = 0;  ///< up to here the magnitude has to be right, rad/sample
};

/// Sections of the closed form: one for each analogue section, and one more where a single section
/// can not follow the roll-off of an analogue filter (12 dB/oct low-pass, band-pass).
int matched_section_count(const EqBandSpec& band, const EqPrototype& prototype);

/// Poles at exp(s/fs) of the analogue ones [Vicanek2016] and zeros as the type asks: at DC,
/// on the circle, the universal ones of a roll-off, or from least squares of the numerator.
/// `factors[2i]` are the zeros of section i, `factors[2i + 1]` its poles.
FitModel matched_model(const EqBandSpec& band, const EqPrototype& prototype, const EqPlace& place);

/// The same with zeros at exp(s/fs) too: the place from which a fit goes furthest.
FitModel matched_start(const EqBandSpec& band, const EqPrototype& prototype, const EqPlace& place);

}  // namespace tutti
