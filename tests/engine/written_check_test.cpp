// SPDX-License-Identifier: Apache-2.0
// Files against what was written to them, whole and damaged.
#include "host/engine/written_check.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "host/engine/read_back.hpp"
#include "host/io/encode.hpp"
#include "tests/engine/session_fixture.hpp"
#include "tests/support/channel_runner.hpp"

namespace tutti::test {
namespace {

constexpr Frames kFrames = 5 * 48000 + 17;

class WrittenCheckTest : public SessionFixture {
 protected:
  WriteSpec spec(const std::string& name, Encoding encoding) const {
    WriteSpec spec;
    spec.path = folder_ / name;
    spec.encoding = encoding;
    spec.dither = encoding == Encoding::pcm16 ? DitherKind::tpdf : DitherKind::none;
    spec.overwrite = true;
    spec.digests = false;
    return spec;
  }

  Measurement read_back(const WrittenCheck& check, const std::filesystem::path& at,
                        const std::filesystem::path& name) {
    return check.read_back(*backend_, weights_, at, name, nullptr);
  }

  /// Writes noise in blocks of odd lengths past the check.
  WrittenCheck written(const WriteSpec& spec) {
    const auto writer = open_writer(spec);
    const PackDesign design = *writer->packing();
    const auto packer = backend_->make_packer(design, 2);
    WrittenCheck check(design, 2);
    const auto in = put(*backend_, test::noise(2, kFrames, 3, 0.4f));
    for (Frames n = 0; n < kFrames; n += 33333) {
      const Packed packed =
          packer->process(in->view().slice(n, std::min<Frames>(33333, kFrames - n)));
      writer->write_packed(packed);
      check.take(packed);
    }
    place_before_its_name_ = writer->finish();
    EXPECT_NO_THROW(read_back(check, place_before_its_name_, spec.path)) << spec.path;
    EXPECT_FALSE(std::filesystem::exists(spec.path));
    if (damage_) {
      damage_(place_before_its_name_);
      read_back(check, place_before_its_name_, spec.path);
    }
    writer->commit();
    return check;
  }

  void change_byte(const std::filesystem::path& path, std::streamoff at) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(at);
    const char byte = static_cast<char>(file.get());
    file.seekp(at);
    file.put(static_cast<char>(byte ^ 1));
  }

  std::unique_ptr<Backend> backend_ = open_cpu_backend();
  std::vector<double> weights_ = {1, 1};
  std::filesystem::path place_before_its_name_;
  std::function<void(const std::filesystem::path&)>
      damage_;  ///< done to the file before it has its name
};

TEST_F(WrittenCheckTest, HearsWhatEveryExactContainerGivesBack) {
  struct Case {
    const char* name;
    Encoding encoding;
  };
  for (const Case& c : {Case{"8.wav", Encoding::pcm8},
                        {"16.wav", Encoding::pcm16},
                        {"24.wav", Encoding::pcm24},
                        {"32.wav", Encoding::pcm32},
                        {"f32.wav", Encoding::float32},
                        {"f64.wav", Encoding::float64},
                        {"24.aiff", Encoding::pcm24},
                        {"16.caf", Encoding::pcm16},
                        {"24.w64", Encoding::pcm24},
                        {"16.flac", Encoding::pcm16},
                        {"24.flac", Encoding::pcm24}}) {
    const WriteSpec to = spec(c.name, c.encoding);
    const WrittenCheck check = written(to);
    const Measurement heard = read_back(check, to.path, to.path);
    const Measurement decoded = measure_file(to.path, *backend_, nullptr);
    ASSERT_TRUE(decoded.integrated_lufs) << c.name;
    EXPECT_EQ(heard.integrated_lufs, decoded.integrated_lufs) << c.name;
    EXPECT_EQ(heard.short_term_max_lufs, decoded.short_term_max_lufs) << c.name;
    EXPECT_EQ(heard.loudness_range_lu, decoded.loudness_range_lu) << c.name;
    EXPECT_EQ(heard.true_peak_dbtp, decoded.true_peak_dbtp) << c.name;
    EXPECT_EQ(heard.sample_peak_dbfs, decoded.sample_peak_dbfs) << c.name;
    EXPECT_EQ(heard.dc_offset, decoded.dc_offset) << c.name;
  }
}

TEST_F(WrittenCheckTest, RefusesAFileThatIsNotWhatWasWritten) {
  const WriteSpec to = spec("x.wav", Encoding::pcm24);
  const WrittenCheck check = written(to);
  const auto bytes = static_cast<std::streamoff>(std::filesystem::file_size(to.path));
  change_byte(to.path, bytes - 2);
  EXPECT_THROW(read_back(check, to.path, to.path), IoError);
  change_byte(to.path, bytes - 2);
  EXPECT_NO_THROW(read_back(check, to.path, to.path));
  change_byte(to.path, bytes - kFrames * 6 + 5);  // a sample near the beginning
  EXPECT_THROW(read_back(check, to.path, to.path), IoError);
  change_byte(to.path, bytes - kFrames * 6 + 5);
  for (std::streamoff at = 7; at < kFrames * 6; at += 99991) {  // anywhere
    change_byte(to.path, bytes - at);
    EXPECT_THROW(read_back(check, to.path, to.path), IoError) << at;
    change_byte(to.path, bytes - at);
  }
  std::ifstream file(to.path, std::ios::binary);
  std::string header(200, 0);
  file.read(header.data(), 200);
  change_byte(to.path, static_cast<std::streamoff>(header.find("fmt ")) + 12);  // the rate
  EXPECT_THROW(read_back(check, to.path, to.path), IoError);
}

TEST_F(WrittenCheckTest, WhatDoesNotReadBackNeverGetsItsName) {
  for (const char* name : {"x.wav", "x.flac"}) {
    const WriteSpec to = spec(name, Encoding::pcm24);
    damage_ = [](const std::filesystem::path& file) {
      std::filesystem::resize_file(file, std::filesystem::file_size(file) / 2);
    };
    try {
      written(to);
      FAIL() << name;
    } catch (const IoError& problem) {
      EXPECT_EQ(problem.path(), to.path.string());
      EXPECT_EQ(problem.fault(), IoFault::output);
      EXPECT_EQ(std::string(problem.what()).find(".part"), std::string::npos) << problem.what();
    }
    EXPECT_FALSE(std::filesystem::exists(to.path)) << name;
    EXPECT_FALSE(std::filesystem::exists(place_before_its_name_)) << name;
  }
}

TEST_F(WrittenCheckTest, RefusesAShorterFile) {
  const WriteSpec to = spec("x.wav", Encoding::pcm16);
  const WrittenCheck check = written(to);
  std::filesystem::resize_file(to.path, std::filesystem::file_size(to.path) - 4);
  EXPECT_THROW(read_back(check, to.path, to.path), IoError);
}

TEST(SampleSums, AreTheSameHoweverBlocksAreCutAndOthersWhereASampleIs) {
  constexpr Frames kLength = 1000;
  std::vector<float> in;  // two channels behind each other
  for (const auto& channel : test::noise(2, kLength, 5, 1.0f))
    in.insert(in.end(), channel.begin(), channel.end());
  const auto sums_of = [](const std::vector<float>& samples, Frames frames, Frames step) {
    const ConstBlockView all = {samples.data(), 2, frames, kLength};
    SampleSums sums(2);
    for (Frames n = 0; n < frames; n += step) sums.take(all.slice(n, std::min(step, frames - n)));
    return sums;
  };
  const SampleSums whole = sums_of(in, kLength, kLength);
  for (const Frames step : {1, 3, 16, 17, 64, 999})
    EXPECT_EQ(sums_of(in, kLength, step), whole) << step;
  for (std::size_t n = 0; n < in.size(); ++n) {
    std::vector<float> other = in;
    other[n] = -other[n];
    EXPECT_NE(sums_of(other, kLength, kLength), whole) << n;
    other = in;
    std::swap(other[n], other[n < 16 ? n + 16 : n - 16]);
    EXPECT_NE(sums_of(other, kLength, kLength), whole) << n;
  }
  EXPECT_NE(sums_of(in, kLength - 1, kLength), whole);
}

}  // namespace
}  // namespace tutti::test
