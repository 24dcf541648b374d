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

}  // namespace tutti::test::bounds
