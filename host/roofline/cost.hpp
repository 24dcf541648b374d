// SPDX-License-Identifier: Apache-2.0
// What launches of one kernel cost a device, as far as it follows from the kernel's source.
#pragma once

#include <algorithm>
#include <cstdint>

#include "host/audio/units.hpp"

namespace tutti::roofline {

/// Instructions of each kind; a fused multiply-add is one.
struct Operations {
  double floats = 0, doubles = 0, integers = 0;

  Operations& operator+=(const Operations& more) {
    floats += more.floats;
    doubles += more.doubles;
    integers += more.integers;
    return *this;
  }
  Operations operator*(double times) const {
    return {times * floats, times * doubles, times * integers};
  }
};

/// One launch or several of one kernel. Bytes are the different bytes of device memory that a
/// launch reads and that it writes: what has to pass at least; what it reads twice may come from a
/// cache. Descriptions of the work (pointers, lengths) are in it, accesses by atomics are not.
struct KernelCost {
  std::uint64_t launches = 0;
  std::uint64_t blocks = 0;  ///< of threads; of transforms: transforms
  std::uint64_t read_bytes = 0, written_bytes = 0;
  Operations operations;  ///< arithmetic that is always done: counted in the source, rather too low
  Operations at_most_more;  ///< where a bound fails: true peaks that have to be interpolated
  Operations
      longest_block;  ///< Σ over the launches of a block's share: few blocks use few processors
  double serial_cycles = 0;  ///< of one thread that walks from sample to sample

  KernelCost& operator+=(const KernelCost& more) {
    launches += more.launches;
    blocks += more.blocks;
    read_bytes += more.read_bytes;
    written_bytes += more.written_bytes;
    operations += more.operations;
    at_most_more += more.at_most_more;
    longest_block += more.longest_block;
    serial_cycles += more.serial_cycles;
    return *this;
  }
};

/// A launch of blocks that share its work evenly.
inline KernelCost one_launch(Frames blocks, Frames read_bytes, Frames written_bytes,
                             const Operations& operations) {
  KernelCost cost;
  cost.launches = 1;
  cost.blocks = static_cast<std::uint64_t>(blocks);
  cost.read_bytes = static_cast<std::uint64_t>(read_bytes);
  cost.written_bytes = static_cast<std::uint64_t>(written_bytes);
  cost.operations = operations;
  cost.longest_block = operations * (1.0 / static_cast<double>(std::max<Frames>(blocks, 1)));
  return cost;
}

inline Frames whole(Frames count, Frames of) { return (count + of - 1) / of; }

/// Blocks of a grid-stride loop over `count` items (kernels/runtime/launch.hpp).
inline Frames blocks_for(Frames count, Frames per_block) {
  return std::min<Frames>(whole(count, per_block), 65535);
}

}  // namespace tutti::roofline
