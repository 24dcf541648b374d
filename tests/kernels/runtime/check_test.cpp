// SPDX-License-Identifier: Apache-2.0
// Error codes become exceptions that say which call failed and how.
#include "kernels/runtime/check.hpp"

#include <gtest/gtest.h>

#include <string>

namespace tutti::cuda {
namespace {

template <typename Error, typename Call>
std::string message_of(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(Check, PassesSuccess) {
  check(cudaSuccess, "cudaFree");
  check(CUFFT_SUCCESS, "cufftDestroy");
}

TEST(Check, NamesTheCallAndTheError) {
  const std::string message =
      message_of<DeviceError>([] { check(cudaErrorInvalidDevice, "cudaSetDevice"); });
  EXPECT_EQ(message, "cudaSetDevice: cudaErrorInvalidDevice (invalid device ordinal)");
}

TEST(Check, MakesTooLittleMemoryATypeOfItsOwn) {
  EXPECT_THROW(check(cudaErrorMemoryAllocation, "cudaMalloc"), DeviceMemoryError);
  EXPECT_THROW(check(CUFFT_ALLOC_FAILED, "cufftPlanMany"), DeviceMemoryError);
  EXPECT_THROW(check(cudaErrorMemoryAllocation, "cudaMalloc"), tutti::DeviceError);
}

TEST(Check, NamesFftErrors) {
  const std::string message =
      message_of<DeviceError>([] { check(CUFFT_INVALID_SIZE, "cufftPlanMany"); });
  EXPECT_EQ(message, "cufftPlanMany: CUFFT_INVALID_SIZE");
}

TEST(Check, LeavesNoErrorBehindForTheNextCaller) {
  EXPECT_THROW(check(cudaSetDevice(77), "cudaSetDevice"), DeviceError);
  EXPECT_EQ(cudaGetLastError(), cudaSuccess);
  ignore(cudaSetDevice(77));
  EXPECT_EQ(cudaGetLastError(), cudaSuccess);
}

}  // namespace
}  // namespace tutti::cuda
