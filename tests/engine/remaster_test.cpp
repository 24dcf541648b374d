// SPDX-License-Identifier: Apache-2.0
// What a chain does to files besides their level: inserts, trim and fades, and what they say of
// themselves.
#include <algorithm>
#include <cmath>

#include "host/engine/read_back.hpp"
#include "tests/engine/remaster_fixture.hpp"

namespace tutti::test {
namespace {

TEST_F(Remaster, ProcessesTrimsAndFadesAndKeepsTheLength) {
  const Signal in = noise(2, 48000, 0.1, 1);
  write("in.wav", in);
  const Session gain = chain("master: {gain_db: -6, inserts: [{gain: {gain_db: 6}}]}\n");
  one(gain, "in.wav", "out/gain.wav");
  const Signal same = read("out/gain.wav");
  ASSERT_EQ(same[0].size(), in[0].size());
  for (std::size_t n = 0; n < in[0].size(); ++n) ASSERT_NEAR(same[0][n], in[0][n], 1e-7);
  const Session cut =
      chain("master: {trim: {start: 0.25, end: 0.75}, fade_out: {length_s: 0.1, shape: linear}}\n");
  one(cut, "in.wav", "out/cut.wav");
  const Signal kept = read("out/cut.wav");
  ASSERT_EQ(kept[0].size(), 24000u);
  EXPECT_EQ(kept[0][0], in[0][12000]);
  EXPECT_NEAR(kept[0][24000 - 2400], in[0][36000 - 2400] / 2, 1e-4);
  EXPECT_NEAR(kept[0][24000 - 1200], in[0][36000 - 1200] / 4, 1e-4);
}
// With inserts the file is read once, for the mix and for this; a delay's tail is not part of it.
TEST_F(Remaster, SaysHowTheInputWasWhateverIsDoneToIt) {
  for (const int channels : {1, 2}) {
    write("in.wav", noise(channels, 5 * 48000 + 7, 0.1, 4));
    const Measurement truth = measure_file(folder_ / "in.wav", *backend_, nullptr);
    for (const std::string inserts :
         {"", "{eq: {bands: [{type: bell, freq_hz: 500, gain_db: -6}]}}",
          "{delay: {time_ms: 700, feedback: 0.5, wet_db: 0}}"}) {
      const RemasteredTrack track =
          one(chain("master: {gain_db: -3, inserts: [" + inserts +
                    "], loudness: {target_lufs: -20}}\n"),
              "in.wav", "out/" + std::to_string(channels + 3 * inserts.size()) + ".wav");
      EXPECT_EQ(track.before.integrated_lufs, truth.integrated_lufs) << inserts;
      EXPECT_EQ(track.before.true_peak_dbtp, truth.true_peak_dbtp) << inserts;
      EXPECT_EQ(track.before.rms_dbfs, truth.rms_dbfs) << inserts;
      EXPECT_EQ(track.before.frames, truth.frames) << inserts;
      EXPECT_NEAR(*track.outputs[0].measured.integrated_lufs, -20, 0.1) << inserts;
    }
  }
}

TEST_F(Remaster, ProcessesEveryChannelOfASurroundFileAlike) {
  const std::string text =
      "master: {gain_db: -2, inserts: [{eq: {bands: [{type: bell, freq_hz: 500, gain_db: -6}]}}, "
      "{compressor: {threshold_db: -30, ratio: 3, link: 0}}, {delay: {time_ms: 3, wet_db: -6}}]}\n";
  const Signal six = noise(6, 2 * 48000, 0.1, 5);
  write("six.wav", six);
  one(chain(text), "six.wav", "out/six.wav");
  const Signal written = read("out/six.wav");
  ASSERT_EQ(written.size(), 6u);
  for (std::size_t c = 0; c < 6; ++c) {
    write("one.wav", {six[c]});
    one(chain(text), "one.wav", "out/one" + std::to_string(c) + ".wav");
    const Signal alone = read("out/one" + std::to_string(c) + ".wav");
    // The delay's tail ends when all channels are quiet.
    ASSERT_GE(std::min(written[c].size(), alone[0].size()), 96000u);
    double apart = 0;
    for (std::size_t n = 0; n < 96000; ++n)
      apart = std::max(apart, std::abs(written[c][n] - alone[0][n]));
    EXPECT_LE(linear_to_db(apart), -120) << c;
  }
}

TEST_F(Remaster, RefusesInsertsWhereNobodyKnowsTheChannels) {
  write("seven.wav", noise(7, 48000, 0.1, 6));
  EXPECT_THROW(one(chain("master: {inserts: [{gain: {gain_db: -1}}]}\n"), "seven.wav", "out/7.wav"),
               IoError);
  one(chain("master: {loudness: {target_lufs: -20}}\n"), "seven.wav", "out/7.wav");
  EXPECT_EQ(read("out/7.wav").size(), 7u);
}
TEST_F(Remaster, KeepsWhatAFileSaysAndItsOwnNewLoudness) {
  const Signal in = noise(2, 96000, 0.1, 1);
  WriteSpec spec;
  spec.path = folder_ / "in.wav";
  auto metadata = std::make_shared<Metadata>();
  metadata->container = "WAV";
  metadata->family = io::MetadataFamily::riff;
  io::Bytes bext(602);
  const std::string words = "Evening take";
  std::transform(words.begin(), words.end(), bext.begin(),
                 [](char c) { return static_cast<std::byte>(c); });
  metadata->chunks.push_back({"bext", bext, false, ""});
  metadata->chunks.push_back({"xtra", io::Bytes(5, std::byte{7}), true, ""});
  spec.metadata = metadata;
  auto writer = open_writer(spec);
  Buffer block(2, 96000);
  for (int c = 0; c < 2; ++c)
    for (std::size_t n = 0; n < 96000; ++n)
      block.channel(c)[n] = static_cast<float>(in[static_cast<std::size_t>(c)][n]);
  writer->write(block.view());
  writer->commit();
  one(chain("master: {loudness: {target_lufs: -18}, limiter: {ceiling_dbtp: -1}}\n"), "in.wav",
      "out/a.wav");
  std::vector<Warning> unsaid;
  const Metadata kept = read_metadata(folder_ / "out" / "a.wav", unsaid);
  const auto chunk = [&](const std::string& id) {
    const auto found = std::find_if(kept.chunks.begin(), kept.chunks.end(),
                                    [&](const io::MetadataChunk& c) { return c.id == id; });
    return found == kept.chunks.end() ? io::Bytes() : found->body;
  };
  EXPECT_EQ(chunk("xtra"), io::Bytes(5, std::byte{7}));
  const io::Bytes written = chunk("bext");
  ASSERT_GE(written.size(), 602u);
  EXPECT_TRUE(std::equal(bext.begin(), bext.begin() + 256, written.begin()));
  // EBU Tech 3285 v2: LoudnessValue, a signed 16-bit number of hundredths, at byte 412.
  const int hundredths = static_cast<std::int16_t>(std::to_integer<int>(written[412]) |
                                                   std::to_integer<int>(written[413]) << 8);
  EXPECT_NEAR(hundredths, -1800, 10);
}

TEST_F(Remaster, WritesNothingWhenAnInputHasChangedMeanwhile) {
  write("in.wav", noise(2, 48000, 0.1, 1));
  const RemasterInput input{folder_ / "in.wav", {{folder_ / "out" / "a.wav", false}}};
  RemasterOptions options;
  options.after_reading = [] { throw IoError("in.wav", "changed", IoFault::exhausted); };
  EXPECT_THROW(remaster(*backend_, chain("master: {gain_db: 1}\n"), {&input, 1}, options), IoError);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "out"));
}

}  // namespace
}  // namespace tutti::test
