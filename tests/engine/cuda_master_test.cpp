// SPDX-License-Identifier: Apache-2.0
// Tracks side by side on a CUDA device, loaded as the program loads it. The library is the emulated one
// unless TUTTI_CUDA_LIBRARY names another.
#include <tbb/task_arena.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <thread>
#include <utility>

#include "host/audio/errors.hpp"
#include "host/engine/remaster.hpp"
#include "host/session/chain.hpp"
#include "tests/engine/session_fixture.hpp"

namespace tutti::test {
namespace {

constexpr int kTracks = 10;  // more than the device is lent out side by side

class CudaMaster : public SessionFixture {
 protected:
  CudaMaster() {
    setenv("TUTTI_CUDA_LIBRARY", TUTTI_EMULATED_LIBRARY, 0);
    backend_ = open_backend("cuda").backend;
    for (int t = 0; t < kTracks; ++t) {  // short, of different lengths and levels
      const Signal track = noise(2, 7000 + 501 * t, 0.05 + 0.03 * t, static_cast<unsigned>(t));
      write(std::to_string(t) + ".wav", track, 8000);
    }
    write("h.wav", noise(2, 900, 0.02, 99), 8000);
  }

  Session chain(const std::string& text) const {
    const ParseResult parsed = parse_chain_text("tutti_chain: 1\n" + text, folder_ / "chain.yaml");
    for (const Issue& issue : parsed.issues) ADD_FAILURE() << format_issue(issue, parsed.source);
    return parsed.session;
  }

  RemasterInput input(int track, const std::string& to) const {
    const std::string name = std::to_string(track) + ".wav";
    return {folder_ / name, {{folder_ / to / name}}};
  }

  void master(const Session& chain, int track, const std::string& to) {
    const RemasterInput one = input(track, to);
    remaster(*backend_, chain, {&one, 1}, {});
  }

  std::vector<std::string> bytes(const std::string& of) const {
    std::vector<std::string> files;
    for (int t = 0; t < kTracks; ++t) {
      std::ifstream file(folder_ / of / (std::to_string(t) + ".wav"), std::ios::binary);
      files.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
      EXPECT_GT(files.back().size(), 7000u);
    }
    return files;
  }

  /// Whether a track is in flight: alone, it is lent the backend itself.
  bool is_lent() { return backend_->lend() != alone(); }
  std::shared_ptr<Backend> alone() { return {std::shared_ptr<Backend>(), backend_.get()}; }

  std::unique_ptr<Backend> backend_;
};

const char* const kTarget = "master: {loudness: {target_lufs: -14}, limiter: {ceiling_dbtp: -1}}\n";
const char* const kProcessed = R"(master:
  inserts:
    - eq: {bands: [{type: bell, freq_hz: 1000, gain_db: 3, q: 1}]}
    - compressor: {threshold_db: -30, ratio: 3}
    - convolver: {impulse: h.wav, dry_db: -3}
  loudness: {target_lufs: -16}
  limiter: {ceiling_dbtp: -2}
)";

TEST_F(CudaMaster, TracksSideBySideBecomeTheFilesOfOneAfterTheOther) {
  for (const char* const text : {kTarget, kProcessed}) {
    const Session session = chain(text);
    const std::string alone = text == kTarget ? "a" : "b", beside = alone + "_beside";
    for (int t = 0; t < kTracks; ++t) master(session, t, alone);
    std::vector<std::jthread> threads;
    for (int t = 0; t < kTracks; ++t) threads.emplace_back([&, t] { master(session, t, beside); });
    threads.clear();
    EXPECT_EQ(bytes(beside), bytes(alone)) << text;
  }
}

TEST_F(CudaMaster, AnAlbumSideBySideBecomesTheFilesOfOneTrackAfterTheOther) {
  const Session session = chain(kTarget);
  for (const auto& [to, threads] : {std::pair{"alone", 1}, {"beside", tbb::task_arena::automatic}}) {
    std::vector<RemasterInput> album;
    for (int t = 0; t < kTracks; ++t) album.push_back(input(t, to));
    tbb::task_arena(threads).execute([&] { remaster(*backend_, session, album, {}); });
  }
  EXPECT_EQ(bytes("beside"), bytes("alone"));
}

TEST_F(CudaMaster, ATrackIsLentTheDeviceUntilItEnds) {
  RemasterOptions options;
  int lent = 0, calls = 0;
  options.progress = [&](Frames, Frames) {
    ++calls;
    lent += is_lent();
  };
  const RemasterInput one = input(0, "out");
  remaster(*backend_, chain(kTarget), {&one, 1}, options);
  EXPECT_GT(calls, 1);
  EXPECT_EQ(lent, calls);
  EXPECT_FALSE(is_lent());

  options.after_reading = [] { throw IoError("0.wav", "has changed"); };
  EXPECT_THROW(remaster(*backend_, chain(kTarget), {&one, 1}, options), IoError);
  EXPECT_FALSE(is_lent()) << "a track that failed gives it back too";
}

}  // namespace
}  // namespace tutti::test
