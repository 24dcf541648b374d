// SPDX-License-Identifier: Apache-2.0
#include "host/session/values.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "host/session/text.hpp"

namespace tutti {
namespace {

TEST(ReadNumber, TakesDecimalNumbers) {
  const std::pair<const char*, double> cases[] = {
      {"0", 0},      {"-3", -3},    {"+3", 3},       {".5", 0.5},  {"5.", 5},
      {"-.5e1", -5}, {"1e3", 1000}, {"1E-3", 0.001}, {"0.1", 0.1}, {"12.25", 12.25},
      {"1e-999", 0}, {"0.000", 0},  {"-0", 0},       {"00", NAN},  {"0.0e0", 0}};
  for (const auto& [text, value] : cases) {
    if (std::isnan(value)) {
      EXPECT_FALSE(read_number(text).value) << text;
    } else {
      ASSERT_TRUE(read_number(text).value) << text;
      EXPECT_EQ(*read_number(text).value, value) << text;
    }
  }
}

TEST(ReadNumber, KnowsInfinities) {
  for (const char* text : {"-inf", "-.inf", "-.Inf", "-.INF"}) {
    EXPECT_EQ(read_number(text).value, -INFINITY) << text;
  }
  for (const char* text : {"inf", ".inf", "+.inf", "1e999"}) {
    EXPECT_EQ(read_number(text).value, INFINITY) << text;
  }
  EXPECT_TRUE(read_number(".nan").not_a_number);
  EXPECT_FALSE(read_number("nano").not_a_number);
}

TEST(ReadNumber, TakesTheWholeNumbersOfYaml12) {
  EXPECT_EQ(read_number("0x10").value, 16);
  EXPECT_EQ(read_number("0xBb80").value, 48000);
  EXPECT_EQ(read_number("0o17").value, 15);
  EXPECT_EQ(read_whole_number("0xFFFFFFFFFFFFFFFF"), ~std::uint64_t{0});
  EXPECT_EQ(read_whole_number("18446744073709551615"), ~std::uint64_t{0});
  for (const char* text : {"-1", "1.5", "0x", "0x10000000000000000", "", "+1"})
    EXPECT_FALSE(read_whole_number(text)) << text;
}

TEST(ReadNumber, RefusesWhatOtherReadersTakeDifferently) {
  for (const char* text :
       {"",      "-",   ".",   "e5",  "1e",    "0x",   "0xG",  "0o8", "-0x10", "010",
        "1_000", "1,5", "1 2", "--1", "1.2.3", "1:30", "true", " 1",  "1 ",    "infinity"}) {
    EXPECT_FALSE(read_number(text).value) << text;
  }
}

TEST(ReadNumber, HintsAtTheUnitOfTheKey) {
  const auto hint = [](const char* text, const char* key) { return read_number(text, key).hint; };
  EXPECT_EQ(hint("-3 dB", "gain_db"), "the unit is in the key's name: write -3");
  EXPECT_EQ(hint("2.5kHz", "freq_hz"), "the unit is in the key's name: write 2500");
  EXPECT_EQ(hint("0.2 s", "attack_ms"), "the unit is in the key's name: write 200");
  EXPECT_EQ(hint("2:1", "ratio"), "");
  EXPECT_EQ(hint("3 beats", "attack_ms"),
            "the key's name says the unit, ms; write the number alone");
}

TEST(ReadTime, TakesEveryForm) {
  const auto seconds = [](const char* text) {
    const TimeText time = read_time(text);
    return time.value && !time.value->in_samples ? time.value->value : NAN;
  };
  EXPECT_EQ(seconds("12.5"), 12.5);
  EXPECT_EQ(seconds("0:00"), 0);
  EXPECT_EQ(seconds("1:30.5"), 90.5);
  EXPECT_EQ(seconds("90:00"), 5400);
  EXPECT_EQ(seconds("1:02:03.25"), 3723.25);
  EXPECT_EQ(seconds("-0:01"), -1);
  const TimeText samples = read_time("480000 smp");
  ASSERT_TRUE(samples.value);
  EXPECT_TRUE(samples.value->in_samples);
  EXPECT_EQ(samples.value->frames(44100), 480000);
}

TEST(ReadTime, RefusesOthersWithTheForms) {
  for (const char* text :
       {"", "1:60", "1:2:60", "1:60:00", "1:2:3:4", ":30", "1:", "1.5:30", "1:1e1", "1:-5", "smp",
        "1.5 smp", "1e3 smp", "12 samples", "1m30s", "inf", "-inf", "10000001", "1e300"}) {
    EXPECT_FALSE(read_time(text).value) << text;
    EXPECT_FALSE(read_time(text).hint.empty()) << text;
  }
}

TEST(Ranges, AreDescribedAsPeopleSayThem) {
  EXPECT_EQ(describe(NumberRange{1, 24}), "between 1 and 24");
  EXPECT_EQ(describe(NumberRange{1, 1e6, false, true}), "at least 1");
  EXPECT_EQ(describe(NumberRange{-120, 60, true}), "between -120 and 60, or -inf");
  EXPECT_TRUE(contains(NumberRange{-120, 60, true}, -INFINITY));
  EXPECT_FALSE(contains(NumberRange{-120, 60, true}, INFINITY));
  EXPECT_FALSE(contains(NumberRange{-120, 60}, NAN));
}

TEST(Text, DecodesUtf8AsTheStandardSays) {
  // Table 3-7 of the Unicode standard: first and last of each row, and what lies just outside.
  const std::pair<const char*, bool> cases[] = {{"\x7f", true},
                                                {"\xc2\x80", true},
                                                {"\xdf\xbf", true},
                                                {"\xc1\xbf", false},
                                                {"\x80", false},
                                                {"\xc2", false},
                                                {"\xe0\xa0\x80", true},
                                                {"\xe0\x9f\xbf", false},
                                                {"\xed\x9f\xbf", true},
                                                {"\xed\xa0\x80", false},
                                                {"\xef\xbf\xbf", true},
                                                {"\xf0\x90\x80\x80", true},
                                                {"\xf0\x8f\xbf\xbf", false},
                                                {"\xf4\x8f\xbf\xbf", true},
                                                {"\xf4\x90\x80\x80", false},
                                                {"\xf8\x88\x80\x80\x80", false},
                                                {"\xff", false},
                                                {"\xe2\x82", false}};
  for (const auto& [text, valid] : cases) {
    const text::CodePoint point = text::decode_utf8(text, 0);
    EXPECT_EQ(point.valid, valid) << testing::PrintToString(text);
    if (!valid) continue;
    std::string back;
    text::append_utf8(back, point.value);
    EXPECT_EQ(back, text);
  }
}

TEST(Text, MakesTextSafeToPrint) {
  EXPECT_EQ(text::printable("a\x1b[31mb\tc\n"), "a\uFFFD[31mb c\uFFFD");
  EXPECT_EQ(text::printable("a\u202Eb\u200Fc"), "a\uFFFDb\uFFFDc");
  EXPECT_EQ(text::printable("abcdef", 4), "abc…");
  EXPECT_EQ(text::printable("abcd", 4), "abcd");
  EXPECT_EQ(text::number(0.1), "0.1");
  EXPECT_EQ(text::number(-INFINITY), "-inf");
}

}  // namespace
}  // namespace tutti
