// SPDX-License-Identifier: Apache-2.0
// Memory: allocation, pools and copies.
#pragma once

#include <cstddef>

#include "emulated/hooks.h"

template <typename T>
cudaError_t cudaMalloc(T** out, std::size_t size_bytes,
                       cudacpu::Place place = cudacpu::Place::here()) {
  return cudacpu::allocate(reinterpret_cast<void**>(out), size_bytes, cudacpu::MemoryKind::device,
                           place);
}
template <typename T>
cudaError_t cudaMallocAsync(T** out, std::size_t size_bytes, cudaStream_t stream,
                            cudacpu::Place place = cudacpu::Place::here()) {
  return cudacpu::allocate_in_stream(reinterpret_cast<void**>(out), size_bytes, stream, place);
}
template <typename T>
cudaError_t cudaMallocHost(T** out, std::size_t size_bytes,
                           cudacpu::Place place = cudacpu::Place::here()) {
  return cudacpu::allocate(reinterpret_cast<void**>(out), size_bytes, cudacpu::MemoryKind::pinned,
                           place);
}
template <typename T>
cudaError_t cudaHostAlloc(T** out, std::size_t size_bytes, unsigned = 0,
                          cudacpu::Place place = cudacpu::Place::here()) {
  return cudaMallocHost(out, size_bytes, place);
}
cudaError_t cudaFree(void* memory, cudacpu::Place place = cudacpu::Place::here());
cudaError_t cudaFreeAsync(void* memory, cudaStream_t stream,
                          cudacpu::Place place = cudacpu::Place::here());
cudaError_t cudaFreeHost(void* memory, cudacpu::Place place = cudacpu::Place::here());
cudaError_t cudaHostRegister(void* memory, std::size_t size_bytes, unsigned flags,
                             cudacpu::Place place = cudacpu::Place::here());
cudaError_t cudaHostUnregister(void* memory, cudacpu::Place place = cudacpu::Place::here());

cudaError_t cudaMemGetInfo(std::size_t* free_bytes, std::size_t* total_bytes);
cudaError_t cudaDeviceGetDefaultMemPool(cudaMemPool_t* pool, int device);
cudaError_t cudaMemPoolSetAttribute(cudaMemPool_t pool, cudaMemPoolAttr attribute, void* value);
cudaError_t cudaMemPoolGetAttribute(cudaMemPool_t pool, cudaMemPoolAttr attribute, void* value);
cudaError_t cudaMemPoolTrimTo(cudaMemPool_t pool, std::size_t keep_bytes);

cudaError_t cudaMemcpy(void* to, const void* from, std::size_t size_bytes, cudaMemcpyKind kind,
                       cudacpu::Place place = cudacpu::Place::here());
cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t size_bytes, cudaMemcpyKind kind,
                            cudaStream_t stream = nullptr,
                            cudacpu::Place place = cudacpu::Place::here());
cudaError_t cudaMemcpy2DAsync(void* to, std::size_t to_pitch, const void* from,
                              std::size_t from_pitch, std::size_t width_bytes, std::size_t rows,
                              cudaMemcpyKind kind, cudaStream_t stream = nullptr,
                              cudacpu::Place place = cudacpu::Place::here());
cudaError_t cudaMemset(void* to, int value, std::size_t size_bytes,
                       cudacpu::Place place = cudacpu::Place::here());
cudaError_t cudaMemsetAsync(void* to, int value, std::size_t size_bytes,
                            cudaStream_t stream = nullptr,
                            cudacpu::Place place = cudacpu::Place::here());
cudaError_t cudaMemset2DAsync(void* to, std::size_t pitch, int value, std::size_t width_bytes,
                              std::size_t rows, cudaStream_t stream = nullptr,
                              cudacpu::Place place = cudacpu::Place::here());

namespace cudacpu {
cudaError_t copy_to_symbol(void* symbol, std::size_t symbol_bytes, const void* from,
                           std::size_t size_bytes, std::size_t offset_bytes, cudaStream_t stream);
}  // namespace cudacpu

template <typename T>
cudaError_t cudaMemcpyToSymbolAsync(T& symbol, const void* from, std::size_t size_bytes,
                                    std::size_t offset_bytes = 0,
                                    cudaMemcpyKind = cudaMemcpyHostToDevice,
                                    cudaStream_t stream = nullptr) {
  return cudacpu::copy_to_symbol(&symbol, sizeof(T), from, size_bytes, offset_bytes, stream);
}
