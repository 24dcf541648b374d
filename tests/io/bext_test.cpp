// SPDX-License-Identifier: Apache-2.0
// The broadcast chunk after EBU Tech 3285 version 2, byte by byte.
#include <gmock/gmock.h>

#include "tests/io/metadata_files.hpp"

namespace tutti::test {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

std::string padded(std::string_view text, std::size_t bytes) {
  return ByteWriter().text(text).zeros(bytes - text.size()).take();
}

struct Bext {
  int version = 1;
  std::uint64_t time = 0;
  std::string umid = std::string(64, 'U');
  std::string loudness = std::string(10, '\0');
  std::string reserved = std::string(180, '\0');
  std::string history = "A=ANALOGUE,M=stereo,T=Studer A80\r\n";

  std::string bytes() const {
    return ByteWriter()
        .text(padded("Requiem, take 3", 256))
        .text(padded("Archive", 32))
        .text(padded("XYZ0001", 32))
        .text("1991-12-05")
        .text("23:59:58")
        .le(time, 8)
        .le(static_cast<std::uint64_t>(version), 2)
        .text(umid)
        .text(loudness)
        .text(reserved)
        .text(history)
        .take();
  }
};

const std::string kNotMeasured("\xff\x7f\xff\x7f\xff\x7f\xff\x7f\xff\x7f", 10);

Measurement measured() {
  Measurement loudness;
  loudness.integrated_lufs = -23.014;
  loudness.loudness_range_lu = 7.256;
  loudness.true_peak_dbtp = -1.005;
  loudness.momentary_max_lufs = -15.5;
  loudness.short_term_max_lufs = -18.25;
  return loudness;
}

// -2301, 726, -100 or -101 (a half, in binary fractions -1.005 lies below it), -1550, -1825.
const std::string kMeasured("\x03\xf7\xd6\x02\x9c\xff\xf2\xf9\xdf\xf8", 10);

std::string written(const Bext& input, WriteSpec spec, const Measurement* loudness = nullptr,
                    bool after = false) {
  const TemporaryFolder folder;
  spec.path = folder / "b.wav";
  const std::string bext = chunk("bext", input.bytes());
  const auto out = convert(folder.save("a.wav", wave_with(after ? "" : bext, after ? bext : "")),
                           spec, loudness);
  EXPECT_EQ(out.messages(), "");
  EXPECT_THAT(run_command("sha256sum '" + out.written.path.string() + "'"),
              testing::StartsWith(out.written.sha256));
  return body_of(chunks_of(out.bytes), "bext");
}

TEST(Bext, BecomesVersion2WithOneMoreLineOfHistory) {
  Bext expected;
  expected.version = 2;
  expected.loudness = kNotMeasured;
  expected.history += "A=PCM,F=48000,W=16,M=stereo,T=Tutti\r\n";
  EXPECT_EQ(written({}, output("")), expected.bytes());
}

TEST(Bext, HoldsTheLoudnessInHundredths) {
  Bext expected;
  expected.version = 2;
  expected.loudness = kMeasured;
  expected.history += "A=PCM,F=48000,W=16,M=stereo,T=Tutti\r\n";
  const Measurement loudness = measured();
  EXPECT_EQ(written({}, output(""), &loudness), expected.bytes());
  EXPECT_EQ(written({}, output(""), &loudness, /*after=*/true), expected.bytes());
  WriteSpec known = output("");
  known.metadata_change.loudness = loudness;
  EXPECT_EQ(written({}, known), expected.bytes());
}

TEST(Bext, SaysNotUsedForWhatDoesNotExistOrFit) {
  Measurement loudness = measured();
  loudness.integrated_lufs.reset();
  loudness.true_peak_dbtp = -200;
  loudness.momentary_max_lufs = std::nan("");
  const std::string body = written({}, output(""), &loudness);
  EXPECT_EQ(body.substr(412, 10), std::string("\xff\x7f\xd6\x02\xff\x7f\xff\x7f\xdf\xf8", 10));
}

// What version 0 and 1 call reserved is UMID and loudness of version 2; rubbish there is not
// carried over.
TEST(Bext, ClearsWhatOlderVersionsDidNotDefine) {
  Bext old;
  old.version = 0;
  old.reserved = std::string(180, 'r');
  const std::string from0 = written(old, output(""));
  EXPECT_EQ(from0.substr(346, 2), std::string("\2\0", 2));
  EXPECT_EQ(from0.substr(348, 64), std::string(64, '\0'));
  EXPECT_EQ(from0.substr(422, 180), std::string(180, '\0'));
  old.version = 1;
  const std::string from1 = written(old, output(""));
  EXPECT_EQ(from1.substr(348, 64), std::string(64, 'U'));
  EXPECT_EQ(from1.substr(422, 180), std::string(180, '\0'));
  old.version = 2;
  EXPECT_EQ(written(old, output("")).substr(422, 180), std::string(180, 'r'));
}

TEST(Bext, MovesTheTimeReferenceWithRateAndTrim) {
  Bext input;
  input.time = 158760000;  // one hour of 44.1 kHz
  WriteSpec spec = output("");
  spec.metadata_change.from_rate_hz = 44100;
  spec.metadata_change.trimmed_frames = 44100;
  EXPECT_EQ(number_at(written(input, spec), 338, 8), 3601u * 48000);
  input.time = std::uint64_t{5} << 32;  // the upper half counts
  spec.metadata_change.trimmed_frames = 0;
  EXPECT_EQ(number_at(written(input, spec), 338, 8),
            23373971679u);  // 21474836480 · 160 / 147 = …78.9
}

TEST(Bext, EndsTheHistoryProperlyBeforeItGoesOn) {
  Bext input;
  input.history = std::string("A=MPEG1L2\0\0\0", 12);
  WriteSpec spec = output("", 4800, 96000);
  spec.channels = 1;
  spec.encoding = Encoding::float32;
  EXPECT_THAT(written(input, spec),
              EndsWith(std::string(180, '\0') + "A=MPEG1L2\r\nA=PCM,F=96000,W=32,M=mono,T=Tutti; "
                                                "floating point\r\n"));
}

TEST(Bext, FillsABodyThatIsTooShort) {
  const TemporaryFolder folder;
  const auto out = convert(folder.save("a.wav", wave_with(chunk("bext", "Short"), "")),
                           output(folder / "b.wav"));
  const std::string body = body_of(chunks_of(out.bytes), "bext");
  EXPECT_EQ(body.substr(0, 602).size(), 602u);
  EXPECT_EQ(body.substr(0, 6), std::string("Short\0", 6));
  EXPECT_EQ(body.substr(602), "A=PCM,F=48000,W=16,M=stereo,T=Tutti\r\n");
}

TEST(Bext, IsReadBackByFfprobe) {
  if (!command_exists("ffprobe")) GTEST_SKIP() << "ffprobe is not installed";
  const TemporaryFolder folder;
  Bext input;
  input.time = 48000;
  WriteSpec spec = output(folder / "b.wav", 9600, 96000);
  spec.metadata_change.from_rate_hz = 48000;
  const auto out = convert(folder.save("a.wav", wave_with(chunk("bext", input.bytes()), "")), spec);
  const std::string shown =
      run_command("ffprobe -v error -show_format '" + out.written.path.string() + "'");
  EXPECT_THAT(shown, HasSubstr("TAG:comment=Requiem, take 3"));
  EXPECT_THAT(shown, HasSubstr("TAG:time_reference=96000"));
  EXPECT_THAT(shown, HasSubstr("TAG:originator_reference=XYZ0001"));
  EXPECT_THAT(shown, HasSubstr("A=PCM,F=96000,W=16,M=stereo,T=Tutti"));
}

// EBU Tech 3306: a file with room for ds64 keeps that first, the broadcast chunk after it.
TEST(Bext, StandsBehindTheRoomForRf64) {
  const TemporaryFolder folder;
  WriteSpec spec = output(folder / "b.wav", 0);
  const auto out =
      convert(folder.save("a.wav", wave_with(chunk("bext", Bext{}.bytes()), "")), spec);
  EXPECT_THAT(names_of(chunks_of(out.bytes)), testing::ElementsAre("JUNK", "fmt ", "bext", "data"));
}

}  // namespace
}  // namespace tutti::test
