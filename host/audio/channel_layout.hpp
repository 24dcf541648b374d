// SPDX-License-Identifier: Apache-2.0
// Loudspeaker layouts: names, file order and loudness weights.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace tutti {

/// A layout a session or a file can have. Channel order is the WAVE order (SMPTE).
struct ChannelLayout {
  std::string_view name;             ///< as written in a session: "stereo", "5.1", …
  std::span<const char* const> labels;  ///< speaker labels in file order: "L", "R", "C", "LFE", …
  std::span<const double> loudness_weights;  ///< G of BS.1770-5 Table 4/5; 0 for an LFE
  std::uint32_t wave_mask = 0;       ///< dwChannelMask of WAVE_FORMAT_EXTENSIBLE

  int channels() const { return static_cast<int>(labels.size()); }
};

/// All layouts that a session can name, in the order of the interface.
std::span<const ChannelLayout> all_layouts();

/// The layout of that name, or none.
std::optional<ChannelLayout> layout_by_name(std::string_view name);

/// The layout with that channel mask, or none.
std::optional<ChannelLayout> layout_by_wave_mask(std::uint32_t wave_mask);

/// The usual layout of an unlabelled file with that many channels (1, 2, 3, 4, 5, 6, 8, 10, 12),
/// or none.
std::optional<ChannelLayout> default_layout(int channels);

/// The layout that the channels of a file stand in: by its mask, or by their number where that is 0.
/// None: a mask that names no layout, or as many channels as none has.
std::optional<ChannelLayout> layout_of(int channels, std::uint32_t wave_mask);

/// How much each channel of such a file counts towards loudness: as in its layout; where that is not
/// known all alike, but what the mask calls an LFE not at all.
std::vector<double> loudness_weights_of(int channels, std::uint32_t wave_mask);

}  // namespace tutti
