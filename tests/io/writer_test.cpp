// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cmath>
#include <csignal>

#include "host/io/encode.hpp"
#include "host/io/pcm_containers.hpp"
#include "tests/io/test_files.hpp"

namespace tutti::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

struct Failure {
  std::string text = "no error";
  IoFault fault = IoFault::input;
};

Failure failure_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const IoError& error) {
    return {error.what(), error.fault()};
  }
  return {};
}

/// Audio that every integer encoding holds exactly: multiples of one step.
Buffer steps(int bits, int channels, Frames frames) {
  Buffer audio(channels, frames);
  for (int c = 0; c < channels; ++c) {
    for (Frames n = 0; n < frames; ++n) {
      audio.channel(c)[n] = static_cast<float>(std::ldexp(
          static_cast<double>(pattern(std::min(bits, 24), c, n)), 1 - std::min(bits, 24)));
    }
  }
  return audio;
}

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

AudioWriter::Written write_file(const WriteSpec& spec, ConstBlockView audio) {
  const auto writer = open_writer(spec);
  // In uneven pieces: the bytes must not depend on them.
  for (Frames n = 0, size = 1; n < audio.frames; n += size, size = size * 3 + 1) {
    writer->write(audio.slice(n, std::min(size, audio.frames - n)));
  }
  return writer->commit();
}

std::string first_word(const std::string& text) {
  return text.substr(0, text.find_first_of(" \n"));
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

WriteSpec stereo(const std::filesystem::path& path) {
  WriteSpec spec;
  spec.path = path;
  return spec;
}

TEST(Writer, LeavesNothingWithoutACommit) {
  for (const char* name : {"a.wav", "a.flac", "a.ogg", "a.mp3", "a.opus", "deep/er/a.wav"}) {
    const TemporaryFolder folder;
    {
      const auto writer = open_writer(stereo(folder / name));
      const Buffer audio(2, 100000);
      writer->write(audio.view());
      EXPECT_EQ(folder.entries(), 1);
      EXPECT_FALSE(std::filesystem::exists(folder / name));
    }
    EXPECT_EQ(folder.entries(), 0) << name;
  }
}

TEST(Writer, LeavesDigestsOutWhenToldTo) {
  const TemporaryFolder folder;
  const Buffer audio(2, 5000);
  for (const char* name : {"a.wav", "b.ogg"}) {
    WriteSpec spec = stereo(folder / name);
    spec.digests = false;
    const auto written = write_file(spec, audio.view());
    EXPECT_EQ(written.sha256 + written.audio_md5, "");
    EXPECT_EQ(open_audio(folder / name)->info().frames, 5000);
  }
}

TEST(Writer, CreatesMissingFolders) {
  const TemporaryFolder folder;
  open_writer(stereo(folder / "deep/er/a.wav"))->commit();
  EXPECT_TRUE(std::filesystem::exists(folder / "deep/er/a.wav"));
}

TEST(Writer, DoesNotReplaceAFileUnlessToldTo) {
  const TemporaryFolder folder;
  const auto path = folder.save("a.wav", "precious");
  const Failure failure = failure_of([&] { open_writer(stereo(path)); });
  EXPECT_THAT(failure.text, HasSubstr("exists already"));
  EXPECT_EQ(failure.fault, IoFault::output);
  EXPECT_EQ(load(path), "precious");
  WriteSpec spec = stereo(path);
  spec.overwrite = true;
  const auto writer = open_writer(spec);
  EXPECT_EQ(load(path), "precious");  // until the very end
  writer->commit();
  EXPECT_THAT(load(path), StartsWith("RIFF"));
}

TEST(Writer, DoesNotReplaceAFileThatAppearedMeanwhile) {
  const TemporaryFolder folder;
  const auto writer = open_writer(stereo(folder / "a.wav"));
  folder.save("a.wav", "precious");
  EXPECT_THAT(failure_of([&] { writer->commit(); }).text, HasSubstr("exists already"));
  EXPECT_EQ(load(folder / "a.wav"), "precious");
}

TEST(Writer, RefusesAFolder) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "a.wav");
  WriteSpec spec = stereo(folder / "a.wav");
  spec.overwrite = true;
  EXPECT_THAT(failure_of([&] { open_writer(spec); }).text, HasSubstr("is a folder"));
}

TEST(Writer, TakesTheLongestName) {
  const TemporaryFolder folder;
  const auto path = folder / (std::string(251, 'L') + ".wav");
  open_writer(stereo(path))->commit();
  EXPECT_TRUE(std::filesystem::exists(path));
}

TEST(Writer, RemovesAllTemporariesOnASignal) {
  const TemporaryFolder folder;
  const auto first = open_writer(stereo(folder / "a.wav"));
  const auto second = open_writer(stereo(folder / "b.flac"));
  EXPECT_EQ(folder.entries(), 2);
  remove_temporaries();
  EXPECT_EQ(folder.entries(), 0);
  EXPECT_THROW(first->commit(), Cancelled);
  EXPECT_THROW(second->commit(), Cancelled);
  EXPECT_EQ(folder.entries(), 0);
}

TEST(Writer, SaysThatTheDiskIsFull) {
  const TemporaryFolder folder;
  const auto disk = folder / "disk";
  std::filesystem::create_directory(disk);
  if (::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=256k") != 0) {
    GTEST_SKIP() << "mounting a small file system needs root";
  }
  for (const char* name : {"a.wav", "a.flac", "a.ogg", "a.aiff"}) {
    Buffer audio(2, 48000 * 20);
    for (Frames n = 0; n < audio.frames(); ++n) {
      audio.channel(0)[n] = std::ldexp(static_cast<float>(pattern(24, 0, n)), -24);
    }
    const Failure failure = failure_of([&] { write_file(stereo(disk / name), audio.view()); });
    EXPECT_THAT(failure.text, HasSubstr("No space left on device")) << name;
    EXPECT_EQ(failure.fault, IoFault::exhausted) << name;
    EXPECT_TRUE(std::filesystem::is_empty(disk)) << name;
  }
  ::umount(disk.c_str());
}

// The same without root: a limit on the size of files gives EFBIG.
TEST(Writer, SaysThatAFileMayNotGrow) {
  const TemporaryFolder folder;
  rlimit before = {};
  getrlimit(RLIMIT_FSIZE, &before);
  auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit lowered = before;
  lowered.rlim_cur = 100000;
  setrlimit(RLIMIT_FSIZE, &lowered);
  const Buffer audio(2, 48000 * 4);
  const Failure failure = failure_of([&] { write_file(stereo(folder / "a.wav"), audio.view()); });
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_THAT(failure.text, HasSubstr("cannot be written"));
  EXPECT_EQ(failure.fault, IoFault::exhausted);
  EXPECT_EQ(folder.entries(), 0);
}

TEST(Writer, CountsClippedSamples) {
  const TemporaryFolder folder;
  Buffer audio(2, 10);
  audio.channel(0)[3] = 1.5f;
  audio.channel(1)[4] = -1.0f;  // fits
  audio.channel(1)[5] = -1.1f;
  EXPECT_EQ(write_file(stereo(folder / "a.wav"), audio.view()).clipped_samples, 2);
  EXPECT_EQ(write_file(stereo(folder / "a.flac"), audio.view()).clipped_samples, 2);
  const auto reader = open_audio(folder / "a.wav");
  const Buffer back = read_all(*reader);
  EXPECT_EQ(back.channel(0)[3], 8388607.0f / 8388608.0f);
  EXPECT_EQ(back.channel(1)[5], -1.0f);
}

// Dither is the same whatever the sizes of the calls, differs with the seed, and stays with the
// file.
TEST(Writer, DithersBySeedAlone) {
  const TemporaryFolder folder;
  const Buffer audio(2, 5000);
  WriteSpec spec = stereo(folder / "a.wav");
  spec.encoding = Encoding::pcm16;
  spec.overwrite = true;
  for (const DitherKind kind : {DitherKind::tpdf, DitherKind::shaped}) {
    spec.dither = kind;
    spec.seed = 1;
    const std::string pieces = write_file(spec, audio.view()).sha256;
    const auto writer = open_writer(spec);
    writer->write(audio.view());
    EXPECT_EQ(writer->commit().sha256, pieces);
    spec.seed = 2;
    EXPECT_NE(write_file(spec, audio.view()).sha256, pieces);
  }
}

// The header of a file of 5 GiB before a sparse body: our reader and FFmpeg must find all frames.
TEST(Writer, WritesHeadersForMoreThanFourGibibytes) {
  const Frames frames = (Frames{5} << 30) / 6;
  for (const auto& [name, container] :
       {std::pair{"a.wav", io::PcmContainer::wave}, std::pair{"a.w64", io::PcmContainer::wave64},
        std::pair{"a.caf", io::PcmContainer::caf}}) {
    const TemporaryFolder folder;
    WriteSpec spec = stereo(folder / name);
    spec.expected_frames = frames;
    const auto header = io::pcm_header(container, spec, frames);
    folder.save(name, {reinterpret_cast<const char*>(header.data()), header.size()});
    std::error_code error;
    std::filesystem::resize_file(spec.path, header.size() + static_cast<std::uintmax_t>(frames) * 6,
                                 error);
    if (error) GTEST_SKIP() << "the file system can not hold a sparse file: " << error.message();
    HeardWarnings heard;
    EXPECT_EQ(open_audio(spec.path, heard.sink())->info().frames, frames) << name;
    EXPECT_THAT(heard.codes, testing::IsEmpty()) << name;
    if (!command_exists("ffprobe")) continue;
    const std::string seconds = run_command(
        "ffprobe -v error -of csv=p=0 -show_entries stream=duration '" + spec.path.string() + "'");
    EXPECT_NEAR(std::stod(seconds), static_cast<double>(frames) / 48000, 1e-3) << name;
  }
}

TEST(Writer, RefusesToPassFourGibibytesUnannounced) {
  WriteSpec spec;
  spec.path = "a.wav";
  spec.expected_frames = 1000;
  EXPECT_THROW(io::pcm_header(io::PcmContainer::wave, spec, (Frames{5} << 30) / 6), IoError);
  spec.path = "a.aiff";
  EXPECT_THROW(io::pcm_header(io::PcmContainer::aiff, spec, (Frames{5} << 30) / 6), IoError);
}

TEST(Writer, ReturnsToRiffWhenFewerFramesCome) {
  const TemporaryFolder folder;
  WriteSpec spec = stereo(folder / "a.wav");
  spec.encoding = Encoding::float64;
  spec.channels = 16;
  spec.overwrite = true;
  spec.expected_frames = (Frames{1} << 32) / 128 + 1;
  // Announced as longer than 4 GiB, but short: the room of the ds64 chunk becomes a JUNK chunk.
  const Buffer audio(16, 1000);
  {
    const auto writer = open_writer(spec);
    EXPECT_THAT(load(std::filesystem::directory_iterator(folder.path())->path()),
                testing::IsEmpty());
    writer->write(audio.view());
    writer->commit();
  }
  EXPECT_THAT(load(spec.path), StartsWith("RIFF"));
  EXPECT_EQ(open_audio(spec.path)->info().frames, 1000);
  EXPECT_EQ(open_audio(spec.path)->info().container, "WAV");
}

TEST(Writer, WritesTheSameBytesEveryTime) {
  const TemporaryFolder folder;
  const Buffer audio = steps(16, 2, 30000);
  for (const char* name :
       {"a.wav", "a.aiff", "a.caf", "a.w64", "a.flac", "a.ogg", "a.opus", "a.mp3"}) {
    WriteSpec spec = stereo(folder / name);
    spec.overwrite = true;
    spec.dither = DitherKind::tpdf;
    const auto first = write_file(spec, audio.view());
    const auto second = write_file(spec, audio.view());
    EXPECT_EQ(first.sha256, second.sha256) << name;
    EXPECT_EQ(first_word(run_command("sha256sum '" + first.path.string() + "'")), first.sha256)
        << name;
    EXPECT_EQ(first.bytes, static_cast<std::int64_t>(std::filesystem::file_size(first.path))) << name;
  }
}

TEST(Writer, SaysWhatAContainerCanNotHold) {
  WriteSpec spec;
  const auto reason = [&](const char* path) {
    spec.path = path;
    return unsupported_reason(spec);
  };
  for (const char* path :
       {"a.wav", "a.WAV", "a.flac", "a.aiff", "a.caf", "a.w64", "a.ogg", "a.opus", "a.mp3"}) {
    EXPECT_EQ(reason(path), "") << path;
  }
  EXPECT_THAT(reason("a.xyz"), HasSubstr("'.xyz' names no container"));
  spec.encoding = Encoding::float32;
  EXPECT_THAT(reason("a.flac"), HasSubstr("not floats"));
  spec.encoding = Encoding::pcm24;
  spec.channels = 12;
  EXPECT_EQ(reason("a.wav"), "");
  EXPECT_THAT(reason("a.flac"), HasSubstr("8 channels"));
  EXPECT_THAT(reason("a.mp3"), HasSubstr("2 channels"));
  spec.channels = 17;
  EXPECT_THAT(reason("a.wav"), HasSubstr("17 channels"));
  spec.channels = 2;
  spec.sample_rate_hz = 44100;
  EXPECT_THAT(reason("a.opus"), HasSubstr("Opus"));
  spec.sample_rate_hz = 96000;
  EXPECT_THAT(reason("a.mp3"), HasSubstr("sample rate"));
  spec.sample_rate_hz = 44100.5;
  EXPECT_THAT(reason("a.wav"), HasSubstr("whole numbers"));
  spec.sample_rate_hz = 48000;
  spec.expected_frames = Frames{1} << 31;
  EXPECT_EQ(reason("a.wav"), "");
  EXPECT_THAT(reason("a.aiff"), HasSubstr("4 GiB"));
  EXPECT_EQ(failure_of([&] { open_writer(spec); }).fault, IoFault::output);
}

// Lossy codecs: the length is kept, the sine comes back.
TEST(Writer, WritesLossyFilesThatReadBack) {
  const TemporaryFolder folder;
  Buffer audio(2, 96000);
  for (Frames n = 0; n < audio.frames(); ++n) {
    const auto value =
        static_cast<float>(0.5 * std::sin(2 * kPi * 1000 * static_cast<double>(n) / 48000));
    audio.channel(0)[n] = value;
    audio.channel(1)[n] = -value;
  }
  for (const char* name : {"a.ogg", "a.opus", "a.mp3"}) {
    write_file(stereo(folder / name), audio.view());
    const auto reader = open_audio(folder / name);
    ASSERT_EQ(reader->info().frames, 96000) << name;
    const Buffer back = read_all(*reader);
    double noise = 0;
    for (Frames n = 10000; n < 86000; ++n) {
      noise += std::pow(back.channel(0)[n] - audio.channel(0)[n], 2) / 76000;
    }
    // No codec promises the waveform; a wrong channel, sign, level or shift leaves more than -6 dB.
    EXPECT_LE(power_to_db(noise / 0.125), -30) << name;
  }
}

}  // namespace
}  // namespace tutti::test
