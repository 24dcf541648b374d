// SPDX-License-Identifier: Apache-2.0
// The one emulated device.
#include <cstring>

#include "memory.hpp"
#include "streams.hpp"

namespace cudacpu {
namespace {

// The real calls leave the count alone when there is no device; whoever forgets to initialise it
// shall see that here.
cudaError_t missing_device() {
  if (settings().old_driver) return cudaErrorInsufficientDriver;
  if (settings().no_device) return cudaErrorNoDevice;
  return cudaSuccess;
}

constexpr int kMultiprocessors = 4;
constexpr int kSharedBytesOptIn = 227 << 10;

}  // namespace
}  // namespace cudacpu

const char* cudaGetErrorName(cudaError_t error) {
  switch (error) {
#define CUDACPU_NAME(code) \
  case code:               \
    return #code;
    CUDACPU_NAME(cudaSuccess)
    CUDACPU_NAME(cudaErrorInvalidValue)
    CUDACPU_NAME(cudaErrorMemoryAllocation)
    CUDACPU_NAME(cudaErrorInvalidConfiguration)
    CUDACPU_NAME(cudaErrorInvalidPitchValue)
    CUDACPU_NAME(cudaErrorInvalidDevicePointer)
    CUDACPU_NAME(cudaErrorInvalidMemcpyDirection)
    CUDACPU_NAME(cudaErrorInsufficientDriver)
    CUDACPU_NAME(cudaErrorNoDevice)
    CUDACPU_NAME(cudaErrorInvalidDevice)
    CUDACPU_NAME(cudaErrorInvalidResourceHandle)
    CUDACPU_NAME(cudaErrorNotReady)
    CUDACPU_NAME(cudaErrorIllegalAddress)
    CUDACPU_NAME(cudaErrorLaunchFailure)
    CUDACPU_NAME(cudaErrorNotPermitted)
    CUDACPU_NAME(cudaErrorNotSupported)
    CUDACPU_NAME(cudaErrorStreamCaptureUnsupported)
    CUDACPU_NAME(cudaErrorStreamCaptureInvalidated)
    CUDACPU_NAME(cudaErrorStreamCaptureUnjoined)
    CUDACPU_NAME(cudaErrorUnknown)
#undef CUDACPU_NAME
  }
  return "cudaErrorUnknown";
}

const char* cudaGetErrorString(cudaError_t error) {
  switch (error) {
    case cudaSuccess:
      return "no error";
    case cudaErrorMemoryAllocation:
      return "out of memory";
    case cudaErrorInsufficientDriver:
      return "CUDA driver version is insufficient for CUDA runtime version";
    case cudaErrorNoDevice:
      return "no CUDA-capable device is detected";
    case cudaErrorInvalidDevice:
      return "invalid device ordinal";
    case cudaErrorLaunchFailure:
      return "unspecified launch failure";
    default:
      return "see the message of the emulation";
  }
}

cudaError_t cudaGetDeviceCount(int* count) {
  const cudacpu::Lock lock(cudacpu::api_mutex());
  const cudaError_t missing = cudacpu::missing_device();
  if (missing != cudaSuccess) return cudacpu::refuse(missing);
  *count = 1;
  return cudaSuccess;
}

cudaError_t cudaGetDevice(int* device) {
  *device = 0;
  return cudacpu::callable();
}

cudaError_t cudaSetDevice(int device) {
  const cudacpu::Lock lock(cudacpu::api_mutex());
  const cudaError_t missing = cudacpu::missing_device();
  if (missing != cudaSuccess) return cudacpu::refuse(missing);
  return device == 0 ? cudacpu::callable() : cudacpu::refuse(cudaErrorInvalidDevice);
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device) {
  const cudacpu::Lock lock(cudacpu::api_mutex());
  if (const cudaError_t error = cudaSetDevice(device)) return error;
  cudaDeviceProp p{};
  std::strcpy(p.name, "emulated device (tests only)");
  std::memcpy(p.uuid.bytes, "tutti-emulation", sizeof p.uuid.bytes);
  p.totalGlobalMem = cudacpu::settings().memory_limit_bytes;
  p.sharedMemPerBlock = 48 << 10;
  p.regsPerBlock = 65536;
  p.warpSize = warpSize;
  p.memPitch = 2147483647;
  p.maxThreadsPerBlock = 1024;
  p.maxThreadsDim[0] = p.maxThreadsDim[1] = 1024;
  p.maxThreadsDim[2] = 64;
  p.maxGridSize[0] = 2147483647;
  p.maxGridSize[1] = p.maxGridSize[2] = 65535;
  p.totalConstMem = 65536;
  p.major = 9;
  p.minor = 0;
  p.multiProcessorCount = cudacpu::kMultiprocessors;
  p.canMapHostMemory = 1;
  p.asyncEngineCount = 2;
  p.unifiedAddressing = 1;
  p.concurrentKernels = 1;
  p.memoryBusWidth = 64;
  p.l2CacheSize = 4 << 20;
  p.maxThreadsPerMultiProcessor = 2048;
  p.sharedMemPerMultiprocessor = 228 << 10;
  p.sharedMemPerBlockOptin = cudacpu::kSharedBytesOptIn;
  p.memoryPoolsSupported = 1;
  *properties = p;
  return cudaSuccess;
}

cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int device) {
  const cudacpu::Lock lock(cudacpu::api_mutex());
  if (const cudaError_t error = cudaSetDevice(device)) return error;
  switch (attribute) {
    case cudaDevAttrMaxThreadsPerBlock:
      *value = 1024;
      return cudaSuccess;
    case cudaDevAttrMultiProcessorCount:
      *value = cudacpu::kMultiprocessors;
      return cudaSuccess;
    case cudaDevAttrMaxSharedMemoryPerBlockOptin:
      *value = cudacpu::kSharedBytesOptIn;
      return cudaSuccess;
    case cudaDevAttrMemoryPoolsSupported:
      *value = 1;
      return cudaSuccess;
  }
  return cudacpu::refuse(cudaErrorInvalidValue);
}

cudaError_t cudaDeviceReset() {
  const cudacpu::Lock lock(cudacpu::api_mutex());
  cudacpu::drain_everything();
  cudacpu::revive();
  return cudaSuccess;
}

cudaError_t cudaDriverGetVersion(int* version) {
  const cudacpu::Lock lock(cudacpu::api_mutex());
  *version = cudacpu::settings().old_driver ? 11040 : CUDART_VERSION;
  return cudaSuccess;
}

cudaError_t cudaRuntimeGetVersion(int* version) {
  *version = CUDART_VERSION;
  return cudaSuccess;
}
