// SPDX-License-Identifier: Apache-2.0
#include "host/report/terminal_text.hpp"

#include <gtest/gtest.h>

namespace tutti {
namespace {

TEST(TerminalText, LeavesOrdinaryNamesAsTheyAre) {
  EXPECT_EQ(printable("Violine 1 – Größe «f» 弦楽.wav"), "Violine 1 – Größe «f» 弦楽.wav");
}

TEST(TerminalText, EscapesWhatWouldSteerATerminal) {
  EXPECT_EQ(printable("a\x1b[31mb\a\r\n\tc\x7f"), "a\\x1b[31mb\\x07\\x0d\\n\\tc\\x7f");
  EXPECT_EQ(printable("\xC2\x9B"), "\\u{009b}") << "C1 control sequence introducer";
  EXPECT_EQ(printable("x\xE2\x80\xAEgpj.wav"), "x\\u{202e}gpj.wav") << "right-to-left override";
}

TEST(TerminalText, EscapesBytesThatAreNotUtf8) {
  EXPECT_EQ(printable("caf\xE9.wav"), "caf\\xe9.wav");
  EXPECT_EQ(printable("\xC0\xAF"), "\\xc0\\xaf") << "overlong";
  EXPECT_EQ(utf8_or_escaped("\xED\xA0\x80"), "\\xed\\xa0\\x80") << "surrogate";
  EXPECT_FALSE(is_valid_utf8("\xF5\x80\x80\x80"));
}

TEST(TerminalText, KeepsLineFeedsOfMessagesOnly) {
  EXPECT_EQ(printable_lines("a\nb\x1b"), "a\nb\\x1b");
}

TEST(TerminalText, KeepsControlCharactersForJson) {
  EXPECT_EQ(utf8_or_escaped("a\nb\x1b"), "a\nb\x1b");
}

TEST(TerminalText, CountsColumnsAsATerminalDoes) {
  EXPECT_EQ(display_width("abc"), 3);
  EXPECT_EQ(display_width("é"), 1);
  EXPECT_EQ(display_width("e\xCC\x81"), 1) << "e and a combining acute";
  EXPECT_EQ(display_width("弦楽"), 4);
}

TEST(TerminalText, EscapesMarkup) {
  EXPECT_EQ(html_escaped("<b>&\"'"), "&lt;b&gt;&amp;&quot;&#39;");
}

}  // namespace
}  // namespace tutti
