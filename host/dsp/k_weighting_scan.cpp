// SPDX-License-Identifier: Apache-2.0
#include "host/dsp/k_weighting_scan.hpp"

namespace tutti {

KWeightingDesign k_weighting_to_step(double sample_rate_hz) {
  KWeightingDesign design = k_weighting(sample_rate_hz);
  const double gain = design.high_pass.b0;
  design.high_pass.b0 = 1;
  design.high_pass.b1 = -2;
  design.high_pass.b2 = 1;
  design.shelf.b0 *= gain;
  design.shelf.b1 *= gain;
  design.shelf.b2 *= gain;
  return design;
}

// Column by column: what becomes of a state of one 1 without input. Powers by squaring would lose
// digits, because the high pass's poles nearly meet at 1.
std::vector<KWeightingPower> k_weighting_powers(const KWeightingDesign& design, int frames,
                                                int count) {
  KWeightingState a{1, 0, 0, 0}, b{0, 1, 0, 0}, c{0, 0, 1, 0}, d{0, 0, 0, 1};
  std::vector<KWeightingPower> powers;
  for (int i = 0; i < count; ++i) {
    powers.push_back({{a.shelf1, b.shelf1, a.shelf2, b.shelf2},
                      {a.high1, b.high1, a.high2, b.high2},
                      {c.high1, d.high1, c.high2, d.high2}});
    for (KWeightingState* state : {&a, &b, &c, &d})
      for (int n = 0; n < frames; ++n) step(design, *state, 0);
  }
  return powers;
}

}  // namespace tutti
