// SPDX-License-Identifier: Apache-2.0
// Whole sessions: what `tutti plan --device cuda` predicts is what the emulated device was given to
// do, kernel by kernel and byte by byte.
#include "tests/engine/random_session.hpp"
#include "tests/roofline/counted_render.hpp"

namespace tutti::test {
namespace {

constexpr const char* kStrip =
    "{eq: {bands: [{type: high_pass, freq_hz: 80}, {type: bell, freq_hz: 900, gain_db: 3, q: "
    "1}]}}, "
    "{compressor: {threshold_db: -30, ratio: 3}}";

TEST_F(CountedRender, StripsWithoutReverb) {
  write_24_bit("a.wav", noise(1, 70000, 0.1, 1));
  write_24_bit("b.wav", noise(2, 90000, 0.1, 2));
  std::string text = "tutti: 1\nend: 2\nstems:\n";
  for (int i = 0; i < 5; ++i)
    text += "  - {name: S" + std::to_string(i) + ", file: " + (i % 2 ? "b.wav" : "a.wav") +
            ", pan: 0.2, inserts: [" + kStrip + "]}\n";
  text += "outputs: [{file: mix.wav, source: mix, bit_depth: 24}]\n";
  expect_as_predicted(text);
}

TEST_F(CountedRender, OneReverbThatAllSendTo) {
  write_24_bit("a.wav", noise(1, 70000, 0.1, 1));
  write("h.wav", noise(2, 60000, 0.02, 4));
  std::string text = "tutti: 1\nend: 3\nstems:\n";
  for (int i = 0; i < 3; ++i)
    text += "  - {name: S" + std::to_string(i) + ", file: a.wav, inserts: [" + kStrip +
            "], sends: [{to: Hall, gain_db: -9}]}\n";
  text +=
      "buses: [{name: Hall, inserts: [{convolver: {impulse: h.wav, predelay_ms: 20}}]}]\n"
      "outputs: [{file: mix.wav, source: mix, bit_depth: 32f}]\n";
  expect_as_predicted(text);
}

// More than eight convolved channels: long tiles, and more sources than one step takes.
TEST_F(CountedRender, AReverbOfItsOwnOnEveryStem) {
  write_24_bit("a.wav", noise(1, 264000, 0.1, 1));
  std::string text = "tutti: 1\nend: 5.6\nstems:\n";
  for (int i = 0; i < 18; ++i) {
    const std::string impulse = "h" + std::to_string(i) + ".wav";
    write(impulse, noise(2, 20000 + 1000 * i, 0.02, 10 + static_cast<unsigned>(i)));
    text += "  - {name: S" + std::to_string(i) +
            ", file: a.wav, inserts: [{convolver: {impulse: " + impulse + "}}]}\n";
  }
  text += "outputs: [{file: mix.wav, source: mix, bit_depth: 32f}]\n";
  expect_as_predicted(text, false);
}

TEST_F(CountedRender, EverythingThatMoves) {
  write("a.wav", noise(1, 24000, 0.1, 8));
  write("b.wav", noise(2, 24000, 0.1, 9));
  write("h.wav", noise(2, 1200, 0.02, 4));
  expect_as_predicted(R"(
tutti: 1
end: 0.6
stems:
  - name: A
    clips:
      - {file: a.wav, at: 0.01, from: 0.1, length: 0.2, gain_db: -1, fade_in: {length_ms: 20}}
      - {file: a.wav, at: 0.18, length: 0.3, fade_in: {length_ms: 30, shape: s_curve}}
    inserts:
      - eq: {bands: [{type: bell, freq_hz: 1000, gain_db: 3, q: 1}]}
      - compressor: {threshold_db: -30, ratio: 3, makeup_db: 2, lookahead_ms: 2}
      - gate: {threshold_db: -50, range_db: -20}
      - expander: {threshold_db: -50}
      - gain: {gain_db: -2}
      - convolver: {impulse: h.wav, dry_db: -3}
    automation:
      - {target: gain_db, points: [[0, -6], [0.3, 0]]}
      - {target: pan, points: [[0, -1], [0.5, 1]]}
      - {target: inserts.0.bands.0.gain_db, points: [[0, -9], [0.4, 9]]}
      - {target: inserts.1.threshold_db, points: [[0, -40], [0.4, -10]]}
      - {target: inserts.2.threshold_db, points: [[0, -40], [0.4, -50]]}
      - {target: inserts.4.gain_db, points: [[0, -4], [0.4, -1]]}
      - {target: inserts.5.wet_db, points: [[0, -20], [0.4, 0]]}
  - name: B
    file: b.wav
    inserts: [{delay: {time_ms: 11, feedback: 0.4, dry_db: 0, wet_db: -6}}, {limiter: {ceiling_dbtp: -14}}, {stereo: {mono_below_hz: 100}}, {stereo: {}}, {delay: {time_ms: 90, wet_db: -6}}]
    automation:
      - {target: inserts.3.width, points: [[0, 0], [0.5, 2]]}
      - {target: mute, points: [[0, 0], [0.3, 1], [0.35, 0]]}
outputs: [{file: mix.wav, source: mix, bit_depth: 32f}]
)");
}

TEST_F(CountedRender, DeliveriesWithALoudness) {
  write_24_bit("a.wav", noise(2, 50000, 0.2, 7));
  expect_as_predicted(R"(
tutti: 1
stems: [{name: A, file: a.wav}]
end: 1
master:
  inserts: [{stereo: {width: 1.2, mono_below_hz: 120}}, {compressor: {threshold_db: -20, ratio: 2, link: 0.5}}]
  loudness: {target_lufs: -12}
  limiter: {ceiling_dbtp: -1}
outputs:
  - {file: master.wav, bit_depth: 24}
  - {file: float.wav, bit_depth: 32f}
  - {file: shaped.wav, bit_depth: 16, dither: shaped}
  - {file: master.flac, bit_depth: 16}
  - {file: cd.wav, bit_depth: 16, sample_rate_hz: 44100}
  - {file: mix.wav, source: mix, bit_depth: 24}
)");
}

// Lanes fall asleep and wake, keys come from other strips, channels are averaged and filtered.
TEST_F(CountedRender, GapsAndSidechains) {
  write_24_bit("a.wav", noise(1, 30000, 0.1, 1));
  write_24_bit("b.wav", noise(2, 30000, 0.1, 2));
  expect_as_predicted(R"(
tutti: 1
end: 8
stems:
  - {name: K, clips: [{file: a.wav, at: 1}, {file: a.wav, at: 5.5}]}
  - name: A
    clips: [{file: a.wav}, {file: a.wav, at: 6.5}]
    inserts: [{compressor: {threshold_db: -26, ratio: 4, release_ms: 5, sidechain: {source: K, high_pass_hz: 100}}}]
  - name: B
    clips: [{file: b.wav}, {file: b.wav, at: 5.5}]
    inserts: [{gate: {threshold_db: -50, range_db: -20, release_ms: 5}}, {compressor: {threshold_db: -26, detector: rms, ballistics: branching, release_ms: 5}}]
outputs: [{file: mix.wav, source: mix, bit_depth: 24}, {file: B.wav, source: B, bit_depth: 24}]
)");
}

class CountedRandomSessions : public CountedRender,
                              public ::testing::WithParamInterface<unsigned> {};

TEST_P(CountedRandomSessions, AreAsPredicted) {
  for (const auto& [name, signal] : random_session_files()) write(name, signal);
  expect_as_predicted(random_session(GetParam()) + "end: 0.7\n");
}

INSTANTIATE_TEST_SUITE_P(Seeds, CountedRandomSessions, ::testing::Range(1u, 5u));

}  // namespace
}  // namespace tutti::test
