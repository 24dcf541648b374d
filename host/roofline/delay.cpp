// SPDX-License-Identifier: Apache-2.0
#include "host/roofline/kernels.hpp"

namespace tutti::roofline {

// In and out; the places of the line that the call meets, once in and once out. Below 1,024 frames
// of delay a block goes through its channel alone, else a thread takes a place of the line.
KernelCost delay_cost(Frames channels, Frames frames, Frames delay_frames, Frames stored_bytes,
                      bool read) {
  constexpr Frames kShortFrames = 1024;
  const Frames samples = channels * frames;
  const bool is_short = delay_frames < kShortFrames;
  const Frames line =
      stored_bytes * channels * (is_short ? delay_frames : std::min(frames, delay_frames));
  const Frames blocks = delay_frames == 0 ? channels * blocks_for(frames, 256)
                        : is_short        ? channels
                                   : channels * blocks_for(std::min(frames, delay_frames), 256);
  const double operations = stored_bytes == 8 ? 5 : 0;
  return one_launch(blocks, (read ? 4 * samples : 0) + line, 4 * samples + line,
                    {.doubles = operations * static_cast<double>(samples)});
}

}  // namespace tutti::roofline
