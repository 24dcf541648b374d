// SPDX-License-Identifier: Apache-2.0
// The CUDA backend is a shared library that is opened at run time: the program itself links nothing
// of CUDA and runs everywhere.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "host/backend/backend.hpp"

namespace tutti {

/// Changes whenever host/backend's interface does; a library with another number is refused.
inline constexpr int kCudaBackendAbi = 3;

struct CudaDevice {
  int ordinal = 0;
  std::string model;
  std::uint64_t memory_bytes = 0;
  int compute_major = 0, compute_minor = 0;
};

/// What can be used, or why nothing can.
struct CudaStatus {
  std::vector<CudaDevice> devices;
  std::string reason;  ///< one clause; empty when there are devices
};

/// Looks for the library (TUTTI_CUDA_LIBRARY names it; else beside the program, or in ../lib/tutti or
/// ../kernels from there), a driver and devices. Never throws.
CudaStatus cuda_status();

/// The N of cuda:N, 0 for cuda, −1 for anything else.
int cuda_ordinal(const std::string& device);

/// Opens a device. Throws DeviceError with one sentence.
std::unique_ptr<Backend> open_cuda(int ordinal);

}  // namespace tutti
