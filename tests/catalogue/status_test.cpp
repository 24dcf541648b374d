// SPDX-License-Identifier: Apache-2.0
#include "host/catalogue/status.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/catalogue/fixture.hpp"

namespace tutti::test {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Items a … e of one second each, inputs of four bytes beside the output folder.
Manifest five_items(const TemporaryFolder& folder) {
  Manifest manifest;
  for (const char* id : {"a", "b", "c", "d", "e"}) {
    CatalogueItem item;
    item.id = id;
    item.input = folder.path() / "in" / (item.id + ".wav");
    item.output = item.id + ".flac";
    item.seconds = 1;
    folder.write("in/" + item.id + ".wav", "abcd");
    manifest.items.push_back(item);
  }
  return manifest;
}

TEST(Status, SaysWhatIsLeftAndInWhichShards) {
  const TemporaryFolder folder;
  const Manifest manifest = five_items(folder);
  add_output(folder, "a", "1234");
  add_output(folder, "b", "1234");
  folder.write("out/b.flac", "12345");  // no longer what its sidecar says
  folder.write("out/c.flac", "1234");   // without a sidecar: nobody knows what it is
  folder.write(
      "out/results/1/shard-0-of-5.0.jsonl",
      "{\"id\":\"a\",\"status\":\"failed\",\"kind\":\"disk_full\",\"retriable\":true}\n"
      "{\"id\":\"d\",\"status\":\"failed\",\"kind\":\"input_unreadable\",\"message\":\"cut\"}\n"
      "{\"id\":\"e\",\"status\":\"failed\",\"kind\":\"disk_full\",\"retriable\":true}\n");
  fs::last_write_time(folder.path() / "out/results/1/shard-0-of-5.0.jsonl",
                      fs::file_time_type::clock::now() - std::chrono::hours(1));
  const CatalogueStatus status = catalogue_status(manifest, folder.path() / "out", 5);
  EXPECT_THAT(status.items, ElementsAre(ItemState::done, ItemState::stale, ItemState::missing,
                                        ItemState::failed, ItemState::failed));
  EXPECT_THAT(status.shards, ElementsAre(1, 2, 4)) << "d has failed for good";
  EXPECT_FALSE(status.all_done());
  EXPECT_EQ(
      status_json(status),
      "{\n  \"done\": 1,\n  \"missing\": 1,\n  \"stale\": 1,\n  \"failed\": 2,\n"
      "  \"shards\": [\n    1,\n    2,\n    4\n  ],\n"
      "  \"failures\": [\n    {\n      \"id\": \"d\",\n      \"kind\": \"input_unreadable\",\n"
      "      \"message\": \"cut\",\n      \"retriable\": false\n    },\n    {\n"
      "      \"id\": \"e\",\n      \"kind\": \"disk_full\",\n      \"message\": \"\",\n"
      "      \"retriable\": true\n    }\n  ],\n"
      "  \"stale_items\": [\n    {\n      \"id\": \"b\",\n      \"cause\": \"output\"\n    }\n  ]\n}\n");
  EXPECT_THAT(status_text(status, 5), HasSubstr("run again, of 5: 1,2,4\n"));
}

TEST(Status, HasEverythingLeftBeforeTheFirstRun) {
  const TemporaryFolder folder;
  const CatalogueStatus status = catalogue_status(five_items(folder), folder.path() / "out", 2);
  EXPECT_EQ(status.count(ItemState::missing), 5);
  EXPECT_THAT(status.shards, ElementsAre(0, 1));
}

TEST(Status, IsStaleWhenTheInputHasVanishedOrChangedItsSize) {
  const TemporaryFolder folder;
  const Manifest manifest = five_items(folder);
  for (const char* id : {"a", "b", "c", "d", "e"}) add_output(folder, id, "1234");
  EXPECT_TRUE(catalogue_status(manifest, folder.path() / "out", 1).all_done());
  folder.write("in/a.wav", "abcde");
  fs::remove(folder.path() / "in/b.wav");
  const CatalogueStatus status = catalogue_status(manifest, folder.path() / "out", 1);
  EXPECT_THAT(status.items, ElementsAre(ItemState::stale, ItemState::stale, ItemState::done,
                                        ItemState::done, ItemState::done));
  for (const StaleItem& item : status.stale) EXPECT_EQ(item.cause, StaleCause::input);
  EXPECT_THAT(status.shards, ElementsAre(0));
}

TEST(Status, IsStaleWhenTheInputWasOverwrittenInPlace) {
  const TemporaryFolder folder;
  const Manifest manifest = five_items(folder);
  for (const char* id : {"a", "b", "c", "d", "e"}) {
    add_output(folder, id, "1234");
    Sidecar sidecar = *read_sidecar(folder.file(std::string("out/") + id + ".flac.json"));
    // FIPS 180-4 over the input's bytes: printf abcd | sha256sum
    sidecar.input.sha256 = "88d4266fd4e6338d13b845fcf289579d209c897823b9217da3e161936f031589";
    sidecar.key = catalogue_key(sidecar.input.sha256, sidecar.settings.dump(), "1");
    write_sidecar(folder.file(std::string("out/") + id + ".flac.json"), sidecar);
  }
  folder.write("in/a.wav", "abcX");
  const auto later = fs::file_time_type::clock::now() + std::chrono::hours(1);
  fs::last_write_time(folder.path() / "in/a.wav", later);
  fs::last_write_time(folder.path() / "in/b.wav", later);  // touched only
  const CatalogueStatus status = catalogue_status(manifest, folder.path() / "out", 1);
  EXPECT_EQ(status.items[0], ItemState::stale);
  EXPECT_EQ(status.count(ItemState::done), 4);
}

TEST(Status, HasFailedWhenTheFailureIsNewerThanTheOutput) {
  const TemporaryFolder folder;
  const Manifest manifest = five_items(folder);
  for (const char* id : {"a", "b", "c", "d", "e"}) add_output(folder, id, "1234");
  folder.write("out/results/1/shard-0-of-1.1.jsonl",
               "{\"id\":\"c\",\"status\":\"failed\",\"kind\":\"exhausted\",\"retriable\":true}\n");
  const fs::path results = folder.path() / "out/results/1/shard-0-of-1.1.jsonl";
  const auto now = fs::file_time_type::clock::now();
  fs::last_write_time(results, now + std::chrono::hours(1));
  const CatalogueStatus status = catalogue_status(manifest, folder.path() / "out", 1);
  EXPECT_EQ(status.items[2], ItemState::failed);
  EXPECT_THAT(status.shards, ElementsAre(0));
  fs::last_write_time(results, now - std::chrono::hours(1));
  EXPECT_TRUE(catalogue_status(manifest, folder.path() / "out", 1).all_done());
}

TEST(Status, WantsEveryDeliveryOfAnItem) {
  const TemporaryFolder folder;
  Manifest manifest = five_items(folder);
  manifest.items.resize(1);
  Sidecar sidecar = sidecar_of("a", "1234");
  sidecar.deliveries = 2;
  folder.write("out/a.cd.wav", "1234");
  write_sidecar(folder.file("out/a.cd.wav.json"), sidecar);
  EXPECT_EQ(catalogue_status(manifest, folder.path() / "out", 1).items[0], ItemState::missing);
  folder.write("out/sub/a.mp3", "1234");
  write_sidecar(folder.file("out/sub/a.mp3.json"), sidecar);
  EXPECT_EQ(catalogue_status(manifest, folder.path() / "out", 1).items[0], ItemState::done);
}

/// A plan of one .flac an item, and where `with_cd` says so a second delivery.
AskedOutputs asked(const Manifest& manifest, const TemporaryFolder& folder, int target_lufs,
                   bool with_cd = false, const std::string& sound = "1",
                   bool allow_damaged = true) {
  const fs::path out = folder.path() / "out";
  const nlohmann::ordered_json settings = {{"target_lufs", target_lufs}};
  return {manifest, out,
          [=](const CatalogueItem& item) {
            std::vector<PlannedOutput> outputs = {{out / item.output, settings}};
            if (with_cd) outputs.push_back({out / "cd" / (item.id + ".wav"), settings});
            return outputs;
          },
          sound, allow_damaged};
}

TEST(Status, KnowsSettingsWhereItIsToldWhatIsAskedFor) {
  const TemporaryFolder folder;
  Manifest manifest = five_items(folder);
  manifest.items.resize(2);
  add_output(folder, "a", "1234");  // made to -16
  const auto status = [&](const AskedOutputs& asked) {
    return catalogue_status(manifest, folder.path() / "out", 2, &asked);
  };
  EXPECT_EQ(status(asked(manifest, folder, -16)).items[0], ItemState::done);
  const CatalogueStatus louder = status(asked(manifest, folder, -14));
  EXPECT_THAT(louder.items, ElementsAre(ItemState::stale, ItemState::missing));
  ASSERT_EQ(louder.stale.size(), 1u);
  EXPECT_EQ(louder.stale[0].cause, StaleCause::settings);
  EXPECT_THAT(louder.shards, ElementsAre(0, 1));
  EXPECT_THAT(status_text(louder, 2), HasSubstr("stale: settings: 1\n"));
  EXPECT_THAT(status_json(louder), HasSubstr("\"cause\": \"settings\""));
  const CatalogueStatus other = status(asked(manifest, folder, -16, false, "2"));
  ASSERT_EQ(other.stale.size(), 1u);
  EXPECT_EQ(other.stale[0].cause, StaleCause::sound);
  folder.write("out/a.flac", "edited");
  EXPECT_EQ(status(asked(manifest, folder, -14)).stale[0].cause, StaleCause::output);
}

TEST(Status, CountsADamagedInputOnlyWhereItIsAllowed) {
  const TemporaryFolder folder;
  Manifest manifest = five_items(folder);
  manifest.items.resize(1);
  add_output(folder, "a", "1234");
  Sidecar sidecar = *read_sidecar(folder.file("out/a.flac.json"));
  sidecar.findings = {{"damaged", "left out 3 frames", ""}};
  write_sidecar(folder.file("out/a.flac.json"), sidecar);
  const auto status = [&](bool allow_damaged) {
    const AskedOutputs wanted = asked(manifest, folder, -16, false, "1", allow_damaged);
    return catalogue_status(manifest, folder.path() / "out", 1, &wanted);
  };
  EXPECT_TRUE(status(true).all_done());
  const CatalogueStatus refused = status(false);
  ASSERT_EQ(refused.stale.size(), 1u);
  EXPECT_EQ(refused.stale[0].cause, StaleCause::damaged);
  EXPECT_THAT(status_text(refused, 1), HasSubstr("stale: damaged: 1\n"));
}

TEST(Status, ComparesWhatSettingsSayAndNotTheirText) {
  const TemporaryFolder folder;
  Manifest manifest = five_items(folder);
  manifest.items.resize(1);
  add_output(folder, "a", "1234");
  Sidecar sidecar = *read_sidecar(folder.file("out/a.flac.json"));
  const AskedOutputs wanted = asked(manifest, folder, -16);
  sidecar.settings = {{"target_lufs", -16.0}};
  write_sidecar(folder.file("out/a.flac.json"), sidecar);
  EXPECT_EQ(catalogue_status(manifest, folder.path() / "out", 1, &wanted).items[0], ItemState::done);
}

TEST(Status, AsksForNoDeliveryThatLeftTheChain) {
  const TemporaryFolder folder;
  Manifest manifest = five_items(folder);
  manifest.items.resize(1);
  Sidecar sidecar = sidecar_of("a", "1234");
  sidecar.deliveries = 2;
  for (const char* file : {"out/a.flac", "out/cd/a.wav"}) {
    folder.write(file, "1234");
    write_sidecar(folder.file(std::string(file) + ".json"), sidecar);
  }
  const auto state = [&](bool with_cd) {
    const AskedOutputs wanted = asked(manifest, folder, -16, with_cd);
    return catalogue_status(manifest, folder.path() / "out", 1, &wanted).items[0];
  };
  EXPECT_EQ(state(true), ItemState::done);
  fs::remove(folder.path() / "out/cd/a.wav");
  EXPECT_EQ(state(true), ItemState::stale);
  EXPECT_EQ(state(false), ItemState::done);
  fs::remove(folder.path() / "out/cd/a.wav.json");
  EXPECT_EQ(state(true), ItemState::missing) << "a delivery that joined the chain";
  manifest.items[0].id = "another name for it";
  EXPECT_EQ(state(false), ItemState::done) << "a render would skip it";
}

}  // namespace
}  // namespace tutti::test
