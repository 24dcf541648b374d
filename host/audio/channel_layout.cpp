// SPDX-License-Identifier: Apache-2.0
#include "host/audio/channel_layout.hpp"

#include <array>

namespace tutti {
namespace {

// BS.1770-5 Table 5: M±060, M±090 and M±110 weigh 1.41, the LFE nothing, all others 1.
constexpr double kS = 1.41;

constexpr std::uint32_t kLfeSpeaker = 0x8;  // SPEAKER_LOW_FREQUENCY of WAVE_FORMAT_EXTENSIBLE

constexpr const char* kMonoLabels[] = {"M"};
constexpr double kMonoWeights[] = {1};
constexpr const char* kStereoLabels[] = {"L", "R"};
constexpr double kStereoWeights[] = {1, 1};
constexpr const char* kLcrLabels[] = {"L", "R", "C"};
constexpr double kLcrWeights[] = {1, 1, 1};
constexpr const char* kQuadLabels[] = {"L", "R", "Ls", "Rs"};
constexpr double kQuadWeights[] = {1, 1, kS, kS};
constexpr const char* k50Labels[] = {"L", "R", "C", "Ls", "Rs"};
constexpr double k50Weights[] = {1, 1, 1, kS, kS};
constexpr const char* k51Labels[] = {"L", "R", "C", "LFE", "Ls", "Rs"};
constexpr double k51Weights[] = {1, 1, 1, 0, kS, kS};
constexpr const char* k71Labels[] = {"L", "R", "C", "LFE", "Lrs", "Rrs", "Lss", "Rss"};
constexpr double k71Weights[] = {1, 1, 1, 0, 1, 1, kS, kS};
constexpr const char* k514Labels[] = {"L", "R", "C", "LFE", "Ls", "Rs", "Ltf", "Rtf", "Ltb", "Rtb"};
constexpr double k514Weights[] = {1, 1, 1, 0, kS, kS, 1, 1, 1, 1};
constexpr const char* k714Labels[] = {"L",   "R",   "C",   "LFE", "Lrs", "Rrs",
                                      "Lss", "Rss", "Ltf", "Rtf", "Ltb", "Rtb"};
constexpr double k714Weights[] = {1, 1, 1, 0, 1, 1, kS, kS, 1, 1, 1, 1};

constexpr std::array<ChannelLayout, 9> kLayouts = {{
    {"mono", kMonoLabels, kMonoWeights, 0x4},
    {"stereo", kStereoLabels, kStereoWeights, 0x3},
    {"lcr", kLcrLabels, kLcrWeights, 0x7},
    {"quad", kQuadLabels, kQuadWeights, 0x33},
    {"5.0", k50Labels, k50Weights, 0x37},
    {"5.1", k51Labels, k51Weights, 0x3F},
    {"7.1", k71Labels, k71Weights, 0x63F},
    {"5.1.4", k514Labels, k514Weights, 0x2D03F},
    {"7.1.4", k714Labels, k714Weights, 0x2D63F},
}};

}  // namespace

std::span<const ChannelLayout> all_layouts() { return kLayouts; }

std::optional<ChannelLayout> layout_by_name(std::string_view name) {
  for (const ChannelLayout& layout : kLayouts)
    if (layout.name == name) return layout;
  return std::nullopt;
}

std::optional<ChannelLayout> layout_by_wave_mask(std::uint32_t wave_mask) {
  // Surrounds appear as side (0x600) or back (0x30) speakers; a lone pair is the surround pair.
  if (wave_mask == 0x60F) wave_mask = 0x3F;
  if (wave_mask == 0x607) wave_mask = 0x37;
  if (wave_mask == 0x603) wave_mask = 0x33;
  for (const ChannelLayout& layout : kLayouts)
    if (layout.wave_mask == wave_mask) return layout;
  return std::nullopt;
}

std::optional<ChannelLayout> default_layout(int channels) {
  for (const ChannelLayout& layout : kLayouts)
    if (layout.channels() == channels) return layout;
  return std::nullopt;
}

std::optional<ChannelLayout> layout_of(int channels, std::uint32_t wave_mask) {
  const auto layout = wave_mask != 0 ? layout_by_wave_mask(wave_mask) : default_layout(channels);
  return layout && layout->channels() == channels ? layout : std::nullopt;
}

std::vector<double> loudness_weights_of(int channels, std::uint32_t wave_mask) {
  if (const auto layout = layout_of(channels, wave_mask))
    return {layout->loudness_weights.begin(), layout->loudness_weights.end()};
  std::vector<double> weights(static_cast<std::size_t>(channels), 1.0);
  std::size_t channel = 0;  // the channels of a mask stand in the order of its bits
  for (std::uint32_t bit = 1; bit != 0 && channel < weights.size(); bit <<= 1) {
    if ((wave_mask & bit) == 0) continue;
    if (bit == kLfeSpeaker) weights[channel] = 0;
    ++channel;
  }
  return weights;
}

}  // namespace tutti
