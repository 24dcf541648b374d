// SPDX-License-Identifier: Apache-2.0
// Sessions made by hand, without a text behind them, and large ones.
#include <gtest/gtest.h>

#include <ctime>

#include "host/session/output_files.hpp"
#include "host/session/parser.hpp"

namespace tutti {
namespace {

StemSpec stem(const std::string& name) {
  StemSpec out;
  out.name = name;
  out.clips.emplace_back();
  out.clips.back().file = name + ".wav";
  return out;
}

Session small_session() {
  Session session;
  session.file = "mix.yaml";
  session.stems = {stem("Violin"), stem("Viola")};
  session.buses.emplace_back();
  session.buses.back().name = "Hall";
  session.outputs.emplace_back();
  session.outputs.back().file = "master.wav";
  return session;
}

std::vector<std::string> messages(const Session& session) {
  std::vector<std::string> out;
  for (const Issue& issue : validate_session(session))
    out.push_back(issue.path + ": " + issue.message);
  return out;
}

using Messages = std::vector<std::string>;

TEST(ValidateSession, LikesAGoodSession) { EXPECT_EQ(messages(small_session()), Messages{}); }

TEST(ValidateSession, NamesThePathOfEveryIssue) {
  Session session = small_session();
  session.stems[1].output = "Hal";
  session.stems[0].automation.emplace_back();
  session.stems[0].automation.back().target = "pan";
  EXPECT_EQ(messages(session), (Messages{"stems[1].output: there is no bus named `Hal`",
                                         "stems[0].automation[0].points: an automation lane needs "
                                         "at least one point"}));
}

TEST(ValidateSession, AllowsASideChainFromAStripThatFeedsTheSameBus) {
  Session session = small_session();
  session.stems[0].output = "Hall";
  session.stems[1].output = "Hall";
  CompressorSpec compressor;
  compressor.sidechain = SidechainSpec{"Violin", {}};
  session.stems[1].inserts = {InsertSpec{"", true, 1, compressor}};
  session.buses[0].inserts = {InsertSpec{"", true, 1, compressor}};
  session.master.inserts = {InsertSpec{"", true, 1, compressor}};
  EXPECT_EQ(messages(session), Messages{});
}

TEST(ValidateSession, FindsALoopThroughASideChain) {
  Session session = small_session();
  session.stems[0].output = "Hall";
  CompressorSpec compressor;
  compressor.sidechain = SidechainSpec{"Hall", {}};
  session.stems[0].inserts = {InsertSpec{"", true, 1, compressor}};
  EXPECT_EQ(messages(session), (Messages{"stems[0].inserts[0].compressor.sidechain.source: the "
                                         "routing has a loop: Violin → Hall → Violin"}));
  compressor.sidechain->source = "Violin";
  session.stems[0].inserts = {InsertSpec{"", true, 1, compressor}};
  EXPECT_EQ(messages(session), (Messages{"stems[0].inserts[0].compressor.sidechain.source: the "
                                         "routing has a loop: Violin → Violin"}));
}

TEST(ValidateSession, ChecksWhatAutomationDrivesTo) {
  Session session = small_session();
  EqSpec eq;
  eq.bands.emplace_back();
  session.stems[0].inserts = {InsertSpec{"tone", true, 1, eq}};
  AutomationSpec lane;
  lane.target = "inserts.tone.bands.0.freq_hz";
  lane.points = {{TimeSpec{0}, 100}, {TimeSpec{1}, 23999}};
  session.stems[0].automation = {lane};
  EXPECT_EQ(messages(session), Messages{});
  session.sample_rate_hz = 44100;
  ASSERT_EQ(messages(session).size(), 1u);
  EXPECT_TRUE(messages(session)[0].starts_with("stems[0].automation[0].points[1]: freq_hz 23999"));
  eq.phase = EqPhase::linear;
  session.stems[0].inserts = {InsertSpec{"tone", true, 1, eq}};
  EXPECT_EQ(messages(session), (Messages{"stems[0].automation[0].target: an eq with `phase: "
                                         "linear` can not be automated"}));
}

TEST(ValidateSession, SeesTheSameOutputThroughItsNames) {
  Session session = small_session();
  session.directory = "/music";
  session.outputs.push_back(session.outputs[0]);
  session.outputs[1].file = "/music/./sub/../master.wav";
  session.outputs.push_back(session.outputs[0]);
  session.outputs[2].file = "../music/Violin.wav";
  EXPECT_EQ(messages(session),
            (Messages{"outputs[1].file: `/music/./sub/../master.wav` is written by outputs[0] too",
                      "outputs[2].file: `../music/Violin.wav` is an input of this session"}));
}

TEST(ValidateSession, DoesNotLetAnOutputReplaceAnImpulseOrTheSession) {
  Session session = small_session();
  ConvolverSpec convolver;
  convolver.impulse = "ir/hall.wav";
  session.buses[0].inserts = {InsertSpec{"", true, 1, convolver}};
  session.outputs[0].file = "ir/../ir/hall.wav";
  EXPECT_EQ(messages(session).size(), 1u);
}

TEST(OutputFiles, KnowWhatContainersHold) {
  using Field = ContainerProblem::Field;
  const auto field = [](const char* file, std::optional<SampleFormat> depth, double rate_hz) {
    return container_problem(file, depth, rate_hz).field;
  };
  EXPECT_EQ(field("a.wav", SampleFormat::float64, 384000), Field::none);
  EXPECT_EQ(field("A.WAV", SampleFormat::pcm8, 8000), Field::none);
  EXPECT_EQ(field("a.flac", SampleFormat::pcm24, 192000), Field::none);
  EXPECT_EQ(field("a.flac", SampleFormat::float32, 48000), Field::bit_depth);
  EXPECT_EQ(field("a.opus", {}, 48000), Field::none);
  EXPECT_EQ(field("a.opus", {}, 44100), Field::sample_rate);
  EXPECT_EQ(field("a.ogg", SampleFormat::pcm16, 44100), Field::bit_depth);
  EXPECT_EQ(field("a.mp3", {}, 44100), Field::none);
  EXPECT_EQ(field("a.mp3", {}, 88200), Field::sample_rate);
  EXPECT_EQ(field("a.wav", {}, 44100.5), Field::sample_rate);
  EXPECT_EQ(field("a.txt", {}, 48000), Field::file);
  EXPECT_EQ(field("wav", {}, 48000), Field::file);
  EXPECT_EQ(output_file_name("s/{name}_{name}.wav", "L/R"), "s/L_R_L_R.wav");
  EXPECT_EQ(output_file_name("{name}", "{name}"), "{name}");
}

TEST(OutputFiles, KnowWhatFewProgramsDecode) {
  const auto is_told = [](const char* file, SampleFormat format) {
    return decoding_problem(file, format).field != ContainerProblem::Field::none;
  };
  EXPECT_TRUE(is_told("a.flac", SampleFormat::pcm32));
  EXPECT_TRUE(is_told("A.FLAC", SampleFormat::pcm32));
  EXPECT_FALSE(is_told("a.flac", SampleFormat::pcm24));
  EXPECT_FALSE(is_told("a.wav", SampleFormat::pcm32));
  EXPECT_FALSE(is_told("{name}{extension}", SampleFormat::pcm32));
}

// ---- size -----------------------------------------------------------------------------------

/// CPU-seconds of validation; linear work needs some 10 ms for 10,000 strips.
double seconds_to_validate(const Session& session, std::vector<Issue>& issues) {
  const std::clock_t start = std::clock();
  issues = validate_session(session);
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

constexpr int kMany = 10000;
constexpr double kBoundS = 15;  // a quadratic search of 10,000 × 10,000 names takes minutes

TEST(ValidateSession, IsQuickWithTenThousandStems) {
  Session session = small_session();
  session.stems.clear();
  for (int i = 0; i < kMany; ++i) {
    session.stems.push_back(stem("Stem " + std::to_string(i)));
    session.stems.back().output = "Hall";
    session.stems.back().sends.push_back({"Hall", 0, SendTap::post_fader});
  }
  session.groups.emplace_back();
  session.groups.back().name = "All";
  for (const StemSpec& one : session.stems) session.groups.back().members.push_back(one.name);
  session.outputs.push_back({"{name}.flac", OutputSource::stems, "", {}, {}, {}, 0, ""});
  std::vector<Issue> issues;
  EXPECT_LT(seconds_to_validate(session, issues), kBoundS);
  EXPECT_TRUE(issues.empty());
}

TEST(ValidateSession, IsQuickWithTenThousandWrongNames) {
  Session session = small_session();
  session.stems.clear();
  for (int i = 0; i < kMany; ++i) {
    session.stems.push_back(stem("Stem " + std::to_string(i)));
    session.buses.emplace_back();
    session.buses.back().name = "Bus " + std::to_string(i);
    session.stems.back().output = "Bus_" + std::to_string(i);
  }
  std::vector<Issue> issues;
  EXPECT_LT(seconds_to_validate(session, issues), kBoundS);
  EXPECT_EQ(issues.size(), kMaximumIssues);
}

TEST(ValidateSession, WalksLongChainsAndRingsWithoutRecursion) {
  Session session = small_session();
  session.buses.clear();
  for (int i = 0; i < kMany; ++i) {
    session.buses.emplace_back();
    session.buses.back().name = "B" + std::to_string(i);
    session.buses.back().output = i + 1 < kMany ? "B" + std::to_string(i + 1) : "";
  }
  std::vector<Issue> issues;
  EXPECT_LT(seconds_to_validate(session, issues), kBoundS);
  EXPECT_TRUE(issues.empty());
  session.buses.back().output = "B0";
  EXPECT_LT(seconds_to_validate(session, issues), kBoundS);
  ASSERT_EQ(issues.size(), 1u);
  EXPECT_TRUE(issues[0].message.starts_with("the routing has a loop: B0 → B1 → "));
  EXPECT_TRUE(issues[0].message.ends_with("… 9988 more … → B9999 → B0"));
}

}  // namespace
}  // namespace tutti
