// SPDX-License-Identifier: Apache-2.0
// Whole sessions on the CUDA backend, loaded as the program loads it: the same sound as on the CPU.
// The library is the emulated one unless TUTTI_CUDA_LIBRARY names another.
#include <cstdlib>

#include "host/backend/backend.hpp"
#include "tests/engine/random_session.hpp"
#include "tests/engine/session_fixture.hpp"
#include "tests/support/bounds.hpp"
#include "tests/support/residual.hpp"

namespace tutti::test {
namespace {

class CudaRender : public SessionFixture {
 protected:
  CudaRender() { setenv("TUTTI_CUDA_LIBRARY", TUTTI_EMULATED_LIBRARY, 0); }

  static RenderOptions on(const std::string& device) {
    RenderOptions options = overwriting();
    options.device = device;
    return options;
  }

  /// Renders on both and compares every output of the session that is named.
  void expect_equal_sound(const std::string& text, const std::vector<std::string>& files) {
    render_text(text, on("cpu"));
    std::vector<Signal> on_cpu;
    for (const std::string& file : files) on_cpu.push_back(read(file));
    const RenderResult result = render_text(text, on("cuda"));
    EXPECT_EQ(result.device, "cuda:0");
    for (std::size_t i = 0; i < files.size(); ++i) {
      const Signal on_cuda = read(files[i]);
      ASSERT_EQ(on_cuda.size(), on_cpu[i].size());
      for (std::size_t c = 0; c < on_cuda.size(); ++c)
        EXPECT_RESIDUAL_BELOW(on_cuda[c], on_cpu[i][c], bounds::kSessionDbfs) << files[i] << text;
    }
  }
};

class CudaRandomSessions : public CudaRender, public ::testing::WithParamInterface<unsigned> {};

TEST_P(CudaRandomSessions, SoundAsOnTheCpu) {
  for (const auto& [name, signal] : random_session_files()) write(name, signal);
  // A fixed end: where a tail falls silent is decided on the last bit.
  expect_equal_sound(random_session(GetParam()) + "end: 0.7\n", {"mix.wav", "B0.wav"});
}

INSTANTIATE_TEST_SUITE_P(Seeds, CudaRandomSessions, ::testing::Range(1u, 13u));

TEST_F(CudaRender, MastersToTheSameLoudnessAndCeiling) {
  write("a.wav", noise(2, 96000, 0.2, 7));
  const std::string text = R"(
tutti: 1
stems: [{name: A, file: a.wav}]
end: 2
master:
  inserts: [{stereo: {width: 1.2, mono_below_hz: 120}}, {compressor: {threshold_db: -20, ratio: 2}}]
  loudness: {target_lufs: -12}
  limiter: {ceiling_dbtp: -1}
outputs:
  - {file: master.wav, bit_depth: 32f}
  - {file: cd.wav, bit_depth: 16, sample_rate_hz: 44100, dither: shaped}
)";
  expect_equal_sound(text, {"master.wav"});
  const RenderResult result = render_text(text, on("cuda"));
  for (const RenderedOutput& output : result.outputs) {
    EXPECT_NEAR(*output.measured.integrated_lufs, -12, 0.1) << output.file;
    EXPECT_LE(*output.measured.true_peak_dbtp, -1 + 0.02) << output.file;
  }
}

TEST_F(CudaRender, MovesEverythingThatMoves) {
  write("a.wav", noise(1, 24000, 0.1, 8));
  write("b.wav", noise(2, 24000, 0.1, 9));
  write("h.wav", noise(2, 1200, 0.02, 4));
  expect_equal_sound(R"(
tutti: 1
end: 0.6
stems:
  - name: A
    clips:
      - {file: a.wav, at: 0.01, from: 0.1, length: 0.2, gain_db: -1, fade_in: {length_ms: 20}, fade_out: {length_ms: 50, shape: equal_power}}
      - {file: a.wav, at: 0.18, length: 0.3, fade_in: {length_ms: 30, shape: s_curve}}
    inserts:
      - eq: {bands: [{type: bell, freq_hz: 1000, gain_db: 3, q: 1}]}
      - compressor: {threshold_db: -30, ratio: 3, makeup_db: 2}
      - convolver: {impulse: h.wav, dry_db: -3}
    automation:
      - {target: gain_db, points: [[0, -6], [0.3, 0]]}
      - {target: pan, points: [[0, -1], [0.5, 1]]}
      - {target: inserts.0.bands.0.gain_db, points: [[0, -9], [0.4, 9]]}
      - {target: inserts.1.threshold_db, points: [[0, -40], [0.4, -10]]}
      - {target: inserts.1.makeup_db, points: [[0, 0], [0.4, 6]]}
      - {target: inserts.2.wet_db, points: [[0, -20], [0.4, 0]]}
  - name: B
    file: b.wav
    inserts: [{delay: {time_ms: 11, feedback: 0.4, dry_db: 0, wet_db: -6}}, {limiter: {ceiling_dbtp: -14}}, {stereo: {}}]
    automation:
      - {target: inserts.2.width, points: [[0, 0], [0.5, 2]]}
      - {target: mute, points: [[0, 0], [0.3, 1], [0.35, 0]]}
outputs: [{file: mix.wav, source: mix, bit_depth: 32f}]
)",
                     {"mix.wav"});
}

TEST_F(CudaRender, GivesTheSameBitsAgainWhateverStaysOnTheDevice) {
  for (const auto& [name, signal] : random_session_files()) write(name, signal);
  const std::string text = random_session(3);
  const OpenedBackend opened = open_backend("cuda");
  const Session session = parse(text);
  RenderOptions options = on("cuda");
  options.output_directory = folder_;
  const RenderResult cold = render_on(*opened.backend, session, options);
  const RenderResult warm = render_on(*opened.backend, session, options);
  options.threads = 1;
  options.max_memory_bytes = 1 << 20;
  const RenderResult alone = render_on(*open_backend("cuda").backend, session, options);
  for (std::size_t i = 0; i < cold.outputs.size(); ++i) {
    EXPECT_EQ(cold.outputs[i].sha256, warm.outputs[i].sha256);
    EXPECT_EQ(cold.outputs[i].sha256, alone.outputs[i].sha256);
  }
}

}  // namespace
}  // namespace tutti::test
