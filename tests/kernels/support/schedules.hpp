// SPDX-License-Identifier: Apache-2.0
// Runs what a test does on the device under several schedules, which may not show in the result.
#pragma once

#include <cuda_runtime.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "host/audio/units.hpp"

namespace tutti::cuda {

#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
inline constexpr bool kSlowBuild = true;
#else
inline constexpr bool kSlowBuild = false;
#endif

/// `usual`, or `small` in builds that are some fifty times slower (TSan above all): sizes that a
/// test only has to be thorough, not those that are its boundaries.
inline Frames reduced(Frames usual, Frames small) { return kSlowBuild ? small : usual; }

inline bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](float x, float y) {
    return std::bit_cast<std::uint32_t>(x) == std::bit_cast<std::uint32_t>(y);
  });
}
template <typename T>
bool same_bits(const std::vector<std::vector<T>>& a, const std::vector<std::vector<T>>& b) {
  bool same = a.size() == b.size();
  for (std::size_t i = 0; same && i < a.size(); ++i) same = same_bits(a[i], b[i]);
  return same;
}

/// `body(name)` under each way in which threads and streams can take turns; the usual one holds
/// afterwards. On a real device, where nobody can say how they do: twice.
template <typename Body>
void for_every_schedule(Body&& body) {
#ifdef TUTTI_CUDA_EMULATED
  using cudacpu::Order;
  using cudacpu::Streams;
  const struct {
    Order order;
    Streams streams;
    const char* name;
  } schedules[] = {{Order::forward, Streams::eager, "threads forward, streams eager"},
                   {Order::reverse, Streams::late, "threads in reverse, streams late"},
                   {Order::random, Streams::random, "threads and streams in random order"}};
  for (const auto& schedule : schedules) {
    cudacpu::set_order(schedule.order, 7);
    cudacpu::set_streams(schedule.streams, 7);
    body(schedule.name);
  }
  cudacpu::set_order(Order::forward);
  cudacpu::set_streams(Streams::eager);
#else
  body("a first run");
  body("a second run");
#endif
}

/// What `run` returns (floats, or rows of them), which must have the same bits under every schedule.
template <typename Run>
auto under_every_schedule(Run&& run) {
  std::optional<decltype(run())> first;
  for_every_schedule([&](const char* schedule) {
    auto result = run();
    if (!first) {
      first = std::move(result);
    } else {
      EXPECT_TRUE(same_bits(*first, result)) << schedule;
    }
  });
  return *first;
}

}  // namespace tutti::cuda
