// SPDX-License-Identifier: Apache-2.0
#include "tests/io/awkward_files.hpp"

#include <gmock/gmock.h>

#include "tests/io/test_files.hpp"

namespace tutti::test {
namespace {

const std::vector<AwkwardFile>& all_files() {
  static const std::vector<AwkwardFile> files = awkward_files();
  return files;
}

class AwkwardFileTest : public testing::TestWithParam<std::size_t> {
 protected:
  const AwkwardFile& file() const { return all_files()[GetParam()]; }
  TemporaryFolder folder_;
  HeardWarnings heard_;
};

void expect_exact(const AwkwardFile& file, AudioReader& reader) {
  const AudioInfo& info = reader.info();
  EXPECT_EQ(info.sample_rate_hz, file.rate_hz);
  EXPECT_EQ(info.wave_mask, file.wave_mask);
  EXPECT_EQ(info.time_reference_frames.value_or(-1), file.time_reference_frames);
  ASSERT_EQ(info.channels, file.channels);
  ASSERT_EQ(info.frames, file.frames);
  const Buffer audio = read_all(reader);
  for (int c = 0; c < file.channels; ++c) {
    for (Frames n = 0; n < file.frames; ++n) {
      ASSERT_EQ(audio.channel(c)[n], file.truth(c, n)) << "channel " << c << ", frame " << n;
    }
  }
}

TEST_P(AwkwardFileTest, DoesWhatItsRowSays) {
  const auto path = folder_.save(file().name, file().bytes);
  if (file().outcome == Outcome::refuse) {
    try {
      read_all(*open_audio(path, heard_.sink()));  // some say only at the end what they are
      FAIL() << "was accepted";
    } catch (const IoError& error) {
      const std::string text = error.what();
      EXPECT_THAT(text, testing::StartsWith(path.string() + ": "));
      EXPECT_THAT(text.substr(path.string().size()), testing::HasSubstr(file().error));
      EXPECT_EQ(text.find('\n'), std::string::npos);
      EXPECT_EQ(error.fault(), IoFault::input);
    }
    return;
  }
  const auto reader = open_audio(path, heard_.sink());
  expect_exact(file(), *reader);
  EXPECT_EQ(heard_.codes, file().warnings);
}

// The same bits must come out of odd pieces in odd order.
TEST_P(AwkwardFileTest, ReadsTheSameInPieces) {
  if (file().outcome == Outcome::refuse) {
    // Whatever the name.
    EXPECT_THROW(read_all(*open_audio(folder_.save("x", file().bytes))), IoError);
    return;
  }
  const auto path = folder_.save(file().name, file().bytes);
  const auto reader = open_audio(path);
  Buffer piece(file().channels, 4097);
  for (const Frames first : {Frames{5000}, Frames{0}, Frames{1}, Frames{4095}, Frames{-7},
                             file().frames - 5, file().frames + 100}) {
    reader->read(first, piece.view());
    for (int c = 0; c < file().channels; ++c) {
      for (Frames n = 0; n < piece.frames(); ++n) {
        const Frames at = first + n;
        const float truth = at >= 0 && at < file().frames ? file().truth(c, at) : 0.0f;
        ASSERT_EQ(piece.channel(c)[n], truth) << "channel " << c << ", frame " << at;
      }
    }
  }
}

// Cut anywhere in its first bytes, a file is read or refused in one line.
TEST_P(AwkwardFileTest, MayStopAnywhere) {
  const std::size_t most = std::min<std::size_t>(file().bytes.size(), 200);
  for (std::size_t count = 1; count <= most; count += count < 64 ? 1 : 9) {
    // A new name each time: rewriting one file would wait for the disk.
    const auto path = folder_.save(std::to_string(count), file().bytes.substr(0, count));
    try {
      const auto reader = open_audio(path);
      read_all(*reader);
    } catch (const IoError& error) {
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
    }
  }
}

std::string test_name(const testing::TestParamInfo<std::size_t>& info) {
  std::string name = std::to_string(info.param) + "_";
  for (const char c : all_files()[info.param].name.substr(0, 40)) {
    name += std::isalnum(static_cast<unsigned char>(c)) != 0 && c > 0 ? c : '_';
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(Collection, AwkwardFileTest,
                         testing::Range<std::size_t>(0, all_files().size()), test_name);

}  // namespace
}  // namespace tutti::test
