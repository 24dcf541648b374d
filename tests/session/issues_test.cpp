// SPDX-License-Identifier: Apache-2.0
#include "host/session/issues.hpp"

#include <gtest/gtest.h>

namespace tutti {
namespace {

Issue issue_at(int line, int column, int length, std::string message, std::string hint = {}) {
  Issue issue;
  issue.file = "mix.yaml";
  issue.span = {line, column, length};
  issue.message = std::move(message);
  issue.hint = std::move(hint);
  return issue;
}

TEST(FormatIssue, ShowsTheLineAndWhatIsMeant) {
  const std::string source = std::string(40, '\n') + "        ratio: 0.5\nnext\n";
  EXPECT_EQ(format_issue(issue_at(41, 16, 3, "ratio must be at least 1",
                                  "for upward expansion use `expander`"),
                         source),
            "mix.yaml:41:16: error: ratio must be at least 1\n"
            "   |\n"
            "41 |         ratio: 0.5\n"
            "   |                ^^^\n"
            "hint: for upward expansion use `expander`\n");
}

TEST(FormatIssue, LeavesOutWhatIsNotKnown) {
  Issue issue = issue_at(0, 0, 1, "a problem");
  issue.severity = Severity::warning;
  EXPECT_EQ(format_issue(issue, "text\n"), "mix.yaml: warning: a problem\n");
  issue.span = {2, 3, 1};
  EXPECT_EQ(format_issue(issue, ""), "mix.yaml:2:3: warning: a problem\n");
}

TEST(FormatIssue, CountsCharactersAndColumnsOfAnyScript) {
  // "é" is one column, each of 三味線 two, U+0301 none.
  EXPECT_EQ(format_issue(issue_at(1, 8, 2, "m"), "é三味線e\u0301 xy z\n"),
            "mix.yaml:1:8: error: m\n"
            "  |\n"
            "1 | é三味線e\u0301 xy z\n"
            "  |          ^^\n");
}

TEST(FormatIssue, PrintsNothingRaw) {
  const std::string out =
      format_issue(issue_at(1, 1, 1, "a\x1b]0;b\u202E", "c\nd"), "x\x1b[2J\xff\ty\r\n");
  EXPECT_EQ(out,
            "mix.yaml:1:1: error: a\uFFFD]0;b\uFFFD\n"
            "  |\n"
            "1 | x\uFFFD[2J\uFFFD y\n"
            "  | ^\n"
            "hint: c\uFFFDd\n");
}

TEST(FormatIssue, CutsLongLinesAroundTheCarets) {
  const std::string line = std::string(500, 'a') + "HERE" + std::string(500, 'b');
  const std::string out = format_issue(issue_at(1, 501, 4, "m"), line);
  EXPECT_NE(out.find("aHEREb"), std::string::npos);
  EXPECT_NE(out.find("…"), std::string::npos);
  const std::size_t carets = out.find("^^^^");
  ASSERT_NE(carets, std::string::npos);
  const std::size_t caret_column = carets - out.rfind('\n', carets);
  const std::size_t here = out.find("HERE");
  const std::size_t here_column =
      here - out.rfind('\n', here) - 2;  // "…" is three bytes, one column
  EXPECT_EQ(caret_column, here_column);
  for (std::size_t begin = 0; begin < out.size(); begin = out.find('\n', begin) + 1) {
    EXPECT_LE(out.find('\n', begin) - begin, 132u);
  }
}

TEST(FormatIssue, SurvivesPlacesThatAreNotThere) {
  for (const SourceSpan span :
       {SourceSpan{9, 1, 1}, SourceSpan{1, 99, 5}, SourceSpan{1, 1, 999}, SourceSpan{1, -3, -3}}) {
    Issue issue = issue_at(1, 1, 1, "m");
    issue.span = span;
    EXPECT_NE(format_issue(issue, "ab\n").find('^'), std::string::npos);
  }
}

TEST(DidYouMean, FindsTheNearestWord) {
  const std::vector<std::string> keys = {"threshold_db", "ratio", "knee_db", "attack_ms", "pan"};
  EXPECT_EQ(did_you_mean("thresold_db", keys), "threshold_db");
  EXPECT_EQ(did_you_mean("Ratio", keys), "ratio");
  EXPECT_EQ(did_you_mean("raito", keys), "ratio") << "two letters swapped are one step";
  EXPECT_EQ(did_you_mean("pna", keys), "pan");
  EXPECT_EQ(did_you_mean("colour", keys), "");
  EXPECT_EQ(did_you_mean("", keys), "");
  EXPECT_EQ(did_you_mean("xy", {"ab", "q"}), "") << "nothing in common";
  EXPECT_EQ(did_you_mean("HALL", {"Hall", "Ball"}), "Hall") << "letter case hardly counts";
  EXPECT_EQ(did_you_mean(std::string(1000, 'a'), {std::string(1001, 'a')}), "");
}

TEST(TidyIssues, SortsJoinsAndCounts) {
  std::vector<Issue> issues = {issue_at(3, 1, 1, "c"), issue_at(1, 5, 1, "b"),
                               issue_at(1, 5, 1, "b"), issue_at(1, 2, 1, "a")};
  tidy_issues(issues);
  ASSERT_EQ(issues.size(), 3u);
  EXPECT_EQ(issues[0].message, "a");
  EXPECT_EQ(issues[2].message, "c");

  issues.clear();
  for (int i = 0; i < 2500; ++i) issues.push_back(issue_at(i + 1, 1, 1, "m"));
  tidy_issues(issues);
  EXPECT_EQ(issues.size(), kMaximumIssues);
  EXPECT_EQ(issues.back().message, "1501 more problems are not listed");
  EXPECT_TRUE(has_errors(issues));
}

TEST(SessionErrorText, IsTheFirstIssue) {
  const SessionError error({issue_at(1, 1, 1, "first"), issue_at(2, 1, 1, "second")}, "text");
  EXPECT_STREQ(error.what(), "first");
  EXPECT_EQ(error.issues().size(), 2u);
  EXPECT_EQ(error.source(), "text");
}

}  // namespace
}  // namespace tutti
