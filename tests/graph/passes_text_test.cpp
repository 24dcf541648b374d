// SPDX-License-Identifier: Apache-2.0
// What each pass makes of a graph, as text.
#include "tests/graph/graph_fixture.hpp"

namespace tutti::test {
namespace {

const char* const kTwoStrips = R"(
tutti: 1
stems:
  - {name: A, file: a.wav, gain_db: -6.020599913279624, pan: -1, polarity: invert}
  - {name: B, file: b.wav, mute: true}
outputs: [{file: x.wav, source: mix}]
)";

TEST(PassesText, BuildSaysEveryStageOfAStrip) {
  EXPECT_EQ(print_graph(graph_of(kTwoStrips)), R"(   1  1ch  A: source
   5  1ch  B: source
   2  1ch  A/polarity: sum  ← 1 ×-1
   6  1ch  B/fader: sum  ← 5 ×0
   3  1ch  A/fader: sum  ← 2 ×0.5
   7  2ch  B/pan: sum  ← 6 [0.7071 0.7071]
   4  2ch  A/pan: sum  ← 3 [1 0]
   0  2ch  master: sum  ← 4 ×1  ← 7 ×1
   8  2ch  master/fader: sum  ← 0 ×1
tap mix ← 0
)");
}

TEST(PassesText, RemoveDeadDropsWhatIsNeverHeard) {
  EXPECT_EQ(text_after(graph_of(kTwoStrips), remove_dead), R"(   1  1ch  A: source
   2  1ch  A/polarity: sum  ← 1 ×-1
   3  1ch  A/fader: sum  ← 2 ×0.5
   4  2ch  A/pan: sum  ← 3 [1 0]
   0  2ch  master: sum  ← 4 ×1
tap mix ← 0
)");
}

TEST(PassesText, FoldGainsLeavesOneMatrixPerStrip) {
  EXPECT_EQ(text_after(graph_of(kTwoStrips), fold_gains), R"(   1  1ch  A: source
   5  1ch  B: source
   0  2ch  master: sum  ← 1 [-0.5 0]  ← 5 [0 0]
tap mix ← 0
)");
}

const char* const kLinear = R"(
tutti: 1
stems:
  - name: A
    file: a.wav
    inserts:
      - eq: {bands: [{type: bell, freq_hz: 1000, gain_db: 3}]}
      - eq: {bands: [{type: high_pass, freq_hz: 50}]}
      - convolver: {impulse: h.wav}
outputs: [{file: x.wav, source: mix}]
)";

TEST(PassesText, FoldLinearLeavesOneConvolution) {
  Graph graph = graph_of(kLinear);
  EXPECT_NE(print_graph(graph).find("A/eq"), std::string::npos);
  EXPECT_NE(print_graph(graph).find("A/convolver: convolution 1→2 3 frames (h.wav)"), std::string::npos);
  PassNotes notes;
  fold_linear(graph, notes);
  const std::string after = print_graph(graph);
  EXPECT_EQ(after.find("A/eq"), std::string::npos);
  EXPECT_NE(after.find("(eq → h.wav)"), std::string::npos) << after;
  EXPECT_EQ(notes.size(), 2u);
}

TEST(PassesText, FoldLinearStopsAtWhatMoves) {
  std::string text = kLinear;
  text.replace(text.find("outputs:"), 0,
               "    automation: [{target: inserts.0.bands.0.gain_db, points: [[0, 0], [1, 3]]}]\n");
  Graph graph = graph_of(text);
  PassNotes notes;
  fold_linear(graph, notes);
  EXPECT_NE(print_graph(graph).find("A/eq: eq 1 sections ~automated"), std::string::npos)
      << print_graph(graph);
  EXPECT_EQ(notes.size(), 1u);
}

const char* const kReverbs = R"(
tutti: 1
stems:
  - {name: A, file: a.wav, pan: -1, inserts: [{convolver: {impulse: h.wav}}]}
  - {name: B stereo, file: b.wav, pan: 0.5, inserts: [{convolver: {impulse: h.wav}}]}
  - {name: C, file: c.wav, inserts: [{convolver: {impulse: h.wav, wet_db: -6}}]}
outputs: [{file: x.wav, source: mix}]
)";

TEST(PassesText, SumFirstLeavesOneConvolutionForEqualImpulses) {
  Graph graph = graph_of(kReverbs);
  PassNotes notes;
  fold_gains(graph, notes);
  share_impulses(graph, notes);
  sum_first(graph, notes);
  EXPECT_EQ(print_graph(graph), R"(   1  1ch  A: source
   5  2ch  B stereo: source
   9  1ch  C: source
  14  2ch  master/before h.wav: sum  ← 1 [1 0]  ← 5 [0.5 0 0 1]
  10  2ch  C/convolver: convolution 1→2 3 frames (h.wav)  ← 9 ×1
  15  2ch  master/convolver: convolution 2→2 3 frames (h.wav)  ← 14 ×1
   0  2ch  master: sum  ← 10 ×1  ← 15 ×1
tap mix ← 0
)");
}

TEST(PassesText, AlignLatencyDelaysTheEarlierPath) {
  EXPECT_EQ(text_after(graph_of(R"(
tutti: 1
stems:
  - {name: A, file: a.wav, inserts: [{compressor: {lookahead_ms: 1}}]}
  - {name: B, file: b.wav}
outputs: [{file: x.wav, source: mix}]
)"),
                       align_latency),
            R"(   1  1ch  A: source
   5  1ch  B: source
   2  1ch  A/compressor: compressor  +48 frames  ← 1 ×1
   6  1ch  B/fader: sum  ← 5 ×1
   3  1ch  A/fader: sum  +48 frames  ← 2 ×1
   7  2ch  B/pan: sum  ← 6 [0.7071 0.7071]
   4  2ch  A/pan: sum  +48 frames  ← 3 [0.7071 0.7071]
   0  2ch  master: sum  +48 frames  ← 4 ×1  ← 7 ×1 delay 48
   8  2ch  master/fader: sum  +48 frames  ← 0 ×1
tap mix ← 0
)");
}

}  // namespace
}  // namespace tutti::test
