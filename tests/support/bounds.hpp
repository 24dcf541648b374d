// SPDX-License-Identifier: Apache-2.0
// Every bound a test compares a residual with, in dBFS unless its name says otherwise, and why.
#pragma once

namespace tutti::test::bounds {

// A float sample holds 24 bits: half a step at full scale is −150.5 dBFS. Sums and gains round a few
// times on the way.
inline constexpr double kSumDbfs = -140;
// A whole session against double arithmetic: float transforms keep 136 dB over the block, filters and
// dynamics −125; −120 is one part in a million.
inline constexpr double kSessionDbfs = -120;
// One convolution. Float transforms round to about −140 dB rms of the output and peak some 13 dB higher;
// full-scale noise through an impulse of unit energy peaks at full scale and a few dB. cuFFT's own round
// more than ours: an H100 comes to −120.3.
#ifdef TUTTI_REAL_DEVICE
inline constexpr double kConvolutionDbfs = kSessionDbfs;
#else
inline constexpr double kConvolutionDbfs = kSessionDbfs - 2;
#endif

}  // namespace tutti::test::bounds
