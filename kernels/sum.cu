// SPDX-License-Identifier: Apache-2.0
#include "kernels/sum.hpp"

#include <stdexcept>

#include "kernels/runtime/launch.hpp"

namespace tutti::cuda {
namespace {

constexpr int kBlock = 256;

// One thread a frame, all outputs at once in registers, so that every input sample is read once.
// kOutputs is the next supported number of outputs, unrolled; those beyond out_channels are idle.
template <int kOutputs>
__global__ void __launch_bounds__(kBlock)
    sum_kernel(const SumTerm* __restrict__ terms, int term_count, float* __restrict__ out,
               int out_channels, Frames frames, Frames out_stride) {
  const Frames step = static_cast<Frames>(gridDim.x) * kBlock;
  for (Frames n = static_cast<Frames>(blockIdx.x) * kBlock + threadIdx.x; n < frames; n += step) {
    double sum[kOutputs] = {};
    for (int t = 0; t < term_count; ++t) {
      const SumTerm& term = terms[t];
      for (int i = 0; i < term.in.channels; ++i) {
        const double x = term.in.channel(i)[n];
#pragma unroll
        for (int c = 0; c < kOutputs; ++c) {
          const int entry = c * kMaxSumChannels + i;
          if (c >= out_channels) break;
          const int row = term.curve_rows[entry];
          const double gain = row == SumTerm::kStatic
                                  ? term.gains[entry]
                                  : static_cast<double>(term.curves[row * term.curve_stride + n]);
          sum[c] = fma(gain, x, sum[c]);
        }
      }
    }
#pragma unroll
    for (int c = 0; c < kOutputs; ++c) {
      if (c < out_channels) out[c * out_stride + n] = static_cast<float>(sum[c]);
    }
  }
}

}  // namespace

void sum_signals(cudaStream_t stream, DeviceSpan<const SumTerm> terms, DeviceBlock out) {
  if (out.channels > kMaxSumChannels) throw std::logic_error("sum_signals: too many channels");
  if (out.channels == 0 || out.frames == 0) return;
  const auto kernel = out.channels == 1   ? sum_kernel<1>
                      : out.channels == 2 ? sum_kernel<2>
                      : out.channels <= 8 ? sum_kernel<8>
                                          : sum_kernel<kMaxSumChannels>;
  launch(kernel, blocks_for(out.frames, kBlock), kBlock, 0, stream, terms.data(),
         static_cast<int>(terms.size()), out.data, out.channels, out.frames, out.stride);
}

}  // namespace tutti::cuda
