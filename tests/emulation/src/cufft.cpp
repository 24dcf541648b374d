// SPDX-License-Identifier: Apache-2.0
// cuFFT's plans over the emulation's own FFT. Unlike the real library it checks its buffers.
#include "cufft.h"

#include <map>

#include "fft.hpp"
#include "memory.hpp"
#include "sanitizers.hpp"
#include "streams.hpp"
#include "traffic.hpp"

namespace cudacpu {
namespace {

struct Layout {
  std::size_t points = 0;  ///< of one transform
  std::size_t stride = 1;
  std::size_t distance = 0;

  std::size_t at(std::size_t batch, std::size_t point) const {
    return batch * distance + point * stride;
  }
  std::size_t reach(std::size_t batches) const { return at(batches - 1, points - 1) + 1; }
};

struct Plan {
  cufftType type = CUFFT_R2C;
  std::size_t size = 0;
  std::size_t batches = 0;
  Layout in;
  Layout out;
  bool dense = false;  ///< no embedding given: cuFFT chooses the layout, and pads in place
  bool made = false;
  bool own_work_area = true;
  void* work_area = nullptr;
  std::size_t work_bytes = 0;
  cudaStream_t stream = nullptr;
};

std::map<cufftHandle, Plan>& plans() {
  static auto& all = *new std::map<cufftHandle, Plan>;
  return all;
}

Plan* find_plan(cufftHandle handle) {
  const auto found = plans().find(handle);
  return found == plans().end() ? nullptr : &found->second;
}

bool is_real_to_complex(cufftType type) { return type == CUFFT_R2C || type == CUFFT_D2Z; }
bool is_complex_to_real(cufftType type) { return type == CUFFT_C2R || type == CUFFT_Z2D; }
bool is_double(cufftType type) {
  return type == CUFFT_D2Z || type == CUFFT_Z2D || type == CUFFT_Z2Z;
}

std::size_t real_bytes(const Plan& plan) {
  return is_double(plan.type) ? sizeof(double) : sizeof(float);
}
std::size_t in_bytes(const Plan& plan) {
  return real_bytes(plan) * (is_real_to_complex(plan.type) ? 1 : 2);
}
std::size_t out_bytes(const Plan& plan) {
  return real_bytes(plan) * (is_complex_to_real(plan.type) ? 1 : 2);
}

// Without embedding, transforms follow each other, and in place the reals are padded to the bins.
void choose_dense_layout(Plan& plan, bool in_place) {
  plan.in = {plan.in.points, 1, plan.in.points};
  plan.out = {plan.out.points, 1, plan.out.points};
  const std::size_t padded = 2 * (plan.size / 2 + 1);
  if (in_place && is_real_to_complex(plan.type)) plan.in.distance = padded;
  if (in_place && is_complex_to_real(plan.type)) plan.out.distance = padded;
}

template <typename Real>
void transform_one(const Plan& plan, const void* in, void* out, int sign, std::size_t batch,
                   std::vector<Complex<Real>>& bins, std::vector<Real>& reals) {
  const auto* real_in = static_cast<const Real*>(in);
  const auto* complex_in = static_cast<const Complex<Real>*>(in);
  Fft<Real>& fft = fft_of<Real>(plan.size);
  if (is_real_to_complex(plan.type)) {
    for (std::size_t k = 0; k < plan.size; ++k) reals[k] = real_in[plan.in.at(batch, k)];
    fft.real_to_complex(reals.data(), bins.data());
  } else {
    for (std::size_t k = 0; k < plan.in.points; ++k) bins[k] = complex_in[plan.in.at(batch, k)];
    if (is_complex_to_real(plan.type)) {
      fft.complex_to_real(bins.data(), reals.data());
    } else {
      fft.transform(bins.data(), sign);
    }
  }
  if (is_complex_to_real(plan.type)) {
    auto* real_out = static_cast<Real*>(out);
    for (std::size_t k = 0; k < plan.size; ++k) real_out[plan.out.at(batch, k)] = reals[k];
  } else {
    auto* complex_out = static_cast<Complex<Real>*>(out);
    for (std::size_t k = 0; k < plan.out.points; ++k) complex_out[plan.out.at(batch, k)] = bins[k];
  }
}

template <typename Real>
void transform_all(const Plan& plan, void* in, void* out, int sign) {
  std::vector<Complex<Real>> bins(plan.size + 1);
  std::vector<Real> reals(plan.size);
  for (std::size_t batch = 0; batch < plan.batches; ++batch) {
    transform_one<Real>(plan, in, out, sign, batch, bins, reals);
  }
  if (!is_complex_to_real(plan.type) || in == out) return;
  // cuFFT may use the input of an inverse real transform up: nobody shall count on it.
  auto* complex_in = static_cast<Complex<Real>*>(in);
  for (std::size_t batch = 0; batch < plan.batches; ++batch) {
    for (std::size_t k = 0; k < plan.in.points; ++k) {
      poison(&complex_in[plan.in.at(batch, k)], sizeof(Complex<Real>));
    }
  }
}

cufftResult execute(cufftHandle handle, cufftType type, void* in, void* out, int sign) {
  const Lock lock(api_mutex());
  if (callable() != cudaSuccess) return CUFFT_EXEC_FAILED;
  const Plan* found = find_plan(handle);
  if (found == nullptr || !found->made) return CUFFT_INVALID_PLAN;
  Plan plan = *found;
  if (plan.type != type) return CUFFT_INVALID_TYPE;
  if (!plan.own_work_area && plan.work_bytes > 0 && plan.work_area == nullptr) {
    return CUFFT_NO_WORKSPACE;
  }
  if (plan.dense) choose_dense_layout(plan, in == out);
  if (!is_device_memory(in, plan.in.reach(plan.batches) * in_bytes(plan)) ||
      !is_device_memory(out, plan.out.reach(plan.batches) * out_bytes(plan))) {
    mistake(cudaErrorIllegalAddress, "cufftExec: a buffer is too small, or not device memory");
    return CUFFT_EXEC_FAILED;
  }
  const auto aligned = [&](const void* buffer) {
    return reinterpret_cast<std::uintptr_t>(buffer) % (2 * real_bytes(plan)) == 0;
  };
  if (!aligned(in) || !aligned(out)) return CUFFT_UNALIGNED_DATA;
  Work work;
  work.uses = {in, out};
  if (plan.work_area != nullptr) work.uses.push_back(plan.work_area);
  work.run = [=] {
    // Whatever the work area held is gone.
    if (plan.work_area != nullptr) poison(plan.work_area, plan.work_bytes);
    if (is_double(plan.type)) {
      transform_all<double>(plan, in, out, sign);
    } else {
      transform_all<float>(plan, in, out, sign);
    }
  };
  if (enqueue(plan.stream, std::move(work)) != cudaSuccess) return CUFFT_EXEC_FAILED;
  count_transforms(is_real_to_complex(type)   ? "cufftExecR2C"
                   : is_complex_to_real(type) ? "cufftExecC2R"
                                              : "cufftExecC2C",
                   plan.batches, plan.batches * plan.in.points * in_bytes(plan),
                   plan.batches * plan.out.points * out_bytes(plan));
  return CUFFT_SUCCESS;
}

cufftResult make(Plan& plan, cufftType type, int size, int batches) {
  if (size < 1 || batches < 1) return CUFFT_INVALID_SIZE;
  plan.type = type;
  plan.size = static_cast<std::size_t>(size);
  plan.batches = static_cast<std::size_t>(batches);
  plan.in.points = is_complex_to_real(type) ? plan.size / 2 + 1 : plan.size;
  plan.out.points = is_real_to_complex(type) ? plan.size / 2 + 1 : plan.size;
  plan.work_bytes = plan.batches * plan.size * 2 * real_bytes(plan);
  if (plan.own_work_area && (counts_out(settings().allocations_until_failure) ||
                             !reserve_device_bytes(plan.work_bytes))) {
    return CUFFT_ALLOC_FAILED;
  }
  plan.made = true;
  return CUFFT_SUCCESS;
}

}  // namespace

std::size_t fft_plan_count() { return plans().size(); }

}  // namespace cudacpu

using cudacpu::api_mutex;
using cudacpu::find_plan;
using cudacpu::Lock;
using cudacpu::Plan;

cufftResult cufftCreate(cufftHandle* handle) {
  const Lock lock(api_mutex());
  if (cudacpu::callable() != cudaSuccess) return CUFFT_SETUP_FAILED;
  static cufftHandle last = 0;
  *handle = ++last;
  cudacpu::plans()[last] = Plan();
  return CUFFT_SUCCESS;
}

cufftResult cufftMakePlanMany(cufftHandle handle, int rank, int* size, int* in_embed, int in_stride,
                              int in_distance, int* out_embed, int out_stride, int out_distance,
                              cufftType type, int batch, std::size_t* work_bytes) {
  const Lock lock(api_mutex());
  Plan* plan = find_plan(handle);
  if (plan == nullptr || plan->made) return CUFFT_INVALID_PLAN;
  if (rank != 1) return CUFFT_NOT_SUPPORTED;
  // Other than FFTW's, cuFFT's strides and distances mean nothing unless both embeddings are given.
  plan->dense = in_embed == nullptr || out_embed == nullptr;
  if (!plan->dense && (in_stride < 1 || out_stride < 1 || in_distance < 0 || out_distance < 0)) {
    return CUFFT_INVALID_VALUE;
  }
  plan->in.stride = static_cast<std::size_t>(in_stride);
  plan->in.distance = static_cast<std::size_t>(in_distance);
  plan->out.stride = static_cast<std::size_t>(out_stride);
  plan->out.distance = static_cast<std::size_t>(out_distance);
  const cufftResult result = cudacpu::make(*plan, type, size[0], batch);
  *work_bytes = plan->work_bytes;
  return result;
}

cufftResult cufftPlanMany(cufftHandle* handle, int rank, int* size, int* in_embed, int in_stride,
                          int in_distance, int* out_embed, int out_stride, int out_distance,
                          cufftType type, int batch) {
  if (const cufftResult result = cufftCreate(handle)) return result;
  std::size_t work_bytes = 0;
  const cufftResult result =
      cufftMakePlanMany(*handle, rank, size, in_embed, in_stride, in_distance, out_embed,
                        out_stride, out_distance, type, batch, &work_bytes);
  if (result != CUFFT_SUCCESS) cudacpu::plans().erase(*handle);
  return result;
}

cufftResult cufftPlan1d(cufftHandle* handle, int size, cufftType type, int batch) {
  return cufftPlanMany(handle, 1, &size, nullptr, 1, 0, nullptr, 1, 0, type, batch);
}

cufftResult cufftSetAutoAllocation(cufftHandle handle, int automatic) {
  const Lock lock(api_mutex());
  Plan* plan = find_plan(handle);
  if (plan == nullptr || plan->made) return CUFFT_INVALID_PLAN;
  plan->own_work_area = automatic != 0;
  return CUFFT_SUCCESS;
}

cufftResult cufftSetWorkArea(cufftHandle handle, void* work_area) {
  const Lock lock(api_mutex());
  Plan* plan = find_plan(handle);
  if (plan == nullptr || !plan->made) return CUFFT_INVALID_PLAN;
  if (!cudacpu::is_device_memory(work_area, plan->work_bytes)) {
    cudacpu::mistake(cudaErrorIllegalAddress, "cufftSetWorkArea: too small, or not device memory");
    return CUFFT_INVALID_VALUE;
  }
  plan->work_area = work_area;
  return CUFFT_SUCCESS;
}

cufftResult cufftGetSize(cufftHandle handle, std::size_t* work_bytes) {
  const Lock lock(api_mutex());
  const Plan* plan = find_plan(handle);
  if (plan == nullptr || !plan->made) return CUFFT_INVALID_PLAN;
  *work_bytes = plan->work_bytes;
  return CUFFT_SUCCESS;
}

cufftResult cufftSetStream(cufftHandle handle, cudaStream_t stream) {
  const Lock lock(api_mutex());
  Plan* plan = find_plan(handle);
  if (plan == nullptr) return CUFFT_INVALID_PLAN;
  plan->stream = stream;
  return CUFFT_SUCCESS;
}

cufftResult cufftDestroy(cufftHandle handle) {
  const Lock lock(api_mutex());
  const Plan* plan = find_plan(handle);
  if (plan == nullptr) return CUFFT_INVALID_PLAN;
  if (plan->made && plan->own_work_area) cudacpu::return_device_bytes(plan->work_bytes);
  cudacpu::plans().erase(handle);
  return CUFFT_SUCCESS;
}

cufftResult cufftGetVersion(int* version) {
  *version = 12000;
  return CUFFT_SUCCESS;
}

cufftResult cufftExecR2C(cufftHandle plan, cufftReal* in, cufftComplex* out) {
  return cudacpu::execute(plan, CUFFT_R2C, in, out, CUFFT_FORWARD);
}

cufftResult cufftExecC2R(cufftHandle plan, cufftComplex* in, cufftReal* out) {
  return cudacpu::execute(plan, CUFFT_C2R, in, out, CUFFT_INVERSE);
}

cufftResult cufftExecC2C(cufftHandle plan, cufftComplex* in, cufftComplex* out, int direction) {
  return cudacpu::execute(plan, CUFFT_C2C, in, out, direction);
}

cufftResult cufftExecD2Z(cufftHandle plan, cufftDoubleReal* in, cufftDoubleComplex* out) {
  return cudacpu::execute(plan, CUFFT_D2Z, in, out, CUFFT_FORWARD);
}

cufftResult cufftExecZ2D(cufftHandle plan, cufftDoubleComplex* in, cufftDoubleReal* out) {
  return cudacpu::execute(plan, CUFFT_Z2D, in, out, CUFFT_INVERSE);
}

cufftResult cufftExecZ2Z(cufftHandle plan, cufftDoubleComplex* in, cufftDoubleComplex* out,
                         int direction) {
  return cudacpu::execute(plan, CUFFT_Z2Z, in, out, direction);
}
