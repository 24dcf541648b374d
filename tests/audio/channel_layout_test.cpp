// SPDX-License-Identifier: Apache-2.0
#include "host/audio/channel_layout.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <string>

namespace tutti {
namespace {

TEST(ChannelLayout, EveryLayoutIsFoundByItsNameAndItsMask) {
  for (const ChannelLayout& layout : all_layouts()) {
    SCOPED_TRACE(std::string(layout.name));
    ASSERT_TRUE(layout_by_name(layout.name));
    EXPECT_EQ(layout_by_name(layout.name)->wave_mask, layout.wave_mask);
    ASSERT_TRUE(layout_by_wave_mask(layout.wave_mask));
    EXPECT_EQ(layout_by_wave_mask(layout.wave_mask)->name, layout.name);
  }
  EXPECT_FALSE(layout_by_name("surround"));
  EXPECT_FALSE(layout_by_wave_mask(0));
}

TEST(ChannelLayout, HasAsManyLabelsWeightsAndMaskBitsAsChannels) {
  for (const ChannelLayout& layout : all_layouts()) {
    SCOPED_TRACE(std::string(layout.name));
    EXPECT_EQ(static_cast<int>(layout.loudness_weights.size()), layout.channels());
    EXPECT_EQ(std::popcount(layout.wave_mask), layout.channels());
  }
}

// WAVEFORMATEXTENSIBLE: FL 1, FR 2, FC 4, LFE 8, BL 10h, BR 20h, SL 200h, SR 400h, TFL 1000h,
// TFR 4000h, TBL 8000h, TBR 20000h.
TEST(ChannelLayout, HasTheMasksOfTheWaveFormat) {
  EXPECT_EQ(layout_by_name("stereo")->wave_mask, 0x3u);
  EXPECT_EQ(layout_by_name("5.1")->wave_mask, 0x3Fu);
  EXPECT_EQ(layout_by_name("7.1")->wave_mask, 0x63Fu);
  EXPECT_EQ(layout_by_name("7.1.4")->wave_mask, 0x2D63Fu);
}

TEST(ChannelLayout, ReadsSideSpeakersOfASurroundPairAsTheSameLayout) {
  EXPECT_EQ(layout_by_wave_mask(0x60F)->name, "5.1");
  EXPECT_EQ(layout_by_wave_mask(0x607)->name, "5.0");
  EXPECT_EQ(layout_by_wave_mask(0x603)->name, "quad");
}

TEST(ChannelLayout, WeighsAsBs1770DoesSurroundsMoreAndTheLfeNot) {
  for (const ChannelLayout& layout : all_layouts())
    for (int c = 0; c < layout.channels(); ++c) {
      const std::string label = layout.labels[c];
      const bool surround = label == "Ls" || label == "Rs" || label == "Lss" || label == "Rss";
      const double weight = label == "LFE" ? 0 : surround ? 1.41 : 1;
      EXPECT_EQ(layout.loudness_weights[c], weight) << layout.name << " " << label;
    }
}

TEST(ChannelLayout, OfAFileIsThatOfItsMaskOrOfItsChannelCount) {
  EXPECT_EQ(layout_of(6, 0)->name, "5.1");
  EXPECT_EQ(layout_of(6, 0x60F)->name, "5.1");
  EXPECT_FALSE(layout_of(6, 0x3F0)) << "a mask that names none";
  EXPECT_FALSE(layout_of(2, 0x3F)) << "a mask of other channels";
  EXPECT_FALSE(layout_of(7, 0));
  using Weights = std::vector<double>;
  EXPECT_EQ(loudness_weights_of(6, 0), (Weights{1, 1, 1, 0, 1.41, 1.41}));
  EXPECT_EQ(loudness_weights_of(3, 0xB), (Weights{1, 1, 0})) << "2.1";
  EXPECT_EQ(loudness_weights_of(7, 0), Weights(7, 1.0));
}

TEST(ChannelLayout, KnowsTheUsualLayoutOfAChannelCount) {
  for (const int channels : {1, 2, 3, 4, 5, 6, 8, 10, 12}) {
    ASSERT_TRUE(default_layout(channels)) << channels;
    EXPECT_EQ(default_layout(channels)->channels(), channels);
  }
  for (const int channels : {0, 7, 9, 13}) EXPECT_FALSE(default_layout(channels)) << channels;
}

}  // namespace
}  // namespace tutti
