// SPDX-License-Identifier: Apache-2.0
// What happens to files: nothing missing, nothing half-written, nothing lost.
#include <cmath>
#include <fstream>
#include <map>

#include "tests/engine/session_fixture.hpp"

namespace tutti::test {
namespace {

class Files : public SessionFixture {
 protected:
  Files() { write("x.wav", noise(1, 48000, 0.1, 1)); }

  std::size_t files_in(const std::filesystem::path& folder) const {
    std::size_t count = 0;
    if (!std::filesystem::exists(folder)) return 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder)) ++count;
    return count;
  }

  const std::string session_ = R"(
tutti: 1
stems: [{name: A, file: x.wav}]
outputs: [{file: mix.wav, source: mix}, {file: master.wav, source: master}]
)";
};

TEST_F(Files, AMissingStemIsNamedBeforeAnythingIsWritten) {
  RenderOptions options;
  options.output_directory = folder_ / "out";
  try {
    render_text(R"(
tutti: 1
stems:
  - {name: A, file: x.wav}
  - {name: B, file: gone.wav}
outputs: [{file: mix.wav, source: mix}]
)",
                options);
    FAIL() << "rendered without a stem";
  } catch (const SessionError& error) {
    ASSERT_EQ(error.issues().size(), 1u);
    EXPECT_EQ(error.issues()[0].span.line, 5);
    EXPECT_NE(error.issues()[0].message.find("gone.wav"), std::string::npos);
  }
  EXPECT_EQ(files_in(folder_ / "out"), 0u);
}

TEST_F(Files, ImpulsesThatCanNotBeUsedAreNamedInOrderAndOnce) {
  Signal bad = noise(1, 4800, 0.1, 2);
  bad[0][100] = std::nan("");
  write("nan.wav", bad);  // found when it is read, long after the headers of the others
  write("none.wav", Signal(1));
  try {
    render_text(R"(
tutti: 1
stems:
  - {name: A, file: x.wav, inserts: [{convolver: {impulse: nan.wav}}]}
  - {name: B, file: x.wav, inserts: [{convolver: {impulse: gone.wav}}]}
  - {name: C, file: x.wav, inserts: [{convolver: {impulse: ./nan.wav}}]}
  - {name: D, file: x.wav, inserts: [{convolver: {impulse: none.wav}}]}
outputs: [{file: mix.wav, source: mix}]
)");
    FAIL() << "rendered without its impulses";
  } catch (const SessionError& error) {
    ASSERT_EQ(error.issues().size(), 3u);
    const std::pair<int, const char*> expected[] = {{4, "nan.wav"}, {5, "gone.wav"}, {7, "none.wav"}};
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_EQ(error.issues()[i].span.line, expected[i].first);
      EXPECT_NE(error.issues()[i].message.find(expected[i].second), std::string::npos)
          << error.issues()[i].message;
    }
  }
}

// Its samples, which would be an error of their own, are not even looked at.
TEST_F(Files, AnImpulseOfThreeChannelsIsRefusedByItsHeader) {
  Signal three = noise(3, 4800, 0.1, 2);
  three[0][100] = std::nan("");
  write("three.wav", three);
  try {
    render_text(R"(
tutti: 1
stems:
  - {name: A, file: x.wav, inserts: [{convolver: {impulse: three.wav}}]}
outputs: [{file: mix.wav, source: mix}]
)");
    FAIL() << "rendered with three channels";
  } catch (const SessionError& error) {
    ASSERT_EQ(error.issues().size(), 1u);
    EXPECT_EQ(error.issues()[0].span.line, 4);
    EXPECT_EQ(error.issues()[0].message,
              "three.wav has 3 channels, an impulse response has 1, 2 or 4");
  }
}

TEST_F(Files, AnExistingOutputIsRefusedUntouched) {
  std::ofstream(folder_ / "master.wav") << "mine";
  EXPECT_THROW(render_text(session_), IoError);
  EXPECT_EQ(std::filesystem::file_size(folder_ / "master.wav"), 4u);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "mix.wav"));
}

TEST_F(Files, AnInputIsNeverWrittenThroughALink) {
  std::filesystem::create_directory_symlink(folder_, folder_ / "link");
  const Signal before = read("x.wav");
  EXPECT_THROW(render_text(R"(
tutti: 1
stems: [{name: A, file: x.wav}]
outputs: [{file: link/x.wav, source: mix}]
)",
                           overwriting()),
               IoError);
  EXPECT_EQ(read("x.wav"), before);
}

TEST_F(Files, AnUpToDateOutputIsSkippedAndAChangedOneIsRefused) {
  std::ofstream(folder_ / "session.yaml") << session_;
  const RenderResult first = render_text(session_);
  const RenderResult second = render_text(session_);
  ASSERT_EQ(second.outputs.size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_FALSE(first.outputs[i].up_to_date);
    EXPECT_TRUE(second.outputs[i].up_to_date);
    EXPECT_EQ(second.outputs[i].sha256, first.outputs[i].sha256);
    EXPECT_TRUE(second.outputs[i].measured.integrated_lufs.has_value());
  }
  write("x.wav", noise(1, 48000, 0.1, 2));
  EXPECT_THROW(render_text(session_), IoError);
}

TEST_F(Files, ChecksumsAreTakenWhenTheyAreAskedFor) {
  std::ofstream(folder_ / "session.yaml") << session_;
  RenderOptions plain;
  plain.digests = false;
  const RenderResult first = render_text(session_, plain);
  ASSERT_EQ(first.outputs.size(), 2u);
  EXPECT_EQ(first.outputs[0].sha256 + first.outputs[0].audio_md5, "");
  EXPECT_TRUE(render_text(session_, plain).outputs[0].up_to_date);
  // Nobody knows them, so the same bytes are written once more.
  const RenderResult asked = render_text(session_);
  EXPECT_FALSE(asked.outputs[0].up_to_date);
  EXPECT_EQ(asked.outputs[0].sha256.size(), 64u);
  EXPECT_EQ(asked.outputs[0].audio_md5.size(), 32u);
  EXPECT_EQ(asked.outputs[0].sha256, render_text(session_, overwriting()).outputs[0].sha256);
  EXPECT_TRUE(render_text(session_, plain).outputs[0].up_to_date);
}

TEST_F(Files, StoppingLeavesNothing) {
  const std::atomic<bool> stop = true;
  RenderOptions options;
  options.output_directory = folder_ / "out";
  options.stop = &stop;
  EXPECT_THROW(render_text(session_, options), Cancelled);
  EXPECT_EQ(files_in(folder_ / "out"), 0u);
}

TEST_F(Files, OnlyAndUnknownNames) {
  RenderOptions options;
  options.only = {"mix"};
  EXPECT_EQ(render_text(session_, options).outputs.size(), 1u);
  options.only = {"mixx"};
  EXPECT_THROW(render_text(session_, options), SessionError);
  options = overwriting();
  options.solo = {"B"};
  EXPECT_THROW(render_text(session_, options), SessionError);
}

// Gains of strips that are written too can not be folded into the mix: 0.1 dB and −0.1 dB in a row
// are two roundings, or one. A render of some outputs, or one that goes on where another was
// stopped, must not differ from the whole.
TEST_F(Files, AnOutputHasTheSameBitsWhateverIsRenderedBeside) {
  write("y.wav", noise(2, 48000, 0.1, 2));
  const std::string session = R"(
tutti: 1
stems:
  - {name: A, file: x.wav, gain_db: -1.3, pan: 0.3, output: Both}
  - {name: B, file: y.wav, gain_db: 0.7, output: Both, inserts: [{gain: {gain_db: -2.1}}]}
buses: [{name: Both, gain_db: -0.9}]
outputs:
  - {file: mix.wav, source: mix, bit_depth: 32f}
  - {file: "bus.wav", source: Both, bit_depth: 32f}
  - {file: "stems/{name}.wav", source: stems, bit_depth: 32f}
)";
  std::map<std::string, std::string> whole;
  for (const RenderedOutput& output : render_text(session, overwriting()).outputs)
    whole[output.source] = output.sha256;
  ASSERT_EQ(whole.size(), 4u);
  for (const auto& [source, sha256] : whole) {
    RenderOptions options = overwriting();
    options.only = {source};
    const RenderResult alone = render_text(session, options);
    ASSERT_EQ(alone.outputs.size(), 1u);
    EXPECT_EQ(alone.outputs[0].sha256, sha256) << source;
  }
}

TEST_F(Files, ASurroundStemIsRefusedInAStereoSession) {
  write("six.wav", noise(6, 4800, 0.1, 1));
  EXPECT_THROW(render_text(R"(
tutti: 1
stems: [{name: A, file: six.wav}]
outputs: [{file: mix.wav, source: mix}]
)"),
               SessionError);
}

}  // namespace
}  // namespace tutti::test
