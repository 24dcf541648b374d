// SPDX-License-Identifier: Apache-2.0
#include "host/graph/edge_gain.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace tutti {
namespace {

std::shared_ptr<const AutomationCurve> ramp() {
  auto curve = std::make_shared<AutomationCurve>();
  curve->points = {{0, -20.0}, {1000, 0.0}};
  return curve;
}

TEST(EdgeGain, ComposesMatricesInOrder) {
  EdgeGain pan;
  pan.outputs = 2;
  pan.inputs = 1;
  pan.matrix = {0.6, 0.8};
  const auto both = compose(EdgeGain::scalar(2, 0.5), pan);
  ASSERT_TRUE(both.has_value());
  EXPECT_EQ(both->matrix, (std::vector<double>{0.3, 0.4}));
  EXPECT_EQ(both->inputs, 1);
  EXPECT_EQ(both->outputs, 2);
}

TEST(EdgeGain, KeepsEveryMovingLevelWhenComposed) {
  EdgeGain fader = EdgeGain::unity(1), send = EdgeGain::scalar(1, 0.5);
  fader.levels = {ramp()};
  send.levels = {ramp()};
  const auto both = compose(send, fader);
  ASSERT_TRUE(both.has_value());
  // Half way both ramps stand at −10 dB.
  EXPECT_NEAR(both->at(0, 0, 500), 0.5 * std::pow(10.0, -20.0 / 20.0), 1e-12);
}

TEST(EdgeGain, DoesNotFoldAMatrixThatStandsBeforeAMovingPan) {
  EdgeGain moving;
  moving.outputs = 2;
  moving.inputs = 2;
  moving.matrix = {1, 0, 0, 1};
  moving.pan = PanMotion{};
  moving.pan->inputs = 2;
  moving.pan->position = ramp();
  EdgeGain swapped;
  swapped.outputs = swapped.inputs = 2;
  swapped.matrix = {0, 1, 1, 0};
  EXPECT_FALSE(compose(moving, swapped).has_value());
  EXPECT_TRUE(compose(moving, EdgeGain::scalar(2, 0.5)).has_value());
}

TEST(EdgeGain, ValuesAreTheSameHoweverARangeIsCut) {
  EdgeGain gain = EdgeGain::unity(1);
  gain.levels = {ramp()};
  std::vector<float> whole(700), parts(700);
  gain.values(0, 0, 300, whole);
  gain.values(0, 0, 300, std::span(parts).first(123));
  gain.values(0, 0, 423, std::span(parts).subspan(123));
  EXPECT_EQ(whole, parts);
  for (std::size_t n = 0; n < whole.size(); ++n)
    EXPECT_NEAR(whole[n], gain.at(0, 0, 300 + static_cast<Frames>(n)), 1e-7);
}

TEST(EdgeGain, AMuteSilencesFromItsFrameOn) {
  auto mute = std::make_shared<AutomationCurve>();
  mute->interpolation = Interpolation::hold;
  mute->points = {{0, 0.0}, {100, 1.0}, {200, 0.0}};
  EdgeGain gain = EdgeGain::unity(1);
  gain.mutes = {mute};
  EXPECT_EQ(gain.at(0, 0, 99), 1.0);
  EXPECT_EQ(gain.at(0, 0, 100), 0.0);
  EXPECT_EQ(gain.at(0, 0, 200), 1.0);
}

}  // namespace
}  // namespace tutti
