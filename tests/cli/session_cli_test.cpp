// SPDX-License-Identifier: Apache-2.0
// init, check, presets and schema.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/cli/run_program.hpp"
#include "tests/cli/temporary_folder.hpp"

namespace tutti::test {
namespace {

using Json = nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::string short_tone() { return wav_bytes(sine(440, 0.5, 0.5), 1, 48000); }

TEST(Init, WritesASessionThatCheckAccepts) {
  const TemporaryFolder folder;
  for (const char* name : {"Violin 10.wav", "Violin 2.wav", "violin 1.wav"})
    folder.write(name, short_tone());
  folder.write("Piano.wav", wav_bytes(sine(440, 0.5, 0.5, 2), 2, 48000));
  folder.write("notes.txt", "remember the milk");
  folder.write("Takes/old.wav", short_tone());
  const ProgramResult init = tutti_program({"init", "."}, folder.path());
  ASSERT_EQ(init.exit_code, 0) << init.err;
  const std::string text = folder.read("session.yaml");
  const ProgramResult check = tutti_program({"check", "session.yaml"}, folder.path());
  EXPECT_EQ(check.exit_code, 0) << check.err << text;
  EXPECT_THAT(check.out, HasSubstr("4 stems"));
  const auto at = [&](const char* part) { return text.find(part); };
  EXPECT_LT(at("Piano"), at("violin 1"));
  EXPECT_LT(at("violin 1"), at("Violin 2"));
  EXPECT_LT(at("Violin 2"), at("Violin 10"));
  EXPECT_THAT(text, HasSubstr("# not used: notes.txt: "));
  EXPECT_THAT(text, HasSubstr("# not looked into: Takes/"));
  EXPECT_THAT(text, HasSubstr("sample_rate_hz: 48000"));
}

TEST(Init, WritesAwkwardNamesSoThatTheyReadBack) {
  const TemporaryFolder folder;
  const std::vector<std::string> names = {"-lead.wav",       "it's \"it\": # [x] {y}.wav",
                                          "弦楽.wav",        "true.wav",
                                          "12.wav",          "null.wav",
                                          "back\\slash.wav", "tab\there.wav",
                                          "line\nfeed.wav",  "& anchor.wav",
                                          "%tag.wav",        "@at.wav",
                                          "* star.wav",      " blank .wav",
                                          "mix.wav",         "master.wav",
                                          "a.b.c.wav",       "~.wav",
                                          "\xC2\x85next.wav"};
  for (const std::string& name : names) folder.write("stems/" + name, short_tone());
  const ProgramResult init = tutti_program({"init", "stems", "-o", "mix.yaml"}, folder.path());
  ASSERT_EQ(init.exit_code, 0) << init.err;
  const ProgramResult check = tutti_program({"check", "mix.yaml", "--json", "-"}, folder.path());
  EXPECT_EQ(check.exit_code, 0) << check.out << folder.read("mix.yaml");
  const ProgramResult table = tutti_program({"check", "mix.yaml"}, folder.path());
  EXPECT_THAT(table.out, HasSubstr(std::to_string(names.size()) + " stems"));
}

TEST(Init, MakesNamesUnique) {
  const TemporaryFolder folder;
  folder.write("Choir.wav", short_tone());
  folder.write("Choir.WAV", short_tone());
  folder.write("Choir.w64.wav", short_tone());
  ASSERT_EQ(tutti_program({"init", ".", "-q"}, folder.path()).exit_code, 0);
  const std::string text = folder.read("session.yaml");
  EXPECT_THAT(text, HasSubstr("name: Choir  #"));
  EXPECT_THAT(text, HasSubstr("name: Choir (2)  #"));
}

TEST(Init, SkipsNamesThatASessionCanNotSay) {
  const TemporaryFolder folder;
  folder.write("caf\xE9.wav", short_tone());
  folder.write("good.wav", short_tone());
  const ProgramResult result = tutti_program({"init", "."}, folder.path());
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(folder.read("session.yaml"),
              HasSubstr("# not used: caf\\xe9.wav: its name is not UTF-8"));
}

TEST(Init, SetsEachFaderSoThatTheStemSitsAtMinus18WhileItSounds) {
  // A sine of peak 0.5 is −9.03 dBFS RMS while it sounds, whatever silence stands around it.
  const TemporaryFolder folder;
  std::vector<float> half = sine(440, 0.5, 2);
  half.resize(10 * 48000);
  folder.write("half.wav", wav_bytes(half, 1, 48000));
  folder.write("quiet.wav", wav_bytes(sine(440, 0.0001, 2), 1, 48000));
  ASSERT_EQ(tutti_program({"init", ".", "--gain-stage"}, folder.path()).exit_code, 0);
  const std::string text = folder.read("session.yaml");
  EXPECT_THAT(text, HasSubstr("gain_db: -8.97  # sounds at -9.03 dBFS RMS"));
  EXPECT_THAT(text, HasSubstr("gain_db: 0                 # nothing sounds above -60 dBFS"));
}

TEST(Init, NeverReplacesASession) {
  const TemporaryFolder folder;
  folder.write("tone.wav", short_tone());
  folder.write("session.yaml", "mine");
  const ProgramResult result = tutti_program({"init", "."}, folder.path());
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("exists already"));
  EXPECT_EQ(folder.read("session.yaml"), "mine");
  for (const char* session :
       {"# mine\ntutti: 1\nstems: []\n", "{\"tutti\": 1}", "tutti: [\n", ""}) {
    folder.write("session.yaml", session);
    EXPECT_EQ(tutti_program({"init", ".", "--overwrite"}, folder.path()).exit_code, 0) << session;
    EXPECT_THAT(folder.read("session.yaml"), HasSubstr("name: tone"));
  }
}

TEST(Init, ReplacesNothingButSessions) {
  const TemporaryFolder folder;
  const std::string tone = short_tone();
  folder.write("stems/a.wav", tone);
  folder.write("notes.txt", "title: remember the milk");
  const auto init = [&](const std::string& target) {
    return tutti_program({"init", "stems", "-o", target, "--overwrite"}, folder.path());
  };
  const ProgramResult stem = init("stems/a.wav");
  EXPECT_EQ(stem.exit_code, 2);
  EXPECT_EQ(folder.read("stems/a.wav"), tone);
  const ProgramResult notes = init("notes.txt");
  EXPECT_EQ(notes.exit_code, 2);
  EXPECT_THAT(notes.err, HasSubstr("is no Tutti session"));
  EXPECT_EQ(folder.read("notes.txt"), "title: remember the milk");
}

TEST(Init, CountsOnlyWhatSoundsOfAShortStem) {
  // 0.3 s from 0.25 s on: windows of 400 ms would be three quarters or half empty.
  const TemporaryFolder folder;
  std::vector<float> hit(12000);
  const std::vector<float> tone = sine(440, 0.5, 0.3);
  hit.insert(hit.end(), tone.begin(), tone.end());
  hit.resize(2 * 48000);
  folder.write("hit.wav", wav_bytes(hit, 1, 48000));
  ASSERT_EQ(tutti_program({"init", ".", "--gain-stage"}, folder.path()).exit_code, 0);
  const std::string text = folder.read("session.yaml");
  const std::size_t at = text.find("gain_db: ");
  ASSERT_NE(at, std::string::npos);
  // −18 − (−9.03); at each end half a window of 20 ms is empty at worst: 10 lg(0.3/0.32) = −0.28
  // dB.
  EXPECT_NEAR(std::stod(text.substr(at + 9)), -8.97, 0.29);
}

TEST(Init, RefusesAFolderWithoutAudio) {
  const TemporaryFolder folder;
  folder.write("notes.txt", "x");
  const ProgramResult result = tutti_program({"init", "."}, folder.path());
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("holds no audio file"));
  EXPECT_EQ(folder.names().size(), 1u);
}

class Check : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_.write("tone.wav", short_tone());
    folder_.write("mix.yaml",
                  "tutti: 1\nstems:\n  - {name: A, file: tone.wav, gian_db: 3}\n"
                  "  - {name: B, file: gone.wav, output: Hal}\nbuses:\n  - {name: Hall}\n"
                  "outputs:\n  - {file: out.wav, source: mix}\n");
  }
  TemporaryFolder folder_;
};

TEST_F(Check, ReportsAllProblemsAtOnceWithTheirLines) {
  const ProgramResult result = tutti_program({"check", "mix.yaml"}, folder_.path());
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("mix.yaml:3:"));
  EXPECT_THAT(result.err, HasSubstr("gian_db"));
  EXPECT_THAT(result.err, HasSubstr("mix.yaml:4:"));
  EXPECT_THAT(result.err, HasSubstr("Hal"));
}

TEST_F(Check, NamesMissingFilesInTheSameRun) {
  const ProgramResult result = tutti_program({"check", "mix.yaml"}, folder_.path());
  EXPECT_THAT(result.err, HasSubstr("gone.wav"));
}

TEST_F(Check, WritesTheIssuesAsJson) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"check", "mix.yaml", "--json"},
        std::vector<std::string>{"check", "--json", "mix.yaml"},
        std::vector<std::string>{"check", "--json", "-", "mix.yaml"}}) {
    const ProgramResult result = tutti_program(arguments, folder_.path());
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_THAT(result.err, IsEmpty());
    const Json issues = Json::parse(result.out)["issues"];
    ASSERT_GE(issues.size(), 2u);
    EXPECT_EQ(issues[0]["severity"], "error");
    EXPECT_EQ(issues[0]["line"], 3);
    for (const char* key : {"file", "column", "path", "message", "hint"})
      EXPECT_TRUE(issues[0].contains(key)) << key;
  }
}

TEST_F(Check, PassesAGoodSession) {
  folder_.write("good.yaml",
                "tutti: 1\nstems:\n  - {name: A, file: tone.wav}\n"
                "outputs:\n  - {file: out.wav, source: mix}\n");
  const ProgramResult result = tutti_program({"check", "good.yaml"}, folder_.path());
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("good: 1 stem, 0 buses, 1 output"));
  EXPECT_EQ(folder_.names().size(), 3u);
}

TEST_F(Check, PrintsNoControlCharactersOfAHostileSession) {
  folder_.write("bad.yaml",
                "tutti: 1\n\"\\e[31mkey\": 1\nstems: [{name: \"a\\eb\", file: \"\\e]0;x\\a\"}]\n");
  const ProgramResult result = tutti_program({"check", "bad.yaml"}, folder_.path());
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, Not(HasSubstr("\x1b")));
}

TEST(Presets, ListTheTargetsOfTheInterface) {
  const ProgramResult text = tutti_program({"presets"});
  const Json presets = Json::parse(tutti_program({"presets", "--json"}).out)["presets"];
  for (const char* name : {"spotify", "apple_music", "youtube", "tidal", "amazon", "deezer",
                           "soundcloud", "ebu_r128", "atsc_a85", "netflix", "cd", "archive"}) {
    EXPECT_THAT(text.out, HasSubstr(name));
    EXPECT_TRUE(std::any_of(presets.begin(), presets.end(), [&](const Json& preset) {
      return preset["name"] == name;
    })) << name;
  }
}

TEST(Schema, IsJsonOfTheRightDraft) {
  const ProgramResult result = tutti_program({"schema"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(std::string(Json::parse(result.out)["$schema"]), HasSubstr("2020-12"));
}

}  // namespace
}  // namespace tutti::test
