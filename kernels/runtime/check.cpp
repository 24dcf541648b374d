// SPDX-License-Identifier: Apache-2.0
#include "kernels/runtime/check.hpp"

#include <string>

namespace tutti::cuda {

void check(cudaError_t status, const char* what) {
  if (status == cudaSuccess) return;
  // CUDA also remembers the error for the next caller who asks; it is reported here, once.
  static_cast<void>(cudaGetLastError());
  const std::string text =
      std::string(what) + ": " + cudaGetErrorName(status) + " (" + cudaGetErrorString(status) + ")";
  if (status == cudaErrorMemoryAllocation) throw DeviceMemoryError(text);
  throw DeviceError(text);
}

void check(cufftResult status, const char* what) {
  if (status == CUFFT_SUCCESS) return;
  const std::string text = std::string(what) + ": " + cufft_error_name(status);
  if (status == CUFFT_ALLOC_FAILED) throw DeviceMemoryError(text);
  throw DeviceError(text);
}

void ignore(cudaError_t status) noexcept {
  if (status != cudaSuccess) static_cast<void>(cudaGetLastError());
}

void ignore(cufftResult status) noexcept { static_cast<void>(status); }

const char* cufft_error_name(cufftResult status) noexcept {
  switch (status) {
    case CUFFT_SUCCESS:
      return "CUFFT_SUCCESS";
    case CUFFT_INVALID_PLAN:
      return "CUFFT_INVALID_PLAN";
    case CUFFT_ALLOC_FAILED:
      return "CUFFT_ALLOC_FAILED";
    case CUFFT_INVALID_TYPE:
      return "CUFFT_INVALID_TYPE";
    case CUFFT_INVALID_VALUE:
      return "CUFFT_INVALID_VALUE";
    case CUFFT_INTERNAL_ERROR:
      return "CUFFT_INTERNAL_ERROR";
    case CUFFT_EXEC_FAILED:
      return "CUFFT_EXEC_FAILED";
    case CUFFT_SETUP_FAILED:
      return "CUFFT_SETUP_FAILED";
    case CUFFT_INVALID_SIZE:
      return "CUFFT_INVALID_SIZE";
    case CUFFT_NOT_SUPPORTED:
      return "CUFFT_NOT_SUPPORTED";
    default:
      return "unknown cuFFT error";
  }
}

}  // namespace tutti::cuda
