// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "host/audio/units.hpp"
#include "host/dsp/eq.hpp"
#include "tests/reference/eq.hpp"

namespace tutti {
namespace {

EqBandSpec band(EqBandType type, double freq_hz, double q, double gain_db = 0) {
  EqBandSpec spec;
  spec.type = type;
  spec.freq_hz = freq_hz;
  spec.q = q;
  spec.gain_db = gain_db;
  return spec;
}

// Coefficients at 48 kHz as SoX 14.4.2 prints them (sox --plot data -r 48000 -n -n EFFECT …): an
// implementation of the cookbook that we did not write.
struct Published {
  EqBandSpec band;
  BiquadDesign truth;
};

TEST(EqRbj, HasTheCoefficientsOfSox) {
  const Published all[] = {
      {band(EqBandType::bell, 1000, 1, 6),
       {1.0439530869903351, -1.8953207239365961, 0.86772228475985658, -1.8953207239365961,
        0.91167537175019153}},
      {band(EqBandType::bell, 8000, 0.7, -9),
       {0.67131550650932670, -0.49055902896027986, 0.30980255141123292, -0.49055902896027986,
        -0.018881942079440585}},
      {band(EqBandType::high_pass, 200, 0.7),
       {0.98147717865141071, -1.9629543573028214, 0.98147717865141071, -1.9626179719512078,
        0.96329074265443504}},
      {band(EqBandType::low_pass, 5000, 1.5),
       {0.085893732700499395, 0.17178746540099879, 0.085893732700499395, -1.3190453665026434,
        0.66262029730464089}},
      {band(EqBandType::low_shelf, 120, 0.7, 6),
       {1.0039010780423727, -1.9810369849048279, 0.97748117622764463, -1.9811230972884248,
        0.98129614188642045}},
      {band(EqBandType::high_shelf, 6000, 0.7, -4),
       {0.71297735963939901, -0.59467641205902311, 0.20937296260272498, -1.0383257168961508,
        0.36599962707925182}},
      {band(EqBandType::band_pass, 1000, 2),
       {0.031600378776413744, 0, -0.031600378776413744, -1.9202296564369381, 0.93679924244717261}},
      {band(EqBandType::notch, 1000, 2),
       {0.96839962122358636, -1.9202296564369381, 0.96839962122358636, -1.9202296564369381,
        0.93679924244717261}},
  };
  for (const Published& p : all) {
    SCOPED_TRACE(std::string(kEqBandTypes[static_cast<int>(p.band.type)].word));
    const std::vector<BiquadDesign> sections = design_band(p.band, EqCurve::rbj, 48000);
    ASSERT_EQ(sections.size(), 1u);
    EXPECT_NEAR(sections[0].b0, p.truth.b0, 1e-13);
    EXPECT_NEAR(sections[0].b1, p.truth.b1, 1e-13);
    EXPECT_NEAR(sections[0].b2, p.truth.b2, 1e-13);
    EXPECT_NEAR(sections[0].a1, p.truth.a1, 1e-13);
    EXPECT_NEAR(sections[0].a2, p.truth.a2, 1e-13);
  }
}

TEST(EqRbj, ReadsABandwidthAsTheCookbookDoes) {
  EqBandSpec bell = band(EqBandType::bell, 10000, 1, 6);
  bell.q.reset();
  bell.bandwidth_oct = 1.5;
  const BiquadDesign got = design_band(bell, EqCurve::rbj, 48000)[0];  // sox equalizer 10000 1.5o 6
  EXPECT_NEAR(got.b0, 1.3416049641047056, 1e-13);
  EXPECT_NEAR(got.b1, -0.33996860692992054, 1e-13);
  EXPECT_NEAR(got.b2, -0.028067133860197716, 1e-13);
  EXPECT_NEAR(got.a2, 0.31353783024450793, 1e-13);
}

// The bilinear transform maps the digital ω to the analogue f = f0·tan(ω/2)/tan(ω0/2).
TEST(EqRbj, IsThePrototypeOnTheWarpedAxisForEveryTypeAndSlope) {
  constexpr double kRate = 44100;
  for (const Choice<EqBandType>& type : kEqBandTypes)
    for (double slope = 6; slope <= 48; slope += 6) {
      EqBandSpec spec;
      spec.type = type.value;
      spec.freq_hz = 7000;
      spec.gain_db = 9;
      const bool pass = spec.type == EqBandType::high_pass || spec.type == EqBandType::low_pass;
      if (pass) spec.slope_db_per_oct = slope;
      const std::vector<BiquadDesign> sections = design_band(spec, EqCurve::rbj, kRate);
      for (double f = 100; f < 22000; f *= 1.3) {
        const double warped_hz =
            7000 * std::tan(kPi * f / kRate) / std::tan(kPi * spec.freq_hz / kRate);
        std::complex<double> got = 1;
        for (const BiquadDesign& s : sections) got *= response(s, 2 * kPi * f / kRate);
        const double truth = reference::eq_magnitude(spec, warped_hz);
        EXPECT_NEAR(std::abs(got) / truth, 1, 1e-9) << type.word << " " << slope << " " << f;
      }
    }
}

}  // namespace
}  // namespace tutti
