// SPDX-License-Identifier: Apache-2.0
// check with files that are there: what it says of sessions, and what of the files themselves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "host/audio/buffer.hpp"
#include "host/io/encode.hpp"
#include "host/session/parser.hpp"
#include "tests/cli/run_program.hpp"
#include "tests/cli/temporary_folder.hpp"

namespace tutti::test {
namespace {

using Json = nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

namespace fs = std::filesystem;

const fs::path kBroken = fs::path(TUTTI_SOURCE_DIR) / "data/broken_sessions";

std::string text_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> broken_sessions() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(kBroken))
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem().string());
  std::sort(names.begin(), names.end());
  return names;
}

// Every file that a session names, and whether it is an impulse response.
std::vector<std::string> files_of(const Session& session) {
  std::vector<std::string> files;
  const auto add_impulses = [&](const std::vector<InsertSpec>& inserts) {
    for (const InsertSpec& insert : inserts)
      if (const auto* convolver = std::get_if<ConvolverSpec>(&insert.processor))
        files.push_back(convolver->impulse);
  };
  for (const StemSpec& stem : session.stems) {
    for (const ClipSpec& clip : stem.clips) files.push_back(clip.file);
    add_impulses(stem.inserts);
  }
  for (const BusSpec& bus : session.buses) add_impulses(bus.inserts);
  add_impulses(session.master.inserts);
  std::erase_if(files, [](const std::string& file) { return file.empty() || file.size() > 200; });
  return files;
}

class CheckOfABrokenSession : public ::testing::TestWithParam<std::string> {};

// A session that is wrong must not reach what takes it for right: nothing more is said than in the
// expected text, nothing twice, and nothing about the inside of the program.
TEST_P(CheckOfABrokenSession, SaysTheSameWhenAllItsFilesAreThere) {
  const TemporaryFolder folder;
  const std::string file = GetParam() + ".yaml", text = text_of(kBroken / file);
  folder.write("a/b/c/" + file, text);
  const std::string tone = wav_bytes(noise(0.1, 60 * 8000), 1, 8000);
  for (const std::string& name : files_of(parse_session_text(text, file).session))
    folder.write("a/b/c/" + name, tone);
  const ProgramResult result = tutti_program({"check", file}, folder.path() / "a/b/c");
  const std::string expected = text_of(kBroken / (GetParam() + ".expected.txt"));
  EXPECT_EQ(result.exit_code, expected.find(": error: ") != std::string::npos ? 2 : 0);
  EXPECT_EQ(result.err, expected);
}

INSTANTIATE_TEST_SUITE_P(All, CheckOfABrokenSession, ::testing::ValuesIn(broken_sessions()),
                         [](const auto& name) { return name.param; });

class CheckFiles : public ::testing::Test {
 protected:
  ProgramResult check(const std::string& text, std::vector<std::string> options = {}) {
    folder_.write("mix.yaml", text);
    options.insert(options.begin(), {"check", "mix.yaml"});
    return tutti_program(std::move(options), folder_.path());
  }

  std::string encoded(const std::string& name, Frames frames = 96000) {
    const auto samples = noise(0.2, static_cast<std::size_t>(frames));
    Buffer block(1, frames);
    std::copy(samples.begin(), samples.end(), block.channel(0));
    WriteSpec spec;
    spec.path = folder_.file(name);
    spec.channels = 1;
    spec.encoding = Encoding::pcm16;
    const auto writer = open_writer(spec);
    writer->write(block.view());
    writer->commit();
    return folder_.read(name);
  }

  void write_with_nan(const std::string& name) {
    std::vector<float> samples = noise(0.1, 200000);
    samples[150000] = std::numeric_limits<float>::quiet_NaN();
    folder_.write(name, wav_bytes(samples, 1, 48000));
  }

  TemporaryFolder folder_;
};

TEST_F(CheckFiles, OrdinaryMistakesAreNoInternalErrors) {
  folder_.write("a.wav", wav_bytes(noise(0.1, 48000), 1, 48000));
  const std::string head = "tutti: 1\nstems:\n  - {name: A, file: a.wav";
  const std::pair<std::string, std::string> cases[] = {
      {head + ", output: Hal}\nbuses: [{name: Hall}]\n", "no bus named `Hal`"},
      {head + "}\n  - {name: B, file: a.wav, output: A}\n", "`A` is a stem"},
      {head + ", sends: [{to: Hal}]}\nbuses: [{name: Hall}]\n", "no bus named `Hal`"},
      {head + "}\noutputs: [{file: x.wav, source: B}]\n", "`B` is none of mix"},
      {head + ", inserts: [{compressor: {sidechain: {source: B}}}]}\n", "named `B`"},
      {head + ", inserts: [{compressor: {sidechain: {source: A}}}]}\n", "the routing has a loop"},
      {head + "}\nbuses: [{name: X, output: Y}, {name: Y, output: X}]\n", "has a loop"},
      {head + "}\nbuses: [{name: master}]\n", "the name `master` is reserved"},
      {head + "}\noutputs: [{file: \"\"}]\n", "must not be empty"},
      {head + ", inserts: [{convolver: {}}]}\n", "impulse"},
      {head + "}\noutputs: [{file: x.mp3, sample_rate_hz: 96000}]\n", "no sample rate of 96000"},
      {head + "}\noutputs: [{file: x.wav}, {file: x.wav}]\n", "written by outputs[0] too"}};
  for (const auto& [text, message] : cases) {
    const ProgramResult result = check(text, {"-q"});
    EXPECT_EQ(result.exit_code, 2) << text;
    EXPECT_THAT(result.err, HasSubstr(message)) << text;
    EXPECT_THAT(result.err, HasSubstr("mix.yaml:")) << text;
    EXPECT_THAT(result.err, Not(HasSubstr("internal"))) << text;
    std::size_t errors = 0;
    for (std::size_t at = 0; (at = result.err.find(": error: ", at)) != std::string::npos; ++at)
      ++errors;
    EXPECT_EQ(errors, 1u) << result.err;
  }
}

TEST_F(CheckFiles, DecodesEveryFileAndNamesAllDamageAtItsLine) {
  write_with_nan("nan.wav");
  std::string cut = encoded("cut.flac");
  folder_.write("cut.flac", cut.substr(0, cut.size() / 2));
  std::string flipped = encoded("flipped.flac");
  flipped[flipped.size() / 2] ^= 0x10;
  folder_.write("flipped.flac", flipped);
  std::string ogg = encoded("vorbis.ogg");
  ogg[ogg.size() / 2] ^= 0x10;
  folder_.write("vorbis.ogg", ogg);
  folder_.write("good.wav", wav_bytes(noise(0.1, 48000), 1, 48000));
  const std::string text =
      "tutti: 1\nstems:\n  - {name: A, file: nan.wav}\n  - {name: B, file: cut.flac}\n"
      "  - {name: C, file: flipped.flac}\n  - {name: D, file: vorbis.ogg}\n"
      "  - {name: E, file: good.wav}\noutputs: [{file: m.wav}]\n";
  const ProgramResult result = check(text);
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("mix.yaml:3:21: error: nan.wav: NaN at frame 150000"));
  EXPECT_THAT(result.err, HasSubstr("--allow-non-finite"));
  EXPECT_THAT(result.err, HasSubstr("mix.yaml:4:21: error: cut.flac: damaged FLAC"));
  EXPECT_THAT(result.err, HasSubstr("mix.yaml:5:21: error: flipped.flac: damaged FLAC"));
  EXPECT_THAT(result.err, HasSubstr("mix.yaml:6:21: error: vorbis.ogg: damaged Ogg"));
  EXPECT_THAT(result.err, HasSubstr("^^^^^^^"));
  EXPECT_THAT(result.err, Not(HasSubstr("good.wav")));
  // The headers alone tell of the pages, not of what is in frames.
  const ProgramResult headers = check(text, {"--headers-only"});
  EXPECT_EQ(headers.exit_code, 2);
  EXPECT_THAT(headers.err, Not(HasSubstr("nan.wav")));
}

TEST_F(CheckFiles, TakesNotANumberForAWarningWhenAsked) {
  write_with_nan("nan.wav");
  const std::string text =
      "tutti: 1\nstems: [{name: A, file: nan.wav}]\noutputs: [{file: m.wav}]\n";
  EXPECT_EQ(check(text).exit_code, 2);
  const ProgramResult result = check(text, {"--allow-non-finite"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("mix.yaml:2:25: warning: nan.wav: NaN at frame 150000"));
}

TEST_F(CheckFiles, WarningsNameTheirFileAndTheirPlace) {
  const std::string whole = wav_bytes(noise(0.1, 48000), 1, 48000);
  folder_.write("cut.wav", whole.substr(0, whole.size() / 2));
  const std::string text =
      "tutti: 1\nstems:\n  - {name: A, file: cut.wav}\n  - {name: B, file: cut.wav}\n"
      "outputs: [{file: m.wav}]\n";
  const ProgramResult result = check(text);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("mix.yaml:3:21: warning: cut.wav: "));
  const Json issues = Json::parse(check(text, {"--json"}).out)["issues"];
  ASSERT_EQ(issues.size(), 1u) << issues;
  EXPECT_EQ(issues[0]["path"], "stems[0].clips[0].file");
  EXPECT_EQ(issues[0]["line"], 3);
  EXPECT_THAT(std::string(issues[0]["message"]), HasSubstr("cut.wav"));
}

TEST_F(CheckFiles, ShowsProgress) {
  folder_.write("a.wav", wav_bytes(noise(0.1, 480000), 1, 48000));
  const ProgramResult result =
      check("tutti: 1\nstems: [{name: A, file: a.wav}]\noutputs: [{file: m.wav}]\n",
            {"--progress", "json"});
  EXPECT_THAT(result.err, HasSubstr("\"stage\":\"check\""));
  EXPECT_THAT(result.err, HasSubstr("\"total\":480000"));
}

TEST_F(CheckFiles, WarnsOfTimesWhereNothingIs) {
  folder_.write("a.wav", wav_bytes(noise(0.1, 48000), 1, 48000));
  const std::string head = "tutti: 1\nstems: [{name: A, file: a.wav}]\noutputs: [{file: m.wav}]\n";
  const ProgramResult trim = check(head + "master: {trim: {start: 30}}\n");
  EXPECT_EQ(trim.exit_code, 0);
  EXPECT_THAT(trim.err, HasSubstr("mix.yaml:4:24: warning: the trim starts at 30.000 s"));
  const ProgramResult start = check(head + "start: 9\n");
  EXPECT_THAT(start.err, HasSubstr("mix.yaml:4:8: warning: the range starts at 9.000 s"));
}

}  // namespace
}  // namespace tutti::test
