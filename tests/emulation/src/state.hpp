// SPDX-License-Identifier: Apache-2.0
// What the whole runtime shares: the lock, the settings, the errors.
#pragma once

#include <cstdint>
#include <mutex>
#include <random>
#include <string>

#include "cuda_runtime.h"

namespace cudacpu {

/// One lock for everything: calls may come from any number of host threads, work is done in the
/// thread whose call makes it run.
using Lock = std::lock_guard<std::recursive_mutex>;
std::recursive_mutex& api_mutex();

struct Settings {
  Order order = Order::forward;
  Streams streams = Streams::eager;
  std::mt19937 order_random{1};
  std::mt19937 stream_random{1};
  std::size_t memory_limit_bytes = std::size_t{8} << 30;
  std::int64_t allocations_until_failure = -1;
  std::int64_t launches_until_failure = -1;
  bool no_device = false;
  bool old_driver = false;
  bool abort_on_mistake = true;
};

/// From the environment at first use.
Settings& settings();

/// An expected failure, such as too little memory: remembered as CUDA does, and returned.
cudaError_t refuse(cudaError_t code);

/// Counts an event down; true once, when it was the one to fail.
bool counts_out(std::int64_t& remaining);

/// The device is lost: everything but a reset returns this error.
void lose_device(cudaError_t code);
/// cudaSuccess, or why the device is lost.
cudaError_t lost_device();

std::string to_text(Place place);
std::string to_text(uint3 index);

}  // namespace cudacpu
