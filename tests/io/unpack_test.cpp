// SPDX-License-Identifier: Apache-2.0
#include "host/io/unpack.hpp"

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <cmath>

#include "tests/io/test_files.hpp"

namespace tutti::test {
namespace {




/// One stored sample, and the float that it means, from the definition alone.
float store(const StoredFormat& format, int channel, Frames frame, ByteWriter& out) {
  const int bits = 8 * format.bytes;
  const auto put = [&](std::uint64_t word) {
    format.big_endian ? out.be(word, format.bytes) : out.le(word, format.bytes);
  };
  if (format.bytes == 8) {
    const double value = pattern(32, channel, frame) / 1e9;
    put(std::bit_cast<std::uint64_t>(value));
    return static_cast<float>(value);
  }
  if (format.kind == SampleKind::floating) {
    const float value = static_cast<float>(pattern(24, channel, frame)) * 1e-6f;
    put(std::bit_cast<std::uint32_t>(value));
    return value;
  }
  const std::int32_t value = pattern(bits, channel, frame);
  const std::int64_t offset = format.kind == SampleKind::unsigned_integer ? 1ll << (bits - 1) : 0;
  put(static_cast<std::uint64_t>(value + offset));
  return static_cast<float>(std::ldexp(static_cast<double>(value), 1 - bits));
}

/// Each test runs on every instruction set that this machine has.
class UnpackTest : public testing::TestWithParam<StoredFormat> {
 protected:
  void on_every_target(const std::function<void()>& check) {
    for (const auto target : {HWY_SCALAR, HWY_AVX2, HWY_AVX3}) {
      hwy::SetSupportedTargetsForTest(0);
      if (target != HWY_SCALAR && (hwy::SupportedTargets() & target) == 0) continue;
      SCOPED_TRACE(hwy::TargetName(target));
      hwy::SetSupportedTargetsForTest(target);
      hwy::GetChosenTarget().Update(hwy::SupportedTargets());
      check();
    }
    hwy::SetSupportedTargetsForTest(0);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  }
  void expect_exact();
  void expect_noticed();
};

// 0 and 1 frame, around one and two vectors of 4, 8 and 16 lanes, around the scratch of the
// multichannel path (4096 samples), and an odd size; outputs with an odd stride.
void UnpackTest::expect_exact() {
  const StoredFormat format = GetParam();
  for (int channels = 1; channels <= 16; ++channels) {
    for (const Frames frames :
         {0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 255, 256, 257, 1371}) {
      ByteWriter writer;
      std::vector<float> truth(static_cast<std::size_t>(frames * channels));
      for (Frames n = 0; n < frames; ++n) {
        for (int c = 0; c < channels; ++c) {
          truth[static_cast<std::size_t>(c * frames + n)] = store(format, c, n, writer);
        }
      }
      std::string bytes = writer.take();
      bytes.append(io::kUnpackSlackBytes, '\xff');  // NaN, were it looked at
      const Frames stride = frames + 3;
      std::vector<float> out(static_cast<std::size_t>(channels * stride), -77.0f);
      EXPECT_FALSE(io::unpack(format, reinterpret_cast<const std::byte*>(bytes.data()),
                              {out.data(), channels, frames, stride}));
      for (int c = 0; c < channels; ++c) {
        for (Frames n = 0; n < stride; ++n) {
          const float expected =
              n < frames ? truth[static_cast<std::size_t>(c * frames + n)] : -77.0f;
          ASSERT_EQ(out[static_cast<std::size_t>(c * stride + n)], expected)
              << channels << " channels, " << frames << " frames, channel " << c << ", frame " << n;
        }
      }
    }
  }
}

void UnpackTest::expect_noticed() {
  const StoredFormat format = GetParam();
  if (format.kind != SampleKind::floating) return;  // whole numbers are finite: the test above
  for (const double bad : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
    for (int channels : {1, 2, 5}) {
      for (Frames at = 0; at < 40; ++at) {
        ByteWriter writer;
        for (Frames n = 0; n < 40 * channels; ++n) {
          const double value = n == at * channels + channels - 1 ? bad : 3e38;
          const std::uint64_t word = format.bytes == 8
                                         ? std::bit_cast<std::uint64_t>(value)
                                         : std::bit_cast<std::uint32_t>(static_cast<float>(value));
          format.big_endian ? writer.be(word, format.bytes) : writer.le(word, format.bytes);
        }
        std::string bytes = writer.take();
        bytes.append(io::kUnpackSlackBytes, '\0');
        Buffer out(channels, 40);
        EXPECT_TRUE(
            io::unpack(format, reinterpret_cast<const std::byte*>(bytes.data()), out.view()))
            << bad << " at " << at << " of " << channels << " channels";
      }
    }
  }
}

TEST_P(UnpackTest, IsExactForEveryChannelCountAndLength) {
  on_every_target([&] { expect_exact(); });
}

TEST_P(UnpackTest, NoticesEveryValueThatIsNotFinite) {
  on_every_target([&] { expect_noticed(); });
}

INSTANTIATE_TEST_SUITE_P(Formats, UnpackTest,
                         testing::Values(StoredFormat{SampleKind::unsigned_integer, 1, false},
                                         StoredFormat{SampleKind::signed_integer, 1, true},
                                         StoredFormat{SampleKind::signed_integer, 2, false},
                                         StoredFormat{SampleKind::signed_integer, 2, true},
                                         StoredFormat{SampleKind::signed_integer, 3, false},
                                         StoredFormat{SampleKind::signed_integer, 3, true},
                                         StoredFormat{SampleKind::signed_integer, 4, false},
                                         StoredFormat{SampleKind::signed_integer, 4, true},
                                         StoredFormat{SampleKind::floating, 4, false},
                                         StoredFormat{SampleKind::floating, 4, true},
                                         StoredFormat{SampleKind::floating, 8, false},
                                         StoredFormat{SampleKind::floating, 8, true}),
                         [](const auto& format) {
                           const StoredFormat& f = format.param;
                           const char* kind = f.kind == SampleKind::floating         ? "Float"
                                              : f.kind == SampleKind::signed_integer ? "Signed"
                                                                                     : "Unsigned";
                           return kind + std::to_string(8 * f.bytes) +
                                  (f.big_endian ? "Big" : "Little");
                         });

}  // namespace
}  // namespace tutti::test
