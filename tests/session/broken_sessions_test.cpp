// SPDX-License-Identifier: Apache-2.0
// Each data/broken_sessions/NAME.yaml against NAME.expected.txt, to the last character.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "host/session/parser.hpp"

namespace tutti {
namespace {

const std::filesystem::path kFolder =
    std::filesystem::path(TUTTI_SOURCE_DIR) / "data/broken_sessions";

std::string read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::vector<std::string> names_with(const std::string& ending) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    const std::string file = entry.path().filename().string();
    if (file.ends_with(ending)) names.push_back(file.substr(0, file.size() - ending.size()));
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// Everything that is said of a session, as `tutti check` prints it.
std::string judge(const std::string& text, const std::string& file) {
  ParseResult parsed = parse_session_text(text, file);
  for (Issue& issue : validate_session(parsed.session)) parsed.issues.push_back(std::move(issue));
  tidy_issues(parsed.issues);
  std::string out;
  for (const Issue& issue : parsed.issues) out += format_issue(issue, parsed.source);
  return out;
}

class BrokenSession : public testing::TestWithParam<std::string> {};

TEST_P(BrokenSession, IsToldAsItsExpectedFileSays) {
  const std::string file = GetParam() + ".yaml";
  EXPECT_EQ(judge(read(kFolder / file), file), read(kFolder / (GetParam() + ".expected.txt")));
}

INSTANTIATE_TEST_SUITE_P(All, BrokenSession, testing::ValuesIn(names_with(".yaml")),
                         [](const auto& param_info) { return param_info.param; });

TEST(BrokenSessions, ComeInPairs) {
  EXPECT_GE(names_with(".yaml").size(), 40u);
  EXPECT_EQ(names_with(".yaml"), names_with(".expected.txt"));
}

TEST(BrokenSessions, HaveNothingRawOfTheirControlCharacters) {
  for (const std::string& name : names_with(".expected.txt")) {
    for (const char c : read(kFolder / (name + ".expected.txt"))) {
      EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20) << name;
    }
  }
}

}  // namespace
}  // namespace tutti
