// SPDX-License-Identifier: Apache-2.0
// As small as libFLAC's level 5, whose parameters these are.
#include <gtest/gtest.h>

#include "tests/flac/library_encoder.hpp"
#include "tests/flac/signals.hpp"

namespace tutti::test {
namespace {

// Half a percent: orders, partitions and rounding are found by other sums. Tones without noise are
// something else: there the rounding of coefficients is all that is left, and it is chance whose
// fall better.
constexpr double kMostBytes = 1.005;
constexpr double kMostBytesOfTones = 1.1;

TEST(FlacCompression, IsThatOfLibFlacAtLevelFive) {
  for (const int bits : {16, 24}) {
    for (const Kind& kind : kinds()) {
      for (const int channels : {1, 2}) {
        const flac::StreamFormat format{channels, bits, 48000};
        const Signal signal = make_signal(kind, channels, bits, 40 * flac::kBlockFrames);
        const auto ours = static_cast<double>(encode_stream(format, signal).size());
        const auto theirs = static_cast<double>(libflac_encode(format, signal).size());
        const bool tone =
            kind.name == "sine" || kind.name == "opposite" || kind.name == "alternating";
        EXPECT_LE(ours, theirs * (tone ? kMostBytesOfTones : kMostBytes))
            << kind.name << ", " << bits << " bit, " << channels << " channels";
      }
    }
  }
}

}  // namespace
}  // namespace tutti::test
