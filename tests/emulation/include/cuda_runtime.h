// SPDX-License-Identifier: Apache-2.0
// cudacpu: test-only "CUDA on CPU" layer.  Put this folder FIRST on the include path and compile
// the unmodified .cu/.cuh with a plain C++20 compiler (g++/clang++ -x c++).  Not for shipping.
#pragma once
#define TUTTI_CUDA_EMULATED 1
#define CUDART_VERSION 13000
#include <math.h>  // not only <cmath>: puts the float overloads of fma, fabs, ... into the global namespace, as nvcc has them
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

// ---------------------------------------------------------------- qualifiers
#define CUDACPU_STR2(x) #x
#define CUDACPU_STR(x) CUDACPU_STR2(x)
#define __global__
#define __device__
#define __host__
#define __constant__
#define __managed__
#define __grid_constant__
#define __launch_bounds__(...)
#define __forceinline__ inline __attribute__((always_inline))
#define __align__(n) __attribute__((aligned(n)))
// One section per __shared__ declaration: GCC cannot mix template (COMDAT) and plain variables in
// one.  The runtime finds the sections through the ELF section headers, to poison shared memory
// before every block.
#define __shared__ \
  static __attribute__((section("cudacpu_shm_" CUDACPU_STR(__COUNTER__)), aligned(8)))
#define CUDACPU_HERE const char *file_ = __builtin_FILE(), int line_ = __builtin_LINE()

// ---------------------------------------------------------------- vector types
#define CUDACPU_V2(n, t, a) \
  struct alignas(a) n {     \
    t x, y;                 \
  };                        \
  inline n make_##n(t x, t y) { return {x, y}; }
#define CUDACPU_V3(n, t) \
  struct n {             \
    t x, y, z;           \
  };                     \
  inline n make_##n(t x, t y, t z) { return {x, y, z}; }
#define CUDACPU_V4(n, t, a) \
  struct alignas(a) n {     \
    t x, y, z, w;           \
  };                        \
  inline n make_##n(t x, t y, t z, t w) { return {x, y, z, w}; }
CUDACPU_V2(char2, signed char, 2)
CUDACPU_V2(uchar2, unsigned char, 2) CUDACPU_V2(short2, short, 4)
    CUDACPU_V2(ushort2, unsigned short, 4) CUDACPU_V2(int2, int, 8) CUDACPU_V2(uint2, unsigned, 8)
        CUDACPU_V2(float2, float, 8) CUDACPU_V2(double2, double, 16) CUDACPU_V3(int3, int)
            CUDACPU_V3(uint3, unsigned) CUDACPU_V3(float3, float) CUDACPU_V3(double3, double)
                CUDACPU_V4(char4, signed char, 4) CUDACPU_V4(uchar4, unsigned char, 4)
                    CUDACPU_V4(short4, short, 8) CUDACPU_V4(ushort4, unsigned short, 8)
                        CUDACPU_V4(int4, int, 16) CUDACPU_V4(uint4, unsigned, 16)
                            CUDACPU_V4(float4, float, 16) CUDACPU_V4(double4, double, 16)
                                CUDACPU_V2(longlong2, long long, 16)
                                    CUDACPU_V2(ulonglong2, unsigned long long, 16) struct dim3 {
  unsigned x, y, z;
  constexpr dim3(unsigned x_ = 1, unsigned y_ = 1, unsigned z_ = 1) : x(x_), y(y_), z(z_) {}
  constexpr dim3(uint3 v) : x(v.x), y(v.y), z(v.z) {}
};
using cuFloatComplex = float2;
using cuComplex = float2;
using cuDoubleComplex = double2;

// ---------------------------------------------------------------- errors, handles, device
// properties
enum cudaError_t : int {
  cudaSuccess = 0,
  cudaErrorInvalidValue = 1,
  cudaErrorMemoryAllocation = 2,
  cudaErrorInvalidConfiguration = 9,
  cudaErrorInvalidPitchValue = 12,
  cudaErrorInvalidDevicePointer = 17,
  cudaErrorInvalidMemcpyDirection = 21,
  cudaErrorInsufficientDriver = 35,
  cudaErrorNoDevice = 100,
  cudaErrorInvalidDevice = 101,
  cudaErrorInvalidResourceHandle = 400,
  cudaErrorNotReady = 600,
  cudaErrorIllegalAddress = 700,
  cudaErrorLaunchFailure = 719,
  cudaErrorNotSupported = 801,
  cudaErrorUnknown = 999
};
const char* cudaGetErrorName(cudaError_t);
const char* cudaGetErrorString(cudaError_t);
cudaError_t cudaGetLastError();
cudaError_t cudaPeekAtLastError();
struct CUstream_st;
using cudaStream_t = CUstream_st*;
struct CUevent_st;
using cudaEvent_t = CUevent_st*;
#define cudaStreamLegacy ((cudaStream_t)0x1)
enum {
  cudaStreamDefault = 0,
  cudaStreamNonBlocking = 1,
  cudaEventDefault = 0,
  cudaEventBlockingSync = 1,
  cudaEventDisableTiming = 2,
  cudaHostAllocDefault = 0,
  cudaHostAllocPortable = 1,
  cudaHostAllocMapped = 2,
  cudaHostAllocWriteCombined = 4,
  cudaHostRegisterDefault = 0
};
enum cudaMemcpyKind {
  cudaMemcpyHostToHost,
  cudaMemcpyHostToDevice,
  cudaMemcpyDeviceToHost,
  cudaMemcpyDeviceToDevice,
  cudaMemcpyDefault
};
enum cudaFuncAttribute {
  cudaFuncAttributeMaxDynamicSharedMemorySize = 8,
  cudaFuncAttributePreferredSharedMemoryCarveout = 9
};
enum cudaDeviceAttr {
  cudaDevAttrMaxThreadsPerBlock = 1,
  cudaDevAttrMultiProcessorCount = 16,
  cudaDevAttrMaxSharedMemoryPerBlockOptin = 97
};
struct cudaDeviceProp {
  char name[256];
  size_t totalGlobalMem, sharedMemPerBlock;
  int regsPerBlock, warpSize;
  size_t memPitch;
  int maxThreadsPerBlock;
  int maxThreadsDim[3], maxGridSize[3];
  size_t totalConstMem;
  int major, minor, multiProcessorCount, asyncEngineCount, concurrentKernels;
  int maxThreadsPerMultiProcessor;
  size_t sharedMemPerMultiprocessor, sharedMemPerBlockOptin;
  int l2CacheSize;
};
struct cudaLaunchAttribute {
  int id;
  int val;
};
struct cudaLaunchConfig_t {
  dim3 gridDim, blockDim;
  size_t dynamicSmemBytes;
  cudaStream_t stream;
  cudaLaunchAttribute* attrs;
  unsigned numAttrs;
};

cudaError_t cudaGetDeviceCount(int*);
cudaError_t cudaGetDevice(int*);
cudaError_t cudaSetDevice(int);
cudaError_t cudaGetDeviceProperties(cudaDeviceProp*, int);
cudaError_t cudaDeviceGetAttribute(int*, cudaDeviceAttr, int);
cudaError_t cudaDeviceSynchronize();
cudaError_t cudaDeviceReset();
cudaError_t cudaDriverGetVersion(int*);
cudaError_t cudaRuntimeGetVersion(int*);
cudaError_t cudaMemGetInfo(size_t*, size_t*);
// ---------------------------------------------------------------- memory
namespace cudacpu {
enum class Mem { Device, Pinned, Managed };
cudaError_t alloc(void**, size_t, Mem, CUDACPU_HERE);
cudaError_t release(void*, Mem, CUDACPU_HERE);
}  // namespace cudacpu
#define CUDACPU_ALLOC(name, kind)                                          \
  template <class T>                                                       \
  cudaError_t name(T** p, size_t n, CUDACPU_HERE) {                        \
    return cudacpu::alloc((void**)p, n, cudacpu::Mem::kind, file_, line_); \
  }
CUDACPU_ALLOC(cudaMalloc, Device)
CUDACPU_ALLOC(cudaMallocHost, Pinned)
template <class T>
cudaError_t cudaHostAlloc(T** p, size_t n, unsigned = 0, CUDACPU_HERE) {
  return cudacpu::alloc((void**)p, n, cudacpu::Mem::Pinned, file_, line_);
}
template <class T>
cudaError_t cudaMallocManaged(T** p, size_t n, unsigned = 1, CUDACPU_HERE) {
  return cudacpu::alloc((void**)p, n, cudacpu::Mem::Managed, file_, line_);
}
template <class T>
cudaError_t cudaMallocAsync(T** p, size_t n, cudaStream_t, CUDACPU_HERE) {
  return cudacpu::alloc((void**)p, n, cudacpu::Mem::Device, file_, line_);
}
cudaError_t cudaFree(void*, CUDACPU_HERE);
cudaError_t cudaFreeHost(void*, CUDACPU_HERE);
cudaError_t cudaFreeAsync(void*, cudaStream_t);
cudaError_t cudaMemcpy(void*, const void*, size_t, cudaMemcpyKind, CUDACPU_HERE);
cudaError_t cudaMemcpyAsync(void*, const void*, size_t, cudaMemcpyKind, cudaStream_t = nullptr,
                            CUDACPU_HERE);
cudaError_t cudaMemcpy2DAsync(void*, size_t, const void*, size_t, size_t, size_t, cudaMemcpyKind,
                              cudaStream_t = nullptr, CUDACPU_HERE);
cudaError_t cudaMemset(void*, int, size_t, CUDACPU_HERE);
cudaError_t cudaMemsetAsync(void*, int, size_t, cudaStream_t = nullptr, CUDACPU_HERE);
// ---------------------------------------------------------------- streams and events
cudaError_t cudaStreamCreate(cudaStream_t*);
cudaError_t cudaStreamCreateWithFlags(cudaStream_t*, unsigned);
cudaError_t cudaStreamDestroy(cudaStream_t);
cudaError_t cudaStreamSynchronize(cudaStream_t);
cudaError_t cudaStreamQuery(cudaStream_t);
cudaError_t cudaStreamWaitEvent(cudaStream_t, cudaEvent_t, unsigned = 0);
cudaError_t cudaLaunchHostFunc(cudaStream_t, void (*)(void*), void*);
cudaError_t cudaEventCreate(cudaEvent_t*);
cudaError_t cudaEventCreateWithFlags(cudaEvent_t*, unsigned);
cudaError_t cudaEventDestroy(cudaEvent_t);
cudaError_t cudaEventRecord(cudaEvent_t, cudaStream_t = nullptr);
cudaError_t cudaEventSynchronize(cudaEvent_t);
cudaError_t cudaEventQuery(cudaEvent_t);
cudaError_t cudaEventElapsedTime(float*, cudaEvent_t, cudaEvent_t);

// ---------------------------------------------------------------- the layer's own interface (tests
// only)
namespace cudacpu {
enum class Order {
  Forward,
  Reverse,
  Random
};  // order in which the threads of a block (and the blocks) run
enum class Streams { Eager, Lazy, Random };  // when enqueued work really happens
struct Stats {
  unsigned long long launches = 0, blocks = 0, threads = 0, switches = 0, barriers = 0,
                     warp_ops = 0;
  double seconds = 0;
};
void set_order(Order, unsigned seed = 1);
void set_streams(Streams, unsigned seed = 1);
void set_memory_limit(size_t);
void set_abort_on_error(bool);  // default true: print the diagnosis and abort()
std::string take_report();      // diagnoses since the last call (when not aborting)
Stats& stats();
cudaError_t fail(cudaError_t, std::string msg);
cudaError_t enqueue(cudaStream_t, std::function<void()>, bool device_access = true);
bool is_device_ptr(const void*, size_t bytes, bool allow_pinned = true);
cudaError_t launch_impl(const void* fn, dim3 g, dim3 b, size_t smem, cudaStream_t,
                        std::function<void()> body);
cudaError_t func_attr(const void*, cudaFuncAttribute, int);
void* dynamic_smem();
int block_barrier(int pred, const char* file, int line);  // returns the count of true predicates
enum class WarpOp : int { Sync, Shfl, Ballot, MatchAny, Add, Min, Max, And, Or, Xor, UMin, UMax };
struct Payload {
  unsigned long long a, b;
};
Payload warp_op(unsigned mask, WarpOp, Payload v, int src, const char* file, int line);
[[noreturn]] void device_trap(const char* file, int line);
void fence();
template <class T>
Payload pack(const T& v) {
  static_assert(sizeof(T) <= 16);
  Payload p{0, 0};
  __builtin_memcpy(&p, &v, sizeof(T));
  return p;
}
template <class T>
T unpack(const Payload& p) {
  T v;
  __builtin_memcpy(&v, &p, sizeof(T));
  return v;
}
template <class T>
bool arg_ok(const T& v) {
  if constexpr (std::is_pointer_v<T> && !std::is_function_v<std::remove_pointer_t<T>>)
    return v == nullptr || is_device_ptr((const void*)v, 1);
  else
    return true;
}
}  // namespace cudacpu

template <class... P, class... A>
cudaError_t cudaLaunchKernelEx(const cudaLaunchConfig_t* c, void (*k)(P...), A&&... a) {
  static_assert(sizeof...(P) == sizeof...(A), "wrong number of kernel arguments");
  static_assert((std::is_trivially_copyable_v<std::remove_cv_t<P>> && ...) &&
                    (!std::is_reference_v<P> && ...),
                "kernel parameters must be trivially copyable values");
  static_assert((sizeof(std::remove_cv_t<P>) + ... + 0) <= 32764, "kernel parameters too large");
  std::tuple<std::remove_cv_t<P>...> t(static_cast<P>(std::forward<A>(a))...);
  int bad = 0, i = 0;
  std::apply([&](auto&... v) { ((++i, bad = (!bad && !cudacpu::arg_ok(v)) ? i : bad), ...); }, t);
  if (bad)
    return cudacpu::fail(cudaErrorIllegalAddress,
                         "kernel argument " + std::to_string(bad) +
                             " is a host pointer (not from cudaMalloc/cudaHostAlloc, or freed)");
  return cudacpu::launch_impl((const void*)k, c->gridDim, c->blockDim, c->dynamicSmemBytes,
                              c->stream, [k, t] { std::apply(k, t); });
}
template <class F>
cudaError_t cudaFuncSetAttribute(F* f, cudaFuncAttribute a, int v) {
  return cudacpu::func_attr((const void*)f, a, v);
}
template <class F>
cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int* n, F*, int threads, size_t smem) {
  *n = std::max(0, std::min(threads ? 2048 / threads : 0, smem ? int(233472 / smem) : 32));
  return cudaSuccess;
}
template <class T>
cudaError_t cudaMemcpyToSymbolAsync(T& sym, const void* src, size_t n, size_t off = 0,
                                    cudaMemcpyKind = cudaMemcpyHostToDevice,
                                    cudaStream_t s = nullptr) {
  if (off + n > sizeof(T))
    return cudacpu::fail(cudaErrorInvalidValue, "cudaMemcpyToSymbol out of bounds");
  std::string keep((const char*)src, n);
  return cudacpu::enqueue(
      s, [&sym, keep, off] { std::memcpy((char*)&sym + off, keep.data(), keep.size()); });
}
template <class T>
cudaError_t cudaMemcpyToSymbol(T& sym, const void* src, size_t n, size_t off = 0,
                               cudaMemcpyKind k = cudaMemcpyHostToDevice) {
  cudaError_t e = cudaMemcpyToSymbolAsync(sym, src, n, off, k);
  return e ? e : cudaDeviceSynchronize();
}

// ---------------------------------------------------------------- inside a kernel
extern uint3 threadIdx, blockIdx;
extern dim3 blockDim, gridDim;
constexpr int warpSize = 32;
inline void __syncthreads(CUDACPU_HERE) { cudacpu::block_barrier(0, file_, line_); }
inline int __syncthreads_count(int p, CUDACPU_HERE) {
  return cudacpu::block_barrier(p != 0, file_, line_);
}
inline int __syncthreads_or(int p, CUDACPU_HERE) {
  return cudacpu::block_barrier(p != 0, file_, line_) != 0;
}
inline int __syncthreads_and(int p, CUDACPU_HERE) {
  return cudacpu::block_barrier(p == 0, file_, line_) == 0;
}
inline void __syncwarp(unsigned m = 0xffffffffu, CUDACPU_HERE) {
  cudacpu::warp_op(m, cudacpu::WarpOp::Sync, {0, 0}, 0, file_, line_);
}
inline unsigned __ballot_sync(unsigned m, int p, CUDACPU_HERE) {
  return unsigned(cudacpu::warp_op(m, cudacpu::WarpOp::Ballot, {p != 0, 0}, 0, file_, line_).a);
}
inline int __any_sync(unsigned m, int p, CUDACPU_HERE) {
  return __ballot_sync(m, p, file_, line_) != 0;
}
inline int __all_sync(unsigned m, int p, CUDACPU_HERE) {
  return __ballot_sync(m, !p, file_, line_) == 0;
}
namespace cudacpu {
inline unsigned linear_tid() {
  return threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
}
inline int lane() { return int(linear_tid() & 31); }
template <class T>
T shfl(unsigned m, T v, int src, const char* f, int l) {
  return unpack<T>(warp_op(m, WarpOp::Shfl, pack(v), src, f, l));
}
}  // namespace cudacpu
template <class T>
T __shfl_sync(unsigned m, T v, int src, int w = 32, CUDACPU_HERE) {
  int ln = cudacpu::lane();
  return cudacpu::shfl(m, v, (ln & ~(w - 1)) | (src & (w - 1)), file_, line_);
}
template <class T>
T __shfl_up_sync(unsigned m, T v, unsigned d, int w = 32, CUDACPU_HERE) {
  int ln = cudacpu::lane(), s = ln - int(d);
  return cudacpu::shfl(m, v, s < (ln & ~(w - 1)) ? ln : s, file_, line_);
}
template <class T>
T __shfl_down_sync(unsigned m, T v, unsigned d, int w = 32, CUDACPU_HERE) {
  int ln = cudacpu::lane(), s = ln + int(d);
  return cudacpu::shfl(m, v, s > (ln | (w - 1)) ? ln : s, file_, line_);
}
template <class T>
T __shfl_xor_sync(unsigned m, T v, int x, int w = 32, CUDACPU_HERE) {
  int ln = cudacpu::lane(), s = ln ^ x;
  return cudacpu::shfl(m, v, s > (ln | (w - 1)) ? ln : s, file_, line_);
}
template <class T>
unsigned __match_any_sync(unsigned m, T v, CUDACPU_HERE) {
  return unsigned(
      cudacpu::warp_op(m, cudacpu::WarpOp::MatchAny, cudacpu::pack(v), 0, file_, line_).a);
}
#define CUDACPU_RED(name, t, op)                                                             \
  inline t name(unsigned m, t v, CUDACPU_HERE) {                                             \
    return t(cudacpu::warp_op(m, cudacpu::WarpOp::op, {(unsigned)v, 0}, 0, file_, line_).a); \
  }
CUDACPU_RED(__reduce_add_sync, unsigned, Add)
CUDACPU_RED(__reduce_add_sync, int, Add) CUDACPU_RED(__reduce_min_sync, int, Min)
    CUDACPU_RED(__reduce_max_sync, int, Max) CUDACPU_RED(__reduce_min_sync, unsigned, UMin)
        CUDACPU_RED(__reduce_max_sync, unsigned, UMax) CUDACPU_RED(__reduce_and_sync, unsigned, And)
            CUDACPU_RED(__reduce_or_sync, unsigned, Or)
                CUDACPU_RED(__reduce_xor_sync, unsigned, Xor)
#define __trap() cudacpu::device_trap(__FILE__, __LINE__)
                    inline void __threadfence() {
  cudacpu::fence();
}
inline void __threadfence_block() { cudacpu::fence(); }
inline void __threadfence_system() { cudacpu::fence(); }
template <class T>
T __ldg(const T* p) {
  return *p;
}
template <class T>
T __ldcs(const T* p) {
  return *p;
}
template <class T>
T __ldcg(const T* p) {
  return *p;
}
template <class T>
void __stcs(T* p, T v) {
  *p = v;
}
template <class T>
void __stcg(T* p, T v) {
  *p = v;
}
// atomics: relaxed, as on the device
template <class T, class F>
T cudacpu_rmw(T* p, F f) {
  T old, nw;
  __atomic_load(p, &old, __ATOMIC_RELAXED);
  do nw = f(old);
  while (!__atomic_compare_exchange(p, &old, &nw, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
  return old;
}
template <class T>
T atomicAdd(T* p, std::type_identity_t<T> v) {
  return cudacpu_rmw(p, [v](T o) { return T(o + v); });
}
template <class T>
T atomicSub(T* p, std::type_identity_t<T> v) {
  return cudacpu_rmw(p, [v](T o) { return T(o - v); });
}
template <class T>
T atomicMax(T* p, std::type_identity_t<T> v) {
  static_assert(std::is_integral_v<T>, "CUDA has no floating-point atomicMax");
  return cudacpu_rmw(p, [v](T o) { return o > v ? o : v; });
}
template <class T>
T atomicMin(T* p, std::type_identity_t<T> v) {
  static_assert(std::is_integral_v<T>, "CUDA has no floating-point atomicMin");
  return cudacpu_rmw(p, [v](T o) { return o < v ? o : v; });
}
template <class T>
T atomicOr(T* p, std::type_identity_t<T> v) {
  return cudacpu_rmw(p, [v](T o) { return T(o | v); });
}
template <class T>
T atomicAnd(T* p, std::type_identity_t<T> v) {
  return cudacpu_rmw(p, [v](T o) { return T(o & v); });
}
template <class T>
T atomicXor(T* p, std::type_identity_t<T> v) {
  return cudacpu_rmw(p, [v](T o) { return T(o ^ v); });
}
template <class T>
T atomicExch(T* p, std::type_identity_t<T> v) {
  return cudacpu_rmw(p, [v](T) { return v; });
}
inline unsigned atomicInc(unsigned* p, unsigned v) {
  return cudacpu_rmw(p, [v](unsigned o) { return o >= v ? 0u : o + 1; });
}
template <class T>
T atomicCAS(T* p, std::type_identity_t<T> c, std::type_identity_t<T> v) {
  __atomic_compare_exchange(p, &c, &v, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
  return c;
}
// arithmetic intrinsics
#define CUDACPU_FN [[gnu::always_inline]] inline
CUDACPU_FN float __fmaf_rn(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
CUDACPU_FN double __fma_rn(double a, double b, double c) { return __builtin_fma(a, b, c); }
// the volatile asm barrier keeps the host compiler from contracting, as the device intrinsics
// promise
#if defined(__x86_64__)
#define CUDACPU_FREG "+x"
#else
#define CUDACPU_FREG "+w"
#endif
CUDACPU_FN float cudacpu_opaque(float v) {
  asm("" : CUDACPU_FREG(v));
  return v;
}
CUDACPU_FN double cudacpu_opaque(double v) {
  asm("" : CUDACPU_FREG(v));
  return v;
}
CUDACPU_FN float __fadd_rn(float a, float b) { return cudacpu_opaque(a + b); }
CUDACPU_FN float __fsub_rn(float a, float b) { return cudacpu_opaque(a - b); }
CUDACPU_FN float __fmul_rn(float a, float b) { return cudacpu_opaque(a * b); }
CUDACPU_FN float __fdiv_rn(float a, float b) { return a / b; }
CUDACPU_FN float __fsqrt_rn(float a) { return __builtin_sqrtf(a); }
CUDACPU_FN double __dadd_rn(double a, double b) { return cudacpu_opaque(a + b); }
CUDACPU_FN double __dmul_rn(double a, double b) { return cudacpu_opaque(a * b); }
inline float rsqrtf(float a) { return 1.0f / std::sqrt(a); }
inline float __fdividef(float a, float b) { return a / b; }
inline float __expf(float a) { return std::exp(a); }
inline float __exp10f(float a) { return ::exp10f(a); }
inline float __logf(float a) { return std::log(a); }
inline float __log2f(float a) { return std::log2(a); }
inline float __log10f(float a) { return std::log10(a); }
inline float __powf(float a, float b) { return std::pow(a, b); }
inline float __sinf(float a) { return std::sin(a); }
inline float __cosf(float a) { return std::cos(a); }
inline float sinpif(float a) {
  return float(std::sin(3.14159265358979323846 * std::fmod((double)a, 2.0)));
}
inline float cospif(float a) {
  return float(std::cos(3.14159265358979323846 * std::fmod((double)a, 2.0)));
}
inline void sincospif(float a, float* s, float* c) {
  *s = sinpif(a);
  *c = cospif(a);
}
inline float __saturatef(float a) { return a >= 0.f ? (a > 1.f ? 1.f : a) : 0.f; }
inline int __float2int_rn(float a) {
  return a != a              ? 0
         : a >= 2147483648.f ? 2147483647
         : a < -2147483648.f ? -2147483647 - 1
                             : int(std::nearbyint(a));
}
inline int __float2int_rz(float a) {
  return a != a ? 0 : a >= 2147483648.f ? 2147483647 : a < -2147483648.f ? -2147483647 - 1 : int(a);
}
inline float __int2float_rn(int a) { return float(a); }
inline float __uint2float_rn(unsigned a) { return float(a); }
inline int __float_as_int(float a) { return cudacpu::unpack<int>(cudacpu::pack(a)); }
inline unsigned __float_as_uint(float a) { return cudacpu::unpack<unsigned>(cudacpu::pack(a)); }
inline float __int_as_float(int a) { return cudacpu::unpack<float>(cudacpu::pack(a)); }
inline float __uint_as_float(unsigned a) { return cudacpu::unpack<float>(cudacpu::pack(a)); }
inline int __popc(unsigned a) { return __builtin_popcount(a); }
inline int __clz(int a) { return a ? __builtin_clz(unsigned(a)) : 32; }
inline int __ffs(int a) { return __builtin_ffs(a); }
inline unsigned __brev(unsigned a) {
  unsigned r = 0;
  for (int i = 0; i < 32; i++) r |= ((a >> i) & 1u) << (31 - i);
  return r;
}
inline unsigned __byte_perm(unsigned a, unsigned b, unsigned s) {
  unsigned long long v = ((unsigned long long)b << 32) | a;
  unsigned r = 0;
  for (int i = 0; i < 4; i++) r |= unsigned((v >> (8 * ((s >> (4 * i)) & 7))) & 0xff) << (8 * i);
  return r;
}
inline unsigned __funnelshift_r(unsigned lo, unsigned hi, unsigned s) {
  return unsigned(((((unsigned long long)hi) << 32) | lo) >> (s & 31));
}
#define CUDACPU_MM(t)                                        \
  inline constexpr t min(t a, t b) { return b < a ? b : a; } \
  inline constexpr t max(t a, t b) { return a < b ? b : a; }
CUDACPU_MM(int)
CUDACPU_MM(unsigned) CUDACPU_MM(long) CUDACPU_MM(unsigned long) CUDACPU_MM(long long)
    CUDACPU_MM(unsigned long long) inline float min(float a, float b) {
  return std::fmin(a, b);
}
inline float max(float a, float b) { return std::fmax(a, b); }
inline double min(double a, double b) { return std::fmin(a, b); }
inline double max(double a, double b) { return std::fmax(a, b); }
