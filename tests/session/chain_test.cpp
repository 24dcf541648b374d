// SPDX-License-Identifier: Apache-2.0
#include "host/session/chain.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tutti::test {
namespace {

using ::testing::HasSubstr;

std::vector<Issue> issues_of(const std::string& text) {
  ParseResult parsed = parse_chain_text(text, "chain.yaml");
  std::vector<Issue> issues = std::move(parsed.issues);
  for (Issue& issue : validate_chain(parsed.session)) issues.push_back(std::move(issue));
  return issues;
}

TEST(Chain, IsTheMasterAndTheOutputsOfASession) {
  const ParseResult parsed = parse_chain_text(
      "tutti_chain: 1\n"
      "title: For the archive\n"
      "master:\n"
      "  inserts: [{compressor: {threshold_db: -20, ratio: 2}}]\n"
      "  loudness: {target_lufs: -18, mode: short_term, only_if_louder: true, plr_min_db: 9}\n"
      "outputs: [{file: \"{name}.flac\", bit_depth: 16}]\n",
      "chain.yaml");
  EXPECT_TRUE(parsed.issues.empty());
  EXPECT_TRUE(validate_chain(parsed.session).empty());
  const MasterSpec& master = parsed.session.master;
  EXPECT_EQ(master.inserts.size(), 1u);
  EXPECT_EQ(master.loudness->target_lufs, -18);
  EXPECT_EQ(master.loudness->mode, LoudnessMode::short_term);
  EXPECT_TRUE(master.loudness->only_if_louder);
  EXPECT_EQ(master.loudness->plr_min_db, 9);
  ASSERT_EQ(parsed.session.outputs.size(), 1u);
  EXPECT_EQ(parsed.session.outputs[0].file, "{name}.flac");
}

TEST(Chain, TellsEveryMistakeAtItsLine) {
  const std::vector<Issue> issues = issues_of(
      "tutti_chain: 1\n"
      "stems: []\n"
      "master:\n"
      "  inserts: [{compressor: {ratio: 2, sidechain: {source: Kick}}}]\n"
      "outputs:\n"
      "  - {file: master.wav}\n"
      "  - {file: \"{name}.flac\", source: mix}\n"
      "  - {file: \"{name}.wav\", preset: spotfy}\n");
  std::vector<std::pair<int, std::string>> found;
  for (const Issue& issue : issues) found.emplace_back(issue.span.line, issue.message + issue.hint);
  const auto told = [&](int line, const std::string& words) {
    EXPECT_THAT(found, ::testing::Contains(::testing::Pair(line, HasSubstr(words))));
  };
  told(2, "stems");
  told(4, "no stems or buses to listen to");
  told(6, "{name}");
  told(7, "master");
  told(8, "written by outputs[0] too");
  told(8, "spotify");
  EXPECT_EQ(found.size(), 6u);
}

TEST(Chain, WarnsOfFilesThatFewProgramsDecode) {
  const std::vector<Issue> issues = issues_of(
      "tutti_chain: 1\n"
      "outputs:\n"
      "  - {file: \"{name}.flac\", bit_depth: 24}\n"
      "  - {file: \"{name}.32.flac\", bit_depth: 32}\n"
      "  - {file: \"{name}.wav\", bit_depth: 32}\n");
  ASSERT_EQ(issues.size(), 1u);
  EXPECT_EQ(issues[0].severity, Severity::warning);
  EXPECT_EQ(issues[0].path, "outputs[1].bit_depth");
  EXPECT_EQ(issues[0].span.line, 4);
  EXPECT_THAT(issues[0].message, HasSubstr("few programs decode FLAC of 32 bits"));
}

TEST(Chain, IsNoSession) {
  const auto first = [](const std::string& text) {
    const std::vector<Issue> issues = issues_of(text);
    return issues.empty() ? std::string() : issues[0].message + issues[0].hint;
  };
  EXPECT_THAT(first("tutti: 1\nmaster: {}\n"), HasSubstr("tutti"));
  EXPECT_THAT(first("- 1\n"), HasSubstr("tutti_chain: 1"));
}

}  // namespace
}  // namespace tutti::test
