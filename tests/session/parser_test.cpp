// SPDX-License-Identifier: Apache-2.0
#include "host/session/parser.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <ctime>
#include <filesystem>
#include <fstream>

#include "host/audio/errors.hpp"

namespace tutti {
namespace {

// The example of the manual with every kind of key.
constexpr const char* kExample = R"(
tutti: 1                       # format version
title: Requiem, cue 3m2
sample_rate_hz: 48000
layout: stereo
pan_law_db: -4.5
start: 0:02
end: "480000 smp"
tail: {until_db: -90, max_s: 12}

stems:
  - name: Violins I
    file: stems/vln1.flac
    gain_db: -3
    pan: -0.4
    output: Strings
    polarity: invert
    inserts:
      - eq:
          phase: linear
          bands:
            - {type: high_pass, freq_hz: 80, slope_db_per_oct: 24}
            - {type: bell, freq_hz: 2500, gain_db: 2, q: 1.0, enabled: false}
      - compressor: {name: squash, mix: 0.5, threshold_db: -24, ratio: .inf, detector: rms,
                     sidechain: {source: Choir, high_pass_hz: 120}}
      - name: edge
        enabled: false
        gate: {range_db: -inf}
    sends:
      - {to: Hall, gain_db: -10, tap: pre_fader}
      - {to: Hall, gain_db: "-inf"}
    automation:
      - {target: gain_db, interpolation: smooth, domain: gain, points: [[0, -.inf], [2.0, -3], ["1:35", -6]]}
      - {target: "inserts.squash.ratio", points: [["96000 smp", 2]]}
  - name: Choir
    output: master
    pan: {position: 0.25, width: 0.5}
    mute: true
    clips:
      - {file: takes/choir_a.wav, at: 12.0, from: 3.5, length: 40, gain_db: -1, fade_in: {length_ms: 20}, fade_out: {length_ms: 400, shape: equal_power}}
      - {file: takes/choir_b.wav, at: "1:02:03.5"}

buses:
  - {name: Strings, solo: true, inserts: [{stereo: {width: 1.1, mono_below_hz: 120}}, {delay: {time_ms: 20}}]}
  - name: Hall
    inserts: [{convolver: {impulse: ir/hall.wav, predelay_ms: 20, wet_db: 0, dry_db: -inf}}, {expander: {}}, {gain: {gain_db: 1}}]

groups:
  - {name: All strings, members: [Violins I, Strings], gain_db: -1, mute: true, automation: [{target: mute, points: [[1, 1]]}]}

master:
  gain_db: 1
  inserts: [{limiter: {ceiling_dbtp: -2}}]
  loudness: {target_lufs: -16, tolerance_lu: 0.2}
  limiter: {ceiling_dbtp: -1.0, lookahead_ms: 1.5, release_ms: 60}
  trim: {start: auto, end: 95}
  fade_out: {length_s: 3, shape: s_curve}
  automation: [{target: gain_db, points: [[0, 0]]}]

outputs:
  - {file: mix_premaster.wav, source: mix, bit_depth: 32f}
  - {file: spotify.flac, source: master, preset: spotify, bit_depth: 16, sample_rate_hz: 44100, dither: shaped, seed: 18446744073709551615}
  - {file: "stems/{name}.wav", source: buses, bit_depth: 24}
  - {file: choir.wav, source: Choir}
)";

std::string all_of(const ParseResult& parsed) {
  std::string out;
  for (const Issue& issue : parsed.issues) out += format_issue(issue, parsed.source);
  return out;
}

class Example : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(all_of(parsed_), "");
    ASSERT_EQ(session_.stems.size(), 2u);
    ASSERT_EQ(session_.buses.size(), 2u);
    ASSERT_EQ(session_.outputs.size(), 4u);
  }
  ParseResult parsed_ = parse_session_text(kExample, "songs/mix.yaml");
  const Session& session_ = parsed_.session;
};

TEST_F(Example, HasItsHead) {
  EXPECT_EQ(session_.title, "Requiem, cue 3m2");
  EXPECT_EQ(session_.directory, "songs");
  EXPECT_EQ(resolve(session_, "../a.wav"), "a.wav");
  EXPECT_EQ(session_.pan_law, PanLaw::minus_4_5);
  EXPECT_EQ(session_.start->value, 2);
  EXPECT_TRUE(session_.end->in_samples);
  EXPECT_EQ(session_.tail.until_db, -90);
  EXPECT_EQ(session_.tail.max_s, 12);
}

TEST_F(Example, HasItsStems) {
  const StemSpec& violins = session_.stems[0];
  EXPECT_EQ(violins.name, "Violins I");
  ASSERT_EQ(violins.clips.size(), 1u);
  EXPECT_EQ(violins.clips[0].file, "stems/vln1.flac");
  EXPECT_EQ(violins.gain_db, -3);
  EXPECT_EQ(violins.pan.position, -0.4);
  EXPECT_FALSE(violins.pan.width);
  EXPECT_EQ(violins.output, "Strings");
  EXPECT_TRUE(violins.invert_polarity);

  const StemSpec& choir = session_.stems[1];
  EXPECT_EQ(choir.output, "") << "master is the default";
  EXPECT_EQ(choir.pan.position, 0.25);
  EXPECT_EQ(choir.pan.width, 0.5);
  EXPECT_TRUE(choir.mute);
  ASSERT_EQ(choir.clips.size(), 2u);
  EXPECT_EQ(choir.clips[0].at.value, 12);
  EXPECT_EQ(choir.clips[0].from.value, 3.5);
  EXPECT_EQ(choir.clips[0].length->value, 40);
  EXPECT_EQ(choir.clips[0].fade_in->length_ms, 20);
  EXPECT_EQ(choir.clips[0].fade_out->shape, FadeShape::equal_power);
  EXPECT_EQ(choir.clips[1].at.value, 3723.5);
}

TEST_F(Example, HasItsInserts) {
  const auto& inserts = session_.stems[0].inserts;
  ASSERT_EQ(inserts.size(), 3u);
  const auto& eq = std::get<EqSpec>(inserts[0].processor);
  EXPECT_EQ(eq.phase, EqPhase::linear);
  ASSERT_EQ(eq.bands.size(), 2u);
  EXPECT_EQ(eq.bands[0].type, EqBandType::high_pass);
  EXPECT_FALSE(eq.bands[0].q);
  EXPECT_EQ(eq.bands[1].q, 1.0);
  EXPECT_FALSE(eq.bands[1].enabled);
  EXPECT_EQ(inserts[1].name, "squash");
  EXPECT_EQ(inserts[1].mix, 0.5);
  const auto& compressor = std::get<CompressorSpec>(inserts[1].processor);
  EXPECT_EQ(compressor.ratio, INFINITY);
  EXPECT_EQ(compressor.detector, Detector::rms);
  EXPECT_EQ(compressor.sidechain->source, "Choir");
  EXPECT_EQ(compressor.sidechain->high_pass_hz, 120);
  EXPECT_EQ(inserts[2].name, "edge") << "name and enabled may stand beside the processor";
  EXPECT_FALSE(inserts[2].enabled);
  EXPECT_EQ(std::get<GateSpec>(inserts[2].processor).range_db, -INFINITY);
  EXPECT_EQ(std::get<StereoSpec>(session_.buses[0].inserts[0].processor).mono_below_hz, 120);
  EXPECT_EQ(std::get<ConvolverSpec>(session_.buses[1].inserts[0].processor).dry_db, -INFINITY);
}

TEST_F(Example, HasItsSendsAndAutomation) {
  const StemSpec& violins = session_.stems[0];
  ASSERT_EQ(violins.sends.size(), 2u);
  EXPECT_EQ(violins.sends[0].tap, SendTap::pre_fader);
  EXPECT_EQ(violins.sends[1].tap, SendTap::post_fader);
  EXPECT_EQ(violins.sends[1].gain_db, -INFINITY);
  ASSERT_EQ(violins.automation.size(), 2u);
  EXPECT_EQ(violins.automation[0].interpolation, Interpolation::smooth);
  EXPECT_EQ(violins.automation[0].domain, AutomationDomain::gain);
  ASSERT_EQ(violins.automation[0].points.size(), 3u);
  EXPECT_EQ(violins.automation[0].points[0].value, -INFINITY);
  EXPECT_EQ(violins.automation[0].points[2].time.value, 95);
  EXPECT_EQ(violins.automation[1].points[0].time.frames(44100), 96000);
}

TEST_F(Example, HasItsMasterAndOutputs) {
  const MasterSpec& master = session_.master;
  EXPECT_EQ(master.gain_db, 1);
  EXPECT_EQ(master.loudness->tolerance_lu, 0.2);
  EXPECT_EQ(master.limiter->ceiling_dbtp, -1);
  EXPECT_TRUE(master.trim.auto_start);
  EXPECT_FALSE(master.trim.auto_end);
  EXPECT_EQ(master.trim.end->value, 95);
  EXPECT_FALSE(master.fade_in);
  EXPECT_EQ(master.fade_out->shape, FadeShape::s_curve);
  const auto& outputs = session_.outputs;
  EXPECT_EQ(outputs[0].source, OutputSource::mix);
  EXPECT_EQ(outputs[0].bit_depth, SampleFormat::float32);
  EXPECT_EQ(outputs[1].bit_depth, SampleFormat::pcm16);
  EXPECT_EQ(outputs[1].dither, DitherKind::shaped);
  EXPECT_EQ(outputs[1].seed, 18446744073709551615u);
  EXPECT_EQ(outputs[2].source, OutputSource::buses);
  EXPECT_FALSE(outputs[2].dither);
  EXPECT_EQ(outputs[3].source, OutputSource::strip);
  EXPECT_EQ(outputs[3].source_name, "Choir");
}

TEST_F(Example, IsValid) {
  std::string said;
  for (const Issue& issue : validate_session(session_)) said += format_issue(issue, parsed_.source);
  EXPECT_EQ(said, "");
}

TEST_F(Example, KnowsWhereEverythingStands) {
  const SourceSpan ratio = find_span(session_.spans, "stems[0].inserts[1].compressor.ratio");
  EXPECT_EQ(ratio.line, 24);
  EXPECT_EQ(ratio.length, 4);
  EXPECT_EQ(find_span(session_.spans, "stems[0].clips[0].file").line, 13) << "the shorthand";
  EXPECT_EQ(find_span(session_.spans, "stems[0].clips[0]").line, 12);
  EXPECT_EQ(find_span(session_.spans, "stems[1].clips[1].file").line, 41);
  EXPECT_EQ(find_span(nullptr, "stems[0]").line, 0);
}

TEST(Parser, ReadsJson) {
  const ParseResult json = parse_session_text(
      R"({"tutti": 1, "stems": [{"name": "A\u00e9", "file": "a.wav", "gain_db": "-inf",
          "pan": 0.5, "mute": true, "inserts": [{"eq": {"bands": [{"freq_hz": 1e3}]}}]}],
          "outputs": [{"file": "m.wav", "bit_depth": 24}]})",
      "mix.json");
  EXPECT_EQ(all_of(json), "");
  ASSERT_EQ(json.session.stems.size(), 1u);
  EXPECT_EQ(json.session.stems[0].name, "Aé");
  EXPECT_EQ(json.session.stems[0].gain_db, -INFINITY);
  EXPECT_EQ(std::get<EqSpec>(json.session.stems[0].inserts[0].processor).bands[0].freq_hz, 1000);
}

TEST(Parser, TakesEmptyListsAndSectionsForNothing) {
  const ParseResult parsed = parse_session_text(
      "tutti: 1\nstems:\n  - name: 808\n    file: a.wav\n    inserts:\n    sends:\n"
      "buses:\nmaster:\noutputs: []\n",
      "mix.yaml");
  EXPECT_EQ(all_of(parsed), "");
  ASSERT_EQ(parsed.session.stems.size(), 1u);
  EXPECT_EQ(parsed.session.stems[0].name, "808") << "a name may look like a number";
}

TEST(Parser, ReadsAliases) {
  const ParseResult parsed = parse_session_text(
      "tutti: 1\nstems:\n  - {name: A, file: a.wav, inserts: &strip [{gain: {gain_db: 3}}]}\n"
      "  - {name: B, file: b.wav, inserts: *strip}\n",
      "mix.yaml");
  EXPECT_EQ(all_of(parsed), "");
  EXPECT_EQ(std::get<GainSpec>(parsed.session.stems[1].inserts[0].processor).gain_db, 3);
}

TEST(Parser, SaysWhyAFileCanNotBeRead) {
  EXPECT_THROW(parse_session_file("no/such/file.yaml"), IoError);
  EXPECT_THROW(parse_session_file(TUTTI_SOURCE_DIR), IoError);
  EXPECT_THROW(parse_session_file("/dev/zero"), IoError) << "endless";
}

/// A session of many clips, about 16 MB for 1,000 × 100.
std::string big_session(int stems, int clips) {
  std::string text = "tutti: 1\nstems:\n";
  for (int i = 0; i < stems; ++i) {
    text +=
        "  - name: Stem " + std::to_string(i) + "\n    gain_db: -3\n    pan: -0.4\n    clips:\n";
    for (int c = 0; c < clips; ++c) {
      text += "      - {file: takes/choir_" + std::to_string(i) + "_" + std::to_string(c) +
              ".wav, at: " + std::to_string(c) +
              ".5, from: 3.5, length: 40, gain_db: -1, fade_in: {length_ms: 20}, "
              "fade_out: {length_ms: 400, shape: equal_power}}\n";
    }
  }
  return text + "outputs:\n  - {file: m.wav}\n";
}

// 0.5 CPU-seconds where this was written; the bound is the promise, with room for sanitizers.
TEST(Parser, ReadsAThousandStemsOfAHundredClips) {
#if defined(__SANITIZE_ADDRESS__) || !defined(NDEBUG)
  constexpr double kBoundS = 60;
#else
  constexpr double kBoundS = 2;
#endif
  const std::string text = big_session(1000, 100);
  const std::clock_t start = std::clock();
  const ParseResult parsed = parse_session_text(text, "big.yaml");
  const std::vector<Issue> issues = validate_session(parsed.session);
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  EXPECT_EQ(all_of(parsed), "");
  EXPECT_TRUE(issues.empty());
  ASSERT_EQ(parsed.session.stems.size(), 1000u);
  EXPECT_EQ(parsed.session.stems[999].clips[99].fade_out->length_ms, 400);
  EXPECT_LT(seconds, kBoundS);
}

TEST(Parser, TakesTheWordsOfTheCoreSchemaOfYaml12) {
  const ParseResult parsed = parse_session_text(
      "tutti: 1\nstems:\n  - {name: A, file: a.wav, mute: True, solo: FALSE, gain_db: 0x3}\n"
      "outputs: [{file: m.wav, seed: 0xff, bit_depth: 0o20}]\n",
      "mix.yaml");
  ASSERT_TRUE(parsed.issues.empty()) << format_issue(parsed.issues[0], parsed.source);
  EXPECT_TRUE(parsed.session.stems[0].mute);
  EXPECT_FALSE(parsed.session.stems[0].solo);
  EXPECT_EQ(parsed.session.stems[0].gain_db, 3);
  EXPECT_EQ(parsed.session.outputs[0].seed, 255u);
  EXPECT_EQ(parsed.session.outputs[0].bit_depth, SampleFormat::pcm16);
}

}  // namespace
}  // namespace tutti
