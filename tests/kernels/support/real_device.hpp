// SPDX-License-Identifier: Apache-2.0
// Included before everything where kernel tests are built for a real device, which nobody can tell in
// which order to run its threads: tests that set one run as they come.
#pragma once

#define TUTTI_REAL_DEVICE

namespace cudacpu {

enum class Order { forward, reverse, random };
enum class Streams { eager, late, random };
inline void set_order(Order, unsigned = 1) {}
inline void set_streams(Streams, unsigned = 1) {}

}  // namespace cudacpu
