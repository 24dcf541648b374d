// SPDX-License-Identifier: Apache-2.0
// CPU time a sample of the meter, with everything on and with parts of it.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <vector>

#include "host/audio/buffer.hpp"
#include "host/cpu/meter.hpp"
#include "tests/support/signals.hpp"

namespace {

double cpu_s() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

double best_ns_per_sample(const tutti::Buffer& signal, tutti::MeterParts parts) {
  const std::vector<double> weights(signal.channels(), 1.0);
  double best_s = 1e9;
  for (int run = 0; run < 5; ++run) {
    const double start_s = cpu_s();
    tutti::Meter meter(48000, weights, parts);
    constexpr tutti::Frames kTile = 16384;
    for (tutti::Frames at = 0; at < signal.frames(); at += kTile)
      meter.process(signal.view().slice(at, std::min(kTile, signal.frames() - at)));
    const tutti::Measurement result = meter.finish();
    best_s = std::min(best_s, cpu_s() - start_s);
    if (result.frames != signal.frames()) return NAN;
  }
  return best_s * 1e9 / static_cast<double>(signal.frames() * signal.channels());
}

void report(const char* name, const tutti::Buffer& signal) {
  std::printf("%-14s all %5.2f  loudness %5.2f  true peak %5.2f  statistics %5.2f ns/sample\n",
              name, best_ns_per_sample(signal, {}),
              best_ns_per_sample(signal, {true, false, false}),
              best_ns_per_sample(signal, {false, true, false}),
              best_ns_per_sample(signal, {false, false, true}));
}

}  // namespace

int main() {
  using namespace tutti::test;
  constexpr tutti::Frames kFrames = 60 * 48000;
  report("music-like", music_like(2, kFrames, 48000, 1, 0.25));
  report("music, dense", music_like(2, kFrames, 48000, 1, 1.5));
  report("white noise", white_noise(2, kFrames, 0.5, 1));
  report("silence", tutti::Buffer(2, kFrames));
}
