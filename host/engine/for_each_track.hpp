// SPDX-License-Identifier: Apache-2.0
// The tracks of an album side by side.
#pragma once

#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <cstddef>

namespace tutti {

/// Calls work(0) … work(count − 1) over the cores; the first exception is passed on. A thread that
/// waits for the others does not begin something else meanwhile.
template <typename Work>
void for_each_track(std::size_t count, const Work& work) {
  if (count == 1) return work(std::size_t{0});
  tbb::this_task_arena::isolate([&] {
    tbb::parallel_for(std::size_t{0}, count, [&](std::size_t track) { work(track); });
  });
}

}  // namespace tutti
