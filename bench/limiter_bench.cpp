// SPDX-License-Identifier: Apache-2.0
// CPU time a sample of the limiter: below the ceiling, and at work on dense programme.
#include <algorithm>
#include <cstdio>
#include <ctime>

#include "host/audio/buffer.hpp"
#include "host/cpu/limiter.hpp"
#include "tests/support/signals.hpp"

namespace {

double cpu_s() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

void report(const char* name, const tutti::Buffer& signal, double gain_db) {
  tutti::LimiterSpec spec;
  spec.input_gain_db = gain_db;
  const tutti::LimiterDesign design = tutti::design(spec, 48000);
  tutti::Buffer out(signal.channels(), 16384);
  double best_s = 1e9;
  tutti::LimiterReport done;
  for (int run = 0; run < 5; ++run) {
    const double start_s = cpu_s();
    tutti::Limiter limiter(design, signal.channels());
    for (tutti::Frames at = 0; at < signal.frames(); at += out.frames())
      limiter.process(signal.view().slice(at, std::min(out.frames(), signal.frames() - at)),
                      out.view());
    best_s = std::min(best_s, cpu_s() - start_s);
    done = limiter.report();
  }
  const auto samples = static_cast<double>(signal.frames() * signal.channels());
  std::printf(
      "%-12s %+5.1f dB: %6.2f ns/sample, at most %5.2f dB, %5.1f %% of frames reduced\n", name,
      gain_db, best_s * 1e9 / samples, done.max_reduction_db,
      100.0 * static_cast<double>(done.reduced_frames) / static_cast<double>(signal.frames()));
}

}  // namespace

int main() {
  using namespace tutti::test;
  constexpr tutti::Frames kFrames = 30 * 48000;
  const tutti::Buffer music = music_like(2, kFrames, 48000, 1, 0.5);
  const tutti::Buffer dense = music_like(2, kFrames, 48000, 1, 1.5);
  report("music-like", music, -10);
  report("music-like", music, 3);
  report("music-like", music, 6);
  report("music, dense", dense, -3);
  report("music, dense", dense, 3);
  report("music, dense", dense, 5);
  report("white noise", white_noise(2, kFrames, 0.5, 1), 3);
}
