// SPDX-License-Identifier: Apache-2.0
// The recursion of a second-order section as maps of its state, which can be joined in any
// grouping: what a scan over time works with.
#pragma once

#include "host/dsp/biquad.hpp"

namespace tutti {

/// What frames without input do to a state: (s1, s2) ← (a·s1 + b·s2, c·s1 + d·s2). Together with
/// the state that a run of frames leaves when it starts from rest, it is the whole effect of the
/// run: runs may be computed apart and joined afterwards.
struct BiquadMap {
  double a, b, c, d;
};

/// The map of one frame: y = s1, s1 ← s2 − a1·y, s2 ← −a2·y.
TUTTI_HOST_DEVICE inline BiquadMap free_map(const BiquadDesign& design) {
  return {-design.a1, 1.0, -design.a2, 0.0};
}

/// First `first`, then `second`.
TUTTI_HOST_DEVICE inline BiquadMap joined(const BiquadMap& second, const BiquadMap& first) {
  return {std::fma(second.a, first.a, second.b * first.c),
          std::fma(second.a, first.b, second.b * first.d),
          std::fma(second.c, first.a, second.d * first.c),
          std::fma(second.c, first.b, second.d * first.d)};
}

/// The state after a run that was entered in state `entry` and leaves `from_rest` when entered at
/// rest.
TUTTI_HOST_DEVICE inline BiquadState state_after(const BiquadMap& map, const BiquadState& entry,
                                                 const BiquadState& from_rest) {
  return {std::fma(map.a, entry.s1, std::fma(map.b, entry.s2, from_rest.s1)),
          std::fma(map.c, entry.s1, std::fma(map.d, entry.s2, from_rest.s2))};
}

}  // namespace tutti
