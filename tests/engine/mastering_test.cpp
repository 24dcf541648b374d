// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "tests/engine/session_fixture.hpp"

namespace tutti::test {
namespace {

struct Material {
  const char* name;
  double target_lufs;
  const char* file;
};

class Mastering : public SessionFixture {
 protected:
  /// Dense noise, 12 s: hot when it is driven; bursts with pauses: sparse.
  void write_material() {
    write("hot.wav", noise(2, 12 * 48000, 0.2, 1));
    Signal sparse = noise(2, 12 * 48000, 0.2, 2);
    for (auto& channel : sparse)
      for (std::size_t n = 0; n < channel.size(); ++n)
        if (n % 96000 > 12000) channel[n] *= 1e-4;
    write("sparse.wav", sparse);
    write("silent.wav", Signal(2, std::vector<double>(96000)));
  }
};

class MasteringTargets : public Mastering, public ::testing::WithParamInterface<Material> {};

TEST_P(MasteringTargets, WrittenFilesMeetTargetAndCeiling) {
  write_material();
  const RenderResult result = render_text(std::string(R"(
tutti: 1
stems: [{name: A, file: )") + GetParam().file + R"(}]
master:
  loudness: {target_lufs: )" + std::to_string(GetParam().target_lufs) + R"(, tolerance_lu: 0.1}
  limiter: {ceiling_dbtp: -1.0}
outputs:
  - {file: a.wav, source: master, bit_depth: 24}
  - {file: b.flac, source: master, bit_depth: 16, sample_rate_hz: 44100, dither: shaped}
)");
  ASSERT_EQ(result.outputs.size(), 2u);
  for (const RenderedOutput& output : result.outputs) {
    EXPECT_NEAR(*output.measured.integrated_lufs, GetParam().target_lufs, 0.1) << output.file;
    // 0.02 dB over the ceiling after quantisation is the bound of the limiter battery.
    EXPECT_LE(*output.measured.true_peak_dbtp, -1.0 + 0.02) << output.file;
  }
}

INSTANTIATE_TEST_SUITE_P(Programmes, MasteringTargets,
                         ::testing::Values(Material{"hot_23", -23, "hot.wav"},
                                           Material{"hot_16", -16, "hot.wav"},
                                           Material{"hot_9", -9, "hot.wav"},
                                           Material{"sparse_23", -23, "sparse.wav"},
                                           Material{"sparse_14", -14, "sparse.wav"},
                                           Material{"sparse_11", -11, "sparse.wav"}),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_F(Mastering, ATargetOutOfReachIsSaidWithTheFigure) {
  // Bursts of 0.25 s in blocks of 0.4 s: even full-scale bursts stay under −9 LUFS.
  write_material();
  const RenderResult result = render_text(R"(
tutti: 1
stems: [{name: A, file: sparse.wav}]
master: {loudness: {target_lufs: -6}, limiter: {ceiling_dbtp: -1}}
outputs: [{file: a.wav, source: master, bit_depth: 24}]
)");
  ASSERT_EQ(result.warnings.size(), 1u);
  EXPECT_EQ(result.warnings[0].code, "target_missed");
  EXPECT_LT(*result.outputs[0].measured.integrated_lufs, -9);
  EXPECT_LE(*result.outputs[0].measured.true_peak_dbtp, -1.0 + 0.02);
}

TEST_F(Mastering, SilenceIsLeftAloneWithAWarning) {
  write_material();
  const RenderResult result = render_text(R"(
tutti: 1
stems: [{name: A, file: silent.wav}]
master: {loudness: {target_lufs: -16}, limiter: {ceiling_dbtp: -1}}
outputs: [{file: a.wav, source: master, bit_depth: 16}]
)");
  for (const auto& channel : read("a.wav"))
    for (double sample : channel) ASSERT_EQ(sample, 0.0);
  ASSERT_EQ(result.warnings.size(), 1u);
  EXPECT_EQ(result.warnings[0].code, "silence");
  EXPECT_FALSE(result.outputs[0].measured.integrated_lufs.has_value());
}

TEST_F(Mastering, TrimsAndFades) {
  Signal tone(1, std::vector<double>(96000));
  for (std::size_t n = 24000; n < 72000; ++n) tone[0][n] = 0.5;
  write("tone.wav", tone);
  render_text(R"(
tutti: 1
layout: mono
stems: [{name: A, file: tone.wav}]
master: {trim: {start: auto, end: auto}, fade_in: {length_s: 0.1}, fade_out: {length_s: 0.5}}
outputs: [{file: a.wav, source: master, bit_depth: 32f}]
)");
  const Signal master = read("a.wav");
  ASSERT_EQ(master[0].size(), 48000u);
  EXPECT_EQ(master[0][0], 0.0);
  EXPECT_NEAR(master[0][2400], 0.25, 1e-7);   // half of the fade in
  EXPECT_NEAR(master[0][20000], 0.5, 1e-7);
  EXPECT_NEAR(master[0][36000], 0.25, 1e-7);  // half of the fade out
}

TEST_F(Mastering, ResampledDeliveriesHaveTheExactLength) {
  write("x.wav", noise(2, 48001, 0.05, 5));
  render_text(R"(
tutti: 1
end: "48001 smp"
stems: [{name: A, file: x.wav}]
outputs:
  - {file: a.wav, source: master, sample_rate_hz: 44100, bit_depth: 24}
  - {file: b.wav, source: mix, sample_rate_hz: 96000, bit_depth: 24}
)");
  EXPECT_EQ(read("a.wav")[0].size(), 44101u);  // round(48,001 · 44,100 / 48,000)
  EXPECT_EQ(read("b.wav")[0].size(), 96002u);
}

TEST_F(Mastering, SilenceStaysSilentWhateverDitherIsAskedFor) {
  write_material();
  render_text(R"(
tutti: 1
start: 0
end: 1.5
stems: [{name: A, file: silent.wav}, {name: B, file: sparse.wav, mute: true}]
outputs:
  - {file: master.wav, bit_depth: 16, dither: shaped}
  - {file: mix.wav, source: mix, bit_depth: 16, dither: tpdf}
  - {file: slow.wav, source: mix, bit_depth: 16, sample_rate_hz: 44100}
  - {file: "{name}.flac", source: stems, bit_depth: 16}
)");
  for (const char* file : {"master.wav", "mix.wav", "slow.wav", "A.flac", "B.flac"}) {
    const Signal signal = read(file);
    EXPECT_EQ(signal[0].size(), file == std::string("slow.wav") ? 66150u : 72000u) << file;
    for (const auto& channel : signal)
      for (const double sample : channel) ASSERT_EQ(sample, 0) << file;
  }
}

}  // namespace
}  // namespace tutti::test
