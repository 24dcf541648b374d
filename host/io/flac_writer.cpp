// SPDX-License-Identifier: Apache-2.0
// FLAC: metadata, then frames (host/flac). The header is completed at the end: lengths, MD5.
#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "host/audio/errors.hpp"
#include "host/flac/frame.hpp"
#include "host/io/byte_builder.hpp"
#include "host/io/digest.hpp"
#include "host/io/flac_laws.hpp"
#include "host/io/metadata_flac.hpp"
#include "host/io/output_file.hpp"
#include "host/io/writers.hpp"

namespace tutti::io {
namespace {

constexpr int kStreamInfoBytes = 34;
constexpr std::int64_t kStreamInfoAt = 4 + 4;  // behind "fLaC" and the header of the block

template <int kBytes>
std::int32_t load_sample(const std::byte* from) {
  if constexpr (kBytes == 3) {
    std::uint16_t low;
    std::memcpy(&low, from, sizeof(low));
    return static_cast<std::int8_t>(from[2]) * 65536 + low;
  } else {
    std::conditional_t<kBytes == 1, std::int8_t,
                       std::conditional_t<kBytes == 2, std::int16_t, std::int32_t>>
        value;
    std::memcpy(&value, from, sizeof(value));
    return value;
  }
}

/// Stereo of 24 bits, which most masters are: a frame is one word, whose upper two bytes belong to
/// the next one.
void unpack_stereo_24(const std::byte* from, BasicBlockView<std::int32_t> to) {
  std::int32_t *left = to.channel(0), *right = to.channel(1);
  const Frames last = to.frames - 1;
  for (Frames n = 0; n < last; ++n) {
    std::uint64_t word;
    std::memcpy(&word, from + n * 6, sizeof(word));
    left[n] = static_cast<std::int32_t>(static_cast<std::uint32_t>(word) << 8) >> 8;
    right[n] = static_cast<std::int32_t>(static_cast<std::uint32_t>(word >> 16)) >> 8;
  }
  left[last] = load_sample<3>(from + last * 6);
  right[last] = load_sample<3>(from + last * 6 + 3);
}

/// Interleaved little-endian samples to rows of numbers.
template <int kBytes>
void unpack_samples(const std::byte* from, BasicBlockView<std::int32_t> to) {
  if (kBytes == 3 && to.channels == 2) return unpack_stereo_24(from, to);
  for (int c = 0; c < to.channels; ++c) {
    const std::byte* at = from + c * kBytes;
    std::int32_t* out = to.channel(c);
    for (Frames n = 0; n < to.frames; ++n, at += to.channels * kBytes)
      out[n] = load_sample<kBytes>(at);
  }
}

class FlacWriter final : public AudioWriter {
 public:
  explicit FlacWriter(const WriteSpec& spec)
      : spec_(spec),
        file_(spec),
        packer_(pack_design(spec, flac_format(spec.encoding)), spec.channels),
        encoder_({spec.channels, integer_bits(spec.encoding), std::llround(spec.sample_rate_hz)}),
        samples_(static_cast<std::size_t>(spec.channels) * flac::kBlockFrames) {
    file_.expect_changes();  // of the header, at the end
    write_metadata();
  }

  void write(ConstBlockView block) override {
    assert(block.channels == spec_.channels);
    for (Frames n = 0; n < block.frames; n += kWritePieceFrames) {
      write_packed(packer_.process(block.slice(n, std::min(kWritePieceFrames, block.frames - n))));
    }
  }

  std::optional<PackDesign> packing() const override {
    return pack_design(spec_, flac_format(spec_.encoding));
  }

  void write_packed(const Packed& packed) override {
    const Frames frame_bytes = spec_.channels * flac_format(spec_.encoding).bytes;
    md5_.update(packed.bytes.data(), static_cast<std::size_t>(packed.frames * frame_bytes));
    const std::byte* from = packed.bytes.data();
    for (Frames left = packed.frames; left > 0;) {
      const Frames count = std::min(left, flac::kBlockFrames - held_);
      unpack(from, rows().slice(held_, count));
      from += count * frame_bytes;
      left -= count;
      held_ += count;
      if (held_ == flac::kBlockFrames) write_frame();
    }
    clipped_samples_ += packed.clipped_samples;
  }

  std::filesystem::path finish() override {
    finished_ = true;
    if (held_ > 0) write_frame();
    audio_md5_ = md5_.bytes();
    const Bytes info = stream_info();
    file_.overwrite_at(kStreamInfoAt, info.data(), info.size());
    return file_.flushed();
  }

  Written commit() override {
    if (!finished_) finish();
    Written written;
    written.path = spec_.path;
    written.frames = frames_;
    written.clipped_samples = clipped_samples_;
    written.audio_md5 = to_hex(audio_md5_.data(), audio_md5_.size());
    written.sha256 = file_.commit();
    written.bytes = file_.size_bytes();
    return written;
  }

 private:
  BasicBlockView<std::int32_t> rows() {
    return {samples_.data(), spec_.channels, flac::kBlockFrames, flac::kBlockFrames};
  }

  void unpack(const std::byte* from, BasicBlockView<std::int32_t> to) const {
    switch (flac_format(spec_.encoding).bytes) {
      case 1:
        return unpack_samples<1>(from, to);
      case 2:
        return unpack_samples<2>(from, to);
      case 3:
        return unpack_samples<3>(from, to);
      default:
        return unpack_samples<4>(from, to);
    }
  }

  void write_metadata() {
    const std::vector<FlacBlock> blocks = lawful_blocks(flac_blocks(spec_), MetadataLosses(spec_));
    ByteBuilder out(true);
    const auto header = [&](std::size_t type, std::size_t bytes, bool last) {
      out.number(type | (last ? 0x80u : 0u), 1).number(bytes, 3);
    };
    out.text("fLaC");
    header(kFlacStreamInfo, kStreamInfoBytes, blocks.empty());
    out.raw(stream_info());
    for (const FlacBlock& block : blocks) {
      header(static_cast<std::size_t>(block.type), block.body.size(), &block == &blocks.back());
      out.raw(block.body);
    }
    const Bytes bytes = out.take();
    file_.append(bytes.data(), bytes.size());
  }

  /// [RFC 9639, 8.2]. Lengths that it has no room for are 0: unknown.
  Bytes stream_info() const {
    const auto frames = static_cast<std::uint64_t>(frames_);
    ByteBuilder out(true);
    out.u16(flac::kBlockFrames).u16(flac::kBlockFrames);
    out.number(largest_frame_bytes_ > 0 ? smallest_frame_bytes_ : 0, 3);
    out.number(largest_frame_bytes_, 3);
    out.number(static_cast<std::uint64_t>(std::llround(spec_.sample_rate_hz)) << 44 |
                   static_cast<std::uint64_t>(spec_.channels - 1) << 41 |
                   static_cast<std::uint64_t>(integer_bits(spec_.encoding) - 1) << 36 |
                   (frames >> 36 == 0 ? frames : 0),
               8);
    return out.raw(std::as_bytes(std::span(audio_md5_))).take();
  }

  void write_frame() {
    const std::span<const std::uint8_t> bytes =
        encoder_.encode(rows().slice(0, held_), frame_number_++);
    file_.append(bytes.data(), bytes.size());
    smallest_frame_bytes_ = std::min(smallest_frame_bytes_, bytes.size());
    largest_frame_bytes_ = std::max(largest_frame_bytes_, bytes.size());
    frames_ += held_;
    held_ = 0;
  }

  WriteSpec spec_;
  OutputFile file_;
  Packer packer_;
  flac::FrameEncoder encoder_;
  Digest md5_ = Digest::md5();
  std::vector<std::uint8_t> audio_md5_ = std::vector<std::uint8_t>(16);  ///< zeros: not known yet
  std::vector<std::int32_t> samples_;  ///< [channel][frame of the block]
  Frames held_ = 0;                    ///< of the block
  std::uint64_t frame_number_ = 0;
  std::size_t smallest_frame_bytes_ = std::numeric_limits<std::size_t>::max();
  std::size_t largest_frame_bytes_ = 0;
  bool finished_ = false;
  Frames frames_ = 0;
  std::int64_t clipped_samples_ = 0;
};

}  // namespace

std::unique_ptr<AudioWriter> open_flac_writer(const WriteSpec& spec) {
  return std::make_unique<FlacWriter>(spec);
}

}  // namespace tutti::io
