// SPDX-License-Identifier: Apache-2.0
// Headers of WAV, RF64, BW64 and Wave64. Sources: Microsoft's multimedia registrations, EBU Tech
// 3306 (RF64), ITU-R BS.2088 (BW64), EBU Tech 3285 (bext), Sony's Wave64 description.
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <optional>
#include <string_view>

#include "host/io/chunks.hpp"
#include "host/io/pcm_layout.hpp"

namespace tutti::io {
namespace {

constexpr std::uint32_t kSizeUnknown = 0xffffffffu;

struct CodecName {
  std::uint16_t tag;
  std::string_view name;
};

constexpr CodecName kCodecs[] = {{0x0002, "Microsoft ADPCM"},
                                 {0x0006, "A-law"},
                                 {0x0007, "mu-law"},
                                 {0x0011, "IMA ADPCM"},
                                 {0x0016, "G.723 ADPCM"},
                                 {0x0031, "GSM 6.10"},
                                 {0x0050, "MPEG layer 1/2"},
                                 {0x0055, "MP3"},
                                 {0x0064, "G.726 ADPCM"},
                                 {0x0065, "G.722 ADPCM"},
                                 {0x0092, "AC-3 over S/PDIF"},
                                 {0x00ff, "AAC"},
                                 {0x0160, "Windows Media"},
                                 {0x0161, "Windows Media"},
                                 {0x0162, "Windows Media"},
                                 {0x0163, "Windows Media lossless"},
                                 {0x1610, "AAC"},
                                 {0x2000, "AC-3"},
                                 {0x2001, "DTS"},
                                 {0x566f, "Vorbis"},
                                 {0x674f, "Vorbis"},
                                 {0x6750, "Vorbis"},
                                 {0x6751, "Vorbis"},
                                 {0x676f, "Vorbis"},
                                 {0x6771, "Vorbis"},
                                 {0xf1ac, "FLAC"}};

std::string codec_name(std::uint16_t tag) {
  for (const CodecName& codec : kCodecs) {
    if (codec.tag == tag) return fmt::format("{} (WAV format tag 0x{:04x})", codec.name, tag);
  }
  return fmt::format("an unknown codec (WAV format tag 0x{:04x})", tag);
}

// The last 12 of the 16 bytes of a sub-format; the first four hold the format tag.
constexpr std::string_view kWaveTail("\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71", 12);
constexpr std::string_view kAmbisonicTail("\x21\x07\xd3\x11\x86\x44\xc8\xc1\xca\x00\x00\x00", 12);

class WaveParser {
 public:
  WaveParser(PooledFile& file, const WarningSink& warnings) : file_(file), warnings_(warnings) {}

  PcmHeader parse() {
    read_form();
    ChunkWalker walker(file_, style_, first_chunk_);
    Chunk chunk;
    while (!ends_here_ && walker.next(chunk)) visit(walker, chunk);
    if (!format_) throw IoError(file_.name(), container() + " file without a fmt chunk");
    if (!data_) throw IoError(file_.name(), container() + " file without a data chunk");
    interpret_format();
    if (!header_.codec.empty()) return header_;
    if (walker.missing_pad()) {
      warn(warnings_, file_.name(), "missing_pad",
           "a chunk of odd size has no pad byte; what follows it was found one byte early");
    }
    if (size_unknown_) {
      warn(warnings_, file_.name(), "size_unknown",
           "the header does not say how much audio there is; it is read to the end of the file");
      data_->claimed_bytes = static_cast<std::uint64_t>(data_->bytes);
    }
    header_.layout.data_offset = data_->body;
    set_frames(header_.layout, data_->bytes, data_->claimed_bytes, file_.name(), warnings_);
    return header_;
  }

 private:
  std::string& container() { return header_.layout.info.container; }

  void read_form() {
    std::array<std::byte, 12> form = {};
    file_.read_at(0, form.data(), form.size());
    const std::string magic(reinterpret_cast<const char*>(form.data()), 4);
    if (magic == "riff") {
      style_ = ChunkStyle::wave64;
      first_chunk_ = 40;
      container() = "W64";
      return;
    }
    container() = magic == "RIFF" ? "WAV" : magic;
  }

  void visit(ChunkWalker& walker, Chunk& chunk) {
    if (chunk.id == "fmt " && !format_) {
      format_ = read_body(file_, chunk, 64);
    } else if (chunk.id == "ds64" && container() != "WAV") {
      const auto body = read_body(file_, chunk, 16);
      if (body.size() == 16) long_data_bytes_ = load_integer<std::uint64_t>(body.data() + 8, false);
    } else if (chunk.id == "bext") {
      // 256 + 32 + 32 + 10 + 8 bytes of text stand before the time reference.
      const auto body = read_body(file_, chunk, 346);
      if (body.size() == 346 && !header_.layout.info.time_reference_frames) {
        const auto time = load_integer<std::uint64_t>(body.data() + 338, false);
        if (time < (std::uint64_t{1} << 62)) {
          header_.layout.info.time_reference_frames = static_cast<Frames>(time);
        }
      }
    } else if (chunk.id == "data" && !data_) {
      visit_data(walker, chunk);
    }
  }

  void visit_data(ChunkWalker& walker, Chunk& chunk) {
    if (chunk.claimed_bytes == kSizeUnknown && long_data_bytes_.value_or(0) != 0) {
      walker.resize(chunk, *long_data_bytes_);
    }
    const std::int64_t rest = file_.size_bytes() - chunk.body;
    const bool crashed =
        chunk.claimed_bytes == 0 && rest > 0 && !chunks_fill_file(file_, style_, chunk.body);
    const bool streamed = chunk.claimed_bytes == kSizeUnknown && style_ == ChunkStyle::riff &&
                          !long_data_bytes_.has_value();
    const bool unset = chunk.claimed_bytes == kSizeUnknown && long_data_bytes_ == 0;
    size_unknown_ = crashed || streamed || unset;
    if (size_unknown_) walker.resize(chunk, static_cast<std::uint64_t>(rest));
    ends_here_ = chunk.bytes == rest;
    data_ = chunk;
  }

  void interpret_format() {
    const auto& body = *format_;
    if (body.size() < 16) throw IoError(file_.name(), "the fmt chunk is too short");
    AudioInfo& info = header_.layout.info;
    std::uint32_t tag = load_integer<std::uint16_t>(body.data(), false);
    info.channels = load_integer<std::uint16_t>(body.data() + 2, false);
    info.sample_rate_hz = load_integer<std::uint32_t>(body.data() + 4, false);
    const int block_bytes = load_integer<std::uint16_t>(body.data() + 12, false);
    const int bits = load_integer<std::uint16_t>(body.data() + 14, false);
    int valid_bits = bits;
    check_channels_and_rate(file_.name(), info);
    if (tag == 0xfffe) tag = interpret_extension(valid_bits);
    if (tag != 1 && tag != 3) {
      header_.codec = codec_name(static_cast<std::uint16_t>(tag));
      return;
    }
    set_sample_format(tag == 3, bits, block_bytes);
    const int container_bits = 8 * header_.layout.format.bytes;
    if (valid_bits < 1 || valid_bits > container_bits) valid_bits = container_bits;
    info.encoding = encoding_name(header_.layout.format, valid_bits);
  }

  /// Returns the format tag of the sub-format of WAVE_FORMAT_EXTENSIBLE.
  std::uint32_t interpret_extension(int& valid_bits) {
    const auto& body = *format_;
    if (body.size() < 40) {
      throw IoError(file_.name(), "the fmt chunk is too short for WAVE_FORMAT_EXTENSIBLE");
    }
    valid_bits = load_integer<std::uint16_t>(body.data() + 18, false);
    interpret_mask(load_integer<std::uint32_t>(body.data() + 20, false));
    const std::string_view tail(reinterpret_cast<const char*>(body.data()) + 28, 12);
    const auto tag = load_integer<std::uint32_t>(body.data() + 24, false);
    if (tail == kAmbisonicTail && (tag == 1 || tag == 3)) {
      warn(warnings_, file_.name(), "ambisonic",
           "the channels are ambisonic components; they are read as plain channels");
      header_.layout.info.wave_mask = 0;
    } else if (tail != kWaveTail) {
      throw IoError(file_.name(), fmt::format("unknown sub-format in WAVE_FORMAT_EXTENSIBLE "
                                              "(starts with 0x{:08x})",
                                              tag));
    }
    return tag;
  }

  void interpret_mask(std::uint32_t mask) {
    AudioInfo& info = header_.layout.info;
    if (mask == 0) return;
    if (std::popcount(mask) == info.channels) {
      info.wave_mask = mask;
      return;
    }
    warn(warnings_, file_.name(), "mask_mismatch",
         fmt::format("the channel mask 0x{:x} names {} loudspeakers but there are {} channels; "
                     "the mask is ignored",
                     mask, std::popcount(mask), info.channels));
  }

  // The block size decides over the bits: 24 bits in blocks of 4 bytes are left-justified in 32.
  void set_sample_format(bool floating, int bits, int block_bytes) {
    const int channels = header_.layout.info.channels;
    int bytes = (bits + 7) / 8;
    if (block_bytes % channels == 0 && block_bytes / channels >= bytes)
      bytes = block_bytes / channels;
    const bool fits = floating ? bytes == bits / 8 && (bytes == 4 || bytes == 8)
                               : bits >= 1 && bytes >= 1 && bytes <= 4;
    if (!fits || (block_bytes != 0 && block_bytes != bytes * channels)) {
      throw IoError(file_.name(),
                    fmt::format("the fmt chunk contradicts itself or is not supported: {} {} bits, "
                                "{} channels, blocks of {} bytes",
                                floating ? "float" : "PCM", bits, channels, block_bytes));
    }
    const SampleKind integer =
        bytes == 1 ? SampleKind::unsigned_integer : SampleKind::signed_integer;
    header_.layout.format = {floating ? SampleKind::floating : integer, bytes, false};
  }

  PooledFile& file_;
  const WarningSink& warnings_;
  ChunkStyle style_ = ChunkStyle::riff;
  std::int64_t first_chunk_ = 12;
  std::optional<std::uint64_t> long_data_bytes_;  ///< of ds64
  std::optional<std::vector<std::byte>> format_;
  std::optional<Chunk> data_;
  bool size_unknown_ = false;
  bool ends_here_ = false;
  PcmHeader header_;
};

}  // namespace

PcmHeader parse_wave(PooledFile& file, const WarningSink& warnings) {
  return WaveParser(file, warnings).parse();
}

}  // namespace tutti::io
