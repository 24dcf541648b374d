// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "host/report/comparison.hpp"
#include "host/report/issues_json.hpp"
#include "host/report/render_report.hpp"
#include "host/report/text_table.hpp"

namespace tutti {
namespace {

using Json = nlohmann::ordered_json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

RenderReport small_report() {
  ReportedOutput output;
  output.measured.file = "/out/master <1>.wav";
  output.measured.layout = "stereo";
  output.measured.measurement = Measurement{};
  output.measured.measurement->sample_rate_hz = 48000;
  output.measured.measurement->channels = 2;
  output.measured.measurement->frames = 96000;
  output.measured.measurement->integrated_lufs = -16.02;
  output.measured.measurement->true_peak_dbtp = -1.0;
  output.source = "master";
  output.format = "WAV PCM 24";
  output.sha256 = "ab12";
  output.audio_md5 = "cd34";
  output.target_lufs = -16;
  output.ceiling_dbtp = -1;
  RenderReport report;
  report.session = "mix.yaml";
  report.title = "Requiem & <cue>";
  report.device = "cpu";
  report.duration_s = 2;
  report.stems = 3;
  report.stem_seconds = 6;
  report.startup_s = 0.125;
  report.wall_s = 0.5;
  report.realtime_factor = 4;
  report.peak_memory_bytes = 1048576;
  report.outputs = {output};
  report.warnings = {{"truncated", "a < b", "stem.wav"}};
  return report;
}

TEST(RenderReportJson, HasTheFieldsOfTheInterface) {
  const Json json = Json::parse(render_report_json(small_report()));
  for (const char* key : {"session", "device", "duration_s", "stems", "stem_seconds", "timings",
                          "realtime_factor", "peak_memory_bytes", "outputs", "warnings"})
    EXPECT_TRUE(json.contains(key)) << key;
  for (const char* key : {"startup_s", "decode_s", "mix_s", "master_s", "encode_s", "wall_s"})
    EXPECT_TRUE(json["timings"].contains(key)) << key;
  for (const char* key : {"file", "source", "sha256", "audio_md5", "measured"})
    EXPECT_TRUE(json["outputs"][0].contains(key)) << key;
  EXPECT_EQ(json["session"], "mix.yaml");
  EXPECT_EQ(json["timings"]["startup_s"], 0.125);
  EXPECT_EQ(json["outputs"][0]["measured"]["integrated_lufs"], -16.02);
  EXPECT_TRUE(json["outputs"][0]["measured"]["rms_dbfs"].is_null());
  EXPECT_EQ(json["warnings"][0]["code"], "truncated");
  EXPECT_EQ(json["warnings"][0]["message"], "a < b");
  EXPECT_EQ(json["warnings"][0]["path"], "stem.wav");
}

TEST(MissedGoals, AcceptsWhatLiesWithinToleranceAndUnderTheCeiling) {
  EXPECT_THAT(missed_goals(small_report().outputs[0]), IsEmpty());
}

TEST(MissedGoals, NamesAMissedTargetAndABrokenCeiling) {
  ReportedOutput output = small_report().outputs[0];
  output.measured.measurement->integrated_lufs = -16.2;
  output.measured.measurement->true_peak_dbtp = -0.9;
  const std::vector<std::string> missed = missed_goals(output);
  ASSERT_THAT(missed, SizeIs(2));
  EXPECT_THAT(missed[0], HasSubstr("-16.20"));
  EXPECT_THAT(missed[0], HasSubstr("-0.20 LU"));
  EXPECT_THAT(missed[1], HasSubstr("-0.90 dBTP exceeds the ceiling -1.00"));
}

TEST(OutputWarnings, HaveCodesInTheJsonToo) {
  RenderReport report = small_report();
  ReportedOutput& output = report.outputs[0];
  output.measured.measurement->integrated_lufs = -16.2;
  output.measured.measurement->true_peak_dbtp = -0.9;
  output.clipped_samples = 3;
  std::vector<std::string> codes;
  for (const Warning& warning : output_warnings(output)) codes.push_back(warning.code);
  EXPECT_THAT(codes, ::testing::ElementsAre("target_missed", "ceiling_exceeded", "clipped"));
  const Json warnings = Json::parse(render_report_json(report))["warnings"];
  ASSERT_EQ(warnings.size(), 4u);
  EXPECT_EQ(warnings[3]["code"], "clipped");
  EXPECT_EQ(warnings[3]["path"], output.measured.file);
  EXPECT_THAT(render_report_text(report, false), HasSubstr("3 samples clipped"));
}

TEST(RenderReportJson, HasNoNumbersThatNobodyKnows) {
  RenderReport report = small_report();
  report.duration_s.reset();
  report.realtime_factor.reset();
  const Json json = Json::parse(render_report_json(report));
  EXPECT_TRUE(json["duration_s"].is_null());
  EXPECT_TRUE(json["realtime_factor"].is_null());
  for (const char* key : {"gain_db", "limiter_max_reduction_db", "clipped_samples"})
    EXPECT_TRUE(json["outputs"][0][key].is_null()) << key;
}

TEST(MissedGoals, SaysWhenThereIsNoLoudnessToReachATargetWith) {
  ReportedOutput output = small_report().outputs[0];
  output.measured.measurement->integrated_lufs.reset();
  EXPECT_THAT(missed_goals(output), SizeIs(1));
}

// A render that left silence alone has said why; the goal stays missed.
TEST(OutputWarnings, DoNotTellOfSilenceASecondTime) {
  RenderReport report = small_report();
  ReportedOutput& output = report.outputs[0];
  output.measured.measurement->integrated_lufs.reset();
  output.clipped_samples = 3;
  const auto codes = [&](const char* path) {
    report.warnings = {{"silence", "no loudness can be measured", path}};
    std::vector<std::string> told;
    const Json document = Json::parse(render_report_json(report));
    for (const Json& warning : document["warnings"]) told.push_back(warning["code"]);
    return told;
  };
  EXPECT_THAT(codes("/out/other.wav"),
              ::testing::ElementsAre("silence", "target_missed", "clipped"));
  EXPECT_THAT(codes(output.measured.file.c_str()), ::testing::ElementsAre("silence", "clipped"));
  EXPECT_THAT(render_report_text(report, false), Not(HasSubstr("no loudness")));
  EXPECT_THAT(render_report_text(report, false), HasSubstr("MISSED"));
}

// Nor of a target that its limiter could not give.
TEST(OutputWarnings, DoNotTellOfAMissedTargetASecondTime) {
  RenderReport report = small_report();
  ReportedOutput& output = report.outputs[0];
  output.measured.measurement->integrated_lufs = -18;
  report.warnings = {{"target_missed", "can not be reached", output.measured.file}};
  EXPECT_EQ(Json::parse(render_report_json(report))["warnings"].size(), 1u);
  EXPECT_THAT(render_report_text(report, false), Not(HasSubstr("warning")));
  EXPECT_THAT(render_report_text(report, false), HasSubstr("MISSED"));
  report.warnings[0].path = "/out/other.wav";
  EXPECT_EQ(Json::parse(render_report_json(report))["warnings"].size(), 2u);
}

TEST(RenderReportText, ShowsMetAndMissedGoals) {
  RenderReport report = small_report();
  EXPECT_THAT(render_report_text(report, false), HasSubstr("met"));
  EXPECT_THAT(render_report_text(report, false), Not(HasSubstr("warning")));
  EXPECT_THAT(render_report_text(report, false), Not(HasSubstr("sha256")));
  EXPECT_THAT(render_report_text(report, true), HasSubstr("sha256 ab12"));
  report.outputs[0].measured.measurement->integrated_lufs = -18;
  EXPECT_THAT(render_report_text(report, false), HasSubstr("MISSED"));
  EXPECT_THAT(render_report_text(report, false), HasSubstr("warning: /out/master <1>.wav: "));
}

TEST(RenderReportHtml, EscapesWhatUsersNamedAndNeedsNothingFromOutside) {
  const std::string html = render_report_html(small_report());
  EXPECT_THAT(html, HasSubstr("<!doctype html>"));
  EXPECT_THAT(html, HasSubstr("Requiem &amp; &lt;cue&gt;"));
  EXPECT_THAT(html, HasSubstr("/out/master &lt;1&gt;.wav"));
  EXPECT_THAT(html, HasSubstr("a &lt; b"));
  EXPECT_THAT(html, Not(HasSubstr("<cue>")));
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, Not(HasSubstr("http")));
}

TEST(ComparisonJson, HasTheFieldsOfTheInterface) {
  Comparison comparison;
  comparison.identical = true;
  comparison.offset_frames = 0;
  comparison.gain_db = 0;
  comparison.inverted = false;
  const Json same = Json::parse(comparison_json(comparison));
  for (const char* key : {"peak_difference_dbfs", "rms_difference_dbfs", "first_difference_frame",
                          "offset_frames", "gain_db", "polarity", "identical", "within_tolerance"})
    EXPECT_TRUE(same.contains(key)) << key;
  EXPECT_TRUE(same["peak_difference_dbfs"].is_null());
  EXPECT_TRUE(same["first_difference_frame"].is_null());
  EXPECT_TRUE(same["within_tolerance"].is_null()) << "no tolerance was given";
  EXPECT_EQ(same["polarity"], "normal");
  EXPECT_EQ(same["identical"], true);
  comparison.inverted = true;
  comparison.first_difference_frame = 7;
  comparison.within_tolerance = false;
  const Json different = Json::parse(comparison_json(comparison));
  EXPECT_EQ(different["polarity"], "inverted");
  EXPECT_EQ(different["first_difference_frame"], 7);
  EXPECT_EQ(different["within_tolerance"], false);
}

TEST(IssuesJson, HasTheFieldsOfTheInterfaceAndNullForAnUnknownPlace) {
  Issue issue;
  issue.severity = Severity::warning;
  issue.file = "mix.yaml";
  issue.span = {41, 16, 3};
  issue.path = "stems[0].ratio";
  issue.message = "too small";
  Issue nowhere;
  nowhere.hint = "write one";
  const Issue issues[] = {issue, nowhere};
  const Json json = Json::parse(issues_json(issues));
  EXPECT_EQ(json["issues"][0].dump(),
            R"({"severity":"warning","file":"mix.yaml","line":41,"column":16,)"
            R"("path":"stems[0].ratio","message":"too small","hint":null})");
  EXPECT_EQ(json["issues"][1]["severity"], "error");
  EXPECT_TRUE(json["issues"][1]["line"].is_null());
  EXPECT_EQ(json["issues"][1]["hint"], "write one");
}

TEST(TextTable, AlignsColumnsByWhatATerminalShows) {
  TextTable table;
  table.add_column("name");
  table.add_column("dB", TextTable::Align::right);
  table.add_column("file");
  table.add_row({"弦", "-3.0", "a"});
  table.add_row({"Oboe", "-12.5", ""});
  EXPECT_EQ(table.text(), "name     dB  file\n弦     -3.0  a\nOboe  -12.5\n");
}

TEST(FormatValue, RoundsAndNeverPrintsMinusZeroOrInfinity) {
  EXPECT_EQ(format_value(-0.04), "0.0");
  EXPECT_EQ(format_value(-13.96), "-14.0");
  EXPECT_EQ(format_value({}), "-");
  EXPECT_EQ(format_value(-INFINITY), "-");
}

TEST(FormatDuration, CarriesRoundingIntoMinutes) {
  EXPECT_EQ(format_duration(59.9996), "1:00.000");
  EXPECT_EQ(format_duration(3723.25), "1:02:03.250");
}

}  // namespace
}  // namespace tutti
