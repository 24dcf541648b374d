// SPDX-License-Identifier: Apache-2.0
#include "host/catalogue/catalogue_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/catalogue/distribution.hpp"
#include "tests/catalogue/fixture.hpp"

namespace tutti::test {
namespace {

using Json = nlohmann::ordered_json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kFailure =
    "{\"id\":\"bad\",\"status\":\"failed\",\"kind\":\"input_unreadable\",\"message\":\"a < b\","
    "\"seconds\":SECONDS}\n";

/// The same job, its files made in another order, with other times.
std::vector<std::string> documents(const std::vector<std::string>& order, const char* seconds,
                                   const char* run) {
  const TemporaryFolder folder;
  for (const std::string& id : order) add_output(folder, id, "bytes of " + id);
  std::string failure = kFailure;
  failure.replace(failure.find("SECONDS"), 7, seconds);
  folder.write(std::string("out/results/") + run + "/shard-0-of-1.0.jsonl", failure);
  const CatalogueReport report = collect_report(folder.path() / "out", nullptr);
  return {catalogue_report_json(report), catalogue_report_csv(report),
          catalogue_report_html(report), catalogue_report_text(report)};
}

TEST(CatalogueReportTest, HasTheSameBytesInWhateverOrderTheWorkWasDone) {
  const auto one = documents({"a", "disc 1/b", "c"}, "1.5", "1");
  const auto two = documents({"c", "a", "disc 1/b"}, "27", "20260101-7");
  EXPECT_EQ(one, two);
}

TEST(CatalogueReportTest, IsJsonWithSummaryItemsFailuresAndMissing) {
  const TemporaryFolder folder;
  add_output(folder, "b", "1234");
  add_output(folder, "a", "123");
  add_output(folder, "not in the manifest", "123");
  folder.write("out/results/1/shard-0-of-1.0.jsonl", kFailure);  // SECONDS is no JSON: left out
  Manifest manifest;
  for (const char* id : {"a", "b", "z"}) manifest.items.emplace_back().id = id;
  const CatalogueReport report = collect_report(folder.path() / "out", &manifest);
  const Json json = Json::parse(catalogue_report_json(report));
  EXPECT_EQ(json["summary"]["outputs"], 2);
  EXPECT_EQ(json["summary"]["integrated_lufs"]["before"]["median"], -20.5);
  EXPECT_EQ(json["summary"]["loudness_range_lu"]["after"]["count"], 0);
  EXPECT_TRUE(json["summary"]["loudness_range_lu"]["after"]["least"].is_null());
  ASSERT_EQ(json["items"].size(), 2u);
  EXPECT_EQ(json["items"][0]["id"], "a");
  EXPECT_EQ(json["items"][0]["output"]["file"], "a.flac");
  EXPECT_FALSE(json["items"][0].contains("settings"));
  EXPECT_EQ(json["missing"], Json::parse(R"(["z"])"));
  EXPECT_EQ(json["failures"].size(), 0u);
}

/// Of a chain with `deliveries` outputs an item, all to the fixture's -16.
AskedOutputs asked(const Manifest& manifest, const TemporaryFolder& folder, int deliveries,
                   int target_lufs = -16) {
  const auto out = folder.path() / "out";
  return {manifest, out,
          [=](const CatalogueItem& item) {
            std::vector<PlannedOutput> outputs;
            for (const char* ending : {".flac", ".cd.flac"})
              if (static_cast<int>(outputs.size()) < deliveries)
                outputs.push_back({out / (item.id + ending), {{"target_lufs", target_lufs}}});
            return outputs;
          },
          "1"};
}

// What left the chain or the manifest is neither counted nor forgotten.
TEST(CatalogueReportTest, ListsApartWhatNobodyAsksForAnyMore) {
  const TemporaryFolder folder;
  for (const char* id : {"a", "a.cd", "b", "gone"}) add_output(folder, id, "1234");
  Manifest manifest;
  for (const char* id : {"a", "b"}) manifest.items.emplace_back().id = id;
  const auto collected = [&](const AskedOutputs* wanted) {
    return collect_report(folder.path() / "out", &manifest, wanted);
  };
  const AskedOutputs one = asked(manifest, folder, 1);
  const CatalogueReport report = collected(&one);
  const Json json = Json::parse(catalogue_report_json(report));
  EXPECT_EQ(json["summary"]["outputs"], 2);
  EXPECT_EQ(json["summary"]["integrated_lufs"]["after"]["count"], 2);
  EXPECT_EQ(json["summary"]["not_asked"], 2);
  EXPECT_EQ(json["not_asked"], Json::parse(R"([{"id": "a.cd", "file": "a.cd.flac"},
                                                {"id": "gone", "file": "gone.flac"}])"));
  EXPECT_EQ(json["missing"].size(), 0u);
  EXPECT_THAT(catalogue_report_csv(report), HasSubstr("\na.cd,not_asked,"));
  EXPECT_THAT(catalogue_report_html(report), HasSubstr("Not asked for any more"));
  EXPECT_THAT(catalogue_report_text(report), HasSubstr("2 more that nobody asks for any more\n"));
  EXPECT_EQ(collected(nullptr).not_asked.size(), 2u) << "a manifest alone says which items";
}

TEST(CatalogueReportTest, MarksWhatIsThereButNotAsItIsAskedFor) {
  const TemporaryFolder folder;
  for (const char* id : {"a", "a.cd", "b"}) add_output(folder, id, "1234");
  folder.write("out/results/1/shard-0-of-1.1.jsonl",
               "{\"id\":\"a\",\"status\":\"failed\",\"kind\":\"refused\",\"message\":\"m\"}\n");
  Manifest manifest;
  for (const char* id : {"a", "b"}) manifest.items.emplace_back().id = id;
  const AskedOutputs two = asked(manifest, folder, 2);
  const CatalogueReport half = collect_report(folder.path() / "out", &manifest, &two);
  EXPECT_EQ(half.items.size(), 3u);
  EXPECT_EQ(half.items[1].sidecar.id, "a") << "by its place, whatever its sidecar remembers";
  EXPECT_THAT(half.missing, ElementsAre("b")) << "one of its two deliveries";
  EXPECT_TRUE(half.failures.empty()) << "a is complete";
  const AskedOutputs louder = asked(manifest, folder, 2, -14);
  const CatalogueReport stale = collect_report(folder.path() / "out", &manifest, &louder);
  EXPECT_EQ(stale_count(stale), 3u);
  ASSERT_EQ(stale.failures.size(), 1u) << "what was not made anew says why";
  EXPECT_EQ(Json::parse(catalogue_report_json(stale))["items"][0]["stale"], "settings");
  EXPECT_THAT(catalogue_report_csv(stale), HasSubstr("\nb,stale,"));
  EXPECT_THAT(catalogue_report_html(stale), HasSubstr("3 stale"));
  EXPECT_THAT(catalogue_report_text(stale), HasSubstr("3 of them made to other settings"));
}

TEST(CatalogueReportTest, IsCsvWithARowForWhatFailed) {
  const TemporaryFolder folder;
  add_output(folder, "a,b", "1234");
  folder.write("out/results/1/shard-0-of-1.0.jsonl",
               "{\"id\":\"bad\",\"status\":\"failed\",\"kind\":\"k\",\"message\":\"m\"}\n");
  const std::string csv = catalogue_report_csv(collect_report(folder.path() / "out", nullptr));
  EXPECT_EQ(csv,
            "id,status,album,input,output,format,bytes,sha256,audio_md5,sample_rate_hz,channels,"
            "frames,target_lufs,ceiling_dbtp,gain_db,limiter_max_reduction_db,clipped_samples,"
            "before_integrated_lufs,before_loudness_range_lu,before_true_peak_dbtp,"
            "before_sample_peak_dbfs,before_rms_dbfs,after_integrated_lufs,"
            "after_loudness_range_lu,after_true_peak_dbtp,after_sample_peak_dbfs,after_rms_dbfs,"
            "findings,kind,message\n"
            "\"a,b\",done,Album,\"in/a,b.wav\",\"a,b.flac\",FLAC PCM 24,4,"
            "03ac674216f3e15c761ee1a5e255f067953623c8b388b4459e13f978d7c846f4,,48000.0,2,96000,"
            "-16.0,-1.0,4.5,,0,-20.5,,,,,-16.02,,-1.0,,,,,\n"
            "bad,failed,,,,,,,,,,,,,,,,,,,,,,,,,,,k,m\n");
}

TEST(CatalogueReportTest, IsOnePageThatNeedsNothingElse) {
  const TemporaryFolder folder;
  add_output(folder, "a<b>", "1234");
  Sidecar loud = sidecar_of("loud", "1");
  loud.after.integrated_lufs = -14.5;
  loud.findings = {{"clipped", "<3 samples>", ""}};
  folder.write("out/loud.flac", "1");
  write_sidecar(folder.file("out/loud.flac.json"), loud);
  const std::string html = catalogue_report_html(collect_report(folder.path() / "out", nullptr));
  EXPECT_THAT(html, HasSubstr("2 outputs, 0:04.000 of audio, 5 B; 0 failed, 0 missing."));
  EXPECT_THAT(html, HasSubstr("a&lt;b&gt;"));
  EXPECT_THAT(html, HasSubstr("loud: &lt;3 samples&gt;"));
  EXPECT_THAT(html, HasSubstr("<td class=\"missed\">integrated "));
  EXPECT_THAT(html, HasSubstr("<td class=\"met\">met</td>"));
  for (const char* outside : {"http:", "https:", "<script", "<link", "src="})
    EXPECT_THAT(html, Not(HasSubstr(outside)));
}

// The delivery page of one file is its figures; of many, their spread.
TEST(CatalogueReportTest, SaysOnThePageWhatServicesWillDo) {
  const TemporaryFolder folder;
  const auto add = [&](const std::string& id, double gain_db, bool over) {
    Sidecar sidecar = sidecar_of(id, "1");
    sidecar.services = {{{"service", "<tube>"},
                         {"target_lufs", -14},
                         {"gain_db", gain_db},
                         {"true_peak_dbtp", gain_db - 1},
                         {"over_ceiling", over}}};
    folder.write("out/" + id + ".flac", "1");
    write_sidecar(folder.file("out/" + id + ".flac.json"), sidecar);
  };
  const auto page = [&] {
    return catalogue_report_html(collect_report(folder.path() / "out", nullptr));
  };
  const auto row = [](const std::string& figures) {
    return "<tr><td>&lt;tube&gt;</td>" + figures + "</tr>\n";
  };
  const auto cells = [](std::initializer_list<const char*> texts) {
    std::string out;
    for (const char* text : texts) out += "<td class=\"n\">" + std::string(text) + "</td>";
    return out;
  };
  add("a", -2, false);
  EXPECT_THAT(page(), HasSubstr(row(cells({"-14.0", "1", "-2.00", "-2.00", "-2.00", "-3.00",
                                           "-3.00", "-3.00", "0"}))));
  add("b", -0.5, true);
  add("c", 1, true);
  EXPECT_THAT(page(), HasSubstr(row(cells({"-14.0", "3", "-2.00", "-0.50", "1.00", "-3.00", "-1.50",
                                           "0.00", "2"}))));
  Sidecar odd = sidecar_of("d", "1");
  odd.services = {7, {{"service", 1}, {"gain_db", "x"}}};
  folder.write("out/d.flac", "1");
  write_sidecar(folder.file("out/d.flac.json"), odd);
  EXPECT_THAT(page(), HasSubstr("<h2>Services</h2>")) << "what somebody else wrote is passed over";
}

TEST(Distribution, HasQuantilesByNearestRank) {
  // The example of the nearest-rank method: of 15, 20, 35, 40, 50 the 30th percentile is 20, the
  // 40th 20, the 50th 35, the 100th 50.
  const std::vector<double> list = {15, 20, 35, 40, 50};
  EXPECT_EQ(catalogue::quantile(list, 0.3), 20);
  EXPECT_EQ(catalogue::quantile(list, 0.4), 20);
  EXPECT_EQ(catalogue::quantile(list, 0.5), 35);
  EXPECT_EQ(catalogue::quantile(list, 1), 50);
  EXPECT_EQ(catalogue::quantile(list, 0), 15);
  EXPECT_EQ(catalogue::quantile({}, 0.5), std::nullopt);
}

TEST(Distribution, CountsPerDecibel) {
  catalogue::Distribution d{"True peak", "dBTP", {-3, -2.5, -2, 0}, {-1e9, -2.25}};
  const std::string svg = catalogue::histogram_svg(d);
  EXPECT_THAT(svg, HasSubstr("<title>-3 … -2: 2 before</title>"));
  EXPECT_THAT(svg, HasSubstr("<title>-2 … -1: 1 before</title>"));
  EXPECT_THAT(svg, HasSubstr("<title>0 … 1: 1 before</title>"));
  EXPECT_THAT(svg, HasSubstr("<title>-3 … -2: 1 after</title>"));
  EXPECT_THAT(svg, HasSubstr("<title>-59 … -58: 1 after</title>")) << "60 bars at most";
}

}  // namespace
}  // namespace tutti::test
