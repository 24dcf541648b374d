// SPDX-License-Identifier: Apache-2.0
// Every exact container with every encoding that it holds, read back by us and by other programs.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/io/written_files.hpp"

namespace tutti::test {
namespace {

using testing::StartsWith;

int bits_of(Encoding encoding) {
  switch (encoding) {
    case Encoding::pcm8:
      return 8;
    case Encoding::pcm16:
      return 16;
    case Encoding::pcm24:
      return 24;
    default:
      return 32;
  }
}

struct Case {
  const char* extension;
  Encoding encoding;
};

class ExactWriterTest : public testing::TestWithParam<Case> {
 protected:
  WriteSpec spec(int channels, Frames expected) const {
    WriteSpec result;
    result.path = folder_ / (std::string("out") + GetParam().extension);
    result.channels = channels;
    result.encoding = GetParam().encoding;
    result.expected_frames = expected;
    result.overwrite = true;
    return result;
  }
  int most_channels() const { return std::string(GetParam().extension) == ".flac" ? 8 : 16; }
  TemporaryFolder folder_;
};

/// The MD5 of 32-bit samples as our WAV writer reports it, which FFmpeg confirms below.
std::string other_container_md5(ConstBlockView audio) {
  const TemporaryFolder folder;
  WriteSpec spec;
  spec.path = folder / "a.wav";
  spec.encoding = Encoding::pcm32;
  return write_file(spec, audio).audio_md5;
}

TEST_P(ExactWriterTest, ReturnsTheSameBitsForEveryChannelCount) {
  for (int channels = 1; channels <= most_channels(); ++channels) {
    const Frames frames = 997;
    const Buffer audio = steps(bits_of(GetParam().encoding), channels, frames);
    write_file(spec(channels, frames), audio.view());
    HeardWarnings heard;
    const auto reader = open_audio(spec(channels, 0).path, heard.sink());
    ASSERT_EQ(reader->info().channels, channels);
    ASSERT_EQ(reader->info().frames, frames);
    EXPECT_EQ(reader->info().sample_rate_hz, 48000);
    const Buffer back = read_all(*reader);
    for (int c = 0; c < channels; ++c) {
      for (Frames n = 0; n < frames; ++n) ASSERT_EQ(back.channel(c)[n], audio.channel(c)[n]);
    }
    EXPECT_THAT(heard.codes, testing::IsEmpty());
  }
}

// The header is written first from the expected length and must come out the same when it was not
// known or was wrong; the hash must be that of the final file each time.
TEST_P(ExactWriterTest, HashesTheFinalFileWhateverLengthWasExpected) {
  const Buffer audio = steps(bits_of(GetParam().encoding), 2, 1001);
  for (const Frames expected : {Frames{1001}, Frames{0}, Frames{5000}, Frames{10}}) {
    const auto written = write_file(spec(2, expected), audio.view());
    EXPECT_EQ(written.frames, 1001);
    EXPECT_EQ(first_word(run_command("sha256sum '" + written.path.string() + "'")), written.sha256);
    EXPECT_EQ(written.bytes, static_cast<std::int64_t>(std::filesystem::file_size(written.path)));
    EXPECT_EQ(open_audio(written.path)->info().frames, 1001);
  }
}

// FFmpeg decodes what was written and hashes the samples: header and MD5 by a tool that is not
// ours.
TEST_P(ExactWriterTest, StoresWhatFfmpegDecodes) {
  if (!command_exists("ffmpeg")) GTEST_SKIP() << "ffmpeg is not installed";
  const Buffer audio = steps(bits_of(GetParam().encoding), 2, 1001);
  const auto written = write_file(spec(2, 1001), audio.view());
  if (GetParam().encoding == Encoding::pcm32 && std::string(GetParam().extension) == ".flac") {
    // Decoders of 32-bit FLAC are new; the MD5 that libFLAC computed must be that of the samples.
    EXPECT_EQ(written.audio_md5, other_container_md5(audio.view()));
    return;
  }
  const char* raw = "";
  switch (GetParam().encoding) {
    case Encoding::pcm8:
      raw = "pcm_s8";
      break;
    case Encoding::pcm16:
      raw = "pcm_s16le";
      break;
    case Encoding::pcm24:
      raw = "pcm_s24le";
      break;
    case Encoding::pcm32:
      raw = "pcm_s32le";
      break;
    case Encoding::float32:
      raw = "pcm_f32le";
      break;
    case Encoding::float64:
      raw = "pcm_f64le";
      break;
  }
  if (GetParam().encoding == Encoding::pcm8) {
    // FFmpeg makes 8 signed bits unsigned on its way; compare through 16 bits instead.
    const std::string text =
        run_command("ffmpeg -v error -i '" + written.path.string() + "' -f s16le -c:a pcm_s16le '" +
                    (folder_ / "raw").string() + "'");
    EXPECT_EQ(text, "");
    ByteWriter expected;
    for (Frames n = 0; n < 1001; ++n) {
      for (int c = 0; c < 2; ++c) expected.le(static_cast<std::uint32_t>(pattern(8, c, n)) << 8, 2);
    }
    EXPECT_EQ(load(folder_ / "raw"), expected.take());
    return;
  }
  const std::string text =
      run_command("ffmpeg -v error -i '" + written.path.string() + "' -f md5 -c:a " + raw + " -");
  EXPECT_EQ(text, "MD5=" + written.audio_md5 + "\n");
}

TEST_P(ExactWriterTest, WritesHeadersThatSoxAndFfprobeRead) {
  // One integer and one float encoding show every header; the others differ in a number.
  if (GetParam().encoding != Encoding::pcm24 && GetParam().encoding != Encoding::float32) return;
  if (!command_exists("ffprobe") || !command_exists("sox"))
    GTEST_SKIP() << "sox or ffmpeg is missing";
  const Buffer audio = steps(8, 6, 1001);
  WriteSpec six = spec(6, 1001);
  six.wave_mask = 0x3f;
  const auto written = write_file(six, audio.view());
  const std::string probe = run_command(
      "ffprobe -v error -of csv=p=0 -show_entries stream=sample_rate,channels,channel_layout '" +
      written.path.string() + "'");
  const bool masked = std::string(GetParam().extension) != ".aiff";
  EXPECT_THAT(probe, StartsWith(masked ? "48000,6,5.1" : "48000,6")) << probe;
  const std::string extension = GetParam().extension;
  if (extension == ".caf" || extension == ".w64") return;  // this sox is built without libsndfile
  EXPECT_EQ(first_word(run_command("(sox --i -s '" + written.path.string() + "' 2>/dev/null)")),
            "1001");
}

std::vector<Case> exact_cases() {
  std::vector<Case> cases;
  for (const char* extension : {".wav", ".w64", ".aiff", ".caf"}) {
    for (const Encoding encoding : {Encoding::pcm8, Encoding::pcm16, Encoding::pcm24,
                                    Encoding::pcm32, Encoding::float32, Encoding::float64}) {
      cases.push_back({extension, encoding});
    }
  }
  for (const Encoding encoding :
       {Encoding::pcm8, Encoding::pcm16, Encoding::pcm24, Encoding::pcm32}) {
    cases.push_back({".flac", encoding});
  }
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Containers, ExactWriterTest, testing::ValuesIn(exact_cases()),
                         [](const auto& chosen) {
                           const bool floating = chosen.param.encoding >= Encoding::float32;
                           const int bits = chosen.param.encoding == Encoding::float64
                                                ? 64
                                                : bits_of(chosen.param.encoding);
                           return fmt::format("{}{}{}", chosen.param.extension + 1,
                                              floating ? "Float" : "Pcm", bits);
                         });

}  // namespace
}  // namespace tutti::test
