// SPDX-License-Identifier: Apache-2.0
// A FLAC encoder of the simplest kind (verbatim subframes), after RFC 9639.
#pragma once

#include <openssl/evp.h>

#include <array>
#include <functional>
#include <string>

#include "host/audio/units.hpp"
#include "tests/io/byte_writer.hpp"

namespace tutti::test {

struct FlacShape {
  int channels = 2;
  int bits = 24;
  int rate_hz = 48000;
  Frames frames = 0;
  bool known_length = true;
  bool right_md5 = true;
};

using SampleFunction = std::function<std::int32_t(int channel, Frames frame)>;

/// A cyclic redundancy check, most significant bit first, start value 0 [RFC 9639, 9.1.8 and 9.3].
inline std::uint32_t crc(std::string_view bytes, int width, std::uint32_t polynomial) {
  std::uint32_t value = 0;
  for (const char byte : bytes) {
    value ^= static_cast<std::uint32_t>(static_cast<unsigned char>(byte)) << (width - 8);
    for (int i = 0; i < 8; ++i) {
      const bool top = (value >> (width - 1) & 1) != 0;
      value = value << 1 ^ (top ? polynomial : 0);
    }
  }
  return width == 32 ? value : value & ((1u << width) - 1);
}

/// The frame number in the code of UTF-8; here below 65536.
inline std::string coded_number(std::uint64_t number) {
  ByteWriter out;
  if (number < 0x80) return out.le(number, 1).take();
  if (number < 0x800) return out.le(0xc0 | number >> 6, 1).le(0x80 | (number & 0x3f), 1).take();
  return out.le(0xe0 | number >> 12, 1)
      .le(0x80 | (number >> 6 & 0x3f), 1)
      .le(0x80 | (number & 0x3f), 1)
      .take();
}

/// One frame of at most 4096 samples a channel. Depths are whole bytes: no bit packing is needed.
inline std::string flac_frame(const FlacShape& shape, const SampleFunction& sample, Frames first,
                              Frames count) {
  const int size_code = shape.bits == 8 ? 1 : shape.bits == 16 ? 4 : shape.bits == 24 ? 6 : 7;
  ByteWriter head;
  head.be(0xfff8, 2).be(0x70, 1);  // fixed block size in 16 bits at the end, rate from STREAMINFO
  head.be(static_cast<std::uint64_t>((shape.channels - 1) << 4 | size_code << 1), 1);
  head.text(coded_number(static_cast<std::uint64_t>(first / 4096)));
  head.be(static_cast<std::uint64_t>(count - 1), 2);
  std::string header = head.take();
  ByteWriter out;
  out.text(header).be(crc(header, 8, 0x07), 1);
  for (int c = 0; c < shape.channels; ++c) {
    out.be(0x02, 1);  // verbatim, no wasted bits
    for (Frames n = first; n < first + count; ++n) {
      out.be(static_cast<std::uint32_t>(sample(c, n)), shape.bits / 8);
    }
  }
  std::string frame = out.take();
  return frame + ByteWriter().be(crc(frame, 16, 0x8005), 2).take();
}

/// STREAMINFO without its block header.
inline std::string flac_stream_info(const FlacShape& shape, const SampleFunction& sample) {
  ByteWriter interleaved;
  for (Frames n = 0; n < shape.frames; ++n) {
    for (int c = 0; c < shape.channels; ++c) {
      interleaved.le(static_cast<std::uint32_t>(sample(c, n)), shape.bits / 8);
    }
  }
  const std::string bytes = interleaved.take();
  std::array<unsigned char, 16> md5 = {};
  EVP_Digest(bytes.data(), bytes.size(), md5.data(), nullptr, EVP_md5(), nullptr);
  if (!shape.right_md5) md5[3] ^= 0x10;
  ByteWriter out;
  out.be(4096, 2).be(4096, 2).be(0, 3).be(0, 3);
  out.be(static_cast<std::uint64_t>(shape.rate_hz) << 44 |
             static_cast<std::uint64_t>(shape.channels - 1) << 41 |
             static_cast<std::uint64_t>(shape.bits - 1) << 36 |
             static_cast<std::uint64_t>(shape.known_length ? shape.frames : 0),
         8);
  out.text({reinterpret_cast<const char*>(md5.data()), md5.size()});
  return out.take();
}

inline std::string flac_file(const FlacShape& shape, const SampleFunction& sample) {
  ByteWriter out;
  out.text("fLaC").be(0x80, 1).be(34, 3).text(flac_stream_info(shape, sample));
  for (Frames n = 0; n < shape.frames; n += 4096) {
    out.text(flac_frame(shape, sample, n, std::min<Frames>(4096, shape.frames - n)));
  }
  return out.take();
}

/// One Ogg page with one packet of less than 255 · 255 bytes [RFC 3533, section 6].
inline std::string ogg_page(std::string_view packet, std::uint32_t number, int flags,
                            std::uint64_t granule) {
  ByteWriter segments;
  for (std::size_t left = packet.size();; left -= 255) {
    segments.le(std::min<std::size_t>(left, 255), 1);
    if (left < 255) break;
  }
  const auto build = [&](std::uint32_t checksum) {
    ByteWriter out;
    out.text("OggS").le(0, 1).le(static_cast<std::uint64_t>(flags), 1).le(granule, 8);
    out.le(0x54757474, 4).le(number, 4).le(checksum, 4).le(segments.size(), 1);
    ByteWriter copy = segments;
    return out.text(copy.take()).text(packet).take();
  };
  return build(crc(build(0), 32, 0x04c11db7));
}

/// FLAC in Ogg, after the mapping of xiph.org/flac/ogg_mapping.html.
inline std::string ogg_flac_file(const FlacShape& shape, const SampleFunction& sample) {
  ByteWriter first;
  first.be(0x7f, 1).text("FLAC").be(1, 1).be(0, 1).be(1, 2).text("fLaC");
  first.be(0x00, 1).be(34, 3).text(flac_stream_info(shape, sample));
  std::string out = ogg_page(first.take(), 0, 2, 0);
  const std::string comment = ByteWriter().be(0x84, 1).be(8, 3).le(0, 4).le(0, 4).take();
  out += ogg_page(comment, 1, 0, 0);
  std::uint32_t page = 2;
  for (Frames n = 0; n < shape.frames; n += 4096) {
    const Frames count = std::min<Frames>(4096, shape.frames - n);
    const bool last = n + count == shape.frames;
    out += ogg_page(flac_frame(shape, sample, n, count), page++, last ? 4 : 0,
                    static_cast<std::uint64_t>(n + count));
  }
  return out;
}

}  // namespace tutti::test
