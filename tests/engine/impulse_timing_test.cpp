// SPDX-License-Identifier: Apache-2.0
// Time is exact: an impulse at frame N leaves at frame N, whatever it passes through.
#include <algorithm>
#include <cmath>

#include "tests/engine/session_fixture.hpp"

namespace tutti::test {
namespace {

struct Passage {
  const char* name;
  const char* insert;
};

class ImpulseTiming : public SessionFixture, public ::testing::WithParamInterface<Passage> {};

std::size_t loudest_frame(const std::vector<double>& samples) {
  return static_cast<std::size_t>(
      std::max_element(samples.begin(), samples.end(),
                       [](double a, double b) { return std::abs(a) < std::abs(b); }) -
      samples.begin());
}

TEST_P(ImpulseTiming, LeavesAtItsOwnFrameOnEveryOutput) {
  write("x.wav", impulse_at(24000, 48000));
  write("one.wav", {{1.0, 0.0, 0.0}});
  const std::string text = std::string(R"(
tutti: 1
stems:
  - {name: A, file: x.wav, output: Bus, inserts: [)") + GetParam().insert + R"(]}
  - {name: B, file: x.wav}
buses: [{name: Bus, inserts: [)" + GetParam().insert + R"(]}]
master: {inserts: [{limiter: {ceiling_dbtp: 0}}]}
outputs:
  - {file: mix.wav, source: mix, bit_depth: 32f}
  - {file: master.wav, source: master, bit_depth: 32f}
  - {file: "{name}.wav", source: buses, bit_depth: 32f}
  - {file: "stem {name}.wav", source: stems, bit_depth: 32f}
)";
  render_text(text);
  for (const char* file : {"mix.wav", "master.wav", "Bus.wav", "stem A.wav", "stem B.wav"})
    EXPECT_EQ(loudest_frame(read(file)[0]), 24000u) << file;
}

INSTANTIATE_TEST_SUITE_P(
    Inserts, ImpulseTiming,
    ::testing::Values(
        Passage{"eq", "{eq: {bands: [{type: bell, freq_hz: 3000, gain_db: 3}]}}"},
        Passage{"linear_eq", "{eq: {phase: linear, bands: [{type: bell, freq_hz: 3000, gain_db: 3}]}}"},
        Passage{"compressor", "{compressor: {threshold_db: -40, lookahead_ms: 5}}"},
        Passage{"parallel_compressor", "{mix: 0.5, compressor: {threshold_db: -40, lookahead_ms: 5}}"},
        Passage{"gate", "{gate: {threshold_db: -40, lookahead_ms: 2}}"},
        Passage{"expander", "{expander: {threshold_db: -60, lookahead_ms: 3}}"},
        Passage{"gain", "{gain: {gain_db: -3}}"},
        Passage{"convolver", "{convolver: {impulse: one.wav}}"},
        Passage{"delay", "{delay: {time_ms: 0}}"},
        Passage{"limiter", "{limiter: {ceiling_dbtp: -1}}"}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace tutti::test
