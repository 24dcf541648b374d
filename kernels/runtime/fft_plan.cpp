// SPDX-License-Identifier: Apache-2.0
#include "kernels/runtime/fft_plan.hpp"

#include <stdexcept>
#include <utility>

#include "kernels/runtime/check.hpp"

namespace tutti::cuda {
namespace {

cufftType type_of(FftKind kind) {
  switch (kind) {
    case FftKind::real_to_complex:
      return CUFFT_R2C;
    case FftKind::complex_to_real:
      return CUFFT_C2R;
    case FftKind::complex_to_complex:
      break;
  }
  return CUFFT_C2C;
}

std::size_t reach(int points, int stride, int batch, int distance) {
  return static_cast<std::size_t>(batch - 1) * static_cast<std::size_t>(distance) +
         static_cast<std::size_t>(points - 1) * static_cast<std::size_t>(stride) + 1;
}

}  // namespace

int FftShape::in_points() const { return kind == FftKind::complex_to_real ? size / 2 + 1 : size; }

int FftShape::out_points() const { return kind == FftKind::real_to_complex ? size / 2 + 1 : size; }

std::size_t FftShape::in_elements() const {
  return reach(in_points(), in_stride, batch, in_distance);
}

std::size_t FftShape::out_elements() const {
  return reach(out_points(), out_stride, batch, out_distance);
}

FftShape dense_fft(FftKind kind, int size, int batch) {
  FftShape shape{.kind = kind, .size = size, .batch = batch};
  shape.in_distance = shape.in_points();
  shape.out_distance = shape.out_points();
  return shape;
}

FftPlan::FftPlan(const FftShape& shape) : shape_(shape) {
  int size[1] = {shape.size};
  // cuFFT ignores strides and distances unless it is given embedding sizes; in one dimension their
  // values do not matter.
  int embed[1] = {shape.size};
  check(cufftPlanMany(&handle_, 1, size, embed, shape.in_stride, shape.in_distance, embed,
                      shape.out_stride, shape.out_distance, type_of(shape.kind), shape.batch),
        "cufftPlanMany");
  made_ = true;
}

FftPlan::FftPlan(FftPlan&& other) noexcept
    : shape_(other.shape_), handle_(other.handle_), made_(std::exchange(other.made_, false)) {}

FftPlan& FftPlan::operator=(FftPlan&& other) noexcept {
  std::swap(shape_, other.shape_);
  std::swap(handle_, other.handle_);
  std::swap(made_, other.made_);
  return *this;
}

FftPlan::~FftPlan() {
  if (made_) ignore(cufftDestroy(handle_));
}

void FftPlan::prepare(FftKind kind, cudaStream_t stream, std::size_t in_size,
                      std::size_t out_size) {
  if (kind != shape_.kind) throw std::logic_error("FftPlan: executed as another kind");
  if (in_size < shape_.in_elements() || out_size < shape_.out_elements()) {
    throw std::logic_error("FftPlan: a span is smaller than the shape");
  }
  check(cufftSetStream(handle_, stream), "cufftSetStream");
}

void FftPlan::execute(cudaStream_t stream, DeviceSpan<const float> in, DeviceSpan<float2> out) {
  prepare(FftKind::real_to_complex, stream, in.size(), out.size());
  // cuFFT's interface has no const; out of place a forward transform leaves its input alone.
  check(cufftExecR2C(handle_, const_cast<float*>(in.data()), out.data()), "cufftExecR2C");
}

void FftPlan::execute(cudaStream_t stream, DeviceSpan<float2> in, DeviceSpan<float> out) {
  prepare(FftKind::complex_to_real, stream, in.size(), out.size());
  check(cufftExecC2R(handle_, in.data(), out.data()), "cufftExecC2R");
}

void FftPlan::execute(cudaStream_t stream, DeviceSpan<const float2> in, DeviceSpan<float2> out,
                      FftDirection direction) {
  prepare(FftKind::complex_to_complex, stream, in.size(), out.size());
  check(cufftExecC2C(handle_, const_cast<float2*>(in.data()), out.data(),
                     direction == FftDirection::forward ? CUFFT_FORWARD : CUFFT_INVERSE),
        "cufftExecC2C");
}

FftPlan& FftPlanCache::plan(const FftShape& shape) {
  const auto found = plans_.find(shape);
  if (found != plans_.end()) return found->second;
  return plans_.emplace(shape, FftPlan(shape)).first->second;
}

}  // namespace tutti::cuda
