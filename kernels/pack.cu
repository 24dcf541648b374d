// SPDX-License-Identifier: Apache-2.0
#include "kernels/pack.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "host/dsp/philox.hpp"
#include "kernels/runtime/launch.hpp"

namespace tutti::cuda {
namespace {

constexpr int kBlock = 128;
constexpr int kGroup = 4;  // frames of one counter
constexpr Frames kShapedFrames = kBlock * kGroup;

/// Dither of frames 4·group … 4·group + 3 of a channel.
struct GroupNoise {
  double values[kGroup];
};

__device__ GroupNoise group_noise(const PackParameters& p, Frames group, unsigned channel) {
  GroupNoise noise{};
  if (p.dither == DitherKind::none) return noise;
  std::uint32_t x0 = static_cast<std::uint32_t>(group);
  std::uint32_t x1 = static_cast<std::uint32_t>(static_cast<std::uint64_t>(group) >> 32);
  std::uint32_t x2 = channel, x3 = 0;
  std::uint32_t key0 = p.key[0], key1 = p.key[1];
  for (int round = 0; round < kPhiloxRounds; ++round, key0 += kPhiloxWeyl0, key1 += kPhiloxWeyl1)
    philox_round(x0, x1, x2, x3, key0, key1);
  noise.values[0] = triangular_noise(x0);
  noise.values[1] = triangular_noise(x1);
  noise.values[2] = triangular_noise(x2);
  noise.values[3] = triangular_noise(x3);
  return noise;
}

__device__ double limited(double rounded, double scale) {
  return fmin(fmax(rounded, -scale), scale - 1);
}

// One thread a counter: the four frames that share it. 4 bytes in, 4 out, 90 integer operations a
// sample with dither.
__global__ void __launch_bounds__(kBlock)
    round_kernel(PackParameters p, ConstDeviceBlock in, Frames first,
                 std::uint32_t* __restrict__ numbers, unsigned long long* __restrict__ clipped) {
  const Frames group = first / kGroup + static_cast<Frames>(blockIdx.x) * kBlock + threadIdx.x;
  const GroupNoise noise = group_noise(p, group, blockIdx.y);
  const float* row = in.channel(static_cast<int>(blockIdx.y));
  std::uint32_t* out = numbers + static_cast<Frames>(blockIdx.y) * in.frames;
  int cut = 0;
  for (int i = 0; i < kGroup; ++i) {
    const Frames n = group * kGroup + i - first;
    if (n < 0 || n >= in.frames) continue;
    const double rounded = rint(static_cast<double>(row[n]) * p.scale + noise.values[i]);
    const double kept = limited(rounded, p.scale);
    cut += kept != rounded;
    out[n] = static_cast<std::uint32_t>(static_cast<std::int32_t>(kept));
  }
  const int warp_cut = __reduce_add_sync(0xffffffffU, cut);
  if (threadIdx.x % 32 == 0 && warp_cut > 0)
    atomicAdd(clipped, static_cast<unsigned long long>(warp_cut));
}

// Error feedback has a rounding in its loop: no scan. One block a channel; its threads prepare the
// noise, one of them walks. About 60 cycles a sample.
__global__ void __launch_bounds__(kBlock)
    shape_kernel(PackParameters p, ConstDeviceBlock in, Frames first,
                 std::uint32_t* __restrict__ numbers, double* __restrict__ feedback,
                 unsigned long long* __restrict__ clipped) {
  __shared__ double noise[kShapedFrames];
  __shared__ double steps[kShapedFrames];
  const unsigned channel = blockIdx.x;
  const float* row = in.channel(static_cast<int>(channel));
  std::uint32_t* out = numbers + static_cast<Frames>(channel) * in.frames;
  double* past = feedback + channel * kShapingOrder;
  double ahead[kShapingOrder + 1] = {};
  if (threadIdx.x == 0)
    for (std::size_t k = 0; k < kShapingOrder; ++k) ahead[k] = past[k];
  unsigned long long cut = 0;
  for (Frames start = first / kGroup * kGroup; start < first + in.frames; start += kShapedFrames) {
    const GroupNoise own = group_noise(p, start / kGroup + threadIdx.x, channel);
    for (int i = 0; i < kGroup; ++i) {
      const Frames at = static_cast<Frames>(threadIdx.x) * kGroup + i, n = start + at - first;
      noise[at] = own.values[i];
      steps[at] = n >= 0 && n < in.frames ? static_cast<double>(row[n]) * p.scale : 0;
    }
    __syncthreads();
    if (threadIdx.x == 0) {
      const Frames from = start < first ? first - start : 0;
      const Frames to = first + in.frames - start < kShapedFrames ? first + in.frames - start
                                                                  : kShapedFrames;
      for (Frames at = from; at < to; ++at) {
        const double wanted = steps[at] + ahead[0];
        const double rounded = rint(wanted + noise[at]);
        const double kept = limited(rounded, p.scale);
        cut += kept != rounded;
        steps[at] = kept;
        const double error = rounded - wanted;
        for (std::size_t k = 0; k < kShapingOrder; ++k)
          ahead[k] = ahead[k + 1] + p.shaping[k] * error;
      }
    }
    __syncthreads();
    for (int i = 0; i < kGroup; ++i) {
      const Frames at = static_cast<Frames>(i) * kBlock + threadIdx.x, n = start + at - first;
      if (n >= 0 && n < in.frames)
        out[n] = static_cast<std::uint32_t>(static_cast<std::int32_t>(steps[at]));
    }
    __syncthreads();
  }
  if (threadIdx.x != 0) return;
  for (std::size_t k = 0; k < kShapingOrder; ++k) past[k] = ahead[k];
  if (cut > 0) atomicAdd(clipped, cut);
}

__global__ void __launch_bounds__(kBlock)
    bits_kernel(ConstDeviceBlock in, std::uint32_t* __restrict__ numbers) {
  const Frames n = static_cast<Frames>(blockIdx.x) * kBlock + threadIdx.x;
  if (n >= in.frames) return;
  numbers[static_cast<Frames>(blockIdx.y) * in.frames + n] =
      __float_as_uint(in.channel(static_cast<int>(blockIdx.y))[n]);
}

/// Byte `i` of a stored sample, least significant first.
__device__ std::uint32_t stored_byte(const StoredFormat& format, std::uint32_t number, int i) {
  if (format.bytes == 8) {
    const auto bits = static_cast<unsigned long long>(
        __double_as_longlong(static_cast<double>(__uint_as_float(number))));
    return static_cast<std::uint32_t>(bits >> (8 * i)) & 0xffU;
  }
  const std::uint32_t byte = (number >> (8 * i)) & 0xffU;
  const bool flip = format.kind == SampleKind::unsigned_integer && i == format.bytes - 1;
  return flip ? byte ^ 0x80U : byte;
}

// One thread a word of the file: neighbours store neighbours, whatever the size of a sample.
__global__ void __launch_bounds__(kBlock)
    pack_kernel(StoredFormat format, const std::uint32_t* __restrict__ numbers, int channels,
                Frames frames, Frames words, std::uint32_t* __restrict__ out) {
  const Frames word = static_cast<Frames>(blockIdx.x) * kBlock + threadIdx.x;
  if (word >= words) return;
  std::uint32_t bits = 0;
  for (int b = 0; b < 4; ++b) {
    const Frames byte = 4 * word + b, sample = byte / format.bytes;
    const int place = static_cast<int>(byte % format.bytes);
    const Frames frame = sample / channels;
    if (frame >= frames) break;
    const std::uint32_t number = numbers[sample % channels * frames + frame];
    const int i = format.big_endian ? format.bytes - 1 - place : place;
    bits |= stored_byte(format, number, i) << (8 * b);
  }
  out[word] = bits;
}

}  // namespace

PackParameters pack_parameters(const PackDesign& design) {
  PackParameters parameters;
  parameters.format = design.format;
  // A float has no more than 24 bits.
  parameters.dither = design.bits == 32 ? DitherKind::none : design.dither;
  parameters.key[0] = static_cast<std::uint32_t>(design.seed);
  parameters.key[1] = static_cast<std::uint32_t>(design.seed >> 32);
  parameters.scale = std::ldexp(1.0, design.bits - 1);
  if (parameters.dither == DitherKind::shaped) {
    const std::vector<double> coefficients = design_noise_shaping(design.sample_rate_hz);
    std::copy(coefficients.begin(), coefficients.end(), parameters.shaping);
  }
  return parameters;
}

void quantise(cudaStream_t stream, const PackParameters& parameters, ConstDeviceBlock in,
              Frames first, DeviceSpan<std::uint32_t> numbers, DeviceSpan<double> feedback,
              unsigned long long* clipped) {
  if (in.frames == 0) return;
  const auto channels = static_cast<unsigned>(in.channels);
  if (parameters.format.kind == SampleKind::floating) {
    const dim3 grid(static_cast<unsigned>((in.frames + kBlock - 1) / kBlock), channels);
    launch(bits_kernel, grid, kBlock, 0, stream, in, numbers.data());
  } else if (parameters.dither == DitherKind::shaped) {
    launch(shape_kernel, channels, kBlock, 0, stream, parameters, in, first, numbers.data(),
           feedback.data(), clipped);
  } else {
    const Frames groups = (first + in.frames + kGroup - 1) / kGroup - first / kGroup;
    const dim3 grid(static_cast<unsigned>((groups + kBlock - 1) / kBlock), channels);
    launch(round_kernel, grid, kBlock, 0, stream, parameters, in, first, numbers.data(), clipped);
  }
}

void pack(cudaStream_t stream, const PackParameters& parameters,
          DeviceSpan<const std::uint32_t> numbers, int channels, Frames frames,
          DeviceSpan<std::uint32_t> out) {
  const auto words = static_cast<Frames>(out.size());
  if (words == 0) return;
  launch(pack_kernel, static_cast<unsigned>((words + kBlock - 1) / kBlock), kBlock, 0, stream,
         parameters.format, numbers.data(), channels, frames, words, out.data());
}

}  // namespace tutti::cuda
