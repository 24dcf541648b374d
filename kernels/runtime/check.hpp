// SPDX-License-Identifier: Apache-2.0
// Turns the error codes of CUDA and cuFFT into exceptions.
#pragma once

#include <cuda_runtime.h>
#include <cufft.h>

#include "host/audio/errors.hpp"

namespace tutti::cuda {

using tutti::DeviceMemoryError;

/// Throws DeviceMemoryError or DeviceError: "<what>: <name> (<text>)". `what` names the call.
void check(cudaError_t status, const char* what);
void check(cufftResult status, const char* what);

/// For destructors, which must not throw: the failure is dropped. What went wrong with a device
/// before a destructor runs is reported by the next call that can throw.
void ignore(cudaError_t status) noexcept;
void ignore(cufftResult status) noexcept;

/// The constant's own name, "CUFFT_ALLOC_FAILED".
const char* cufft_error_name(cufftResult status) noexcept;

}  // namespace tutti::cuda
