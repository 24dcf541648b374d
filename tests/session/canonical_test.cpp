// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "host/session/canonical.hpp"
#include "host/session/parser.hpp"

namespace tutti {
namespace {

std::string canonical(const std::string& text) {
  const ParseResult parsed = parse_session_text(text, "mix.yaml");
  EXPECT_FALSE(has_errors(parsed.issues)) << text;
  return canonical_text(parsed.session);
}

TEST(Canonical, IsTheSameHoweverASessionIsWritten) {
  EXPECT_EQ(canonical("tutti: 1\nstems: [{name: A, file: a.wav, gain_db: -6, pan: 0}]\n"),
            canonical("# a remark\nstems:\n  - file: \"a.wav\"\n    gain_db: -6.00 # the fader\n"
                      "    name: A\ntutti: 1\nmaster:\n"));
}

TEST(Canonical, DiffersWithEveryValue) {
  const std::string head = "tutti: 1\nstems:\n  - name: A\n    file: a.wav\n    ";
  const char* const lines[] = {
      "gain_db: -6",
      "gain_db: -6.000001",
      "gain_db: -inf",
      "pan: 0.5",
      "pan: {position: 0.5, width: 1}",
      "mute: true",
      "solo: true",
      "polarity: invert",
      "inserts: [{gain: {gain_db: 1}}]",
      "inserts: [{gain: {gain_db: 1}, enabled: false}]",
      "inserts: [{gain: {gain_db: 1}, mix: 0.5}]",
      "inserts: [{compressor: {ratio: 3}}]",
      "inserts: [{compressor: {ratio: 3, sidechain: {high_pass_hz: 100}}}]",
      "inserts: [{eq: {bands: [{type: bell, freq_hz: 100, gain_db: 3}]}}]",
      "inserts: [{eq: {bands: [{type: bell, freq_hz: 100, gain_db: 3, q: 2}]}}]",
      "automation: [{target: gain_db, points: [[0, 1]]}]",
      "automation: [{target: gain_db, points: [[\"1 smp\", 1]]}]",
      "automation: [{target: gain_db, points: [[1, 1]]}]",
      "automation: [{target: gain_db, interpolation: hold, points: [[1, 1]]}]"};
  std::vector<std::string> seen;
  for (const char* const line : lines) {
    const std::string text = canonical(head + line + "\n");
    for (const std::string& other : seen) EXPECT_NE(text, other) << line;
    seen.push_back(text);
  }
}

TEST(Canonical, NoTextReadsAsTheEndOfItself) {
  EXPECT_NE(canonical("tutti: 1\nstems: [{name: \"A\\nfile=1:b\", file: a.wav}]\n"),
            canonical("tutti: 1\nstems: [{name: \"A\", file: \"a.wav\"}]\n"));
}

}  // namespace
}  // namespace tutti
