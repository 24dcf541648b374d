// SPDX-License-Identifier: Apache-2.0
// How the stems of one call are cut on their way to a device, so that reading, copying and unpacking
// overlap.
#pragma once

#include <cstddef>
#include <deque>
#include <vector>

#include "host/backend/stem_source.hpp"

namespace tutti {

/// What an unpacked strip starts from: 0 + x is x for every x but −0, and −0 + x for every x.
enum class UnpackStart { silence, untouched };

/// Some frames of one request, with everything that sounds in them.
struct StemCell {
  std::size_t request = 0;
  Frames first = 0;  ///< in the request
  Frames frames = 0;
  UnpackStart start = UnpackStart::silence;
  std::vector<StemPiece> pieces;  ///< cut to the cell, `at` counted from its first frame

  std::size_t bytes() const;  ///< in a slab
};

/// Bytes that a piece takes in a slab: every piece starts at a multiple of 16.
inline std::size_t slab_bytes(const StemPiece& piece) { return (piece.bytes() + 15) / 16 * 16; }

/// Frames [first, first + count) of a cell.
StemCell narrow(const StemCell& cell, Frames first, Frames count);

/// Cuts cells, one for each request, in time: into as many spans, the same for all, as there are
/// slabs of `slab_bytes` in them, and further where a cell alone is larger than a slab. Span by
/// span, so that all stems are read side by side. Depends on what is asked for alone, so the next
/// render finds the same pieces on the device.
std::deque<StemCell> cut(const std::vector<StemCell>& cells, std::size_t slab_bytes);

/// Replaces the first cell by its two halves. Throws DeviceMemoryError if it is one frame.
void halve_first(std::deque<StemCell>& cells);

}  // namespace tutti
