// SPDX-License-Identifier: Apache-2.0
// The machines that a unit's suite runs on, and signals on them.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "host/backend/backend.hpp"
#include "kernels/backend.hpp"

namespace tutti::test {

enum class Machine { cpu, cuda };

inline std::unique_ptr<Backend> open_machine(Machine machine) {
  return machine == Machine::cpu ? open_cpu_backend() : cuda::open_cuda_backend(0);
}

inline std::string machine_name(const ::testing::TestParamInfo<Machine>& info) {
  return info.param == Machine::cpu ? "Cpu" : "Cuda";
}

#define TUTTI_ON_EVERY_MACHINE(Suite)                                                       \
  INSTANTIATE_TEST_SUITE_P(Machines, Suite,                                                 \
                           ::testing::Values(::tutti::test::Machine::cpu,                   \
                                             ::tutti::test::Machine::cuda),                 \
                           ::tutti::test::machine_name)

/// [channel][frame].
using Samples = std::vector<std::vector<float>>;

/// A copy of host samples on a machine.
inline std::unique_ptr<TileBuffer> put(Backend& backend, const Samples& samples) {
  const auto channels = static_cast<int>(samples.size());
  const auto frames = static_cast<Frames>(samples[0].size());
  auto tile = backend.allocate(channels, frames);
  backend.fill(tile->view(), [&](BlockView view) {
    for (int c = 0; c < channels; ++c)
      std::copy(samples[static_cast<std::size_t>(c)].begin(),
                samples[static_cast<std::size_t>(c)].end(), view.channel(c));
  });
  return tile;
}

inline Samples take(Backend& backend, TileView tile) {
  Buffer host;
  const ConstBlockView view = backend.fetch(tile, host);
  Samples samples;
  for (int c = 0; c < view.channels; ++c)
    samples.emplace_back(view.channel(c), view.channel(c) + view.frames);
  return samples;
}

}  // namespace tutti::test
