// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/dsp/eq.hpp"

namespace tutti {
namespace {

using ::testing::HasSubstr;

EqSpec with(EqBandSpec band) {
  EqSpec spec;
  spec.bands = {EqBandSpec{}, band};
  return spec;
}

void expect_issue(const EqSpec& spec, const char* field, const char* message) {
  const std::vector<SpecIssue> issues = validate(spec, 44100);
  ASSERT_EQ(issues.size(), 1u);
  EXPECT_EQ(issues[0].field, field);
  EXPECT_THAT(issues[0].message, HasSubstr(message));
  EXPECT_FALSE(issues[0].hint.empty());
}

TEST(EqValidate, NamesAFrequencyThatTheRateCanNotCarry) {
  EqBandSpec band;
  band.freq_hz = 23000;
  expect_issue(
      with(band), "bands[1].freq_hz",
      "freq_hz 23000 is above what the sample rate can carry; at 44100 Hz it must be below "
      "22050");
  band.freq_hz = 22050;
  EXPECT_EQ(validate(with(band), 44100).size(), 1u);
  band.freq_hz = 22049;
  EXPECT_TRUE(validate(with(band), 44100).empty());
}

TEST(EqValidate, RefusesTwoNamesOfTheDamping) {
  EqBandSpec band;
  band.q = 2;
  band.bandwidth_oct = 1;
  expect_issue(with(band), "bands[1].bandwidth_oct", "q 2 and bandwidth_oct 1");
}

TEST(EqValidate, RefusesABandwidthWhereNoneIs) {
  EqBandSpec band;
  band.type = EqBandType::low_shelf;
  band.bandwidth_oct = 1;
  expect_issue(with(band), "bands[1].bandwidth_oct", "has no meaning for low_shelf");
}

TEST(EqValidate, RefusesAQOnAButterworthSlopeOrATilt) {
  EqBandSpec band;
  band.type = EqBandType::high_pass;
  band.q = 1;
  EXPECT_TRUE(validate(with(band), 44100).empty());
  band.slope_db_per_oct = 24;
  expect_issue(with(band), "bands[1].q", "q 1 needs a slope of 12 dB/oct; with 24");
  EqBandSpec tilt;
  tilt.type = EqBandType::tilt;
  tilt.q = 1;
  expect_issue(with(tilt), "bands[1].q", "no meaning for tilt");
}

TEST(EqValidate, RefusesASlopeBetweenTheOrdersOrOnAnotherType) {
  EqBandSpec band;
  band.type = EqBandType::low_pass;
  band.slope_db_per_oct = 20;
  expect_issue(with(band), "bands[1].slope_db_per_oct", "20 is not a multiple of 6");
  EqBandSpec bell;
  bell.slope_db_per_oct = 24;
  expect_issue(with(bell), "bands[1].slope_db_per_oct", "no meaning for bell");
}

TEST(EqValidate, RefusesALengthWithoutLinearPhase) {
  EqSpec spec;
  spec.length_ms = 50;
  expect_issue(spec, "length_ms", "length_ms 50 has no meaning with phase: minimum");
  spec.phase = EqPhase::linear;
  EXPECT_TRUE(validate(spec, 44100).empty());
}

TEST(EqValidate, AcceptsBandsWithoutEffectAndReportsAllProblemsAtOnce) {
  EXPECT_TRUE(validate(with(EqBandSpec{}), 44100).empty());
  EqBandSpec band;
  band.freq_hz = 30000;
  band.q = 1;
  band.bandwidth_oct = 1;
  band.slope_db_per_oct = 7;
  EXPECT_EQ(validate(with(band), 44100).size(), 3u);
}

}  // namespace
}  // namespace tutti
