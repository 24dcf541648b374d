// SPDX-License-Identifier: Apache-2.0
// The transform under all convolutions, by cuFFT.
#pragma once

#include "kernels/runtime/device.hpp"

namespace tutti::cuda {

/// Right-angle transform of B-frame blocks, as on the CPU (host/cpu/fft.hpp): a real window of 2B
/// frames, its first half as real and its second as imaginary part, times exp(iπn/2B), through one
/// complex transform of B points. Products of such spectra are overlap-save convolutions whose
/// block is the imaginary part. Against a real transform of 2B points: as many bytes, no bin more
/// than B, in place. 8·B bytes.
class BlockTransform {
 public:
  /// With a Queue held. Throws std::invalid_argument unless `block_frames` is a power of two in
  /// 256 … 131072.
  BlockTransform(Device& device, Frames block_frames);

  /// B, also the bins of a spectrum.
  Frames block_frames() const { return block_frames_; }
  /// exp(iπn/2B) for 0 ≤ n < B, rounded from double.
  DeviceSpan<const float2> twist() const { return twist_.span(); }

  /// `count` windows or spectra that lie one after the other, in place, unscaled. With a Queue
  /// held. Which plans run depends on `count` alone: hand over one channel at a time, so that a
  /// channel's bits do not depend on who else sounds.
  void run(Device& device, DeviceSpan<float2> data, Frames count, FftDirection direction) const;

 private:
  Frames block_frames_;
  DeviceBuffer<float2> twist_;
};

}  // namespace tutti::cuda
