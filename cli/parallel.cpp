// SPDX-License-Identifier: Apache-2.0
#include "cli/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace tutti::cli {

void for_each_parallel(std::size_t count, int threads,
                       const std::function<void(std::size_t)>& work) {
  const std::size_t wanted =
      threads > 0 ? threads : std::max(1u, std::thread::hardware_concurrency());
  const std::size_t workers = std::min(count, wanted);
  if (workers <= 1) {
    for (std::size_t i = 0; i < count; ++i) work(i);
    return;
  }
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::exception_ptr failure;
  const auto take_items = [&] {
    try {
      for (std::size_t i; (i = next.fetch_add(1)) < count;) work(i);
    } catch (...) {  // carried to the caller's thread, not handled here
      next = count;
      const std::lock_guard lock(mutex);
      if (!failure) failure = std::current_exception();
    }
  };
  std::vector<std::jthread> pool;
  for (std::size_t i = 1; i < workers; ++i) pool.emplace_back(take_items);
  take_items();
  pool.clear();  // joins
  if (failure) std::rethrow_exception(failure);
}

}  // namespace tutti::cli
