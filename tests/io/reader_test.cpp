// SPDX-License-Identifier: Apache-2.0
// What every reader promises beyond the collection of awkward files.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cmath>
#include <fstream>
#include <thread>

#include "host/io/file_pool.hpp"
#include "tests/io/awkward_parts.hpp"
#include "tests/io/flac_bytes.hpp"
#include "tests/io/test_files.hpp"

namespace tutti::test {
namespace {

using testing::HasSubstr;

std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const IoError& error) {
    return error.what();
  }
  return "no error";
}

std::string float_wave(int channels, Frames frames, Frames bad_frame, int bad_channel, float bad) {
  ByteWriter data;
  for (Frames n = 0; n < frames; ++n) {
    for (int c = 0; c < channels; ++c) {
      data.f32le(n == bad_frame && c == bad_channel ? bad : 0.25f);
    }
  }
  return riff(wave_format(3, channels, 48000, 32) + chunk("data", data.take()));
}

TEST(Reader, NamesFrameAndChannelOfANaN) {
  const TemporaryFolder folder;
  const auto path = folder.save("nan.wav", float_wave(3, 5000, 1234, 1, NAN));
  const auto reader = open_audio(path);
  Buffer out(3, 1000);
  reader->read(0, out.view());  // the part before it is sound
  EXPECT_THAT(error_of([&] { reader->read(1000, out.view()); }),
              HasSubstr("NaN at frame 1234 (0.0257 s) of channel 2"));
}

TEST(Reader, NamesFrameAndChannelOfAnInfinityInCaf) {
  const TemporaryFolder folder;
  ByteWriter caf;
  caf.text("caff").be(1, 2).be(0, 2).text("desc").be(32, 8).f64be(48000).text("lpcm");
  caf.be(1, 4).be(4, 4).be(1, 4).be(1, 4).be(32, 4).text("data").be(4 + 400, 8).be(0, 4);
  for (int n = 0; n < 100; ++n) caf.f32be(n == 77 ? -INFINITY : 0.5f);
  const auto reader = open_audio(folder.save("inf.caf", caf.take()));
  EXPECT_THAT(error_of([&] { read_all(*reader); }),
              HasSubstr("infinity at frame 77 (0.0016 s) of channel 1"));
}

TEST(Reader, ReplacesNonFiniteValuesWhenToldTo) {
  const TemporaryFolder folder;
  const auto path = folder.save("nan.wav", float_wave(2, 500, 123, 0, INFINITY));
  HeardWarnings heard;
  const auto reader = open_audio(path, heard.sink(), {.allow_non_finite = true});
  const Buffer out = read_all(*reader);
  read_all(*reader);
  for (Frames n = 0; n < 500; ++n) EXPECT_EQ(out.channel(0)[n], n == 123 ? 0.0f : 0.25f);
  EXPECT_EQ(heard.codes, std::vector<std::string>{"non_finite"});
}

// A sparse file: ds64 says 5 GiB, the last frames hold a mark.
TEST(Reader, ReadsPastFourGibibytes) {
  const TemporaryFolder folder;
  const std::uint64_t frames = (5ull << 30) / 6;
  ByteWriter head;
  head.text("RF64").le(0xffffffff, 4).text("WAVE").text("ds64").le(28, 4);
  head.le(frames * 6 + 72, 8).le(frames * 6, 8).le(frames, 8).le(0, 4);
  head.text(wave_format(1, 2, 48000, 24)).text("data").le(0xffffffff, 4);
  const std::string header = head.take();
  const auto path = folder.save("large.wav", header);
  std::error_code error;
  std::filesystem::resize_file(path, header.size() + frames * 6, error);
  if (error) GTEST_SKIP() << "the file system can not hold a sparse file: " << error.message();
  {
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>(header.size() + (frames - 2) * 6));
    const std::string mark = ByteWriter().le(0x400000, 3).le(0xc00000, 3).take();
    file.write(mark.data(), 6);
  }
  const auto reader = open_audio(path);
  ASSERT_EQ(reader->info().frames, static_cast<Frames>(frames));
  Buffer out(2, 8);
  reader->read(static_cast<Frames>(frames) - 4, out.view());
  EXPECT_EQ(out.channel(0)[1], 0.0f);
  EXPECT_EQ(out.channel(0)[2], 0.5f);
  EXPECT_EQ(out.channel(1)[2], -0.5f);
  EXPECT_EQ(out.channel(0)[3], 0.0f);
  EXPECT_EQ(out.channel(0)[4], 0.0f);  // past the end
}

/// Lowers the limit of open descriptors for the life of the object.
class DescriptorLimit {
 public:
  explicit DescriptorLimit(rlim_t limit) {
    getrlimit(RLIMIT_NOFILE, &before_);
    rlimit lowered = before_;
    lowered.rlim_cur = limit;
    setrlimit(RLIMIT_NOFILE, &lowered);
  }
  ~DescriptorLimit() { setrlimit(RLIMIT_NOFILE, &before_); }
  DescriptorLimit(const DescriptorLimit&) = delete;
  DescriptorLimit& operator=(const DescriptorLimit&) = delete;

 private:
  rlimit before_ = {};
};

TEST(Reader, HoldsAThousandFilesWithSixtyFourDescriptors) {
  const TemporaryFolder folder;
  const DescriptorLimit limit(64);
  std::vector<std::unique_ptr<AudioReader>> readers;
  const auto value = [](int file, Frames n) { return pattern(16, file, n); };
  for (int i = 0; i < 1000; ++i) {
    const auto sample = [&](int, Frames n) { return value(i, n); };
    ByteWriter data;
    for (Frames n = 0; n < 64; ++n) data.le(static_cast<std::uint32_t>(value(i, n)), 2);
    const std::string name = std::to_string(i);
    // Every reader keeps no descriptor: our own, libFLAC's and libsndfile's (big-endian float CAF).
    if (i % 3 == 0) {
      readers.push_back(open_audio(
          folder.save(name, riff(wave_format(1, 1, 48000, 16) + chunk("data", data.take())))));
    } else if (i % 3 == 1) {
      readers.push_back(open_audio(
          folder.save(name, flac_file({.channels = 1, .bits = 16, .frames = 64}, sample))));
    } else {
      ByteWriter caf;
      caf.text("caff").be(1, 2).be(0, 2).text("desc").be(32, 8).f64be(48000).text("lpcm");
      caf.be(1, 4).be(4, 4).be(1, 4).be(1, 4).be(32, 4).text("data").be(4 + 256, 8).be(0, 4);
      for (Frames n = 0; n < 64; ++n) caf.f32be(std::ldexp(static_cast<float>(value(i, n)), -15));
      readers.push_back(open_audio(folder.save(name, caf.take())));
    }
  }
  Buffer out(1, 16);
  for (int round = 0; round < 4; ++round) {
    for (int i = 0; i < 1000; ++i) {
      readers[static_cast<std::size_t>(i)]->read(16 * round, out.view());
      for (Frames n = 0; n < 16; ++n) {
        ASSERT_EQ(out.channel(0)[n], std::ldexp(static_cast<float>(value(i, 16 * round + n)), -15))
            << "file " << i;
      }
    }
  }
  EXPECT_LE(io::pooled_descriptors(), 16);
}

// Many threads, more files than descriptors: what one thread reads, another's eviction may not
// spoil.
TEST(Reader, SharesDescriptorsBetweenThreads) {
  const TemporaryFolder folder;
  for (int i = 0; i < 40; ++i) {
    ByteWriter data;
    for (Frames n = 0; n < 500; ++n) data.le(static_cast<std::uint32_t>(pattern(16, i, n)), 2);
    folder.save(std::to_string(i), riff(wave_format(1, 1, 48000, 16) + chunk("data", data.take())));
  }
  const DescriptorLimit limit(80);  // a pool of 20 for 40 files on 4 threads
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      std::vector<std::unique_ptr<AudioReader>> readers;
      for (int i = 10 * t; i < 10 * t + 10; ++i)
        readers.push_back(open_audio(folder / std::to_string(i)));
      Buffer out(1, 50);
      for (int round = 0; round < 200; ++round) {
        const int i = round * 7 % 10;
        const Frames first = round * 13 % 450;
        readers[static_cast<std::size_t>(i)]->read(first, out.view());
        for (Frames n = 0; n < 50; ++n) {
          wrong += out.channel(0)[n] !=
                   std::ldexp(static_cast<float>(pattern(16, 10 * t + i, first + n)), -15);
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Reader, NoticesAFileThatWasReplaced) {
  const TemporaryFolder folder;
  const auto first = folder.save("a.wav", plain("", 1).bytes);
  const auto reader = open_audio(first);
  std::vector<std::unique_ptr<AudioReader>> others;
  const DescriptorLimit limit(40);  // a pool of 10: the first is closed by the others
  for (int i = 0; i < 12; ++i) {
    others.push_back(open_audio(folder.save(std::to_string(i), plain("", 1).bytes)));
  }
  folder.save("b.wav", plain("", 1).bytes + "more");
  std::filesystem::rename(folder / "b.wav", first);
  Buffer out(1, 10);
  EXPECT_THAT(error_of([&] { reader->read(0, out.view()); }), HasSubstr("changed while"));
}

TEST(Reader, SaysWhyAPathCanNotBeOpened) {
  const TemporaryFolder folder;
  EXPECT_THAT(error_of([&] { open_audio(folder / "missing.wav"); }),
              HasSubstr("cannot be opened: No such file"));
  EXPECT_THAT(error_of([&] { open_audio(folder.path()); }), HasSubstr("is a folder"));
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_THAT(error_of([&] { open_audio(folder / "pipe"); }), HasSubstr("not a regular file"));
}

TEST(Reader, RefusesRatesThatNoFilterIsMadeFor) {
  const TemporaryFolder folder;
  for (const int rate_hz : {0, 1, 7999, 384001}) {
    const auto path =
        folder.save("rate.wav", riff(wave_format(1, 2, rate_hz, 16) + chunk("data", "")));
    EXPECT_THAT(error_of([&] { open_audio(path); }), HasSubstr("sample rate of"));
  }
}

}  // namespace
}  // namespace tutti::test
