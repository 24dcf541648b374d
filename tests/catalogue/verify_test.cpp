// SPDX-License-Identifier: Apache-2.0
#include "host/catalogue/verify.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/catalogue/catalogue_report.hpp"
#include "tests/catalogue/fixture.hpp"

namespace tutti::test {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Items a, b and c, done, each from an original of the bytes "abc".
class VerifyTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* id : {"a", "b", "c"}) {
      CatalogueItem item;
      item.id = id;
      item.input = folder_.path() / "in" / (item.id + ".wav");
      item.output = item.id + ".flac";
      folder_.write("in/" + item.id + ".wav", "abc");
      folder_.write("out/" + item.output.string(), "1234");
      write(item.id, 1);
      manifest_.items.push_back(item);
    }
  }

  void write(const std::string& id, int deliveries) {
    Sidecar sidecar = sidecar_of(id, "1234");
    // printf abc | sha256sum; printf 1234 | sha256sum
    sidecar.input.sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    sidecar.output.sha256 = "03ac674216f3e15c761ee1a5e255f067953623c8b388b4459e13f978d7c846f4";
    sidecar.deliveries = deliveries;
    write_sidecar(folder_.file("out/" + id + ".flac.json"), sidecar);
  }

  std::vector<std::string> found() const {
    std::vector<std::string> list;
    verify_catalogue(manifest_, folder_.path() / "out", nullptr, [&](const Discrepancy& found) {
      list.push_back(found.id + " " + fs::path(found.file).filename().string() + " " + found.kind);
    });
    return list;
  }

  void damage(const std::string& name) { folder_.write(name, folder_.read(name).substr(0, 100)); }

  TemporaryFolder folder_;
  Manifest manifest_;
};

TEST_F(VerifyTest, IsContentWithWhatItsSidecarsSay) { EXPECT_THAT(found(), IsEmpty()); }

TEST_F(VerifyTest, TellsOfBytesThatChanged) {
  folder_.write("out/a.flac", "1235");
  folder_.write("in/b.wav", "abd");
  fs::remove(folder_.path() / "out/c.flac");
  EXPECT_THAT(found(), ElementsAre("a a.flac output_changed", "b b.wav input_changed",
                                   "c c.flac output_missing"));
}

TEST_F(VerifyTest, TellsOfLostAndDamagedSidecars) {
  damage("out/b.flac.json");
  fs::remove(folder_.path() / "out/c.flac.json");
  folder_.write("out/stranger.flac.json", "[]");
  folder_.write("out/settings.user.json", "{}");  // stands beside no audio file
  EXPECT_THAT(found(), ElementsAre("b b.flac.json sidecar_damaged",
                                   "stranger.flac stranger.flac.json sidecar_damaged",
                                   "c c.flac output_missing"));
}

// What it advises is what works: somebody's own file is never replaced by a render.
TEST_F(VerifyTest, AdvisesWhatWorks) {
  folder_.write("out/a.flac", "1235");
  damage("out/b.flac.json");
  folder_.write("out/c.flac.json", "{\"my\": \"notes\"}");
  std::vector<std::string> messages;
  verify_catalogue(manifest_, folder_.path() / "out", nullptr,
                   [&](const Discrepancy& found) { messages.push_back(found.message); });
  EXPECT_THAT(messages, ElementsAre(HasSubstr("; render again with --verify full --overwrite"),
                                    HasSubstr("JSON; render again with --overwrite"),
                                    HasSubstr("; move it away, then render again with --overwrite")));
  const CatalogueReport report = collect_report(folder_.path() / "out", &manifest_);
  ASSERT_EQ(report.failures.size(), 2u);
  EXPECT_THAT(report.failures[1].message, HasSubstr("move it away, then render"));
}

TEST_F(VerifyTest, TellsThatEverythingIsGone) {
  fs::remove_all(folder_.path() / "out");
  fs::create_directory(folder_.path() / "out");
  EXPECT_THAT(found(), ElementsAre("a a.flac output_missing", "b b.flac output_missing",
                                   "c c.flac output_missing"));
}

TEST_F(VerifyTest, WantsEveryDeliveryOfAnItem) {
  write("a", 2);
  EXPECT_THAT(found(), ElementsAre("a a.flac output_missing"));
}

TEST_F(VerifyTest, LeavesDamagedSidecarsToTheReportToo) {
  damage("out/b.flac.json");
  const CatalogueReport report = collect_report(folder_.path() / "out", &manifest_);
  ASSERT_EQ(report.failures.size(), 1u);
  EXPECT_EQ(report.failures[0].id, "b");
  EXPECT_EQ(report.failures[0].kind, "sidecar_damaged");
  EXPECT_EQ(report.failures[0].message,
            "b.flac.json is no sidecar of ours: it is not JSON; render again with --overwrite");
  EXPECT_THAT(report.missing, IsEmpty());
  EXPECT_EQ(collect_report(folder_.path() / "out", nullptr).failures[0].id, "b.flac");
}

}  // namespace
}  // namespace tutti::test
