// SPDX-License-Identifier: Apache-2.0
// How many steps of CUDA threads the emulation takes in a second. Not a test: run it by hand.
#include <algorithm>
#include <cstdio>
#include <ctime>

#include "kernels/runtime/device_buffer.hpp"
#include "kernels/runtime/launch.hpp"

namespace tutti::cuda {
namespace {

__global__ void no_barrier(float* out, int count) {
  const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (i < count) out[i] = static_cast<float>(i) * 2.0F;
}

__global__ void barriers(float* out, int rounds) {
  __shared__ float row[1024];
  float value = static_cast<float>(threadIdx.x);
  for (int i = 0; i < rounds; ++i) {
    row[threadIdx.x] = value;
    __syncthreads();
    value += row[(threadIdx.x + 1) % blockDim.x];
    __syncthreads();
  }
  out[threadIdx.x] = value;
}

__global__ void shuffles(float* out, int rounds) {
  float value = static_cast<float>(threadIdx.x);
  for (int i = 0; i < rounds; ++i) value += __shfl_xor_sync(~0U, value, 1 << (i % 5));
  out[threadIdx.x] = value;
}

// Of this thread alone: the machine may be busy.
double cpu_s() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

template <typename Run>
void measure(const char* what, double steps, Run&& run) {
  double best_s = 1e9;
  for (int i = 0; i < 6; ++i) {
    const double began_s = cpu_s();
    run();
    best_s = std::min(best_s, cpu_s() - began_s);
  }
  std::printf("%-32s %8.2f M steps/s  (%.1f ns)\n", what, steps / best_s / 1e6,
              best_s / steps * 1e9);
}

void measure_all() {
  const DeviceBuffer<float> buffer(1 << 20);
  float* const out = buffer.data();
  measure("threads without a barrier", 1 << 20,
          [&] { launch(no_barrier, 4096, 256, 0, nullptr, out, 1 << 20); });
  for (const unsigned block : {64U, 128U, 256U, 512U, 1024U}) {
    char what[48];
    std::snprintf(what, sizeof what, "barrier in a block of %u", block);
    measure(what, 400.0 * block, [&] { launch(barriers, 1, block, 0, nullptr, out, 200); });
  }
  measure("shuffle, each lane", 500.0 * 256,
          [&] { launch(shuffles, 1, 256, 0, nullptr, out, 500); });
}

}  // namespace
}  // namespace tutti::cuda

int main() { tutti::cuda::measure_all(); }
