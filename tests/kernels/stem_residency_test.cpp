// SPDX-License-Identifier: Apache-2.0
// What stays on the device, what happens where there is no room, and what a failing stem leaves.
#include <gtest/gtest.h>

#include <algorithm>

#include "kernels/stem_store.hpp"
#include "tests/kernels/stem_fixture.hpp"

namespace tutti::cuda::test {
namespace {

constexpr StoredFormat kInt24{SampleKind::signed_integer, 3, false};
constexpr Frames kFrames = 10000;

/// Stems of one long clip each, 30,000 bytes.
std::vector<FakeStem> long_stems(unsigned count) {
  std::vector<FakeStem> stems;
  for (unsigned s = 0; s < count; ++s)
    stems.push_back({1, {clip_of(noise_file(kInt24, 1, kFrames, s), 0, 0, kFrames)}});
  return stems;
}

std::vector<Words> truth_of(const std::vector<FakeStem>& stems) {
  std::vector<Words> words;
  for (const FakeStem& stem : stems) words.push_back(cpu_words(stem, 0, kFrames));
  return words;
}

/// A device, a store on it, and stems.
struct Bench {
  explicit Bench(std::vector<FakeStem> from, const StemStoreOptions& options = {})
      : stems(std::move(from)), store(make_stem_store(device, options)) {}
  std::vector<Words> render(Frames tile_frames = kFrames) {
    return StoreRun(device, *store, stems).run(0, kFrames, tile_frames);
  }
  StemStatistics statistics() const { return store->statistics(); }

  std::vector<FakeStem> stems;
  SharedDevice device = std::make_shared<Device>(0);
  std::shared_ptr<StemStore> store;
};

StemStoreOptions small_slabs(std::size_t bytes) {
  StemStoreOptions options;
  options.slab_bytes = options.smallest_slab_bytes = bytes;
  return options;
}

TEST(StemResidency, ASecondRenderReadsNothing) {
  for (const std::size_t slab : {std::size_t{4096}, std::size_t{1} << 20}) {
    Bench bench(long_stems(3), small_slabs(slab));
    const std::vector<Words> truth = truth_of(bench.stems);
    EXPECT_EQ(bench.render(4096), truth);
    const StemStatistics first = bench.statistics();
    EXPECT_EQ(first.read_bytes, 90000U);
    EXPECT_GE(first.uploaded_bytes, 90000U);
    EXPECT_GE(first.resident_bytes, 90000U);
    EXPECT_EQ(first.resident_pieces, first.pieces_read);
    EXPECT_EQ(first.pieces_hit, 0U);
    EXPECT_EQ(bench.render(4096), truth);
    const StemStatistics second = bench.statistics();
    EXPECT_EQ(second.read_bytes, first.read_bytes);
    EXPECT_EQ(second.uploaded_bytes, first.uploaded_bytes);
    EXPECT_EQ(second.pieces_hit, first.pieces_read);
  }
}

TEST(StemResidency, TheBudgetHoldsAndTheLongestUnusedGoes) {
  StemStoreOptions options = small_slabs(32768);  // a stem a slab
  options.resident_bytes = 65000;                 // two stems
  Bench bench(long_stems(3), options);
  const std::vector<Words> truth = truth_of(bench.stems);
  const auto render_one = [&](std::size_t s) {
    const std::vector<FakeStem> one{bench.stems[s]};
    const std::uint64_t before = bench.statistics().read_bytes;
    EXPECT_EQ(StoreRun(bench.device, *bench.store, one).run(0, kFrames, kFrames)[0], truth[s]);
    EXPECT_LE(bench.statistics().resident_bytes, 65000U);
    return bench.statistics().read_bytes - before;
  };
  EXPECT_EQ(render_one(0), 30000U);
  EXPECT_EQ(render_one(1), 30000U);
  EXPECT_EQ(render_one(0), 0U);
  EXPECT_EQ(render_one(2), 30000U);  // 1 goes
  EXPECT_EQ(render_one(0), 0U);
  EXPECT_EQ(render_one(1), 30000U);  // 2 goes
  EXPECT_EQ(render_one(0), 0U);
  bench.store->set_resident_budget(31000);
  EXPECT_EQ(bench.statistics().resident_pieces, 1U);
  EXPECT_EQ(render_one(0), 0U);
  bench.store->set_resident_budget(0);
  EXPECT_EQ(bench.statistics().resident_bytes, 0U);
  EXPECT_EQ(render_one(0), 30000U);
  EXPECT_EQ(bench.statistics().resident_bytes, 0U);
}

/// The device's memory while it lives.
struct MemoryLimit {
  explicit MemoryLimit(std::size_t bytes) { cudacpu::set_memory_limit(bytes); }
  ~MemoryLimit() { cudacpu::set_memory_limit(SIZE_MAX); }
};

TEST(StemResidency, TheFirstBudgetIsAShareOfWhatIsFree) {
  const MemoryLimit limit(200000);  // 60 % is less than the 150,000 bytes of the stems
  Bench bench(long_stems(5), small_slabs(4096));
  StoreRun run(bench.device, *bench.store, bench.stems);
  const std::vector<Words> truth = truth_of(bench.stems);
  for (Frames first = 0; first < kFrames; first += 1000) {
    const std::vector<Words> words = run.run(first, 1000, 1000);
    for (std::size_t s = 0; s < words.size(); ++s)
      ASSERT_TRUE(std::equal(words[s][0].begin(), words[s][0].end(), truth[s][0].begin() + first));
  }
  EXPECT_GT(bench.statistics().resident_bytes, 90000U);
  EXPECT_LE(bench.statistics().resident_bytes, 120000U);
}

TEST(StemResidency, WhatHasToGoIsHeardOnceMore) {
  StemStoreOptions options = small_slabs(65536);
  options.resident_bytes = 33000;  // one stem
  Bench bench(long_stems(2), options);
  const std::vector<FakeStem> one{bench.stems[0]};
  StoreRun(bench.device, *bench.store, one).run(0, kFrames, kFrames);
  // Now 0 is on the device and goes for 1, which is in the same launch.
  EXPECT_EQ(bench.render(), truth_of(bench.stems));
  EXPECT_EQ(bench.statistics().read_bytes, 60000U);
}

TEST(StemResidency, UnknownContentIsNeverKept) {
  const auto file = noise_file(kInt24, 1, kFrames, 1);
  file->identity = 0;
  const auto named = noise_file(kInt24, 1, kFrames, 2);
  Bench bench({{1, {clip_of(file, 0, 0, kFrames), clip_of(named, 100, 0, 5000)}}});
  EXPECT_EQ(bench.render(), truth_of(bench.stems));
  EXPECT_EQ(bench.statistics().resident_pieces, 1U);
  std::ranges::fill(file->bytes, std::byte{0x21});
  EXPECT_EQ(bench.render(), truth_of(bench.stems));
  EXPECT_EQ(bench.statistics().read_bytes, 75000U);
}

TEST(StemResidency, WhatSoundsTwiceIsReadOnce) {
  const auto loop = noise_file(kInt24, 2, 500, 1);
  FakeStem stem{2, {}};
  for (Frames at = 0; at < kFrames; at += 500) stem.clips.push_back(clip_of(loop, at, 0, 500));
  for (const std::size_t resident : {0, 1 << 20}) {
    StemStoreOptions options;
    options.resident_bytes = resident;
    Bench bench({stem}, options);
    EXPECT_EQ(bench.render(), truth_of(bench.stems));
    EXPECT_EQ(bench.statistics().read_bytes, 3000U);
    EXPECT_EQ(bench.statistics().pieces_hit, 19U);
  }
}

TEST(StemResidency, FormatsOfOneFileDoNotMix) {
  const auto packed = noise_file(kInt24, 1, kFrames, 1);
  const auto planar = std::make_shared<FakeFile>(*packed);  // same identity, handed over decoded
  planar->packed = false;
  Bench bench({{1, {clip_of(packed, 0, 0, kFrames)}}, {1, {clip_of(planar, 0, 0, kFrames)}}});
  EXPECT_EQ(bench.render(), truth_of(bench.stems));
  EXPECT_EQ(bench.statistics().resident_pieces, 2U);
}

TEST(StemMemory, WithoutRoomForSlabsTheyAreSmaller) {
  const std::vector<FakeStem> stems = long_stems(2);
  StemStoreOptions options;
  options.slab_bytes = std::size_t{1} << 20;
  options.smallest_slab_bytes = 1024;
  options.resident_bytes = 1 << 20;
  Bench bench(stems, options);
  {
    const MemoryLimit limit(110000);  // the output takes 80,000, the lists a few thousand
    EXPECT_EQ(bench.render(), truth_of(stems));
  }
  EXPECT_EQ(bench.render(), truth_of(stems));
}

TEST(StemMemory, WhatIsKeptMakesRoom) {
  StemStoreOptions options;
  options.slabs = 1;
  options.smallest_slab_bytes = 32768;
  options.slab_bytes = 262144;
  options.resident_bytes = 1 << 30;
  Bench bench(long_stems(1), options);
  EXPECT_EQ(bench.render(), truth_of(bench.stems));
  EXPECT_EQ(bench.statistics().resident_pieces, 1U);
  bench.stems = long_stems(8);  // these ask for a larger slab: 320,000 of output, and 65,536
  {
    const MemoryLimit limit(390000);
    EXPECT_EQ(bench.render(), truth_of(bench.stems));
  }
  EXPECT_EQ(bench.render(), truth_of(bench.stems));
}

TEST(StemMemory, ASlabGrowsWhenWhatItBroughtIsUnpacked) {
  StemStoreOptions options;
  options.slabs = 1;
  options.smallest_slab_bytes = 4096;
  options.slab_bytes = 262144;
  options.resident_bytes = 0;
  Bench bench(long_stems(2), options);
  cudacpu::set_streams(cudacpu::Streams::late);
  StoreRun run(bench.device, *bench.store, bench.stems);
  std::vector<DeviceSignal> small, large;
  run.queue(0, 100, small);
  run.queue(0, kFrames, large);
  const std::vector<Words> truth = truth_of(bench.stems), words = run.fetch(small);
  EXPECT_EQ(run.fetch(large), truth);
  for (std::size_t s = 0; s < words.size(); ++s)
    EXPECT_TRUE(std::equal(words[s][0].begin(), words[s][0].end(), truth[s][0].begin()));
  cudacpu::set_streams(cudacpu::Streams::eager);
}

TEST(StemMemory, WithoutAnyRoomItSaysSoAndStaysUsable) {
  StemStoreOptions options;
  options.resident_bytes = 0;
  Bench bench(long_stems(2), options);
  {
    const MemoryLimit limit(90000);  // the output, but no slab of a mebibyte
    EXPECT_THROW(bench.render(), DeviceMemoryError);
  }
  EXPECT_EQ(bench.render(), truth_of(bench.stems));
}

TEST(StemMemory, MoreAtOnceThanASlabHoldsIsSaidAndHarmless) {
  FakeStem crowded{1, {}};
  for (unsigned k = 0; k < 300; ++k)
    crowded.clips.push_back(clip_of(noise_file(kInt24, 1, 40, k), 0, 0, 40));
  Bench bench({crowded}, small_slabs(4096));  // a frame of each takes 16 bytes
  EXPECT_THROW(bench.render(), DeviceMemoryError);
  bench.stems = long_stems(2);
  EXPECT_EQ(bench.render(), truth_of(bench.stems));
}

TEST(StemErrors, TheFirstFailingStemIsTheOneThatIsReported) {
  for (const bool parallel : {false, true}) {
    StemStoreOptions options = small_slabs(4096);
    options.slabs = 1;  // one that stayed taken would be waited for
    options.parallel = parallel;
    std::vector<FakeStem> stems = long_stems(6);
    const auto broken = noise_file(kInt24, 1, kFrames, 50);
    const auto also_broken = noise_file(kInt24, 1, kFrames, 51);
    stems[2] = {1, {clip_of(broken, 0, 0, kFrames)}};
    stems[4] = {1, {clip_of(also_broken, 0, 0, kFrames)}};
    Bench bench(stems, options);
    const std::vector<Words> truth = truth_of(stems);
    broken->failure = "damaged";
    also_broken->failure = "gone";
    for (int attempt = 0; attempt < 3; ++attempt) {
      try {
        bench.render();
        FAIL();
      } catch (const IoError& error) {
        EXPECT_STREQ(error.what(), "fake.wav: damaged");
      }
    }
    broken->failure = also_broken->failure = "";
    EXPECT_EQ(bench.render(), truth);
  }
}

/// A stem whose list of pieces is given.
class ListedStem : public StemSource {
 public:
  explicit ListedStem(std::vector<StemPiece> pieces) : pieces_(std::move(pieces)) {}
  int channels() const override { return 1; }
  bool sounds(Frames, Frames) const override { return true; }
  void read(Frames, BlockView) override { throw std::logic_error("not asked for"); }
  std::vector<StemPiece> pieces(Frames, Frames) override { return pieces_; }
  void read_piece(const StemPiece& piece, std::byte* to) override {
    EXPECT_GT(piece.frames, 0);
    std::fill_n(to, piece.bytes(), std::byte{0x40});
  }

 private:
  std::vector<StemPiece> pieces_;
};

TEST(StemErrors, PiecesOfNoFramesAreNothing) {
  const auto device = std::make_shared<Device>(0);
  const auto store = make_stem_store(device, {});
  StemPiece empty;
  empty.format = kInt24;
  StemPiece half = empty;
  half.at = 10;
  half.frames = half.clip_length = 20;
  ListedStem only_empty({empty}), both({empty, half, empty});
  DeviceSignal first(device->compute(), 1, 50), second(device->compute(), 1, 50);
  const StemStore::Request requests[] = {{&only_empty, first.view()}, {&both, second.view()}};
  store->assemble(0, requests);
  std::vector<float> samples(50);
  device->fetch(DeviceSpan<const float>(first.view().data, 50), std::span<float>(samples));
  EXPECT_EQ(samples, std::vector<float>(50, 0.0F));
  device->fetch(DeviceSpan<const float>(second.view().data, 50), std::span<float>(samples));
  for (std::size_t n = 0; n < 50; ++n)
    EXPECT_EQ(samples[n], n >= 10 && n < 30 ? 0x404040 * 0x1p-23F : 0.0F) << n;
}

}  // namespace
}  // namespace tutti::cuda::test
