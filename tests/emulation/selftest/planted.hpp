// SPDX-License-Identifier: Apache-2.0
// Programs with a mistake planted in them, and right ones beside: what the emulation must tell
// apart.
#pragma once

#include <functional>
#include <vector>

#include "kernels/runtime/device_buffer.hpp"
#include "kernels/runtime/launch.hpp"
#include "kernels/runtime/stream.hpp"

namespace tutti::cuda {

/// The builds of the emulation; together they must catch every mistake.
enum Build : unsigned {
  kPlainBuild = 1,    ///< schedules compared, NaN poison, guard pages, own checks
  kAddressBuild = 2,  ///< ASan and UBSan
  kThreadBuild = 4,   ///< TSan
  kMemoryBuild = 8,   ///< MSan
};
inline constexpr unsigned kEveryBuild = kPlainBuild | kAddressBuild | kThreadBuild | kMemoryBuild;

struct Planted {
  const char* name;
  unsigned caught_by;  ///< builds that must notice; 0: a right program, which none may accuse
  /// The result is compared between schedules and searched for NaN.
  std::function<std::vector<float>()> run;
};

std::vector<Planted> planted_barriers();
std::vector<Planted> planted_warps();
std::vector<Planted> planted_memory();
std::vector<Planted> planted_races();
std::vector<Planted> planted_streams();
std::vector<Planted> planted_stream_memory();
std::vector<Planted> planted_graphs();
std::vector<Planted> planted_ffts();

/// Runs a kernel whose first parameter is a zeroed output of `size` floats, and returns that.
template <typename... Parameters, typename... Arguments>
std::vector<float> output_of(void (*kernel)(Parameters...), unsigned grid, unsigned block,
                             std::size_t shared_bytes, std::size_t size, Arguments... arguments) {
  const Stream stream;
  const DeviceBuffer<float> out(stream, size);
  clear(stream, out.span());
  launch(kernel, grid, block, shared_bytes, stream, out.data(), arguments...);
  return host_copy(stream, out.span());
}

}  // namespace tutti::cuda
