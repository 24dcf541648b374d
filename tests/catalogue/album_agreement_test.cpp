// SPDX-License-Identifier: Apache-2.0
// What status and report say of albums: tracks that a render would do again are not done.
#include "host/catalogue/album_agreement.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/catalogue/catalogue_report.hpp"
#include "host/catalogue/status.hpp"
#include "tests/catalogue/fixture.hpp"

namespace tutti::test {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::Each;

constexpr ItemState kDone = ItemState::done, kStale = ItemState::stale;

/// Tracks of one album, made together from inputs of four bytes.
class AlbumAgreementTest : public ::testing::Test {
 protected:
  void make(const std::vector<std::string>& ids, const std::string& album = "Album",
            bool by_an_older_version = false) {
    std::vector<std::string> inputs;
    for (const std::string& id : ids) inputs.push_back("sha-" + id);
    for (const std::string& id : ids) {
      folder_.write("in/" + id + ".wav", "abcd");
      folder_.write("out/" + id + ".flac", "1234");
      Sidecar sidecar = sidecar_of(id, "1234");
      sidecar.album = album;
      sidecar.input.sha256 = "sha-" + id;
      sidecar.key = catalogue_key(
          album.empty() ? sidecar.input.sha256 : key_input(sidecar.input.sha256, inputs),
          sidecar.settings.dump(), sidecar.sound_version);
      if (!album.empty() && !by_an_older_version) {
        sidecar.album_inputs = album_hash(inputs);
        sidecar.settings = {{"target_lufs", -16.0}};  // written again by another program
      }
      write_sidecar(folder_.file("out/" + id + ".flac.json"), sidecar);
    }
  }

  Manifest manifest(const std::vector<std::string>& ids, const std::string& album = "Album") {
    Manifest manifest;
    for (const std::string& id : ids) {
      CatalogueItem item;
      item.id = id;
      item.album = album;
      item.input = folder_.path() / "in" / (id + ".wav");
      item.output = id + ".flac";
      manifest.items.push_back(item);
    }
    return manifest;
  }

  AskedOutputs asked(const Manifest& manifest) {
    const fs::path out = folder_.path() / "out";
    return {manifest, out,
            [=](const CatalogueItem& item) {
              return std::vector<PlannedOutput>{{out / item.output, {{"target_lufs", -16}}}};
            },
            "1"};
  }

  /// The same whether it is known what is asked for or not.
  std::vector<ItemState> states(const Manifest& manifest) {
    const AskedOutputs wanted = asked(manifest);
    const fs::path out = folder_.path() / "out";
    const CatalogueStatus told = catalogue_status(manifest, out, 1, &wanted);
    const CatalogueStatus untold = catalogue_status(manifest, out, 1);
    EXPECT_EQ(told.items, untold.items);
    EXPECT_EQ(status_json(told), status_json(untold));
    causes_.clear();
    for (const StaleItem& item : told.stale) causes_.push_back(item.cause);
    return told.items;
  }

  std::size_t stale_in_report(const Manifest& manifest) {
    const AskedOutputs wanted = asked(manifest);
    const fs::path out = folder_.path() / "out";
    const CatalogueReport told = collect_report(out, &manifest, &wanted);
    EXPECT_EQ(stale_count(told), stale_count(collect_report(out, &manifest)));
    for (const ReportedItem& item : told.items)
      EXPECT_EQ(item.stale.value_or(StaleCause::album), StaleCause::album);
    return stale_count(told);
  }

  TemporaryFolder folder_;
  std::vector<StaleCause> causes_;
};

TEST_F(AlbumAgreementTest, IsStaleWhatWasMadeAsPartOfAnotherAlbum) {
  for (const bool older : {false, true}) {
    make({"a", "b", "c"}, "Album", older);
    EXPECT_THAT(states(manifest({"a", "b", "c"})), Each(kDone));
    EXPECT_EQ(stale_in_report(manifest({"a", "b", "c"})), 0u);
    EXPECT_THAT(states(manifest({"a", "b", "c"}, "Another name for it")), Each(kDone));
    for (const Manifest& other :
         {manifest({"a", "b"}), manifest({"b", "a", "c"}), manifest({"a", "b"}, "")}) {
      EXPECT_THAT(states(other), Each(kStale));
      EXPECT_THAT(causes_, Each(StaleCause::album));
      EXPECT_EQ(stale_in_report(other), other.items.size());
    }
    make({"a"}, "Album", older);
    EXPECT_THAT(states(manifest({"a"}, "")), Each(kDone)) << "it was alone in its album";
  }
}

TEST_F(AlbumAgreementTest, ATrackMoreMakesTheOthersStale) {
  make({"a", "b"});
  EXPECT_THAT(states(manifest({"a", "b", "new"})), ElementsAre(kStale, kStale, ItemState::missing));
  EXPECT_EQ(stale_in_report(manifest({"a", "b", "new"})), 2u);
}

TEST_F(AlbumAgreementTest, ATrackThatIsMadeAnewMakesTheOthersStale) {
  make({"a", "b"});
  make({"x", "y"}, "");
  Manifest all = manifest({"a", "b", "x", "y"});
  all.items[2].album = all.items[3].album = "";
  EXPECT_THAT(states(all), Each(kDone));
  folder_.write("in/b.wav", "abcde");
  folder_.write("in/y.wav", "abcde");
  EXPECT_THAT(states(all), ElementsAre(kStale, kStale, kDone, kStale));
  EXPECT_THAT(causes_, ElementsAre(StaleCause::album, StaleCause::input, StaleCause::input));
  folder_.write("in/b.wav", "abcd");
  fs::last_write_time(folder_.path() / "in/b.wav", fs::file_time_type::clock::now() -
                                                       std::chrono::hours(1));
  fs::remove(folder_.path() / "out/b.flac");
  EXPECT_THAT(states(all), ElementsAre(kStale, kStale, kDone, kStale));
  EXPECT_THAT(causes_, ElementsAre(StaleCause::album, StaleCause::output, StaleCause::input));
  EXPECT_EQ(stale_in_report(all), 1u) << "b is missing, a is of its album";
}

// A render with --album off makes each for itself; without its options status can not know better.
TEST_F(AlbumAgreementTest, LeavesAloneWhatWasMadeWithoutAlbumsUnlessToldMore) {
  make({"a", "b"}, "");
  const Manifest albums = manifest({"a", "b"});
  EXPECT_THAT(catalogue_status(albums, folder_.path() / "out", 1).items, Each(kDone));
  EXPECT_EQ(stale_count(collect_report(folder_.path() / "out", &albums)), 0u);
  const AskedOutputs wanted = asked(albums);
  EXPECT_THAT(catalogue_status(albums, folder_.path() / "out", 1, &wanted).items, Each(kStale));
}

}  // namespace
}  // namespace tutti::test
