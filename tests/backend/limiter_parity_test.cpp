// SPDX-License-Identifier: Apache-2.0
// The limiter of one machine against that of the other.
#include <string>

#include "tests/backend/limiter_fixture.hpp"
#include "tests/support/bounds.hpp"
#include "tests/support/residual.hpp"

namespace tutti::test {
namespace {

// The release differs in the last bits of a double, before it is cut to units of 2⁻³⁰; all else is
// equal integers and equal operations.
void expect_parity(const LimiterSpec& spec, double rate_hz, const Buffer& in) {
  const auto cpu = open_machine(Machine::cpu), cuda = open_machine(Machine::cuda);
  const LimiterDesign d = design(spec, rate_hz);
  const Limited a = limit_on(*cpu, d, in), b = limit_on(*cuda, d, in);
  for (int c = 0; c < in.channels(); ++c) {
    EXPECT_RESIDUAL_BELOW(channel_of(b.signal, c), channel_of(a.signal, c), bounds::kSessionDbfs);
    const double residual = residual_dbfs(channel_of(b.signal, c), channel_of(a.signal, c));
    ::testing::Test::RecordProperty("residual_dbfs_" + std::to_string(rate_hz) + "_" +
                                        std::to_string(spec.link) + "_" +
                                        std::to_string(spec.lookahead_ms) + "_" + std::to_string(c),
                                    std::to_string(residual));
  }
  EXPECT_GT(a.max_reduction_db, 1);
  EXPECT_NEAR(a.max_reduction_db, b.max_reduction_db, 1e-5);
}

TEST(LimiterParity, SoundsAlikeOnBothMachinesAtEveryLink) {
  const Buffer in =
      two_channels(music_like(1, 12000, kRateHz, 4, 3), white_noise(1, 12000, 0.9, 4));
  for (double link : {1.0, 0.5, 0.0}) {
    LimiterSpec spec;
    spec.link = link;
    spec.input_gain_db = link == 0.5 ? 9 : 3;
    spec.release_ms = link == 0 ? 500 : 60;
    SCOPED_TRACE(link);
    expect_parity(spec, kRateHz, in);
  }
}

// Windows from 3 frames to 11,523: shorter than a warp, 31, 32 and 33 frames (22 to 24 of
// look-ahead, the frame itself and 8 of hold), longer than all that was heard; boxes of 1 to 3,201.
TEST(LimiterParity, SoundsAlikeOnBothMachinesAtEveryWindow) {
  struct Case {
    double rate_hz, lookahead_ms, release_ms;
  };
  for (const Case& item : {Case{8000, 0.1, 1},
                           {48000, 22 / 48.0, 1},
                           {48000, 23 / 48.0, 1},
                           {48000, 24 / 48.0, 1},
                           {192000, 50, 60}}) {
    LimiterSpec spec;
    spec.lookahead_ms = item.lookahead_ms;
    spec.release_ms = item.release_ms;
    spec.input_gain_db = 6;
    SCOPED_TRACE(item.lookahead_ms);
    const Frames frames = item.rate_hz > 100000 ? 22000 : 4000;
    expect_parity(spec, item.rate_hz, music_like(1, frames, item.rate_hz, 5, 2));
  }
}

}  // namespace
}  // namespace tutti::test
