// SPDX-License-Identifier: Apache-2.0
// Plain gain as an insert.
#pragma once

#include <complex>
#include <vector>

#include "host/audio/units.hpp"
#include "host/dsp/fields.hpp"

namespace tutti {

struct GainSpec {
  static constexpr const char* kKey = "gain";
  double gain_db = 0;
};

template <class V>
void visit_fields(V& v, GainSpec& s) {
  v.number("gain_db", s.gain_db, {-120, 60, true}, Automatable::yes);
}

struct GainDesign {
  double linear = 1;
};

inline std::vector<SpecIssue> validate(const GainSpec&, double) { return {}; }
inline GainDesign design(const GainSpec& spec, double) { return {db_to_linear(spec.gain_db)}; }
inline std::complex<double> response(const GainDesign& design, double) { return design.linear; }

}  // namespace tutti
