// SPDX-License-Identifier: Apache-2.0
// Stored samples → planar float, vectorised.
#pragma once

#include <cstddef>

#include "host/audio/block_view.hpp"
#include "host/audio/stored_format.hpp"

namespace tutti::io {

/// Bytes past the last sample that `unpack` may read (and ignores).
inline constexpr std::size_t kUnpackSlackBytes = 64;

/// Converts `out.frames` interleaved frames of `out.channels` samples at `in`. Integers scale by
/// 2^(1 − 8·bytes), exactly up to 24 bits and correctly rounded at 32. Returns whether a value is
/// NaN or infinite. `in` is readable for kUnpackSlackBytes past its end.
bool unpack(const StoredFormat& format, const std::byte* in, BlockView out);

}  // namespace tutti::io
