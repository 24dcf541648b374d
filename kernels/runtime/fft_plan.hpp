// SPDX-License-Identifier: Apache-2.0
// Batched one-dimensional FFTs by cuFFT. Plans cost milliseconds and device memory: they are made
// once and kept.
#pragma once

#include <cuda_runtime.h>
#include <cufft.h>

#include <compare>
#include <map>
#include <memory>

#include "kernels/runtime/device_span.hpp"

namespace tutti::cuda {

enum class FftKind {
  real_to_complex,     ///< size reals → size / 2 + 1 bins
  complex_to_real,     ///< size / 2 + 1 bins → size reals; uses its input up
  complex_to_complex,  ///< size → size, either direction
};

enum class FftDirection { forward, inverse };

/// `batch` transforms of `size` points. Element k of transform b is at
/// `in[b · in_distance + k · in_stride]`, the same for `out`, counted in elements of their types.
/// Inputs may overlap (in_distance < size). Transforms are not normalised.
struct FftShape {
  FftKind kind = FftKind::real_to_complex;
  int size = 0;
  int batch = 1;
  int in_distance = 0;
  int out_distance = 0;
  int in_stride = 1;
  int out_stride = 1;

  auto operator<=>(const FftShape&) const = default;
  int in_points() const;  ///< elements of one input transform
  int out_points() const;
  std::size_t in_elements() const;  ///< span that the whole batch reaches into
  std::size_t out_elements() const;
};

/// A shape whose transforms lie one after the other without gaps.
FftShape dense_fft(FftKind kind, int size, int batch);

/// One cuFFT plan. Movable. One thread at a time; two streams at a time need two plans, because
/// they would share its work area.
class FftPlan {
 public:
  explicit FftPlan(const FftShape& shape);
  FftPlan(FftPlan&& other) noexcept;
  FftPlan& operator=(FftPlan&& other) noexcept;
  ~FftPlan();

  const FftShape& shape() const { return shape_; }

  /// Enqueue on `stream`. The kind must be the shape's and the spans large enough for it; both
  /// throw std::logic_error.
  void execute(cudaStream_t stream, DeviceSpan<const float> in, DeviceSpan<float2> out);
  void execute(cudaStream_t stream, DeviceSpan<float2> in, DeviceSpan<float> out);
  void execute(cudaStream_t stream, DeviceSpan<const float2> in, DeviceSpan<float2> out,
               FftDirection direction);

 private:
  void prepare(FftKind kind, cudaStream_t stream, std::size_t in_size, std::size_t out_size);

  FftShape shape_;
  cufftHandle handle_ = 0;
  bool made_ = false;
};

/// The plans of one stream, each made when it is first asked for. One thread at a time.
class FftPlanCache {
 public:
  /// Valid as long as the cache. Throws DeviceError, DeviceMemoryError.
  FftPlan& plan(const FftShape& shape);
  std::size_t size() const { return plans_.size(); }
  void clear() { plans_.clear(); }

 private:
  std::map<FftShape, FftPlan> plans_;
};

}  // namespace tutti::cuda
