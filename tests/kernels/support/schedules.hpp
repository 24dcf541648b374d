// SPDX-License-Identifier: Apache-2.0
// Runs what a test does on the device under several schedules, which may not show in the result.
#pragma once

#include <cuda_runtime.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cstdint>
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

/// What `run` returns (floats, or rows of them), which must have the same bits however threads and
/// streams take turns. On a real device, where nobody can say how they do: twice.
template <typename Run>
auto under_every_schedule(Run&& run) {
#ifdef TUTTI_CUDA_EMULATED
  cudacpu::set_order(cudacpu::Order::forward);
  cudacpu::set_streams(cudacpu::Streams::eager);
  const auto first = run();
  cudacpu::set_order(cudacpu::Order::reverse);
  cudacpu::set_streams(cudacpu::Streams::late);
  EXPECT_TRUE(same_bits(first, run())) << "threads in reverse, streams late";
  cudacpu::set_order(cudacpu::Order::random, 7);
  cudacpu::set_streams(cudacpu::Streams::random, 7);
  EXPECT_TRUE(same_bits(first, run())) << "threads and streams in random order";
  cudacpu::set_order(cudacpu::Order::forward);
  cudacpu::set_streams(cudacpu::Streams::eager);
#else
  const auto first = run();
  EXPECT_TRUE(same_bits(first, run())) << "a second run";
#endif
  return first;
}

}  // namespace tutti::cuda
