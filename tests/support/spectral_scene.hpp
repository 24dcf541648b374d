// SPDX-License-Identifier: Apache-2.0
// Sources that are convolved into one target, rendered by a machine and by the sum that defines it.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "tests/reference/convolver.hpp"
#include "tests/support/channel_runner.hpp"

namespace tutti::test {

using SpectralImpulse = std::shared_ptr<const std::vector<float>>;

/// Noise of unit energy.
inline SpectralImpulse noise_impulse(std::size_t taps, unsigned seed) {
  const Samples values = noise(1, static_cast<Frames>(taps), seed, 1.0f);
  auto impulse = std::make_shared<std::vector<float>>();
  for (float value : values[0])
    impulse->push_back(static_cast<float>(static_cast<double>(value) *
                                          std::sqrt(3.0 / static_cast<double>(taps))));
  return impulse;
}

/// What sounds: signals of whole tiles, one for each source, and when nobody says that they do.
struct Scene {
  SpectralProgram program;
  Frames tile_frames = 2048;
  std::vector<Samples> signals;
  std::function<bool(std::size_t source, Frames tile)> sounds = [](std::size_t, Frames) {
    return true;
  };

  void add(SpectralProgram::Source source, Frames frames, unsigned seed, float amplitude) {
    signals.push_back(noise(source.inputs, frames, seed, amplitude));
    program.sources.push_back(std::move(source));
  }
  Frames frames() const { return static_cast<Frames>(signals[0][0].size()); }
};

/// One source of mono noise through one impulse.
inline Scene mono_scene(Frames block_frames, Frames tile_frames, std::size_t taps, Frames frames) {
  Scene scene;
  scene.program.block_frames = block_frames;
  scene.program.outputs = 1;
  scene.tile_frames = tile_frames;
  scene.add({1, {noise_impulse(taps, 1)}, {1.0}}, frames, 2, 1.0f);
  return scene;
}

// Peak of each of several sources, so that their sum is at full scale.
inline constexpr float kShare = 0.25f;

/// Stereo out of sources of several kinds: mono to stereo, true stereo, straight, with silence.
inline Scene mixed_scene(Frames frames) {
  Scene scene;
  scene.program.block_frames = 256;
  scene.program.outputs = 2;
  const SpectralImpulse shared = noise_impulse(700, 10);
  scene.add({1, {shared, noise_impulse(20, 11)}, {0.5, -0.75}}, frames, 20, kShare);
  scene.add({2,
             {noise_impulse(3000, 12), noise_impulse(100, 13), noise_impulse(256, 14),
              noise_impulse(5000, 15)},
             {0.25, 1.0}},
            frames, 21, kShare);
  scene.add({2, {shared, nullptr, nullptr, shared}, {0.5, 0.5}}, frames, 22, kShare);
  scene.add({1, {noise_impulse(257, 16), noise_impulse(1, 17)}, {0.0, 0.5}}, frames, 23, kShare);
  scene.add({1, {nullptr, nullptr}, {1.0, 1.0}}, frames, 24, kShare);
  scene.add({1, {std::make_shared<std::vector<float>>(300), shared}, {1.0, 0.0}}, frames, 25,
            kShare);
  return scene;
}

struct Rendering {
  Samples out;
  std::vector<bool> sounded;  ///< per tile
};

/// All tiles of a scene, `in_flight` of them at a time.
inline Rendering render(Backend& backend, const Scene& scene, int in_flight = 1) {
  const auto runner = backend.make_spectral(scene.program, in_flight, scene.tile_frames);
  std::vector<std::unique_ptr<TileBuffer>> signals;
  for (const Samples& signal : scene.signals) signals.push_back(put(backend, signal));
  const auto out = backend.allocate(scene.program.outputs, scene.frames());
  Rendering result;
  SpectralRunner* const one[] = {runner.get()};
  const Frames tiles = scene.frames() / scene.tile_frames;
  for (Frames first = 0; first < tiles; first += in_flight) {
    const Frames end = std::min(first + in_flight, tiles);
    for (Frames t = first; t < end; ++t) {
      std::vector<TileView> views;
      for (std::size_t s = 0; s < signals.size(); ++s) {
        views.push_back(signals[s]->view().slice(t * scene.tile_frames, scene.tile_frames));
        if (!scene.sounds(s, t)) views.back().address = nullptr;
      }
      result.sounded.push_back(
          runner->accumulate(static_cast<int>(t - first), scene.tile_frames, views));
    }
    for (Frames t = first; t < end; ++t)
      SpectralRunner::invert(one, static_cast<int>(t - first),
                             out->view().slice(t * scene.tile_frames, scene.tile_frames));
  }
  result.out = take(backend, out->view());
  return result;
}

inline std::vector<double> truth(const Scene& scene, int output) {
  std::vector<double> sum(static_cast<std::size_t>(scene.frames()));
  for (std::size_t s = 0; s < scene.signals.size(); ++s) {
    const SpectralProgram::Source& source = scene.program.sources[s];
    for (int in = 0; in < source.inputs; ++in) {
      const SpectralImpulse& impulse = source.impulses[output * source.inputs + in];
      if (!impulse) continue;
      std::vector<float> heard = scene.signals[s][in];
      for (std::size_t n = 0; n < heard.size(); ++n)
        if (!scene.sounds(s, static_cast<Frames>(n) / scene.tile_frames)) heard[n] = 0;
      for (std::size_t n = 0; n < sum.size(); ++n)
        sum[n] += source.gains[output] * reference::convolve_at(heard, *impulse, n);
    }
  }
  return sum;
}

}  // namespace tutti::test
