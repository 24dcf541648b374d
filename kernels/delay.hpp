// SPDX-License-Identifier: Apache-2.0
// Delay lines: the effect, and the plain one that aligns paths.
#pragma once

#include <cuda_runtime.h>

#include "host/dsp/delay.hpp"
#include "kernels/runtime/device_span.hpp"

namespace tutti::cuda {

// Both take any number of frames. `in` has the shape of `out` and may be the same memory; without
// data it is silence. `line` holds delay_frames places a channel, zero at the start, for calls of
// one delay only; `position` is the number of frames of earlier calls modulo delay_frames.

/// y[n] = dry·x[n] + wet·d[n] in double, rounded once: the bits of the CPU's.
void echo(cudaStream_t stream, const DelayDesign& design, ConstDeviceBlock in, DeviceBlock out,
          DeviceSpan<double> line, Frames position);

/// y[n] = x[n − delay_frames], bit for bit.
void shift(cudaStream_t stream, Frames delay_frames, ConstDeviceBlock in, DeviceBlock out,
           DeviceSpan<float> line, Frames position);

}  // namespace tutti::cuda
