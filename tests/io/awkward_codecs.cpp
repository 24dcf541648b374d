// SPDX-License-Identifier: Apache-2.0
// Compressed files. Each is the shortest valid stream whose decoded samples follow from the codec's
// own definition.
#include "tests/io/awkward_parts.hpp"
#include "tests/io/flac_bytes.hpp"

namespace tutti::test {
namespace {

std::int32_t sample24(int channel, Frames frame) { return pattern(24, channel, frame); }

AwkwardFile flac(const std::string& name, int channels = 2) {
  AwkwardFile file = plain(name, channels);
  file.bytes = flac_file({.channels = channels, .frames = kFrames}, sample24);
  return file;
}

void add_flac(std::vector<AwkwardFile>& files) {
  files.push_back(flac("flac24.flac"));
  AwkwardFile bad = flac("flac_bad_md5.flac");
  bad.bytes = flac_file({.frames = kFrames, .right_md5 = false}, sample24);
  bad.outcome = Outcome::refuse;
  bad.error = "does not match its own MD5";
  files.push_back(bad);
  AwkwardFile tagged = flac("flac_id3v2_prefix.flac");
  tagged.bytes = ByteWriter()
                     .text("ID3")
                     .be(4, 1)
                     .be(0, 2)
                     .be(0x0100, 4)  // 7 bits a byte: 128 bytes
                     .zeros(128)
                     .text(tagged.bytes)
                     .take();
  files.push_back(tagged);
  files.push_back(flac("flac_8ch.flac", 8));
  AwkwardFile ogg = plain("flac_in_ogg.oga", 2);
  ogg.bytes = ogg_flac_file({.frames = kFrames}, sample24);
  files.push_back(ogg);
  files.push_back(flac("flac_named.wav"));
}

/// G.711 µ-law: sign, 3 bits of exponent, 4 of mantissa, all inverted; 14-bit values, here × 4.
float mu_law(unsigned code) {
  const unsigned plain_code = ~code & 0xff;
  const int exponent = static_cast<int>(plain_code >> 4 & 7);
  const int magnitude = ((static_cast<int>(plain_code & 15) * 2 + 33) << exponent) - 33;
  const int value = 4 * ((plain_code & 0x80) != 0 ? -magnitude : magnitude);
  return static_cast<float>(value) / 32768.0f;
}

/// The bytes of a fmt chunk with an extension, and a fact chunk, as compressed WAV wants them.
std::string compressed(int tag, int block_bytes, int bits, std::string_view extension,
                       Frames frames, std::string_view data) {
  ByteWriter body;
  body.le(static_cast<std::uint64_t>(tag), 2).le(1, 2).le(48000, 4).le(48000, 4);
  body.le(static_cast<std::uint64_t>(block_bytes), 2).le(static_cast<std::uint64_t>(bits), 2);
  body.le(extension.size(), 2).text(extension);
  return riff(chunk("fmt ", body.take()) +
              chunk("fact", ByteWriter().le(static_cast<std::uint64_t>(frames), 4).take()) +
              chunk("data", data));
}

void add_wave_codecs(std::vector<AwkwardFile>& files) {
  // Microsoft ADPCM, one block of 64 bytes: predictor 0 (coefficients 256, 0), delta 16, both start
  // samples 1234, then codes 0: every predicted sample is the last one.
  AwkwardFile adpcm = plain("codec_adpcm_ms.wav", 1);
  adpcm.frames = 2 + 2 * (64 - 7);
  ByteWriter extension;
  extension.le(static_cast<std::uint64_t>(adpcm.frames), 2).le(7, 2);
  for (const int coefficient : {256, 0, 512, -256, 0, 0, 192, 64, 240, 0, 460, -208, 392, -232}) {
    extension.le(static_cast<std::uint64_t>(coefficient), 2);
  }
  const std::string ms_block =
      ByteWriter().le(0, 1).le(16, 2).le(1234, 2).le(1234, 2).zeros(57).take();
  adpcm.bytes = compressed(2, 64, 4, extension.take(), adpcm.frames, ms_block);
  adpcm.truth = [](int, Frames) { return 1234.0f / 32768.0f; };
  files.push_back(adpcm);

  AwkwardFile law = plain("codec_pcm_mulaw.wav", 1);
  law.frames = 256;
  ByteWriter codes;
  for (unsigned code = 0; code < 256; ++code) codes.le(code, 1);
  law.bytes = compressed(7, 1, 8, "", 256, codes.take());
  law.truth = [](int, Frames n) { return mu_law(static_cast<unsigned>(n)); };
  files.push_back(law);

  // IMA ADPCM: a start sample, step index 0 (step 7), then codes 0, which add 7 >> 3 = 0.
  AwkwardFile ima = plain("codec_adpcm_ima_wav.wav", 1);
  ima.frames = 1 + 2 * 60;
  const std::string ima_block = ByteWriter().le(4321, 2).le(0, 2).zeros(60).take();
  ima.bytes =
      compressed(0x11, 64, 4, ByteWriter().le(static_cast<std::uint64_t>(ima.frames), 2).take(),
                 ima.frames, ima_block);
  ima.truth = [](int, Frames) { return 4321.0f / 32768.0f; };
  files.push_back(ima);

  AwkwardFile mp3 = plain("mp3_in_wav.wav", 1);
  mp3.outcome = Outcome::refuse;
  mp3.error = "MP3 (WAV format tag 0x0055)";
  const std::string frame = ByteWriter().be(0xfffb94c0, 4).zeros(380).take();
  mp3.bytes = compressed(0x55, 1, 0, std::string("\1\0\2\0\0\0\x80\1\1\0\x71\5", 12), 1152 * 4,
                         frame + frame + frame + frame);
  files.push_back(mp3);
}

}  // namespace

void add_codecs(std::vector<AwkwardFile>& files) {
  add_flac(files);
  add_wave_codecs(files);
  AwkwardFile alac;
  alac.name = "alac.m4a";
  alac.outcome = Outcome::refuse;
  alac.error = "MPEG-4 audio";
  alac.bytes = ByteWriter().be(32, 4).text("ftypM4A ").zeros(20).be(8, 4).text("mdat").take();
  files.push_back(alac);
}

}  // namespace tutti::test
