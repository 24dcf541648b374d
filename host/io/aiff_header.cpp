// SPDX-License-Identifier: Apache-2.0
// Headers of AIFF and AIFF-C, after Apple's "Audio Interchange File Format" 1.3 and its C draft.
#include <fmt/format.h>

#include <cmath>
#include <optional>
#include <string_view>

#include "host/io/chunks.hpp"
#include "host/io/pcm_layout.hpp"

namespace tutti::io {
namespace {

/// An 80-bit extended float: sign and exponent (bias 16383), then 64 bits of explicit mantissa.
double load_extended(const std::byte* from) {
  const auto sign_and_exponent = load_integer<std::uint16_t>(from, true);
  const auto mantissa = load_integer<std::uint64_t>(from + 2, true);
  const int exponent = (sign_and_exponent & 0x7fff) - 16383 - 63;
  const double value = std::ldexp(static_cast<double>(mantissa), exponent);
  return (sign_and_exponent & 0x8000) != 0 ? -value : value;
}

struct Compression {
  std::string_view id;
  SampleKind kind;
  int bytes;  ///< 0: from the COMM chunk's bits
  bool big_endian;
};

constexpr Compression kUncompressed[] = {
    {"NONE", SampleKind::signed_integer, 0, true},  {"twos", SampleKind::signed_integer, 0, true},
    {"sowt", SampleKind::signed_integer, 0, false}, {"in24", SampleKind::signed_integer, 3, true},
    {"in32", SampleKind::signed_integer, 4, true},  {"42ni", SampleKind::signed_integer, 3, false},
    {"23ni", SampleKind::signed_integer, 4, false}, {"raw ", SampleKind::unsigned_integer, 1, true},
    {"fl32", SampleKind::floating, 4, true},        {"FL32", SampleKind::floating, 4, true},
    {"fl64", SampleKind::floating, 8, true},        {"FL64", SampleKind::floating, 8, true}};

class AiffParser {
 public:
  AiffParser(PooledFile& file, const WarningSink& warnings) : file_(file), warnings_(warnings) {}

  PcmHeader parse() {
    std::array<char, 12> form = {};
    file_.read_at(0, form.data(), form.size());
    compressed_form_ = std::string_view(form.data() + 8, 4) == "AIFC";
    header_.layout.info.container = compressed_form_ ? "AIFF-C" : "AIFF";
    ChunkWalker walker(file_, ChunkStyle::iff, 12);
    Chunk chunk;
    while (walker.next(chunk)) {
      if (chunk.id == "COMM" && !common_) common_ = read_body(file_, chunk, 22);
      if (chunk.id == "SSND" && !sound_) sound_ = chunk;
    }
    if (!common_) throw IoError(file_.name(), "AIFF file without a COMM chunk");
    interpret_common();
    if (!header_.codec.empty()) return header_;
    if (walker.missing_pad()) {
      warn(warnings_, file_.name(), "missing_pad",
           "a chunk of odd size has no pad byte; what follows it was found one byte early");
    }
    if (sound_) {
      locate_samples();
    } else if (claimed_frames_ > 0) {
      throw IoError(file_.name(), "AIFF file without an SSND chunk");
    }
    return header_;
  }

 private:
  void interpret_common() {
    const auto& body = *common_;
    if (body.size() < (compressed_form_ ? 22u : 18u)) {
      throw IoError(file_.name(), "the COMM chunk is too short");
    }
    AudioInfo& info = header_.layout.info;
    info.channels = load_integer<std::uint16_t>(body.data(), true);
    claimed_frames_ = load_integer<std::uint32_t>(body.data() + 2, true);
    const int bits = load_integer<std::uint16_t>(body.data() + 6, true);
    info.sample_rate_hz = load_extended(body.data() + 8);
    check_channels_and_rate(file_.name(), info);
    const std::string id =
        compressed_form_ ? std::string(reinterpret_cast<const char*>(body.data()) + 18, 4) : "NONE";
    for (const Compression& compression : kUncompressed) {
      if (compression.id != id) continue;
      const int bytes = compression.bytes != 0 ? compression.bytes : (bits + 7) / 8;
      if (bytes < 1 || (bytes > 4 && compression.kind != SampleKind::floating)) {
        throw IoError(file_.name(), fmt::format("AIFF with {} bits is not supported", bits));
      }
      header_.layout.format = {compression.kind, bytes, compression.big_endian};
      const bool odd_bits = compression.bytes == 0 && bits < 8 * bytes;
      info.encoding = encoding_name(header_.layout.format, odd_bits ? bits : 8 * bytes);
      return;
    }
    header_.codec = fmt::format("an AIFF-C codec ('{}')", printable(id));
  }

  static std::string printable(std::string id) {
    for (char& c : id) c = c >= 0x20 && c <= 0x7e ? c : '?';
    return id;
  }

  void locate_samples() {
    const auto head = read_body(file_, *sound_, 8);
    if (head.size() < 8) throw IoError(file_.name(), "the SSND chunk is too short");
    PcmLayout& layout = header_.layout;
    const std::int64_t skip = 8 + std::int64_t{load_integer<std::uint32_t>(head.data(), true)};
    const std::int64_t rest = file_.size_bytes() - sound_->body;
    if (skip > rest) throw IoError(file_.name(), "the SSND chunk's offset points past its end");
    layout.data_offset = sound_->body + skip;
    // A recorder that crashed leaves no frame count and a sound chunk of no or unknown size.
    if (claimed_frames_ == 0 && sound_->claimed_bytes <= 8 && rest > skip &&
        !chunks_fill_file(file_, ChunkStyle::iff, layout.data_offset)) {
      warn(warnings_, file_.name(), "size_unknown",
           "the header does not say how much audio there is; it is read to the end of the file");
      set_frames(layout, rest - skip, 0, file_.name(), warnings_);
      return;
    }
    const std::uint64_t claimed =
        std::uint64_t{claimed_frames_} * static_cast<std::uint64_t>(layout.frame_bytes());
    const auto there = static_cast<std::uint64_t>(std::max<std::int64_t>(0, sound_->bytes - skip));
    set_frames(layout, static_cast<std::int64_t>(std::min(claimed, there)), claimed, file_.name(),
               warnings_);
  }

  PooledFile& file_;
  const WarningSink& warnings_;
  bool compressed_form_ = false;
  std::uint32_t claimed_frames_ = 0;
  std::optional<std::vector<std::byte>> common_;
  std::optional<Chunk> sound_;
  PcmHeader header_;
};

}  // namespace

PcmHeader parse_aiff(PooledFile& file, const WarningSink& warnings) {
  return AiffParser(file, warnings).parse();
}

}  // namespace tutti::io
