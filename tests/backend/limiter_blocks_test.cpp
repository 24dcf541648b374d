// SPDX-License-Identifier: Apache-2.0
// The limiter on every machine in blocks of any length, and as an insert of a mix in tiles.
#include <vector>

#include "tests/backend/limiter_fixture.hpp"

namespace tutti::test {
namespace {

TEST_P(LimiterOnEveryMachine, DoesNotDependOnBlockSizes) {
  const Buffer in = two_channels(music_like(1, 9000, kRateHz, 4, 3), white_noise(1, 9000, 0.9, 4));
  // One frame; around a warp, a chunk of the CUDA limiter and its latency. The tiles of a mix.
  const std::vector<Frames> awkward = {1, 31, 32, 33, 255, 1, 256, 257, 239, 3000};
  for (double link : {1.0, 0.5, 0.0}) {
    LimiterSpec spec;
    spec.link = link;
    spec.lookahead_ms = link == 0.5 ? 12 : 1.5;
    const LimiterDesign d = design(spec, kRateHz);
    const Limited whole = limit_on(*backend_, d, in);
    std::vector<std::vector<Frames>> all = {awkward};
    if (link == 1) all.insert(all.end(), {{4096}, {8192}});
    for (const std::vector<Frames>& cuts : all) {
      const Limited out = limit_on(*backend_, d, in, cuts);
      EXPECT_TRUE(same_bits(out.signal, whole.signal, 0, in.frames()))
          << "blocks of " << cuts[0] << ", link " << link;
      EXPECT_EQ(out.max_reduction_db, whole.max_reduction_db);
    }
  }
}

TEST_P(LimiterOnEveryMachine, TakesOneFrameAtATime) {
  const Buffer in = white_noise(1, 70, 3, 4);
  LimiterSpec spec;
  spec.lookahead_ms = 0.1;
  const LimiterDesign d = design(spec, kRateHz);
  EXPECT_TRUE(same_bits(limit_on(*backend_, d, in, {1}).signal, limit_on(*backend_, d, in).signal,
                        0, in.frames()));
}

// A block larger than what runs through the stages at once, and memories that grow with it.
TEST_P(LimiterOnEveryMachine, TakesBlocksOfAnyLength) {
  constexpr Frames kFrames = (Frames{1} << 18) + 5000;
  const Buffer in = music_like(1, kFrames, kRateHz, 4, 1.5);
  const LimiterDesign d = design(LimiterSpec{}, kRateHz);
  EXPECT_TRUE(same_bits(limit_on(*backend_, d, in, {kFrames}).signal,
                        limit_on(*backend_, d, in, {100, 5000, 80000}).signal, 0, kFrames));
}

TEST_P(LimiterOnEveryMachine, LimitsShortSignals) {
  for (Frames frames : {0, 1, 2, 63, 64, 65}) {
    Buffer signal(1, frames);
    std::fill_n(signal.channel(0), frames, 2.0F);
    EXPECT_LE(true_peak_dbtp(limited({}, signal)) + 1, kOverDb) << frames;
  }
}

TEST_P(LimiterOnEveryMachine, InsertIsQuietOnlyAfterSilenceHasOutlastedItsMemory) {
  LimiterSpec spec;
  spec.release_ms = 1;
  const LimiterDesign d = design(spec, kRateHz);
  const auto insert = backend_->make_limiter_insert(d, 2);
  const Buffer noise = white_noise(2, 4096, 2, 9);
  const auto tile = put(*backend_, noise);
  const auto out = backend_->allocate(2, 4096);
  insert->process(tile->view(), out->view());
  EXPECT_FALSE(insert->quiet());
  const Samples first = take(*backend_, out->view());
  const TileView silence{nullptr, 2, 4096, 0};
  insert->process(silence, out->view());
  const Samples rest = take(*backend_, out->view());
  for (Frames silent = 4096; silent < limiter_memory_frames(d); silent += 4096) {
    EXPECT_FALSE(insert->quiet()) << silent;
    insert->process(silence, out->view());
  }
  EXPECT_TRUE(insert->quiet());
  insert->process(silence, out->view());
  for (const auto& channel : take(*backend_, out->view()))
    for (float x : channel) ASSERT_EQ(x, 0);
  // The same as the limiter of the master, and again after a reset.
  Buffer longer(2, 8192);
  for (int c = 0; c < 2; ++c) std::copy_n(noise.channel(c), 4096, longer.channel(c));
  const Limited whole = limit_on(*backend_, d, longer);
  for (std::size_t c = 0; c < 2; ++c) {
    const float* truth = whole.signal.channel(static_cast<int>(c));
    EXPECT_TRUE(std::equal(first[c].begin(), first[c].end(), truth));
    EXPECT_TRUE(std::equal(rest[c].begin(), rest[c].end(), truth + 4096));
  }
  insert->process(tile->view(), out->view());
  insert->reset();
  EXPECT_TRUE(insert->quiet());
  insert->process(tile->view(), out->view());
  EXPECT_EQ(take(*backend_, out->view()), first);
}

}  // namespace
}  // namespace tutti::test
