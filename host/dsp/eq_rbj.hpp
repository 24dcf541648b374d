// SPDX-License-Identifier: Apache-2.0
// The cookbook's bilinear filters, as other tools have them.
#pragma once

#include <vector>

#include "host/dsp/eq.hpp"

namespace tutti {

/// Sections of one band by the bilinear transform with the band's frequency kept in place [RBJ]; a
/// bandwidth is read the cookbook's digital way. `band.freq_hz` lies below half the rate.
std::vector<BiquadDesign> rbj_sections(const EqBandSpec& band, double sample_rate_hz);

}  // namespace tutti
