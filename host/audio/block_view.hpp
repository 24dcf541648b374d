// SPDX-License-Identifier: Apache-2.0
// Views of planar audio: one run of frames per channel, channels a fixed stride apart.
#pragma once

#include <type_traits>

#include "host/audio/units.hpp"

namespace tutti {

/// Planar audio that somebody else owns. Trivially copyable; passed by value.
/// `data[c * stride + n]` is frame n of channel c; 0 ≤ n < frames, 0 ≤ c < channels.
template <typename Sample>
struct BasicBlockView {
  Sample* data = nullptr;
  int channels = 0;
  Frames frames = 0;
  Frames stride = 0;  ///< in samples, ≥ frames

  Sample* channel(int c) const { return data + c * stride; }

  /// Frames [first, first + count) of every channel.
  BasicBlockView slice(Frames first, Frames count) const {
    return {data + first, channels, count, stride};
  }

  /// Channels [first, first + count).
  BasicBlockView channel_range(int first, int count) const {
    return {data + first * stride, count, frames, stride};
  }

  template <typename Const>
  requires(std::is_same_v<Const, const Sample>) operator BasicBlockView<Const>() const {
    return {data, channels, frames, stride};
  }
};

using BlockView = BasicBlockView<float>;
using ConstBlockView = BasicBlockView<const float>;

}  // namespace tutti
