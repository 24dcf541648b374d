// SPDX-License-Identifier: Apache-2.0
// Chunks in odd places, sizes that lie, files that stop.
#include "tests/io/awkward_parts.hpp"

namespace tutti::test {
namespace {

const std::string& samples() {
  static const std::string bytes = pcm_bytes(24, 2, kFrames);
  return bytes;
}

std::string format() { return wave_format(1, 2, 48000, 24); }

/// bext of version 2: 338 bytes of text, then the time reference, version, UMID and loudness.
std::string bext(std::uint64_t time_reference) {
  ByteWriter body;
  body.text("A description").zeros(338 - 13).le(time_reference, 8).le(2, 2).zeros(64);
  for (const int centi : {-2300, 1000, -100, -1800, -2000}) {
    body.le(static_cast<std::uint64_t>(centi), 2);
  }
  body.zeros(180);
  return chunk("bext", body.take());
}

AwkwardFile tolerated(const std::string& name, const std::string& code, std::string bytes) {
  AwkwardFile file = plain(name, 2);
  file.outcome = Outcome::warn;
  file.warnings = {code};
  file.bytes = std::move(bytes);
  return file;
}

AwkwardFile refused(const std::string& name, const std::string& error, std::string bytes) {
  AwkwardFile file;
  file.name = name;
  file.outcome = Outcome::refuse;
  file.error = error;
  file.bytes = std::move(bytes);
  return file;
}

void add_chunk_order(std::vector<AwkwardFile>& files) {
  AwkwardFile before = plain("bext_ixml_before.wav", 2);
  const std::string cue = chunk("cue ", ByteWriter().le(0, 4).take());
  before.bytes = riff(bext(1728000000) + chunk("iXML", "<BWFXML>\xc3\xbc</BWFXML>") +
                      chunk("JUNK", "odd") + format() + cue + chunk("smpl", std::string(36, '\0')) +
                      chunk("LIST", "INFOINAM\4\0\0\0abc") + chunk("data", samples()));
  before.time_reference_frames = 1728000000;
  files.push_back(before);

  AwkwardFile after = plain("bext_after_data.wav", 2);
  after.bytes = riff(format() + chunk("data", samples()) + bext(480000) + chunk("iXML", "<x/>"));
  after.time_reference_frames = 480000;
  files.push_back(after);

  AwkwardFile odd = plain("odd_data_no_pad.wav", 1);
  odd.outcome = Outcome::warn;
  odd.warnings = {"missing_pad"};
  odd.frames = 1001;
  ByteWriter unpadded;
  unpadded.text("data").le(3003, 4).text(pcm_bytes(24, 1, 1001));
  odd.bytes = riff(wave_format(1, 1, 48000, 24) + unpadded.take() +
                   chunk("LIST", std::string("INFOINAM\4\0\0\0abc\0", 16)));
  files.push_back(odd);

  AwkwardFile late = plain("fmt_after_data.wav", 2);
  late.bytes = riff(chunk("data", samples()) + format());
  files.push_back(late);

  AwkwardFile long_format = plain("fmt_18_cbsize.wav", 2);
  long_format.bytes =
      riff(chunk("fmt ", format().substr(8) + std::string(2, '\0')) + chunk("data", samples()));
  files.push_back(long_format);

  // The ambisonic sub-format is well known: plain channels, no loudspeakers. Any other is refused.
  constexpr std::string_view kAmbisonic("\x21\x07\xd3\x11\x86\x44\xc8\xc1\xca\x00\x00\x00", 12);
  constexpr std::string_view kUnknown("\x21\x07\xd3\x11\x86\x44\xc8\xc1\xca\x00\x00\x99", 12);
  files.push_back(tolerated(
      "fmt_40_odd_guid.wav", "ambisonic",
      riff(wave_format_extensible(1, 2, 48000, 24, 24, 0, kAmbisonic) + chunk("data", samples()))));
  files.push_back(refused(
      "fmt_40_unknown_guid.wav", "unknown sub-format",
      riff(wave_format_extensible(1, 2, 48000, 24, 24, 0, kUnknown) + chunk("data", samples()))));
}

void add_sizes(std::vector<AwkwardFile>& files) {
  const auto with_sizes = [](std::uint64_t riff_bytes, std::uint64_t data_bytes) {
    return ByteWriter()
        .text("RIFF")
        .le(riff_bytes, 4)
        .text("WAVE")
        .text(format())
        .text("data")
        .le(data_bytes, 4)
        .text(samples())
        .take();
  };
  files.push_back(tolerated("data_size_zero_stream.wav", "size_unknown", with_sizes(0, 0)));
  files.push_back(
      tolerated("data_size_ffffffff.wav", "size_unknown", with_sizes(0xffffffff, 0xffffffff)));
  AwkwardFile cut =
      tolerated("truncated_mid_frame.wav", "truncated", with_sizes(0x7fffffff, 864000));
  cut.bytes.resize(44 + 6 * 3332 + 4);
  cut.frames = 3332;
  files.push_back(cut);

  const std::string whole = with_sizes(0, samples().size());
  files.push_back(refused("header_only_30bytes.wav", "without a data chunk", whole.substr(0, 30)));
  files.push_back(refused("empty_0_bytes.wav", "is empty", ""));
  files.push_back(
      refused("text_named.wav", "no audio file of a known kind", "Hello, I am text.\n"));

  AwkwardFile none = plain("zero_samples.wav", 2);
  none.bytes = riff(format() + chunk("data", ""));
  none.frames = 0;
  files.push_back(none);
  AwkwardFile one = plain("one_sample.wav", 2);
  one.bytes = riff(format() + chunk("data", samples().substr(0, 6)));
  one.frames = 1;
  files.push_back(one);
}

}  // namespace

void add_broken_headers(std::vector<AwkwardFile>& files) {
  add_chunk_order(files);
  add_sizes(files);
}

}  // namespace tutti::test
