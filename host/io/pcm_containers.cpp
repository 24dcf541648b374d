// SPDX-License-Identifier: Apache-2.0
// Layouts after Microsoft's multimedia registrations (WAV), EBU Tech 3306 (RF64), Sony's Wave64
// description, Apple's AIFF 1.3 and AIFF-C, and Apple's Core Audio Format specification.
#include "host/io/pcm_containers.hpp"

#include <cmath>
#include <string_view>

#include "host/audio/errors.hpp"
#include "host/io/byte_builder.hpp"
#include "host/io/container_chunks.hpp"

namespace tutti::io {
namespace {

constexpr std::int64_t kLargest32 = 0xffffffffLL;

/// The numbers that every header is made of.
struct Shape {
  Shape(PcmContainer container, const WriteSpec& spec, Frames frame_count,
        const ContainerChunks& around)
      : chunks(around),
        format(stored_format(container, spec.encoding)),
        floating(format.kind == SampleKind::floating),
        channels(spec.channels),
        rate_hz(std::llround(spec.sample_rate_hz)),
        mask(spec.wave_mask),
        frame_bytes(std::int64_t{spec.channels} * format.bytes),
        frames(frame_count),
        data_bytes(frame_count * frame_bytes),
        padded_bytes(data_bytes +
                     static_cast<std::int64_t>(pcm_padding_bytes(container, data_bytes))) {}
  const ContainerChunks& chunks;
  StoredFormat format;
  bool floating;
  int channels;
  std::int64_t rate_hz;
  std::uint32_t mask;
  std::int64_t frame_bytes;
  Frames frames;
  std::int64_t data_bytes;
  std::int64_t padded_bytes;

  std::int64_t chunk_bytes() const {
    return static_cast<std::int64_t>(chunks.before.size() + chunks.after.size());
  }
  /// WAVE_FORMAT_EXTENSIBLE is asked for beyond two channels and beyond 16 bits.
  bool extensible() const { return channels > 2 || (!floating && format.bytes > 2); }
  int format_bytes() const { return extensible() ? 40 : floating ? 18 : 16; }
  std::uint32_t mask_or_default() const {
    if (mask != 0 || channels > 2) return mask;
    return channels == 2 ? 0x3 : 0x4;
  }
};

/// The body of a fmt chunk.
void write_format(ByteBuilder& out, const Shape& s) {
  const int tag = s.extensible() ? 0xfffe : s.floating ? 3 : 1;
  out.u16(tag).u16(s.channels).u32(s.rate_hz).u32(s.rate_hz * s.frame_bytes);
  out.u16(s.frame_bytes).u16(8 * s.format.bytes);
  if (s.format_bytes() == 18) out.u16(0);
  if (!s.extensible()) return;
  out.u16(22).u16(8 * s.format.bytes).u32(s.mask_or_default()).u32(s.floating ? 3 : 1);
  out.text({"\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71", 12});
}

std::vector<std::byte> wave_header(const WriteSpec& spec, const Shape& s) {
  // Without a promise of length the file may grow; with one, half of 4 GiB is a wide margin.
  const bool reserve =
      spec.expected_frames <= 0 || spec.expected_frames > kLargest32 / 2 / s.frame_bytes;
  const std::int64_t ds64_bytes = reserve ? 36 : 0;
  const std::int64_t fact_bytes = s.floating ? 12 : 0;
  const std::int64_t riff_bytes =
      4 + ds64_bytes + 8 + s.format_bytes() + fact_bytes + s.chunk_bytes() + 8 + s.padded_bytes;
  const bool rf64 = riff_bytes > kLargest32;
  if (rf64 && !reserve) {
    throw IoError(spec.path.string(), "grew past 4 GiB although fewer frames were expected",
                  IoFault::output);
  }
  ByteBuilder out(false);
  out.text(rf64 ? "RF64" : "RIFF").u32(rf64 ? kLargest32 : riff_bytes).text("WAVE");
  if (reserve && rf64) {
    out.text("ds64").u32(28).u64(riff_bytes).u64(s.data_bytes).u64(s.frames).u32(0);
  } else if (reserve) {
    out.text("JUNK").u32(28).u64(0).u64(0).u64(0).u32(0);
  }
  out.text("fmt ").u32(s.format_bytes());
  write_format(out, s);
  if (s.floating) out.text("fact").u32(4).u32(std::min<std::int64_t>(s.frames, kLargest32));
  out.raw(s.chunks.before);
  out.text("data").u32(rf64 ? kLargest32 : s.data_bytes);
  return out.take();
}

std::vector<std::byte> wave64_header(const Shape& s) {
  constexpr std::string_view form("riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00", 16);
  constexpr std::string_view tail("\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a", 12);
  const std::int64_t padded_format = (s.format_bytes() + 7) / 8 * 8;
  ByteBuilder out(false);
  out.text(form).u64(40 + 24 + padded_format + s.chunk_bytes() + 24 + s.padded_bytes);
  out.text("wave").text(tail);
  out.text("fmt ").text(tail).u64(24 + s.format_bytes());
  write_format(out, s);
  for (std::int64_t i = s.format_bytes(); i < padded_format; ++i) out.number(0, 1);
  out.raw(s.chunks.before);
  out.text("data").text(tail).u64(24 + s.data_bytes);
  return out.take();
}

/// The rate as an 80-bit extended float: a whole number, so its mantissa is itself, normalised.
void write_extended(ByteBuilder& out, std::int64_t value) {
  int exponent = 16383 + 63;
  auto mantissa = static_cast<std::uint64_t>(value);
  while (mantissa >> 63 == 0) {
    mantissa <<= 1;
    --exponent;
  }
  out.u16(exponent).number(mantissa, 8);
}

std::vector<std::byte> aiff_header(const WriteSpec& spec, const Shape& s) {
  const std::int64_t common_bytes = s.floating ? 24 : 18;
  const std::int64_t form_bytes =
      4 + (s.floating ? 12 : 0) + 8 + common_bytes + s.chunk_bytes() + 8 + 8 + s.padded_bytes;
  if (form_bytes > kLargest32) {
    throw IoError(spec.path.string(), "AIFF ends at 4 GiB; write .wav, .caf or .w64",
                  IoFault::output);
  }
  ByteBuilder out(true);
  out.text("FORM").u32(form_bytes).text(s.floating ? "AIFC" : "AIFF");
  if (s.floating) out.text("FVER").u32(4).u32(0xa2805140);  // the only version of AIFF-C there is
  out.text("COMM").u32(common_bytes).u16(s.channels).u32(s.frames).u16(8 * s.format.bytes);
  write_extended(out, s.rate_hz);
  if (s.floating) out.text(s.format.bytes == 4 ? "fl32" : "fl64").u16(0);  // an empty, padded name
  out.raw(s.chunks.before);
  out.text("SSND").u32(8 + s.data_bytes).u32(0).u32(0);
  return out.take();
}

std::vector<std::byte> caf_header(const Shape& s) {
  constexpr int kFloat = 1;
  constexpr int kLittleEndian = 2;
  ByteBuilder out(true);
  out.text("caff").u16(1).u16(0);
  out.text("desc").u64(32);
  out.number(std::bit_cast<std::uint64_t>(static_cast<double>(s.rate_hz)), 8).text("lpcm");
  out.u32((s.floating ? kFloat : 0) | kLittleEndian).u32(s.frame_bytes).u32(1).u32(s.channels);
  out.u32(8 * s.format.bytes);
  if (s.mask != 0) {
    constexpr std::int64_t kUseChannelBitmap = 1 << 16;  // its bits are those of the WAVE mask
    out.text("chan").u64(12).u32(kUseChannelBitmap).u32(s.mask).u32(0);
  }
  out.raw(s.chunks.before);
  out.text("data").u64(4 + s.data_bytes).u32(0);  // the edit count belongs to the chunk
  return out.take();
}

}  // namespace

StoredFormat stored_format(PcmContainer container, Encoding encoding) {
  const bool big_endian = container == PcmContainer::aiff;
  switch (encoding) {
    case Encoding::pcm8:
      return {container == PcmContainer::wave || container == PcmContainer::wave64
                  ? SampleKind::unsigned_integer
                  : SampleKind::signed_integer,
              1, big_endian};
    case Encoding::pcm16:
      return {SampleKind::signed_integer, 2, big_endian};
    case Encoding::pcm24:
      return {SampleKind::signed_integer, 3, big_endian};
    case Encoding::pcm32:
      return {SampleKind::signed_integer, 4, big_endian};
    case Encoding::float32:
      return {SampleKind::floating, 4, big_endian};
    case Encoding::float64:
      return {SampleKind::floating, 8, big_endian};
  }
  return {};
}

std::size_t pcm_padding_bytes(PcmContainer container, std::int64_t data_bytes) {
  switch (container) {
    case PcmContainer::wave:
    case PcmContainer::aiff:
      return static_cast<std::size_t>(data_bytes % 2);
    case PcmContainer::wave64:
      return static_cast<std::size_t>((8 - data_bytes % 8) % 8);
    case PcmContainer::caf:
      return 0;
  }
  return 0;
}

std::vector<std::byte> pcm_header(PcmContainer container, const WriteSpec& spec, Frames frames,
                                  const ContainerChunks& chunks) {
  const Shape shape(container, spec, frames, chunks);
  switch (container) {
    case PcmContainer::wave:
      return wave_header(spec, shape);
    case PcmContainer::wave64:
      return wave64_header(shape);
    case PcmContainer::aiff:
      return aiff_header(spec, shape);
    case PcmContainer::caf:
      return caf_header(shape);
  }
  return {};
}

std::vector<std::byte> pcm_header(PcmContainer container, const WriteSpec& spec, Frames frames) {
  return pcm_header(container, spec, frames, ContainerChunks{});
}

}  // namespace tutti::io
