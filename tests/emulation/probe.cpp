// SPDX-License-Identifier: Apache-2.0
// A program that does a little of everything on the device, and prints how each call ended: for
// environment_test.cpp, which disturbs it from outside.
#include <cuda_runtime.h>

#include <cstdio>

#include "kernels/runtime/stream.hpp"
#include "kernels/sum.hpp"

int main() {
  using namespace tutti::cuda;
  int devices = -1;
  const cudaError_t counted = cudaGetDeviceCount(&devices);
  std::printf("count %s %d\n", cudaGetErrorName(counted), devices);
  if (counted != cudaSuccess) return 0;
  cudaDeviceProp properties;
  std::printf("properties %s\n", cudaGetErrorName(cudaGetDeviceProperties(&properties, 0)));
  std::printf("memory %zu\n", properties.totalGlobalMem);
  for (int i = 0; i < 3; ++i) {
    float* memory = nullptr;
    std::printf("allocation %s\n", cudaGetErrorName(cudaMalloc(&memory, 1000)));
    ignore(cudaFree(memory));
  }
  float* memory = nullptr;
  ignore(cudaMalloc(&memory, 256));
  const DeviceBlock out{memory, 1, 64, 64};
  for (int i = 0; i < 3; ++i) {
    try {
      sum_signals(nullptr, {}, out);
      std::printf("launch accepted\n");
    } catch (const tutti::DeviceError&) {
      std::printf("launch refused\n");
    }
    std::printf("synchronised %s\n", cudaGetErrorName(cudaDeviceSynchronize()));
  }
  return 0;
}
