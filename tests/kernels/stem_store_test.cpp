// SPDX-License-Identifier: Apache-2.0
// Stems on the device have the very bits that the CPU reads, however they came there.
#include "kernels/stem_store.hpp"

#include <gtest/gtest.h>

#include <array>
#include <thread>

#include "tests/kernels/stem_fixture.hpp"

namespace tutti::cuda::test {
namespace {

constexpr std::array<StoredFormat, 9> kFormats = {{
    {SampleKind::unsigned_integer, 1, false},
    {SampleKind::signed_integer, 1, false},
    {SampleKind::signed_integer, 2, false},
    {SampleKind::signed_integer, 2, true},
    {SampleKind::signed_integer, 3, false},
    {SampleKind::signed_integer, 3, true},
    {SampleKind::signed_integer, 4, false},
    {SampleKind::signed_integer, 4, true},
    {SampleKind::floating, 4, false},
}};

std::shared_ptr<FakeFile> file_in(std::size_t format, int channels, Frames frames, unsigned seed) {
  const bool packed = kFormats[format].kind != SampleKind::floating && seed % 5 != 0;
  return noise_file(kFormats[format], channels, frames, seed, packed);
}

StemStoreOptions tiny() {
  StemStoreOptions options;
  options.slabs = 3;
  options.slab_bytes = options.smallest_slab_bytes = 16384;
  return options;
}

std::vector<Words> cpu_words(const std::vector<FakeStem>& stems, Frames first, Frames frames) {
  std::vector<Words> words;
  for (const FakeStem& stem : stems) words.push_back(cpu_words(stem, first, frames));
  return words;
}

std::vector<Words> device_words(const std::vector<FakeStem>& stems, const StemStoreOptions& options,
                                Frames first, Frames frames, Frames tile_frames) {
  const auto device = std::make_shared<Device>(0);
  const auto store = make_stem_store(device, options);
  return StoreRun(device, *store, stems).run(first, frames, tile_frames);
}

/// Stems of every channel count and format with clips that touch, overlap, begin before the span
/// and end after it; some with gains and fades.
std::vector<FakeStem> awkward_stems(unsigned seed, int count) {
  std::mt19937 random(seed);
  const auto pick = [&](int low, int high) {
    return std::uniform_int_distribution<int>(low, high)(random);
  };
  std::vector<FakeStem> stems;
  for (int s = 0; s < count; ++s) {
    FakeStem& stem = stems.emplace_back();
    stem.channels = pick(1, 3);
    for (int k = pick(0, 7); k > 0; --k) {
      const int length = pick(1, 7000), from = pick(0, 100);
      const auto file =
          file_in(static_cast<std::size_t>(pick(0, 8)), pick(0, 1) ? stem.channels : 1,
                  from + length + pick(0, 5), static_cast<unsigned>(pick(0, 1 << 20)));
      StagedClip clip = clip_of(file, pick(-2000, 9000), from, length);
      if (pick(0, 1)) clip.gain = pick(-200, 200) / 100.0;
      if (pick(0, 1)) clip.fade_in = pick(0, length);
      if (pick(0, 1)) clip.fade_out = pick(0, length);
      clip.fade_in_shape = kFadeShapes[static_cast<std::size_t>(pick(0, 4))].value;
      clip.fade_out_shape = kFadeShapes[static_cast<std::size_t>(pick(0, 4))].value;
      stem.clips.push_back(std::move(clip));
    }
  }
  return stems;
}

TEST(StemStore, EveryFormatAtOddPositionsHasTheCpusBits) {
  std::vector<FakeStem> stems;
  for (std::size_t f = 0; f < kFormats.size(); ++f)
    for (const int channels : {1, 2, 5}) {
      const auto file = file_in(f, channels, 3001, static_cast<unsigned>(f) + 11);
      FakeStem& stem = stems.emplace_back();
      stem.channels = channels;
      for (const Frames at : {-17, 401, 1203})  // odd starts in the file and on the timeline
        stem.clips.push_back(clip_of(file, at, 3 * (at + 18) % 1001, 397 + (at + 17) % 7));
    }
  EXPECT_EQ(device_words(stems, {}, 0, 2000, 2000), cpu_words(stems, 0, 2000));
  EXPECT_EQ(device_words(stems, tiny(), 0, 2000, 1100), cpu_words(stems, 0, 2000));
}

TEST(StemStore, AMonoFileSoundsInEveryChannel) {
  FakeStem stem;
  stem.channels = 2;
  stem.clips.push_back(clip_of(file_in(4, 1, 500, 1), 10, 0, 500));
  stem.clips.push_back(clip_of(file_in(4, 2, 500, 2), 300, 0, 500));
  const std::vector<Words> words = device_words({stem}, {}, 0, 1000, 1000);
  EXPECT_EQ(words, cpu_words(std::vector{stem}, 0, 1000));
  EXPECT_TRUE(std::equal(words[0][0].begin(), words[0][0].begin() + 300, words[0][1].begin()));
}

TEST(StemStore, FadesOfEveryShapeHaveTheCpusBits) {
  std::vector<FakeStem> stems;
  for (const auto& in : kFadeShapes)
    for (const auto& out : kFadeShapes) {
      FakeStem& stem = stems.emplace_back();
      stem.channels = 2;
      StagedClip clip = clip_of(file_in(4, 2, 2500, 3), 0, 1, 2400);
      clip.fade_in = 1100;
      clip.fade_out = 1900;  // they overlap
      clip.fade_in_shape = in.value;
      clip.fade_out_shape = out.value;
      clip.gain = 0.7;
      stem.clips.push_back(clip);
      clip.at = 2200;  // a crossfade
      clip.gain = 1;
      stem.clips.push_back(std::move(clip));
    }
  EXPECT_EQ(device_words(stems, {}, 0, 4700, 4700), cpu_words(stems, 0, 4700));
}

TEST(StemStore, ThousandsOfTinyClipsUnderALongOne) {
  std::mt19937 random(9);
  FakeStem stem;
  stem.channels = 2;
  std::vector<std::shared_ptr<FakeFile>> files;
  for (unsigned f = 0; f < 9; ++f) files.push_back(file_in(f, f % 2 ? 2 : 1, 64, f));
  stem.clips.push_back(clip_of(file_in(4, 2, 16384, 77), 0, 0, 16384));
  for (int k = 0; k < 4000; ++k) {
    const Frames length = static_cast<Frames>(random() % 32 + 1);
    StagedClip clip = clip_of(files[random() % 9], static_cast<Frames>(random() % 16384),
                              static_cast<Frames>(random() % 32), length);
    if (k % 3 == 0) clip.gain = 0.5;
    if (k % 7 == 0) clip.fade_out = length;
    stem.clips.push_back(std::move(clip));
  }
  EXPECT_EQ(device_words({stem}, {}, 0, 16384, 16384), cpu_words(std::vector{stem}, 0, 16384));
  EXPECT_EQ(device_words({stem}, tiny(), 0, 16384, 8192), cpu_words(std::vector{stem}, 0, 16384));
}

TEST(StemStore, NegativeZeroComesThroughAsOnTheCpu) {
  const auto file = noise_file({SampleKind::floating, 4, false}, 1, 100, 1, false);
  const float zero = -0.0F;
  for (std::size_t n = 0; n < 100; n += 2) std::memcpy(file->bytes.data() + 4 * n, &zero, 4);
  FakeStem stem;
  stem.clips.push_back(clip_of(file, 0, 0, 100));
  EXPECT_EQ(device_words({stem}, {}, 0, 100, 100), cpu_words(std::vector{stem}, 0, 100));
  EXPECT_EQ(device_words({stem}, {}, 0, 120, 120), cpu_words(std::vector{stem}, 0, 120));
}

TEST(StemStore, SilenceIsZeroAndNothingIsNothing) {
  const auto device = std::make_shared<Device>(0);
  const auto store = make_stem_store(device, {});
  store->assemble(0, {});
  const std::vector<FakeStem> stems(2, FakeStem{2, {}});
  for (const Words& words : StoreRun(device, *store, stems).run(0, 3000, 3000))
    for (const auto& channel : words) EXPECT_EQ(channel, std::vector<std::uint32_t>(3000, 0));
  EXPECT_EQ(store->statistics().uploaded_bytes, 0U);
}

TEST(StemStore, BitsDoNotDependOnTheTile) {
  const std::vector<FakeStem> stems = awkward_stems(21, 6);
  const std::vector<Words> truth = cpu_words(stems, 0, 65536);
  for (const Frames tile : {4096, 8192, 65536})
    EXPECT_EQ(device_words(stems, {}, 0, 65536, tile), truth) << tile;
}

/// When and in which order the device does what is queued.
struct Schedule {
  cudacpu::Streams streams;
  cudacpu::Order order;
  unsigned seed;
};

class StemStoreSchedules : public testing::TestWithParam<Schedule> {
 public:
  StemStoreSchedules() {
    cudacpu::set_streams(GetParam().streams, GetParam().seed);
    cudacpu::set_order(GetParam().order, GetParam().seed);
  }
  ~StemStoreSchedules() override {
    cudacpu::set_streams(cudacpu::Streams::eager);
    cudacpu::set_order(cudacpu::Order::forward);
  }
};

// Tiles are queued one after the other, slabs and resident pieces are used again and again, and
// only then is anything waited for: a missing event shows.
TEST_P(StemStoreSchedules, GiveTheSameBits) {
  const std::vector<FakeStem> stems = awkward_stems(GetParam().seed, 4);
  const std::vector<Words> truth = cpu_words(stems, 0, 6000);
  const auto device = std::make_shared<Device>(0);
  for (const std::size_t resident : {0, 20000, 1 << 30}) {
    StemStoreOptions options;
    options.slabs = 2;
    options.slab_bytes = options.smallest_slab_bytes = 8192;
    options.parallel = GetParam().seed % 2 == 0;
    options.resident_bytes = resident;
    const auto store = make_stem_store(device, options);
    StoreRun run(device, *store, stems);
    for (int pass = 0; pass < 2; ++pass) {
      ASSERT_EQ(run.run(0, 6000, 2048), truth) << "resident " << resident << ", pass " << pass;
    }
    for (std::size_t s = 0; s < stems.size(); ++s) ASSERT_FALSE(run.source(s).met());
  }
}

INSTANTIATE_TEST_SUITE_P(
    Orders, StemStoreSchedules,
    testing::Values(Schedule{cudacpu::Streams::eager, cudacpu::Order::forward, 1},
                    Schedule{cudacpu::Streams::late, cudacpu::Order::reverse, 2},
                    Schedule{cudacpu::Streams::late, cudacpu::Order::random, 3},
                    Schedule{cudacpu::Streams::random, cudacpu::Order::random, 4},
                    Schedule{cudacpu::Streams::random, cudacpu::Order::random, 5}));

TEST(StemStore, OneStemInManyRequestsIsReadByOneThreadAtATime) {
  const auto device = std::make_shared<Device>(0);
  const auto store = make_stem_store(device, tiny());
  const FakeStem stem{1, {clip_of(file_in(4, 1, 20000, 2), 0, 0, 20000)}};
  WatchedStem source(stem);
  std::vector<DeviceSignal> outs;
  std::vector<StemStore::Request> requests;
  for (int r = 0; r < 8; ++r) {
    outs.emplace_back(device->compute(), 1, 5000);
    requests.push_back({&source, outs.back().view()});
  }
  store->assemble(100, requests);
  EXPECT_FALSE(source.met());
  const Words truth = cpu_words(stem, 100, 5000);
  std::vector<float> samples(5000);
  for (DeviceSignal& out : outs) {
    device->fetch(DeviceSpan<const float>(out.view().data, 5000), std::span<float>(samples));
    EXPECT_EQ(std::memcmp(samples.data(), truth[0].data(), 20000), 0);
  }
}

TEST(StemStore, ServesSeveralThreadsWithOneSlab) {
  cudacpu::set_streams(cudacpu::Streams::random, 3);
  StemStoreOptions options = tiny();
  options.slabs = 1;
  options.resident_bytes = 40000;
  const auto device = std::make_shared<Device>(0);
  const auto store = make_stem_store(device, options);
  const std::vector<FakeStem> stems[] = {awkward_stems(31, 4), awkward_stems(32, 4),
                                         awkward_stems(31, 4)};
  std::vector<std::thread> threads;
  std::array<std::vector<Words>, 3> results;
  for (std::size_t t = 0; t < 3; ++t)
    threads.emplace_back([&, t] {
      StoreRun run(device, *store, stems[t]);
      results[t] = run.run(0, 9000, 2048);
    });
  for (std::thread& thread : threads) thread.join();
  for (std::size_t t = 0; t < 3; ++t) EXPECT_EQ(results[t], cpu_words(stems[t], 0, 9000)) << t;
  cudacpu::set_streams(cudacpu::Streams::eager);
}

}  // namespace
}  // namespace tutti::cuda::test
