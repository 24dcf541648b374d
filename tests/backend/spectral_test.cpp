// SPDX-License-Identifier: Apache-2.0
// Convolutions into one target on every machine, against the sum that defines them.
#include <vector>

#include "tests/support/bounds.hpp"
#include "tests/support/residual.hpp"
#include "tests/support/spectral_scene.hpp"

namespace tutti::test {
namespace {

using bounds::kConvolutionDbfs;

void expect_truth(const Rendering& rendering, const Scene& scene) {
  for (int o = 0; o < scene.program.outputs; ++o)
    EXPECT_RESIDUAL_BELOW(rendering.out[o], truth(scene, o), kConvolutionDbfs) << "output " << o;
}

class SpectralOnEveryMachine : public ::testing::TestWithParam<Machine> {
 protected:
  std::unique_ptr<Backend> backend = open_machine(GetParam());
};

TEST_P(SpectralOnEveryMachine, EqualsTheSumThatDefinesIt) {
  // Around a block, around a tile, and over several tiles.
  for (const std::size_t taps : {1, 255, 256, 257, 2047, 2048, 2049, 6000}) {
    const Scene scene = mono_scene(256, 2048, taps, 8192);
    expect_truth(render(*backend, scene), scene);
  }
  // One partition that covers the impulse, and one block that is the tile.
  for (const Frames block_frames : {512, 1024, 2048})
    for (const std::size_t taps : {500, 2500}) {
      const Scene scene = mono_scene(block_frames, 2048, taps, 8192);
      expect_truth(render(*backend, scene), scene);
    }
}

TEST_P(SpectralOnEveryMachine, KeepsItsAccuracyInBlocksOfEverySize) {
  for (Frames block_frames = 4096; block_frames <= 131072; block_frames *= 2) {
    const Scene scene =
        mono_scene(block_frames, block_frames, static_cast<std::size_t>(block_frames * 5 / 4),
                   3 * block_frames);
    const Rendering rendering = render(*backend, scene);
    // A prime step visits every part of a block.
    std::vector<float> some;
    std::vector<double> expected;
    for (std::size_t n = 0; n < rendering.out[0].size(); n += 1009 * block_frames / 4096) {
      some.push_back(rendering.out[0][n]);
      expected.push_back(
          reference::convolve_at(scene.signals[0][0], *scene.program.sources[0].impulses[0], n));
    }
    EXPECT_RESIDUAL_BELOW(some, expected, kConvolutionDbfs) << block_frames;
  }
}

TEST_P(SpectralOnEveryMachine, SumsSourcesOfEveryKind) {
  const Scene scene = mixed_scene(8192);
  expect_truth(render(*backend, scene), scene);
}

TEST_P(SpectralOnEveryMachine, AddsToOneToManyOutputs) {
  for (const int outputs : {1, 2, 3, 6}) {
    Scene scene;
    scene.program.block_frames = 256;
    scene.program.outputs = outputs;
    scene.tile_frames = 1024;
    for (unsigned s = 0; s < 2; ++s) {
      SpectralProgram::Source source;
      for (int o = 0; o < outputs; ++o) {
        source.impulses.push_back(noise_impulse(100 + 300 * (s + o), 30 + s + 10 * o));
        source.gains.push_back(0.5);
      }
      scene.add(std::move(source), 4096, 40 + s, 0.5f);
    }
    expect_truth(render(*backend, scene), scene);
  }
}

TEST_P(SpectralOnEveryMachine, GivesTheSameBitsInTilesOfEverySize) {
  Scene scene = mixed_scene(16384);
  scene.tile_frames = 16384;
  const Samples whole = render(*backend, scene).out;
  for (const Frames tile_frames : {256, 512, 1024, 2048, 4096, 8192}) {
    scene.tile_frames = tile_frames;
    EXPECT_EQ(render(*backend, scene).out, whole) << tile_frames;
  }
}

TEST_P(SpectralOnEveryMachine, KeepsTilesInFlightApart) {
  const Scene scene = mixed_scene(8192);
  const Samples one = render(*backend, scene).out;
  for (const int in_flight : {2, 3}) EXPECT_EQ(render(*backend, scene, in_flight).out, one);
}

TEST_P(SpectralOnEveryMachine, SoundsAgainAfterSilenceOfAnyLength) {
  // Tiles of 8 blocks and impulses of up to 20: a silence of one tile leaves a tail, one of three
  // may leave a little, one of five nothing.
  Scene scene = mixed_scene(2048 * 16);
  scene.sounds = [](std::size_t source, Frames tile) {
    if (source == 0) return tile >= 3;
    return tile == 0 || tile == 2 || tile == 6 || (tile >= 12 && tile != 14);
  };
  expect_truth(render(*backend, scene), scene);
}

TEST_P(SpectralOnEveryMachine, SaysWhenNothingSounds) {
  for (const std::size_t taps : {1, 256, 257, 5000}) {
    Scene scene = mono_scene(256, 2048, taps, 2048 * 7);
    scene.sounds = [](std::size_t, Frames tile) { return tile == 1; };
    const Rendering rendering = render(*backend, scene);
    expect_truth(rendering, scene);
    // The tile that sounds, and those that the impulse reaches from its last frame.
    const auto tail = static_cast<Frames>((taps + 2046) / 2048);
    for (Frames t = 0; t < 7; ++t) {
      if (t >= 1 && t <= 1 + tail) {
        EXPECT_TRUE(rendering.sounded[t]) << taps << " taps, tile " << t;
      }
      // What a machine thinks that may still sound: a partition more at most.
      if (t < 1 || t > 2 + tail) {
        EXPECT_FALSE(rendering.sounded[t]) << taps << " taps, tile " << t;
        for (Frames n = t * 2048; n < (t + 1) * 2048; ++n) ASSERT_EQ(rendering.out[0][n], 0.0f);
      }
    }
  }
}

TEST_P(SpectralOnEveryMachine, AddsRunnersThatSoundIntoOneInverse) {
  const Frames tile_frames = 2048;
  std::vector<Scene> scenes;
  for (unsigned r = 0; r < 3; ++r) {
    scenes.push_back(mono_scene(512, tile_frames, 900, tile_frames));
    scenes.back().program.sources[0].impulses[0] = noise_impulse(900 + r, 50 + r);
    scenes.back().signals[0] = noise(1, tile_frames, 70 + r, 0.5f);
  }
  std::vector<std::unique_ptr<SpectralRunner>> runners;
  std::vector<SpectralRunner*> all;
  for (const Scene& scene : scenes) {
    runners.push_back(backend->make_spectral(scene.program, 1, tile_frames));
    all.push_back(runners.back().get());
  }
  const auto out = backend->allocate(1, tile_frames);
  const auto sum_of = [&](const std::vector<bool>& sounds) {
    for (std::size_t r = 0; r < runners.size(); ++r) {
      const auto signal = put(*backend, scenes[r].signals[0]);
      const TileView view = sounds[r] ? signal->view() : TileView{nullptr, 1, tile_frames, 0};
      runners[r]->accumulate(0, tile_frames, {&view, 1});
    }
    SpectralRunner::invert(all, 0, out->view());
    return take(*backend, out->view())[0];
  };
  EXPECT_EQ(sum_of({false, false, false}), silence(1, tile_frames)[0]);
  const std::vector<float> sum = sum_of({false, true, true});
  std::vector<double> expected = truth(scenes[1], 0);
  const std::vector<double> other = truth(scenes[2], 0);
  for (std::size_t n = 0; n < expected.size(); ++n) expected[n] += other[n];
  EXPECT_RESIDUAL_BELOW(sum, expected, kConvolutionDbfs);
}

TEST_P(SpectralOnEveryMachine, GivesWhatTheCpuGives) {
  const auto cpu = open_cpu_backend();
  const Scene scene = mixed_scene(8192);
  const Samples out = render(*backend, scene).out, expected = render(*cpu, scene).out;
  for (std::size_t c = 0; c < 2; ++c) EXPECT_RESIDUAL_BELOW(out[c], expected[c], kConvolutionDbfs);
}

// Zeros cost nothing and change nothing: a pre-delay of whole partitions, a tail that is padding.
TEST_P(SpectralOnEveryMachine, LeavesSilentPartitionsOut) {
  const SpectralImpulse short_impulse = noise_impulse(300, 60);
  auto padded = std::make_shared<std::vector<float>>(5000);
  std::copy(short_impulse->begin(), short_impulse->end(), padded->begin() + 1024);
  Scene scene = mono_scene(256, 1024, 1, 8192);
  scene.program.sources[0].impulses[0] = padded;
  const Samples delayed = render(*backend, scene).out;
  scene.program.sources[0].impulses[0] = short_impulse;
  const Samples direct = render(*backend, scene).out;
  for (Frames n = 0; n < 8192; ++n)
    ASSERT_EQ(delayed[0][n], n < 1024 ? 0.0f : direct[0][n - 1024]) << n;
}

TEST_P(SpectralOnEveryMachine, RefusesABlockThatIsNoPowerOfTwoInItsRange) {
  for (const Frames block_frames : {0, 128, 300, 262144}) {
    Scene scene = mono_scene(block_frames, 1024, 10, 1024);
    EXPECT_THROW(backend->make_spectral(scene.program, 1, 1024), std::invalid_argument);
  }
}

TUTTI_ON_EVERY_MACHINE(SpectralOnEveryMachine);

}  // namespace
}  // namespace tutti::test
