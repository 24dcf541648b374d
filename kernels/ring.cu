// SPDX-License-Identifier: Apache-2.0
#include "kernels/ring.hpp"

#include <cfloat>

#include "kernels/runtime/launch.hpp"

namespace tutti::cuda {
namespace {

constexpr int kBlock = 256;

template <typename Word>
__global__ void __launch_bounds__(kBlock)
    move_kernel(const Word* __restrict__ from, Frames from_mask, Word* __restrict__ to,
                Frames to_mask, Frames first, Frames count) {
  const Word* source = from + blockIdx.y * (from_mask + 1);
  Word* target = to + blockIdx.y * (to_mask + 1);
  const Frames step = static_cast<Frames>(gridDim.x) * kBlock;
  for (Frames i = static_cast<Frames>(blockIdx.x) * kBlock + threadIdx.x; i < count; i += step)
    target[(first + i) & to_mask] = source[(first + i) & from_mask];
}

// One thread a frame of one channel; 8 bytes and one product a sample. `in` and `to` never overlap.
__global__ void __launch_bounds__(kBlock)
    append_kernel(const float* __restrict__ in, Frames in_stride, Frames frames,
                  float* __restrict__ to, Frames to_mask, RingInput how) {
  const float* source = in ? in + blockIdx.y * in_stride : nullptr;
  float* target = to + blockIdx.y * (to_mask + 1);
  const Frames step = static_cast<Frames>(gridDim.x) * kBlock;
  for (Frames i = static_cast<Frames>(blockIdx.x) * kBlock + threadIdx.x; i < frames; i += step) {
    float x = source ? source[i] : 0.0F;
    if (how.flush && fabsf(x) < FLT_MIN) x = 0;
    target[(how.first + i) & to_mask] = x * how.gain;
  }
}

template <typename Word>
void move_words(cudaStream_t stream, const Word* from, Frames from_mask, Word* to, Frames to_mask,
                int rows, Frames first, Frames count) {
  if (rows == 0 || count == 0) return;
  launch(move_kernel<Word>, dim3(blocks_for(count, kBlock), static_cast<unsigned>(rows)), kBlock, 0,
         stream, from, from_mask, to, to_mask, first, count);
}

}  // namespace

void move_ring(cudaStream_t stream, const std::uint32_t* from, Frames from_mask, std::uint32_t* to,
               Frames to_mask, int rows, Frames first, Frames count) {
  move_words(stream, from, from_mask, to, to_mask, rows, first, count);
}

void move_ring(cudaStream_t stream, const std::uint64_t* from, Frames from_mask, std::uint64_t* to,
               Frames to_mask, int rows, Frames first, Frames count) {
  move_words(stream, from, from_mask, to, to_mask, rows, first, count);
}

void append(cudaStream_t stream, ConstDeviceBlock in, float* to, Frames to_mask, RingInput how) {
  if (in.channels == 0 || in.frames == 0) return;
  launch(append_kernel, dim3(blocks_for(in.frames, kBlock), static_cast<unsigned>(in.channels)),
         kBlock, 0, stream, in.data, in.stride, in.frames, to, to_mask, how);
}

}  // namespace tutti::cuda
