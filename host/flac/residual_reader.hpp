// SPDX-License-Identifier: Apache-2.0
// What a predictor leaves, out of its Rice codes [RFC 9639, 9.2.7].
#pragma once

#include <cstdint>

#include "host/flac/bit_reader.hpp"

namespace tutti::flac {

/// out[n] of frames order <= n < frames. False if it can not be so: a reserved code, partitions
/// that do not fit, a number of more than 32 bits. Ending early is the reader's to tell.
bool read_residual(BitReader& in, int frames, int order, std::int32_t* out);

}  // namespace tutti::flac
