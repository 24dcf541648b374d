// SPDX-License-Identifier: Apache-2.0
// What writing does to a folder, a disk and a name, and what it refuses.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>

#include "host/io/pcm_containers.hpp"
#include "tests/io/written_files.hpp"

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

TEST(Writer, CanBeReadAfterItsEndAndLeavesNothingWithoutACommit) {
  // Nothing, one frame, the blocks of FLAC and the frames around them.
  for (const Frames frames : {0, 1, 15, 4095, 4096, 4097, 8192}) {
    for (const char* name : {"a.wav", "a.flac", "a.aiff", "a.caf"}) {
      SCOPED_TRACE(fmt::format("{}, {} frames", name, frames));
      const TemporaryFolder folder;
      const Buffer audio = steps(24, 2, frames);
      {
        const auto writer = open_writer(stereo(folder / name));
        writer->write(audio.view());
        const auto reader = open_audio(writer->finish());
        ASSERT_EQ(reader->info().frames, frames);
        const Buffer back = read_all(*reader);
        for (Frames n = 0; n < frames; ++n) ASSERT_EQ(back.channel(1)[n], audio.channel(1)[n]);
      }
      EXPECT_EQ(folder.entries(), 0);
    }
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

// Even where there is room again: what a failed write left out is in no file with a name.
TEST(Writer, GivesNoNameToAFileThatCouldNotBeEnded) {
  for (const char* name : {"a.wav", "a.flac"}) {
    SCOPED_TRACE(name);
    const TemporaryFolder folder;
    const Buffer audio = steps(24, 2, 30000);
    const auto writer = open_writer(stereo(folder / name));
    writer->write(audio.view());
    rlimit before = {};
    getrlimit(RLIMIT_FSIZE, &before);
    auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
    rlimit lowered = before;
    lowered.rlim_cur = 1000;
    setrlimit(RLIMIT_FSIZE, &lowered);
    const Failure ending = failure_of([&] { writer->finish(); });
    setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
    EXPECT_EQ(ending.fault, IoFault::exhausted) << ending.text;
    EXPECT_EQ(failure_of([&] { writer->commit(); }).fault, IoFault::exhausted);
    EXPECT_FALSE(std::filesystem::exists(folder / name));
  }
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
