// SPDX-License-Identifier: Apache-2.0
// What an archive fears of its originals, and what a file is stored as where nobody says.
#include <algorithm>
#include <cmath>
#include <fstream>

#include "host/engine/remaster.hpp"
#include "host/engine/remaster_format.hpp"
#include "tests/engine/session_fixture.hpp"

namespace tutti::test {
namespace {

class RemasterInputs : public SessionFixture {
 protected:
  RemasteredTrack master(const std::string& in, const std::string& out, RemasterOptions options = {}) {
    options.warnings = [&](const Warning& warning) { warnings_.push_back(warning); };
    return remaster(*backend_, quieter(), {{{folder_ / in, {{folder_ / out, true}}}}}, options)[0];
  }

  static std::vector<RemasteredTrack> remaster(Backend& backend, const Session& chain,
                                               const std::vector<RemasterInput>& inputs,
                                               const RemasterOptions& options) {
    return tutti::remaster(backend, chain, inputs, options);
  }

  static Session quieter(double target_lufs = -30) {
    Session chain;
    chain.master.loudness.emplace();
    chain.master.loudness->target_lufs = target_lufs;
    chain.master.limiter.emplace();
    return chain;
  }

  bool told(const std::string& code, const std::string& file) const {
    return std::any_of(warnings_.begin(), warnings_.end(), [&](const Warning& warning) {
      return warning.code == code && warning.path == (folder_ / file).string();
    });
  }

  std::unique_ptr<Backend> backend_ = open_cpu_backend();
  std::vector<Warning> warnings_;
};

TEST_F(RemasterInputs, AFileThatIsCutFailsUnlessItIsAskedFor) {
  write("in.wav", noise(2, 2 * 48000, 0.1, 1));
  std::filesystem::resize_file(folder_ / "in.wav", 400000);
  try {
    master("in.wav", "out.wav");
    FAIL() << "half a file was mastered";
  } catch (const IoError& error) {
    EXPECT_NE(std::string(error.what()).find("--allow-damaged"), std::string::npos);
    EXPECT_EQ(error.fault(), IoFault::input);
  }
  EXPECT_FALSE(std::filesystem::exists(folder_ / "out.wav"));
  RemasterOptions options;
  options.allow_damaged = true;
  EXPECT_LT(master("in.wav", "out.wav", options).info.frames, 50000);
  EXPECT_TRUE(told("truncated", "in.wav"));
  // With inserts the mix opens it a second time, which is no second damage.
  warnings_.clear();
  options.warnings = [&](const Warning& warning) { warnings_.push_back(warning); };
  Session chain = quieter();
  chain.master.inserts.emplace_back().processor = GainSpec{};
  remaster(*backend_, chain, {{folder_ / "in.wav", {{folder_ / "out.wav", true}}}}, options);
  EXPECT_EQ(warnings_.size(), 1u);
}

// The file that goes through it is whole: what is cut has to be named.
TEST_F(RemasterInputs, ACutImpulseOfTheChainIsNamed) {
  write("in.wav", noise(2, 48000, 0.1, 1));
  write("hall.wav", noise(2, 48000, 0.1, 2));
  std::filesystem::resize_file(folder_ / "hall.wav", 200000);
  Session chain;
  ConvolverSpec hall;
  hall.impulse = (folder_ / "hall.wav").string();
  chain.master.inserts.emplace_back().processor = hall;
  const std::vector<RemasterInput> inputs = {{folder_ / "in.wav", {{folder_ / "out.wav"}}}};
  RemasterOptions options;
  try {
    remaster(*backend_, chain, inputs, options);
    FAIL() << "mastered with half a hall";
  } catch (const IoError& error) {
    EXPECT_NE(std::string(error.what()).find("the chain's hall.wav: the file ends early"),
              std::string::npos)
        << error.what();
  }
  options.allow_damaged = true;
  options.warnings = [&](const Warning& warning) { warnings_.push_back(warning); };
  remaster(*backend_, chain, inputs, options);
  EXPECT_TRUE(told("truncated", "in.wav")) << "it is a finding of what was made with it";
}

TEST_F(RemasterInputs, OneFlippedBitOfAFloatIsNotMastered) {
  Signal signal = noise(2, 2 * 48000, 0.1, 2);
  signal[0][5000] *= std::pow(2.0, 64);
  write("in.wav", signal);
  EXPECT_THROW(master("in.wav", "out.wav"), IoError);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "out.wav"));
  signal[0][5000] = 50;  // 34 dB over full scale is a hot float
  write("in.wav", signal);
  EXPECT_NO_THROW(master("in.wav", "out.wav"));
}

TEST_F(RemasterInputs, TakesAFormThatTheContainerHolds) {
  struct Case {
    const char* file;
    double rate_hz;
    const char* encoding;
    SampleFormat format;
    std::optional<double> becomes_hz;
  };
  for (const Case& c : {Case{"a.wav", 48000, "float 32", SampleFormat::float32, {}},
                        {"a.flac", 48000, "float 32", SampleFormat::pcm24, {}},
                        {"a.flac", 44100, "PCM 16", SampleFormat::pcm16, {}},
                        {"a.opus", 44100, "PCM 16", SampleFormat::pcm16, 48000},
                        {"a.opus", 48000, "PCM 16", SampleFormat::pcm16, {}},
                        {"a.mp3", 192000, "PCM 24", SampleFormat::pcm24, 48000},
                        {"a.mp3", 88200, "PCM 24", SampleFormat::pcm24, 44100}}) {
    AudioInfo info;
    info.channels = 2;
    info.sample_rate_hz = c.rate_hz;
    info.encoding = c.encoding;
    OutputSpec output;
    EXPECT_EQ(fit_to_container(output, c.file, info, true), "");
    EXPECT_EQ(output.bit_depth, c.format) << c.file << " " << c.rate_hz;
    EXPECT_EQ(output.sample_rate_hz, c.becomes_hz) << c.file << " " << c.rate_hz;
  }
  OutputSpec asked;
  asked.sample_rate_hz = 96000;
  asked.bit_depth = SampleFormat::float32;
  AudioInfo info;
  info.channels = 2;
  EXPECT_NE(fit_to_container(asked, "a.mp3", info, true), "");
  EXPECT_EQ(asked.sample_rate_hz, 96000) << "what is asked for is not changed: it fails, by its name";
  EXPECT_EQ(asked.bit_depth, SampleFormat::float32);
}

TEST_F(RemasterInputs, CdRatesAndFloatsGoIntoOpusAndFlac) {
  write("in.wav", noise(2, 2 * 44100, 0.1, 3), 44100);
  EXPECT_NEAR(*master("in.wav", "a.opus").outputs[0].measured.integrated_lufs, -30, 0.2);
  EXPECT_NEAR(*master("in.wav", "a.flac").outputs[0].measured.integrated_lufs, -30, 0.1);
}

// With inserts the mix resolves the outputs a second time, under other names.
TEST_F(RemasterInputs, AFlacThatFewProgramsDecodeIsToldOnce) {
  write("in.wav", noise(2, 48000, 0.1, 8));
  Session chain = quieter();
  chain.outputs.resize(2);
  chain.outputs[0].bit_depth = chain.outputs[1].bit_depth = SampleFormat::pcm32;
  RemasterOptions options;
  options.warnings = [&](const Warning& warning) { warnings_.push_back(warning); };
  for (const bool inserts : {false, true}) {
    if (inserts) chain.master.inserts.emplace_back().processor = GainSpec{};
    warnings_.clear();
    remaster(*backend_, chain,
             {{folder_ / "in.wav", {{folder_ / "a.wav", true}, {folder_ / "a.flac", true}}}},
             options);
    EXPECT_TRUE(told("flac_32_bit", "a.flac"));
    EXPECT_EQ(warnings_.size(), 1u);
  }
}

TEST_F(RemasterInputs, AnAlbumThatLosesItsRelationsIsToldForEveryTrack) {
  write("a.wav", noise(2, 4 * 48000, 0.1, 4));
  write("b.wav", noise(2, 4 * 48000, 0.05, 5));
  const std::vector<RemasterInput> inputs = {{folder_ / "a.wav", {{folder_ / "out/a.wav"}}},
                                             {folder_ / "b.wav", {{folder_ / "out/b.wav"}}}};
  RemasterOptions options;
  options.warnings = [&](const Warning& warning) { warnings_.push_back(warning); };
  remaster(*backend_, quieter(-8), inputs, options);
  EXPECT_TRUE(told("album_relations", "out/a.wav"));
  EXPECT_TRUE(told("album_relations", "out/b.wav"));
}

TEST_F(RemasterInputs, ALossyFileIsNotCrushedForWhatItsCodecCosts) {
  write("in.wav", noise(2, 6 * 48000, 0.1, 6));
  const Session loud = quieter(-7);
  const auto mastered = [&](const char* out) {
    return remaster(*backend_, loud, {{folder_ / "in.wav", {{folder_ / out}}}}, {})[0];
  };
  const RemasteredTrack exact = mastered("a.wav");
  const double crushed_db = -1 - *exact.before.true_peak_dbtp + 12;
  for (const char* out : {"a.opus", "a.mp3", "a.ogg"})
    EXPECT_LE(*mastered(out).outputs[0].gain_db,
              std::max(*exact.outputs[0].gain_db, crushed_db) + 0.01)
        << out;
}

}  // namespace
}  // namespace tutti::test
