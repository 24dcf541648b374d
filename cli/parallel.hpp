// SPDX-License-Identifier: Apache-2.0
// The same work on many items.
#pragma once

#include <cstddef>
#include <functional>

namespace tutti::cli {

/// Calls work(0) … work(count − 1), each once, over the cores; `threads` 0 is one per core. With
/// one item or one thread no thread is started. The first exception stops the handing out of items
/// and is thrown again here.
void for_each_parallel(std::size_t count, int threads,
                       const std::function<void(std::size_t)>& work);

}  // namespace tutti::cli
