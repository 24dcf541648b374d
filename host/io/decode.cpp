// SPDX-License-Identifier: Apache-2.0
// Which decoder: by what the first bytes are, never by the name.
#include "host/io/decode.hpp"

#include <fmt/format.h>

#include <array>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "host/io/file_pool.hpp"
#include "host/io/ogg_pages.hpp"
#include "host/io/readers.hpp"

namespace tutti {
namespace {

using io::OpenRequest;
using io::PooledFile;

constexpr std::string_view kWave64Form("riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00", 16);

struct Foreign {
  std::size_t at;
  std::string_view magic;
  std::string_view name;
};

constexpr Foreign kForeign[] = {{4, "ftyp", "MPEG-4 audio (M4A, MP4: AAC or ALAC)"},
                                {0, "\x30\x26\xb2\x75", "Windows Media"},
                                {0, "\x1a\x45\xdf\xa3", "Matroska or WebM"},
                                {0, "MAC ", "Monkey's Audio"},
                                {0, "wvpk", "WavPack"},
                                {0, "TTA1", "True Audio"},
                                {0, "DSD ", "DSD"},
                                {0, "FRM8", "DSD"},
                                {0, "MPCK", "Musepack"},
                                {0, "MP+", "Musepack"},
                                {0, "#!AMR", "AMR"},
                                {0, "MThd", "MIDI, which is no audio"},
                                {0, ".snd", "Sun/NeXT audio"},
                                {0, "RIFX", "big-endian WAV (RIFX)"}};

std::string read_string(PooledFile& file, std::int64_t at, std::size_t bytes) {
  std::string text(bytes, '\0');
  text.resize(file.read_at(at, text.data(), bytes));
  return text;
}

/// The offset behind the ID3v2 tags at the start, 0 if there are none. Their size has 7 bits a
/// byte.
std::int64_t skip_id3(PooledFile& file) {
  std::int64_t at = 0;
  for (int tags = 0; tags < 8; ++tags) {
    const std::string head = read_string(file, at, 10);
    if (head.size() < 10 || !head.starts_with("ID3")) break;
    std::int64_t size_bytes = 0;
    for (std::size_t i = 6; i < 10; ++i) size_bytes = size_bytes << 7 | (head[i] & 0x7f);
    at += 10 + size_bytes + ((head[5] & 0x10) != 0 ? 10 : 0);
  }
  return at;
}

/// The frame header of MPEG audio: 11 sync bits, and no reserved version, layer, bit rate or rate.
bool is_mpeg_frame(std::string_view head) {
  if (head.size() < 4) return false;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(head[i]); };
  return byte(0) == 0xff && (byte(1) & 0xe0) == 0xe0 && (byte(1) & 0x18) != 0x08 &&
         (byte(1) & 0x06) != 0 && (byte(2) & 0xf0) != 0xf0 && (byte(2) & 0x0c) != 0x0c;
}

bool is_adts_frame(std::string_view head) {
  return head.size() >= 2 && head[0] == '\xff' && (head[1] & '\xf6') == '\xf0';
}

std::unique_ptr<AudioReader> open_uncompressed(OpenRequest request, io::PcmHeader header) {
  if (header.codec.empty()) return io::open_pcm(std::move(request), std::move(header.layout));
  if (header.codec.starts_with("MP")) {  // libsndfile gets the length of MPEG inside WAV wrong
    throw IoError(request.file->name(),
                  "holds " + header.codec + ", which is not supported; convert it to WAV or FLAC");
  }
  return io::open_with_sndfile(std::move(request), header.codec);
}

std::string describe_start(std::string_view head) {
  std::string text;
  for (const char c : head.substr(0, 4)) {
    text += c >= 0x20 && c <= 0x7e ? std::string(1, c)
                                   : fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  }
  return text;
}

/// Whether `magic` stands at `at`; a short head has nothing there.
bool stands(std::string_view head, std::size_t at, std::string_view magic) {
  return head.size() >= at && head.substr(at).starts_with(magic);
}

void refuse_foreign(const PooledFile& file, std::string_view head, std::string_view audio) {
  const char* const advice = "which is not supported; convert it to WAV or FLAC";
  for (const Foreign& foreign : kForeign) {
    if (stands(head, foreign.at, foreign.magic)) {
      throw IoError(file.name(), fmt::format("is {}, {}", foreign.name, advice));
    }
  }
  if (is_adts_frame(audio)) throw IoError(file.name(), fmt::format("is AAC, {}", advice));
}

bool is_wave(std::string_view head) {
  return head.starts_with(kWave64Form) ||
         (stands(head, 8, "WAVE") &&
          (head.starts_with("RIFF") || head.starts_with("RF64") || head.starts_with("BW64")));
}

bool is_aiff(std::string_view head) {
  return head.starts_with("FORM") && (stands(head, 8, "AIFF") || stands(head, 8, "AIFC"));
}

std::unique_ptr<AudioReader> open_request(OpenRequest request) {
  PooledFile& file = *request.file;
  if (file.size_bytes() == 0) throw IoError(file.name(), "is empty (0 bytes)");
  const std::string head = read_string(file, 0, 64);
  if (is_wave(head) || is_aiff(head)) {
    auto header = is_aiff(head) ? io::parse_aiff(file, request.warnings)
                                : io::parse_wave(file, request.warnings);
    return open_uncompressed(std::move(request), std::move(header));
  }
  if (head.starts_with("caff")) {
    // The format identifier stands behind the file header, the chunk header and the rate.
    const std::string id = head.size() >= 32 ? describe_start(head.substr(28)) : "";
    return io::open_with_sndfile(std::move(request), fmt::format("CAF with '{}' audio", id));
  }
  if (head.starts_with("OggS")) {
    io::check_ogg_pages(file, request.warnings);
    // The first packet of a stream begins behind a page header with one segment.
    if (stands(head, 28,
               "\x7f"
               "FLAC"))
      return io::open_flac(std::move(request), true);
    return io::open_with_sndfile(std::move(request), "Ogg");
  }
  const std::string audio = read_string(file, skip_id3(file), 64);
  if (audio.starts_with("fLaC")) return io::open_flac(std::move(request), false);
  refuse_foreign(file, head, audio);
  if (is_mpeg_frame(audio) || head.starts_with("ID3")) return io::open_mpeg(std::move(request));
  throw IoError(file.name(), fmt::format("is no audio file of a known kind (starts with \"{}\")",
                                         describe_start(head)));
}

}  // namespace

void AudioReader::read_packed(Frames, Frames, std::byte*) {
  throw std::logic_error("this file's samples are not packed");
}

std::unique_ptr<AudioReader> open_audio(const std::filesystem::path& path,
                                        const WarningSink& warnings, const DecodeOptions& options) {
  auto reader = open_request({std::make_shared<PooledFile>(path), warnings, options});
  return options.read_ahead && !reader->packed_format() ? read_ahead(std::move(reader))
                                                        : std::move(reader);
}

}  // namespace tutti
