// SPDX-License-Identifier: Apache-2.0
// Sessions made at random, and the files that they name.
#pragma once

#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/engine/session_fixture.hpp"

namespace tutti::test {

/// A session with `seed`: stems, buses, sends at all taps, inserts of all kinds, mutes and motions.
inline std::string random_session_text(unsigned seed) {
  std::mt19937 random(seed);
  auto pick = [&](int count) { return static_cast<int>(random() % static_cast<unsigned>(count)); };
  const char* inserts[] = {
      "{eq: {bands: [{type: bell, freq_hz: 900, gain_db: 4, q: 1.2}]}}",
      "{eq: {bands: [{type: high_pass, freq_hz: 120}, {type: high_shelf, freq_hz: 6000, gain_db: -3}]}}",
      "{compressor: {threshold_db: -30, ratio: 2, lookahead_ms: 1}}",
      "{compressor: {threshold_db: -26, ratio: 4, sidechain: {source: K}}}",
      "{convolver: {impulse: h.wav, wet_db: -3, dry_db: -6}}",
      "{convolver: {impulse: h.wav}}",
      "{convolver: {impulse: m.wav, predelay_ms: 3}}",
      "{delay: {time_ms: 7, dry_db: 0, wet_db: -6}}",
      "{gain: {gain_db: -2}}",
      "{mix: 0.5, gain: {gain_db: 6}}",
      "{enabled: false, gain: {gain_db: 40}}",
      "{gate: {threshold_db: -50, range_db: -20}}"};
  auto insert_list = [&] {
    std::string list;
    const int count = pick(4);
    for (int i = 0; i < count; ++i) list += std::string(i ? ", " : "") + inserts[pick(12)];
    return "[" + list + "]";
  };
  const char* taps[] = {"pre_inserts", "pre_fader", "post_fader"};
  std::string text = "tutti: 1\ntail: {until_db: -200, max_s: 0.5}\nstems:\n";
  text += "  - {name: K, file: k.wav, mute: true}\n";
  for (int i = 0; i < 5; ++i) {
    text += "  - name: S" + std::to_string(i) + "\n    file: " + (pick(2) ? "a.wav" : "b.wav") +
            "\n    gain_db: " + std::to_string(-pick(12)) + "\n    pan: " +
            std::to_string(0.2 * (pick(9) - 4)) + "\n";
    if (pick(4) == 0) text += "    polarity: invert\n";
    if (pick(5) == 0) text += "    mute: true\n";
    if (pick(2)) text += "    output: B" + std::to_string(pick(2)) + "\n";
    text += "    inserts: " + insert_list() + "\n";
    if (pick(2))
      text += std::string("    sends: [{to: Hall, gain_db: -9, tap: ") + taps[pick(3)] + "}]\n";
    if (pick(3) == 0) text += "    automation: [{target: gain_db, points: [[0, -9], [0.4, -3]]}]\n";
    if (pick(4) == 0) text += "    automation: [{target: pan, points: [[0, -1], [0.5, 1]]}]\n";
  }
  text += "buses:\n  - {name: B0, inserts: " + insert_list() + "}\n  - {name: B1, output: B0, gain_db: -3}\n"
          "  - {name: Hall, inserts: [{convolver: {impulse: h.wav}}]}\n"
          "groups: [{name: G, members: [S0, S1, B1], gain_db: -1}]\n"
          "outputs: [{file: mix.wav, source: mix, bit_depth: 32f}, {file: B0.wav, source: B0, bit_depth: 32f}]\n";
  return text;
}

/// Two keys `automation` of one strip can not both be written: the first is kept.
inline std::string without_second_automation(std::string text) {
  const std::string key = "    automation:";
  std::string result;
  bool seen = false;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = text.find('\n', at) + 1;
    const std::string line = text.substr(at, end - at);
    if (line.rfind("  - name:", 0) == 0) seen = false;
    if (line.rfind(key, 0) != 0 || !seen) result += line;
    seen |= line.rfind(key, 0) == 0;
    at = end;
  }
  return result;
}

/// The same seed gives the same session.
inline std::string random_session(unsigned seed) {
  return without_second_automation(random_session_text(seed));
}

inline std::vector<std::pair<std::string, Signal>> random_session_files() {
  return {{"a.wav", SessionFixture::noise(1, 24000, 0.05, 1)},
          {"b.wav", SessionFixture::noise(2, 20000, 0.05, 2)},
          {"k.wav", SessionFixture::noise(1, 24000, 0.2, 3)},
          {"h.wav", SessionFixture::noise(2, 1200, 0.02, 4)},
          {"m.wav", SessionFixture::noise(1, 700, 0.02, 5)}};
}

}  // namespace tutti::test
