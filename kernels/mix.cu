// SPDX-License-Identifier: Apache-2.0
#include "kernels/mix.hpp"

#include <stdexcept>

#include "kernels/runtime/launch.hpp"

namespace tutti::cuda {
namespace {

constexpr int kWarp = 32;
constexpr int kChains = 8;
constexpr int kBlock = kChains * kWarp;

// A block takes 32 neighbouring frames, a warp one of the eight chains: 128 bytes of
// every lane at once, and eight times as many threads as one thread a frame would give. In double,
// because a product of floats is exact there: a thousand lanes add up without an error that shows
// in a float, and the additions hide behind the memory on the devices that this is for. 4 bytes and
// one operation in double an output for each entry and frame; no state.
template <int kOutputs, bool kMoves>
__global__ void __launch_bounds__(kBlock, 4)
    mix_kernel(const float* __restrict__ signal, Frames stride, const int* __restrict__ lanes,
               int entries, const float* __restrict__ gains, const int* __restrict__ curve_rows,
               const float* __restrict__ curves, float* __restrict__ out, int outputs,
               Frames frames, Frames out_stride) {
  __shared__ double sums[kOutputs][kChains][kWarp];
  const int column = static_cast<int>(threadIdx.x) % kWarp;
  const int chain = static_cast<int>(threadIdx.x) / kWarp;
  const Frames n = static_cast<Frames>(blockIdx.x) * kWarp + column;
  const bool inside = n < frames;
  double sum[kOutputs] = {};
#pragma unroll 4
  for (int e = chain; e < entries; e += kChains) {
    const double x = inside ? signal[lanes[e] * stride + n] : 0.0f;
#pragma unroll
    for (int o = 0; o < kOutputs; ++o) {
      if (o >= outputs) break;
      float gain = gains[e * outputs + o];
      if constexpr (kMoves) {
        const int row = curve_rows[e * outputs + o];
        if (row >= 0 && inside) gain = curves[row * frames + n];
      }
      sum[o] = fma(static_cast<double>(gain), x, sum[o]);
    }
  }
#pragma unroll
  for (int o = 0; o < kOutputs; ++o) sums[o][chain][column] = sum[o];
  __syncthreads();
  for (int o = chain; o < outputs; o += kChains) {
    double tree[kChains];
#pragma unroll
    for (int c = 0; c < kChains; ++c) tree[c] = sums[o][c][column];
#pragma unroll
    for (int half = kChains / 2; half > 0; half /= 2)
#pragma unroll
      for (int c = 0; c < half; ++c) tree[c] += tree[c + half];
    if (inside) out[o * out_stride + n] = static_cast<float>(tree[0]);
  }
}

template <bool kMoves>
auto kernel_for(int outputs) {
  return outputs == 1   ? mix_kernel<1, kMoves>
         : outputs == 2 ? mix_kernel<2, kMoves>
         : outputs <= 8 ? mix_kernel<8, kMoves>
                        : mix_kernel<kMaxMixOutputs, kMoves>;
}

}  // namespace

void mix_lanes(cudaStream_t stream, const LaneMixTable& table, ConstDeviceBlock signal,
               DeviceBlock out) {
  if (out.channels > kMaxMixOutputs) throw std::logic_error("mix_lanes: too many channels");
  if (out.channels == 0 || out.frames == 0) return;
  const auto kernel =
      table.curve_rows.empty() ? kernel_for<false>(out.channels) : kernel_for<true>(out.channels);
  const Frames blocks = (out.frames + kWarp - 1) / kWarp;
  launch(kernel, static_cast<unsigned>(blocks), kBlock, 0, stream, signal.data, signal.stride,
         table.lanes.data(), static_cast<int>(table.lanes.size()), table.gains.data(),
         table.curve_rows.data(), table.curves.data(), out.data, out.channels, out.frames,
         out.stride);
}

}  // namespace tutti::cuda
