// SPDX-License-Identifier: Apache-2.0
// Finished files through a chain: what is written, heard by meters that are not the engine's.
#include <ebur128.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "host/engine/read_back.hpp"
#include "host/engine/remaster.hpp"
#include "host/session/chain.hpp"
#include "tests/engine/session_fixture.hpp"
#include "tests/reference/true_peak.hpp"

namespace tutti::test {
namespace {

/// Integrated loudness by libebur128; empty below its gate.
std::optional<double> peer_lufs(const Signal& signal, double rate_hz) {
  const auto channels = static_cast<unsigned>(signal.size());
  ebur128_state* state =
      ebur128_init(channels, static_cast<unsigned long>(rate_hz), EBUR128_MODE_I);
  if (channels == 6) {
    const int map[] = {EBUR128_LEFT,   EBUR128_RIGHT,         EBUR128_CENTER,
                       EBUR128_UNUSED, EBUR128_LEFT_SURROUND, EBUR128_RIGHT_SURROUND};
    for (unsigned c = 0; c < 6; ++c) ebur128_set_channel(state, c, map[c]);
  }
  std::vector<double> frames;
  for (std::size_t n = 0; n < signal[0].size(); ++n)
    for (const auto& channel : signal) frames.push_back(channel[n]);
  ebur128_add_frames_double(state, frames.data(), signal[0].size());
  double lufs = 0;
  ebur128_loudness_global(state, &lufs);
  ebur128_destroy(&state);
  if (!std::isfinite(lufs)) return {};
  return lufs;
}

double reference_peak_db(const Signal& signal) {
  double peak = 0;
  // A channel pair is enough: all are limited by one gain, and the slow truth is slow.
  for (std::size_t c = 0; c < std::min<std::size_t>(2, signal.size()); ++c) {
    const auto& channel = signal[c];
    const std::vector<float> x(channel.begin(), channel.end());
    peak = std::max(peak, reference_true_peak(x));
  }
  return linear_to_db(peak);
}

Signal scaled(Signal signal, double gain) {
  for (auto& channel : signal)
    for (double& x : channel) x = static_cast<double>(static_cast<float>(x * gain));
  return signal;
}

Signal tone(int channels, Frames frames, double freq_hz, double amplitude, double rate_hz) {
  Signal signal(static_cast<std::size_t>(channels));
  for (auto& channel : signal)
    for (Frames n = 0; n < frames; ++n)
      channel.push_back(amplitude *
                        std::sin(2 * kPi * freq_hz * static_cast<double>(n) / rate_hz));
  return signal;
}

class Remaster : public SessionFixture {
 protected:
  Session chain(const std::string& text) const {
    ParseResult parsed = parse_chain_text("tutti_chain: 1\n" + text, folder_ / "chain.yaml");
    for (const Issue& issue : parsed.issues) ADD_FAILURE() << format_issue(issue, parsed.source);
    for (const Issue& issue : validate_chain(parsed.session))
      ADD_FAILURE() << format_issue(issue, parsed.source);
    return parsed.session;
  }

  RemasteredTrack one(const Session& chain, const std::string& in, const std::string& out) {
    const RemasterInput input{folder_ / in, {{folder_ / out, false}}};
    RemasterOptions options;
    options.warnings = [&](const Warning& warning) { warnings_.push_back(warning.code); };
    return remaster(*backend_, chain, {&input, 1}, options)[0];
  }

  std::unique_ptr<Backend> backend_ = open_cpu_backend();
  std::vector<std::string> warnings_;
};

// Rates and channel counts, levels from near silence to far over full scale, steady, sparse, tonal.
TEST_F(Remaster, MeetsTargetAndCeilingOnVariedInputs) {
  const Session target = chain(
      "master: {loudness: {target_lufs: -14}, limiter: {ceiling_dbtp: -1}}\n"
      "outputs: [{file: \"{name}.wav\", bit_depth: 24}]\n");
  int checked = 0;
  for (const double rate_hz : {8000.0, 44100.0, 48000.0, 96000.0, 192000.0})
    for (const int channels : {1, 2, 6}) {
      const auto frames = static_cast<Frames>(rate_hz * 2);
      Signal sparse = noise(channels, frames, 0.3, 3);
      for (auto& channel : sparse)
        for (std::size_t n = 0; n < channel.size(); ++n)
          if (n % (channel.size() / 3) > channel.size() / 9) channel[n] *= 1e-3;
      const std::map<std::string, Signal> programmes = {
          {"noise", noise(channels, frames, 0.1, 1)},
          {"over", scaled(noise(channels, frames, 0.1, 2), 30)},
          {"sparse", sparse},
          {"tone", tone(channels, frames, 997, 0.5, rate_hz)}};
      for (const auto& [name, signal] : programmes) {
        SCOPED_TRACE(testing::Message() << name << " " << channels << " " << rate_hz);
        write("in.wav", signal, rate_hz);
        const std::string out = "out/" + name + std::to_string(checked) + ".wav";
        const RemasteredTrack track = one(target, "in.wav", out);
        const Signal written = read(out);
        ASSERT_EQ(written[0].size(), signal[0].size());
        // 8 kHz: the meters' filters differ by 0.2 LU there, as README says.
        const double own_bound = 0.1, peer_bound = rate_hz == 8000 ? 0.35 : 0.1;
        EXPECT_NEAR(*track.outputs[0].measured.integrated_lufs, -14, own_bound);
        EXPECT_NEAR(*peer_lufs(written, rate_hz), -14, peer_bound);
        EXPECT_LE(reference_peak_db(written), -1 + 0.02);
        ++checked;
      }
    }
  EXPECT_GE(checked, 40);
}

TEST_F(Remaster, LeavesSilenceAndWhatIsTooShortAlone) {
  const Session target =
      chain("master: {loudness: {target_lufs: -14}, limiter: {ceiling_dbtp: -1}}\n");
  write("silence.wav", Signal(2, std::vector<double>(48000)));
  one(target, "silence.wav", "out/silence.wav");
  const Signal silence = read("out/silence.wav");
  for (const double x : silence[0]) ASSERT_EQ(x, 0);
  const Signal blip = noise(2, 4800, 0.1, 1);  // 100 ms
  write("blip.wav", blip);
  one(target, "blip.wav", "out/blip.wav");
  EXPECT_EQ(read("out/blip.wav"), blip) << "32-bit float in, the same out";
  EXPECT_EQ(warnings_, (std::vector<std::string>{"silence", "silence"}));
}

TEST_F(Remaster, BringsTheLoudestSecondsToTheTargetWhenAsked) {
  Signal signal = noise(2, 10 * 48000, 0.02, 1);
  for (auto& channel : signal)
    for (std::size_t n = 4 * 48000; n < 8 * 48000; ++n) channel[n] *= 4;
  write("in.wav", signal);
  const auto with = [&](const std::string& mode) {
    return one(chain("master: {loudness: {target_lufs: -20, mode: " + mode + "}}\n"), "in.wav",
               "out/" + mode + ".wav")
        .outputs[0]
        .measured;
  };
  EXPECT_NEAR(*with("short_term").short_term_max_lufs, -20, 0.01);
  EXPECT_NEAR(*with("momentary").momentary_max_lufs, -20, 0.01);
  EXPECT_NEAR(*with("integrated").integrated_lufs, -20, 0.01);
}

TEST_F(Remaster, TurnsDownOnlyWhenToldSo) {
  const Session limit =
      chain("master: {loudness: {target_lufs: -20, only_if_louder: true}}\n");
  const Signal soft = noise(2, 96000, 0.01, 1), loud = noise(2, 96000, 0.3, 1);
  write("soft.wav", soft);
  write("loud.wav", loud);
  one(limit, "soft.wav", "out/soft.wav");
  EXPECT_EQ(read("out/soft.wav"), soft);
  const RemasteredTrack track = one(limit, "loud.wav", "out/loud.wav");
  EXPECT_NEAR(*track.outputs[0].measured.integrated_lufs, -20, 0.01);
}

// An album is gated over the blocks of all its tracks, as if they followed each other.
TEST_F(Remaster, GivesAnAlbumOneGain) {
  const Signal a = noise(2, 5 * 48000, 0.1, 1), b = noise(2, 9 * 48000, 0.02, 2);
  write("a.wav", a);
  write("b.wav", b);
  Signal both = a;
  for (std::size_t c = 0; c < 2; ++c) both[c].insert(both[c].end(), b[c].begin(), b[c].end());
  const double pooled_db = -23 - *peer_lufs(both, 48000);
  const double loudest_db = -23 - *peer_lufs(a, 48000);
  const Session target = chain("master: {loudness: {target_lufs: -23}}\n");
  for (const auto& [album, gain_db] : {std::pair{AlbumLoudness::pooled, pooled_db},
                                       std::pair{AlbumLoudness::loudest_track, loudest_db}}) {
    const std::string to = "out" + std::to_string(static_cast<int>(album)) + "/";
    const std::vector<RemasterInput> inputs = {{folder_ / "a.wav", {{folder_ / (to + "a.wav")}}},
                                               {folder_ / "b.wav", {{folder_ / (to + "b.wav")}}}};
    RemasterOptions options;
    options.album = album;
    const std::vector<RemasteredTrack> tracks = remaster(*backend_, target, inputs, options);
    // Blocks across the joint are what the tracks apart do not have: some hundredths.
    EXPECT_NEAR(*tracks[0].outputs[0].gain_db, gain_db, 0.05);
    EXPECT_EQ(tracks[0].outputs[0].gain_db, tracks[1].outputs[0].gain_db);
  }
}

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

// A codec rings over what was limited: what is decoded keeps the ceiling all the same, and the
// loudness.
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

TEST_F(Remaster, LossyFilesKeepTheCeilingWhenTheyAreDecoded) {
  Signal peaky = noise(2, 5 * 48000, 0.05, 1);
  for (auto& channel : peaky)
    for (std::size_t n = 0; n < channel.size(); n += 2400) channel[n] = 0.5;
  write("in.wav", peaky);
  const Session target =
      chain("master: {loudness: {target_lufs: -14}, limiter: {ceiling_dbtp: -1}}\n"
            "outputs: [{file: \"{name}.mp3\"}]\n");
  for (const std::string extension : {"mp3", "ogg", "opus"}) {
    SCOPED_TRACE(extension);
    Session own = target;
    own.outputs[0].file = "{name}." + extension;
    const RemasteredTrack track = one(own, "in.wav", "out/a." + extension);
    const Signal decoded = read("out/a." + extension);
    EXPECT_LE(reference_peak_db(decoded), -1 + 0.02);
    EXPECT_NEAR(*peer_lufs(decoded, 48000), -14, 0.15);
    EXPECT_NEAR(*track.outputs[0].measured.integrated_lufs, -14, 0.1);
  }
  EXPECT_TRUE(warnings_.empty());
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
