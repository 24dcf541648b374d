// SPDX-License-Identifier: Apache-2.0
#include "tests/io/awkward_files.hpp"

#include <cmath>

#include "tests/io/awkward_parts.hpp"
#include "tests/io/byte_writer.hpp"
#include "tests/io/test_files.hpp"

namespace tutti::test {
namespace {

AwkwardFile extensible(const std::string& name, int channels, std::uint32_t mask) {
  AwkwardFile file = plain(name, channels);
  file.bytes = riff(wave_format_extensible(1, channels, 48000, 24, 24, mask) +
                    chunk("data", pcm_bytes(24, channels, kFrames)));
  file.wave_mask = mask;
  return file;
}

void add_sample_formats(std::vector<AwkwardFile>& files) {
  AwkwardFile u8 = plain("pcm08_unsigned.wav", 2);
  ByteWriter unsigned_bytes;
  for (Frames n = 0; n < kFrames; ++n) {
    for (int c = 0; c < 2; ++c) {
      unsigned_bytes.le(static_cast<std::uint64_t>(pattern(8, c, n) + 128), 1);
    }
  }
  u8.bytes = riff(wave_format(1, 2, 48000, 8) + chunk("data", unsigned_bytes.take()));
  u8.truth = integer_truth(8);
  files.push_back(u8);

  files.push_back(plain("pcm24_packed.wav", 2));

  AwkwardFile in32 = plain("pcm24_in_32.wav", 2);
  ByteWriter left_justified;
  for (Frames n = 0; n < kFrames; ++n) {
    for (int c = 0; c < 2; ++c) {
      left_justified.le(static_cast<std::uint32_t>(pattern(24, c, n)) << 8, 4);
    }
  }
  in32.bytes =
      riff(wave_format_extensible(1, 2, 48000, 32, 24, 3) + chunk("data", left_justified.take()));
  in32.wave_mask = 3;
  files.push_back(in32);

  AwkwardFile pcm20 = plain("pcm20_in_24.wav", 2);
  ByteWriter twenty;
  for (Frames n = 0; n < kFrames; ++n) {
    for (int c = 0; c < 2; ++c) twenty.le(static_cast<std::uint32_t>(pattern(20, c, n)) << 4, 3);
  }
  pcm20.bytes = riff(wave_format_extensible(1, 2, 48000, 24, 20, 3) + chunk("data", twenty.take()));
  pcm20.truth = integer_truth(20);
  pcm20.wave_mask = 3;
  files.push_back(pcm20);

  AwkwardFile pcm32 = plain("pcm32.wav", 2);
  pcm32.bytes = riff(wave_format(1, 2, 48000, 32) + chunk("data", pcm_bytes(32, 2, kFrames)));
  pcm32.truth = [](int c, Frames n) {
    return static_cast<float>(pattern(32, c, n) / 2147483648.0);
  };
  files.push_back(pcm32);

  AwkwardFile f64 = plain("float64.wav", 2);
  ByteWriter doubles;
  for (Frames n = 0; n < kFrames; ++n) {
    for (int c = 0; c < 2; ++c) doubles.f64le(pattern(32, c, n) / 3e9);
  }
  f64.bytes = riff(wave_format(3, 2, 48000, 64) + chunk("data", doubles.take()));
  f64.truth = [](int c, Frames n) { return static_cast<float>(pattern(32, c, n) / 3e9); };
  files.push_back(f64);

  AwkwardFile over = plain("float32_over_0dbfs.wav", 2);
  ByteWriter floats;
  over.truth = [](int c, Frames n) { return static_cast<float>(pattern(24, c, n)) * 3.4e-7f; };
  for (Frames n = 0; n < kFrames; ++n) {
    for (int c = 0; c < 2; ++c) floats.f32le(over.truth(c, n));
  }
  over.bytes = riff(wave_format(3, 2, 48000, 32) + chunk("data", floats.take()));
  files.push_back(over);
}

void add_layouts_and_rates(std::vector<AwkwardFile>& files) {
  files.push_back(extensible("wavex_5_1.wav", 6, 0x3f));
  files.push_back(extensible("wavex_7_1.wav", 8, 0x63f));
  files.push_back(extensible("wavex_7_1_4.wav", 12, 0x2d63f));
  files.push_back(extensible("wavex_12ch_nomask.wav", 12, 0));
  AwkwardFile mismatch = extensible("wavex_mask_mismatch.wav", 2, 0x7);
  mismatch.outcome = Outcome::warn;
  mismatch.wave_mask = 0;
  mismatch.warnings = {"mask_mismatch"};
  files.push_back(mismatch);
  AwkwardFile wide = plain("ch32_discrete.wav", 32);
  wide.outcome = Outcome::refuse;
  wide.error = "32 channels";
  files.push_back(wide);
  for (const auto& [name, rate_hz, channels] :
       {std::tuple{"rate_192k.wav", 192000, 2}, std::tuple{"rate_44k1.wav", 44100, 2},
        std::tuple{"rate_8k_mono.wav", 8000, 1}, std::tuple{"rate_47999.wav", 47999, 2}}) {
    AwkwardFile file = plain(name, channels);
    file.rate_hz = rate_hz;
    file.bytes = riff(wave_format(1, channels, rate_hz, 24) +
                      chunk("data", pcm_bytes(24, channels, kFrames)));
    files.push_back(file);
  }
}

std::string rf64(std::string_view magic, std::string_view more) {
  const std::string data = pcm_bytes(24, 2, kFrames);
  const std::string format = wave_format(1, 2, 48000, 24);
  const std::size_t riff_bytes = 4 + 36 + format.size() + more.size() + 8 + data.size();
  ByteWriter out;
  out.text(magic).le(0xffffffff, 4).text("WAVE").text("ds64").le(28, 4);
  out.le(riff_bytes, 8).le(data.size(), 8).le(static_cast<std::uint64_t>(kFrames), 8).le(0, 4);
  out.text(format).text(more).text("data").le(0xffffffff, 4).text(data);
  return out.take();
}

std::string wave64() {
  constexpr std::string_view kRiff("riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00", 16);
  const std::string tail("\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a", 12);
  const std::string data = pcm_bytes(24, 2, kFrames);
  ByteWriter out;
  out.text(kRiff).le(40 + 40 + 24 + data.size(), 8).text("wave" + tail);
  out.text("fmt " + tail).le(24 + 16, 8).text(wave_format(1, 2, 48000, 24).substr(8));
  out.text("data" + tail).le(24 + data.size(), 8).text(data);
  return out.take();
}

std::string caf_float() {
  ByteWriter out;
  out.text("caff").be(1, 2).be(0, 2).text("desc").be(32, 8).f64be(48000).text("lpcm");
  out.be(1, 4).be(8, 4).be(1, 4).be(2, 4).be(32, 4);
  out.text("data").be(4 + kFrames * 8, 8).be(0, 4);
  for (Frames n = 0; n < kFrames; ++n) {
    for (int c = 0; c < 2; ++c) out.f32be(integer_truth(24)(c, n));
  }
  return out.take();
}

/// COMM for 2 channels at 48 kHz: 48000 = 0xBB80 · 2^−15 · 2^15, so exponent 16383 + 15.
std::string aiff_common(int bits, std::string_view compression) {
  ByteWriter body;
  body.be(2, 2).be(kFrames, 4).be(static_cast<std::uint64_t>(bits), 2);
  body.be(0x400e, 2).be(0xbb80000000000000u, 8).text(compression);
  if (!compression.empty()) body.be(0, 2);
  return big_chunk("COMM", body.take());
}

std::string aiff(std::string_view form, std::string_view common, std::string_view samples) {
  const std::string sound = big_chunk("SSND", std::string(8, '\0') + std::string(samples));
  return ByteWriter()
      .text("FORM")
      .be(4 + common.size() + sound.size(), 4)
      .text(form)
      .text(common)
      .text(sound)
      .take();
}

void add_other_containers(std::vector<AwkwardFile>& files) {
  AwkwardFile file = plain("rf64_small.wav", 2);
  file.bytes = rf64("RF64", "");
  files.push_back(file);
  file = plain("wave64.w64", 2);
  file.bytes = wave64();
  files.push_back(file);
  file = plain("caf_f32be.caf", 2);
  file.bytes = caf_float();
  files.push_back(file);

  ByteWriter big;
  ByteWriter floats;
  for (Frames n = 0; n < kFrames; ++n) {
    for (int c = 0; c < 2; ++c) {
      big.be(static_cast<std::uint32_t>(pattern(24, c, n)), 3);
      floats.f32be(integer_truth(24)(c, n));
    }
  }
  file = plain("aiff24.aiff", 2);
  file.bytes = aiff("AIFF", aiff_common(24, ""), big.take());
  files.push_back(file);
  file = plain("aifc_sowt.aifc", 2);
  file.bytes = aiff("AIFC", aiff_common(24, "sowt"), pcm_bytes(24, 2, kFrames));
  files.push_back(file);
  file = plain("aifc_fl32.aifc", 2);
  file.bytes = aiff("AIFC", aiff_common(32, "fl32"), floats.take());
  files.push_back(file);

  file = plain("bw64_adm.wav", 2);
  ByteWriter chna;
  chna.le(1, 2).le(1, 2).le(1, 2).text("ATU_00000001AT_00010001_01AP_00010001").zeros(1);
  file.bytes = rf64("BW64", chunk("chna", chna.take()) + chunk("axml", "<ebuCoreMain/>"));
  files.push_back(file);
}

}  // namespace

std::vector<AwkwardFile> awkward_files() {
  std::vector<AwkwardFile> files;
  add_sample_formats(files);
  add_layouts_and_rates(files);
  add_other_containers(files);
  add_codecs(files);
  add_broken_headers(files);
  add_odd_content(files);
  return files;
}

}  // namespace tutti::test
