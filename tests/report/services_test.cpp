// SPDX-License-Identifier: Apache-2.0
#include "host/report/services.hpp"

#include <gtest/gtest.h>

namespace tutti::test {
namespace {

std::vector<DeliveryPreset> presets() {
  return read_presets(
      "tutti_presets: 1\npresets:\n"
      "  - {name: down, target_lufs: -14, ceiling_dbtp: -1, playback: down, source: x, date: x}\n"
      "  - {name: both, target_lufs: -14, ceiling_dbtp: -1, playback: up_to_ceiling, source: x, date: x}\n"
      "  - {name: broadcast, target_lufs: -23, ceiling_dbtp: -1, source: x, date: x}\n",
      "presets.yaml");
}

std::vector<ServicePlayback> of(double lufs, double peak_dbtp) {
  Measurement master;
  master.integrated_lufs = lufs;
  master.true_peak_dbtp = peak_dbtp;
  return services_of(master, presets());
}

// Spotify's own example: a track at -20 LUFS and -5 dBTP is turned up by 4 dB only, to -16 LUFS.
TEST(Services, TurnUpNoFurtherThanThePeaksAllow) {
  const std::vector<ServicePlayback> services = of(-20, -5);
  ASSERT_EQ(services.size(), 2u) << "a broadcaster plays what is delivered";
  EXPECT_EQ(services[0].gain_db, 0);
  EXPECT_EQ(services[1].gain_db, 4);
  EXPECT_EQ(services[1].level_lufs, -16);
  EXPECT_EQ(services[1].true_peak_dbtp, -1);
}

TEST(Services, TurnDownWhatIsLouder) {
  for (const ServicePlayback& service : of(-9, -0.5)) {
    EXPECT_EQ(service.gain_db, -5);
    EXPECT_EQ(service.level_lufs, -14);
    EXPECT_EQ(service.true_peak_dbtp, -5.5);
    EXPECT_TRUE(service.over_ceiling);
  }
}

TEST(Services, SayNothingOfSilence) { EXPECT_TRUE(services_of({}, presets()).empty()); }

}  // namespace
}  // namespace tutti::test
