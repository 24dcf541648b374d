// SPDX-License-Identifier: Apache-2.0
#include "host/catalogue/sidecar.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <limits>
#include <thread>

#include "host/catalogue/tags.hpp"
#include "host/io/read_fault.hpp"
#include "tests/catalogue/fixture.hpp"

namespace tutti::test {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// printf 'ab\n{"target_lufs":-16}\n1\n' | sha256sum
constexpr const char* kKey = "305f8dab2d357c283085196477862de450a3efe3949319635bf449c9608acd81";

TEST(Sidecar, StandsBesideItsOutput) {
  EXPECT_EQ(sidecar_path("out/a.flac"), "out/a.flac.json");
  EXPECT_EQ(sidecar_path("out/a.b"), "out/a.b.json");
}

TEST(Sidecar, IsTheseBytes) {
  Sidecar s = sidecar_of("a", "1234");
  s.findings = {{"clipped", "3 samples did not fit", "/home/someone/a.wav"}};
  const Json json = Json::parse(sidecar_text(s));
  EXPECT_EQ(json["tutti_sidecar"], 1);
  EXPECT_EQ(json["key"], kKey);
  EXPECT_EQ(json["input"], Json::parse(R"({"file": "in/a.wav", "bytes": 4, "sha256": "ab"})"));
  EXPECT_EQ(json["settings"], Json::parse(R"({"target_lufs": -16})"));
  EXPECT_EQ(json["output"]["bytes"], 4);
  EXPECT_EQ(json["after"]["integrated_lufs"], -16.02);
  EXPECT_EQ(json["after"]["duration_s"], 2.0);
  EXPECT_TRUE(json["after"]["rms_dbfs"].is_null()) << "what does not exist is null";
  EXPECT_TRUE(json["services"].is_null());
  EXPECT_EQ(json["findings"],
            Json::parse(R"([{"code": "clipped", "message": "3 samples did not fit"}])"));
  EXPECT_EQ(sidecar_text(s), sidecar_text(s));
  EXPECT_THAT(sidecar_text(s), testing::Not(HasSubstr("/home"))) << "no path of a host";
  EXPECT_THAT(sidecar_text(s), testing::EndsWith("\n}\n"));
}

TEST(Sidecar, ReadsBackWhatItWrote) {
  const TemporaryFolder folder;
  Sidecar s = sidecar_of("ä \"1\"", "1234");
  s.after.loudness_range_lu = 1.0 / 3;
  s.after.frames = 44100 * 3600 + 7;
  s.after.sample_rate_hz = 44100;
  s.after.clipped_samples = 9;
  s.before.true_peak_dbtp = -std::numeric_limits<double>::infinity();
  s.limiter_max_reduction_db = 0.1;
  s.services = {{{"name", "spotify"}}};
  s.deliveries = 3;
  const std::vector<std::string> inputs = {"a", "b"};
  s.album_inputs = album_hash(inputs);  // printf 'a\nb\n' | sha256sum
  EXPECT_EQ(s.album_inputs, "911169ddaaf146aff539f58c26c489af3b892dff0fe283c1c264c65ae5aa59a2");
  write_sidecar(folder.file("x.flac.json"), s);
  const auto back = read_sidecar(folder.file("x.flac.json"));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->after.loudness_range_lu, 1.0 / 3);
  EXPECT_EQ(back->after.frames, 44100 * 3600 + 7);
  EXPECT_EQ(back->before.true_peak_dbtp, std::nullopt);
  EXPECT_EQ(back->deliveries, 3);
  EXPECT_EQ(sidecar_text(*back), folder.read("x.flac.json"));
  EXPECT_EQ(folder.names().size(), 1u) << "no temporary is left";
}

TEST(Sidecar, IsNothingWhenThereIsNone) {
  const TemporaryFolder folder;
  EXPECT_FALSE(read_sidecar(folder.file("gone.json")));
}

TEST(Sidecar, RefusesWhatIsNotOurs) {
  const TemporaryFolder folder;
  const Json good = Json::parse(sidecar_text(sidecar_of("a", "1234")));
  const auto refused = [&](const std::string& text) {
    folder.write("x.json", text);
    try {
      read_sidecar(folder.file("x.json"));
    } catch (const IoError& error) {
      return std::string(error.what());
    }
    return std::string("was taken");
  };
  EXPECT_EQ(refused(good.dump()), "was taken");
  EXPECT_THAT(refused(""), HasSubstr("it is not JSON"));
  EXPECT_THAT(refused(good.dump().substr(0, 300)), HasSubstr("it is not JSON"));
  EXPECT_THAT(refused("[]"), HasSubstr("is no JSON object"));
  EXPECT_THAT(refused(R"({"name": "package"})"), HasSubstr("`tutti_sidecar` is missing"));
  Json changed = good;
  changed["tutti_sidecar"] = 2;
  EXPECT_THAT(refused(changed.dump()), HasSubstr("a version that this program does not know"));
  for (const auto& [where, value] :
       std::vector<std::pair<std::string, Json>>{{"/output/bytes", -1},
                                                 {"/output/bytes", 1.5},
                                                 {"/output/bytes", 1e300},
                                                 {"/output/bytes", "4"},
                                                 {"/after/duration_s", 1e308},
                                                 {"/after/channels", 1e9},
                                                 {"/input", 3},
                                                 {"/findings", 3},
                                                 {"/findings", Json::array({1})},
                                                 {"/id", 3},
                                                 {"/deliveries", 0},
                                                 {"/clipped_samples", nullptr}}) {
    changed = good;
    changed[Json::json_pointer(where)] = value;
    EXPECT_THAT(refused(changed.dump()), HasSubstr("is no sidecar of ours")) << where << value;
  }
  fs::create_directory(folder.path() / "d.json");
  EXPECT_THROW(read_sidecar(folder.file("d.json")), IoError);
}

TEST(CatalogueKey, IsTheHashOfWhatDecidesTheSound) {
  const std::string settings = "{\"target_lufs\":-16}";
  EXPECT_EQ(catalogue_key("ab", settings, "1"), kKey);
  EXPECT_NE(catalogue_key("ab", settings, "2"), catalogue_key("ab", settings, "1"));
  EXPECT_NE(catalogue_key("ac", settings, "1"), catalogue_key("ab", settings, "1"));
}

TEST(CatalogueKey, IsOfAllInputsOfAnAlbum) {
  const std::vector<std::string> one = {"a"}, two = {"a", "b"};
  EXPECT_EQ(key_input("a", {}), "a");
  EXPECT_EQ(key_input("a", one), "a");
  EXPECT_EQ(key_input("b", two), "b a b");
}

TEST(FileHash, IsThatOfTheStandard) {
  // FIPS 180-4's example: SHA-256 of "abc".
  const TemporaryFolder folder;
  folder.write("abc", "abc");
  const FileHash hash = hash_file(folder.path() / "abc");
  EXPECT_EQ(hash.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hash.bytes, 3u);
  EXPECT_THROW(hash_file(folder.path() / "gone"), IoError);
}

TEST(FileHash, RefusesWhatWouldNeverEnd) {
  const TemporaryFolder folder;
  ASSERT_EQ(mkfifo(folder.file("pipe.wav").c_str(), 0600), 0);
  for (const fs::path& file :
       {folder.path() / "pipe.wav", fs::path("/dev/zero"), fs::path("/dev/null"), folder.path()})
    try {
      hash_file(file);
      FAIL() << file << " was taken";
    } catch (const IoError& error) {
      EXPECT_THAT(error.what(), HasSubstr("is no regular file"));
    }
  EXPECT_EQ(album_tags(folder.path() / "pipe.wav").album, "");
}

TEST(FileHash, MayGoOnLaterWhenDescriptorsAreUsedUp) {
  const TemporaryFolder folder;
  folder.write("abc", "abc");
  rlimit limits = {};
  getrlimit(RLIMIT_NOFILE, &limits);
  const rlimit none = {0, limits.rlim_max};
  setrlimit(RLIMIT_NOFILE, &none);
  IoFault fault = IoFault::input;
  try {
    hash_file(folder.path() / "abc");
  } catch (const IoError& error) {
    fault = error.fault();
  }
  setrlimit(RLIMIT_NOFILE, &limits);
  EXPECT_EQ(fault, IoFault::exhausted);
}

TEST(ReadFault, IsTheFilesOnlyWhenTheFileIsToBlame) {
  for (const int error : {EIO, ESTALE, EMFILE, ENFILE, ENOMEM})
    EXPECT_EQ(io::read_fault(error), IoFault::exhausted) << error;
  for (const int error : {ENOENT, EACCES, EISDIR, ENXIO})
    EXPECT_EQ(io::read_fault(error), IoFault::input) << error;
}

TEST(OutputStateTest, TellsTheFiveApart) {
  const TemporaryFolder folder;
  const auto state = [&](const char* key, bool full) {
    return output_state(folder.path() / "out/a.flac", key, full);
  };
  EXPECT_EQ(state(kKey, false), OutputState::missing);
  folder.write("out/a.flac", "1234");
  EXPECT_EQ(state(kKey, false), OutputState::foreign);
  add_output(folder, "a", "1234");
  EXPECT_EQ(state(kKey, false), OutputState::up_to_date);
  EXPECT_EQ(state(kKey, true), OutputState::up_to_date);
  EXPECT_EQ(state("other", false), OutputState::stale);
  folder.write("out/a.flac", "1235");
  EXPECT_EQ(state(kKey, false), OutputState::up_to_date) << "of the same size";
  EXPECT_EQ(state(kKey, true), OutputState::changed);
  EXPECT_EQ(state("other", true), OutputState::changed) << "what was edited is not redone over";
  folder.write("out/a.flac", "12345");
  EXPECT_EQ(state(kKey, false), OutputState::changed);
  folder.write("out/a.flac.json", "{}");
  EXPECT_EQ(state(kKey, false), OutputState::foreign);
}

TEST(OutputStateTest, HashesWhatMayBeReplaced) {
  const TemporaryFolder folder;
  add_output(folder, "a", "1234");
  folder.write("out/a.flac", "1235");
  EXPECT_EQ(output_state(folder.path() / "out/a.flac", "other", false), OutputState::changed)
      << "edited without another size";
}

TEST(OutputStateTest, IsForeignWhereTheSidecarsNameIsTaken) {
  const TemporaryFolder folder;
  const fs::path output = folder.path() / "a.flac";
  folder.write("a.flac.json", "{\"my\":\"notes\"}");
  EXPECT_EQ(output_state(output, "k", false), OutputState::foreign) << "without an output too";
  fs::remove(folder.path() / "a.flac.json");
  fs::create_symlink("elsewhere", folder.path() / "a.flac.json");
  EXPECT_EQ(output_state(output, "k", false), OutputState::foreign);
}

TEST(OutputStateTest, TakesNothingForOursThatIsNoFile) {
  const TemporaryFolder folder;
  fs::create_directory(folder.path() / "a.flac");
  EXPECT_EQ(output_state(folder.path() / "a.flac", "k", false), OutputState::foreign);
  fs::create_symlink("nowhere", folder.path() / "b.flac");
  EXPECT_EQ(output_state(folder.path() / "b.flac", "k", false), OutputState::foreign);
}

TEST(Sidecar, ReplacesNothingButASidecar) {
  const TemporaryFolder folder;
  const auto refusal = [&](const std::string& name) {
    try {
      write_sidecar(folder.file(name), sidecar_of("a", "1"));
    } catch (const IoError& error) {
      EXPECT_EQ(error.fault(), IoFault::output);
      return std::string(error.what());
    }
    return std::string("was replaced");
  };
  folder.write("notes.json", "{\"my\":\"notes\"}");
  EXPECT_THAT(refusal("notes.json"), HasSubstr("move it away"));
  EXPECT_EQ(folder.read("notes.json"), "{\"my\":\"notes\"}");
  write_sidecar(folder.file("ours.json"), sidecar_of("a", "12"));
  fs::create_symlink("ours.json", folder.path() / "link.json");
  fs::create_symlink("nowhere", folder.path() / "dangling.json");
  EXPECT_THAT(refusal("link.json"), HasSubstr("is a link"));
  EXPECT_THAT(refusal("dangling.json"), HasSubstr("is a link"));
  EXPECT_EQ(refusal("ours.json"), "was replaced");
  ASSERT_EQ(mkfifo(folder.file("pipe.json").c_str(), 0600), 0);
  EXPECT_THAT(refusal("pipe.json"), HasSubstr("move it away"));
  EXPECT_THAT(
      refusal(std::string(254, 'x') + ".json"),
      HasSubstr("name of 259 bytes; 255 are possible, so give the output one of at most 250"))
      << "nothing stands there that could be moved away";
}

// However it was torn, it is known for ours by its first bytes; what anybody else wrote never is.
TEST(Sidecar, ReplacesADamagedOneWhenToldTo) {
  const TemporaryFolder folder;
  const std::string whole = sidecar_text(sidecar_of("a", "1"));
  const fs::path output = folder.path() / "a.flac", sidecar = sidecar_path(output);
  for (const std::string& damaged :
       {whole.substr(0, 5), whole.substr(0, 300), whole.substr(0, 300) + "\xff" + whole.substr(301),
        std::string(), std::string(4096, '\0')}) {
    folder.write("a.flac.json", damaged);
    EXPECT_EQ(output_state(output, "k", false), OutputState::damaged) << damaged;
    EXPECT_THROW(write_sidecar(sidecar, sidecar_of("a", "1")), IoError);
    EXPECT_EQ(folder.read("a.flac.json"), damaged);
    write_sidecar(sidecar, sidecar_of("a", "1"), true);
    EXPECT_EQ(folder.read("a.flac.json"), whole);
  }
  for (const char* others : {"{\"my\":\"notes\"}", "[", "{}", "{\n  \"tutti\": 1", "notes"}) {
    folder.write("a.flac.json", others);
    EXPECT_EQ(output_state(output, "k", false), OutputState::foreign) << others;
    EXPECT_THROW(write_sidecar(sidecar, sidecar_of("a", "1"), true), IoError) << others;
  }
}

// `jq -S` sorts the keys, other programs write without white space: what it says stays the same.
TEST(Sidecar, IsOursHoweverItIsWritten) {
  const TemporaryFolder folder;
  add_output(folder, "a", "1234");
  const fs::path output = folder.path() / "out/a.flac", beside = sidecar_path(output);
  const Json whole = Json::parse(folder.read("out/a.flac.json"));
  nlohmann::json sorted = nlohmann::json::parse(whole.dump());
  for (const std::string& text : {whole.dump(), sorted.dump(), "\xEF\xBB\xBF" + sorted.dump(8)}) {
    folder.write("out/a.flac.json", text);
    EXPECT_EQ(output_state(output, kKey, true), OutputState::up_to_date);
    EXPECT_EQ(output_state(output, "other", false), OutputState::stale);
    EXPECT_NO_THROW(check_sidecar_place(beside, false));
  }
  sorted.erase("output");  // no longer whole, and still nobody else's
  folder.write("out/a.flac.json", sorted.dump());
  EXPECT_EQ(output_state(output, kKey, false), OutputState::damaged);
  EXPECT_THAT(sidecar_repair(beside), testing::StrEq("render again with --overwrite"));
  EXPECT_NO_THROW(check_sidecar_place(beside, true));
  folder.write("out/a.flac.json", "{\"my\": \"notes\"}");
  EXPECT_THAT(sidecar_repair(beside), HasSubstr("move it away"));
}

TEST(Sidecar, IsWholeWhoeverWritesAtTheSameTime) {
  // Two copies of one task after a lost node: both write the same name, a reader sees one or the
  // other.
  const TemporaryFolder folder;
  const std::string path = folder.file("a.flac.json");
  write_sidecar(path, sidecar_of("a", "1"));
  std::vector<std::thread> writers;
  for (int w = 0; w < 2; ++w)
    writers.emplace_back([&] {
      for (int i = 0; i < 50; ++i) write_sidecar(path, sidecar_of("a", std::string(i, 'x')));
    });
  for (int i = 0; i < 200; ++i) EXPECT_TRUE(read_sidecar(path));
  for (std::thread& writer : writers) writer.join();
  EXPECT_THAT(folder.names(), ElementsAre("a.flac.json"));
}

}  // namespace
}  // namespace tutti::test
