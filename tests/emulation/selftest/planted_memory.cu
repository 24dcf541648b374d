// SPDX-License-Identifier: Apache-2.0
// Memory: out of bounds, never written, misaligned, freed, on the wrong side.
#include "tests/emulation/selftest/planted.hpp"

namespace tutti::cuda {
namespace {

__global__ void fill(float* out, unsigned count) {
  if (threadIdx.x < count) out[threadIdx.x] = 1.0F;
}

__global__ void one_too_far(float* out, unsigned count) { out[threadIdx.x + count - 127] = 1.0F; }

__global__ void shared_out_of_bounds(float* out) {
  __shared__ float row[96];
  row[threadIdx.x] = static_cast<float>(threadIdx.x);
  __syncthreads();
  out[threadIdx.x] = row[threadIdx.x];
}

template <int kSize>
__global__ void shared_out_of_bounds_in_template(float* out) {
  __shared__ float row[kSize];
  row[threadIdx.x] = static_cast<float>(threadIdx.x);
  __syncthreads();
  out[threadIdx.x] = row[threadIdx.x];
}

__global__ void dynamic_shared_out_of_bounds(float* out) {
  float* row = dyn_smem<float>();
  row[threadIdx.x] = static_cast<float>(threadIdx.x);
  __syncthreads();
  out[threadIdx.x] = row[127 - threadIdx.x];
}

__global__ void shared_never_written(float* out) {
  __shared__ float row[128];
  if (threadIdx.x > 0) row[threadIdx.x] = 1.0F;
  __syncthreads();
  out[threadIdx.x] = row[threadIdx.x] + 1.0F;
}

template <int kSize>
__global__ void shared_never_written_in_template(float* out) {
  __shared__ float row[kSize];
  if (threadIdx.x > 0) row[threadIdx.x] = 1.0F;
  __syncthreads();
  out[threadIdx.x] = row[threadIdx.x] + 1.0F;
}

__global__ void branch_on_unwritten(float* out, const int* flags) {
  out[threadIdx.x] = flags[threadIdx.x] > 3 ? 1.0F : 2.0F;
}

__global__ void misaligned(float* out, const float* in) {
  const auto* four = reinterpret_cast<const float4*>(in + 1 + 4 * threadIdx.x);
  out[threadIdx.x] = four->x;
}

std::vector<float> read_unwritten_global() {
  const Stream stream;
  const DeviceBuffer<int> flags(stream, 32);
  stream.synchronize();
  return output_of(branch_on_unwritten, 1, 32, 0, 32, flags.data());
}

std::vector<float> read_misaligned() {
  const Stream stream;
  const DeviceBuffer<float> in(stream, 256);
  clear(stream, in.span());
  stream.synchronize();
  return output_of(misaligned, 1, 32, 0, 32, in.data());
}

std::vector<float> give_host_pointer_to_kernel() {
  std::vector<float> host(32);
  launch(fill, 1, 32, 0, nullptr, host.data(), 32U);
  check(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
  return host;
}

std::vector<float> use_after_free() {
  float* memory = nullptr;
  check(cudaMalloc(&memory, 128), "cudaMalloc");
  check(cudaFree(memory), "cudaFree");
  launch(fill, 1, 32, 0, nullptr, memory, 32U);
  check(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
  return {};
}

std::vector<float> free_twice() {
  float* memory = nullptr;
  check(cudaMalloc(&memory, 128), "cudaMalloc");
  check(cudaFree(memory), "cudaFree");
  check(cudaFree(memory), "cudaFree");
  return {};
}

std::vector<float> use_device_pointer_on_host() {
  const DeviceBuffer<float> buffer(32);
  check(cudaMemset(buffer.data(), 0, 128), "cudaMemset");
  check(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
  const volatile float* pointer = buffer.data();
  return {pointer[3]};
}

std::vector<float> copy_more_than_the_buffer() {
  const DeviceBuffer<float> buffer(32);
  const std::vector<float> host(33);
  check(cudaMemcpy(buffer.data(), host.data(), 132, cudaMemcpyHostToDevice), "cudaMemcpy");
  return {};
}

std::vector<float> copy_in_the_wrong_direction() {
  const DeviceBuffer<float> buffer(32);
  std::vector<float> host(32);
  check(cudaMemcpy(host.data(), buffer.data(), 128, cudaMemcpyHostToDevice), "cudaMemcpy");
  return host;
}

}  // namespace

std::vector<Planted> planted_memory() {
  return {
      {"GlobalOutOfBounds", kPlainBuild | kAddressBuild,
       [] { return output_of(one_too_far, 1, 128, 0, 128, 128U); }},
      {"SharedOutOfBounds", kAddressBuild,
       [] { return output_of(shared_out_of_bounds, 1, 128, 0, 128); }},
      {"SharedOutOfBoundsInTemplate", kAddressBuild,
       [] { return output_of(shared_out_of_bounds_in_template<96>, 1, 128, 0, 128); }},
      {"DynamicSharedOutOfBounds", kEveryBuild,
       [] { return output_of(dynamic_shared_out_of_bounds, 1, 128, 400, 128); }},
      {"SharedNeverWritten", kEveryBuild,
       [] { return output_of(shared_never_written, 1, 128, 0, 128); }},
      {"SharedNeverWrittenInTemplate", kPlainBuild | kMemoryBuild,
       [] { return output_of(shared_never_written_in_template<128>, 1, 128, 0, 128); }},
      {"BranchOnUnwrittenGlobal", kMemoryBuild, read_unwritten_global},
      {"MisalignedVector", kAddressBuild, read_misaligned},
      {"HostPointerInKernel", kEveryBuild, give_host_pointer_to_kernel},
      {"UseAfterFree", kEveryBuild, use_after_free},
      {"FreeTwice", kEveryBuild, free_twice},
      {"DevicePointerOnHost", kPlainBuild, use_device_pointer_on_host},
      {"CopyMoreThanTheBuffer", kEveryBuild, copy_more_than_the_buffer},
      {"CopyInTheWrongDirection", kEveryBuild, copy_in_the_wrong_direction},
  };
}

}  // namespace tutti::cuda
