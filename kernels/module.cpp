// SPDX-License-Identifier: Apache-2.0
// What the program looks up in the shared library of the CUDA backend.
#include "host/backend/cuda_library.hpp"
#include "kernels/backend.hpp"
#include "kernels/runtime/check.hpp"

namespace {

std::string version_text(int version) {  // 13010: 13.1
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

/// Why cudaGetDeviceCount failed, in the words of somebody who can do something about it.
std::string reason_of(cudaError_t error) {
  int driver = 0, runtime = 0;
  static_cast<void>(cudaDriverGetVersion(&driver));
  static_cast<void>(cudaRuntimeGetVersion(&runtime));
  if (driver == 0) return "no NVIDIA driver is installed";
  if (driver < runtime && error == cudaErrorInsufficientDriver)
    return "the NVIDIA driver supports CUDA " + version_text(driver) + ", this program needs " +
           version_text(runtime) + ": update the driver";
  if (error == cudaErrorNoDevice) return "there is no NVIDIA GPU in this machine";
  return std::string("the NVIDIA driver says: ") + cudaGetErrorString(error);
}

}  // namespace

extern "C" __attribute__((visibility("default"))) int tutti_cuda_backend_abi() {
  return tutti::kCudaBackendAbi;
}

extern "C" __attribute__((visibility("default"))) void tutti_cuda_status(
    tutti::CudaStatus* status) {
  int count = 0;
  const cudaError_t error = cudaGetDeviceCount(&count);
  if (error != cudaSuccess) {
    status->reason = reason_of(error);
    tutti::cuda::ignore(cudaGetLastError());
    return;
  }
  for (int ordinal = 0; ordinal < count; ++ordinal) {
    cudaDeviceProp properties{};
    if (cudaGetDeviceProperties(&properties, ordinal) != cudaSuccess) continue;
    status->devices.push_back({ordinal, properties.name, properties.totalGlobalMem,
                               properties.major, properties.minor});
  }
  if (status->devices.empty()) status->reason = "there is no NVIDIA GPU in this machine";
}

extern "C" __attribute__((visibility("default"))) tutti::Backend* tutti_open_cuda_backend(
    int ordinal) {
  return tutti::cuda::open_cuda_backend(ordinal).release();
}
