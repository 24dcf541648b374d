// SPDX-License-Identifier: Apache-2.0
// Files byte by byte, so that the truth about a container does not come from the code under test.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace tutti::test {

/// Appends numbers and text; every call returns the writer.
class ByteWriter {
 public:
  ByteWriter& text(std::string_view characters) {
    bytes_ += characters;
    return *this;
  }
  ByteWriter& le(std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) bytes_ += static_cast<char>(value >> 8 * i & 0xff);
    return *this;
  }
  ByteWriter& be(std::uint64_t value, int bytes) {
    for (int i = bytes - 1; i >= 0; --i) bytes_ += static_cast<char>(value >> 8 * i & 0xff);
    return *this;
  }
  ByteWriter& zeros(std::size_t count) {
    bytes_.append(count, '\0');
    return *this;
  }
  ByteWriter& f32le(float value) { return le(std::bit_cast<std::uint32_t>(value), 4); }
  ByteWriter& f32be(float value) { return be(std::bit_cast<std::uint32_t>(value), 4); }
  ByteWriter& f64le(double value) { return le(std::bit_cast<std::uint64_t>(value), 8); }
  ByteWriter& f64be(double value) { return be(std::bit_cast<std::uint64_t>(value), 8); }

  std::size_t size() const { return bytes_.size(); }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

/// A RIFF chunk, padded to an even size.
inline std::string chunk(std::string_view id, std::string_view body) {
  ByteWriter out;
  out.text(id).le(body.size(), 4).text(body);
  if (body.size() % 2 != 0) out.zeros(1);
  return out.take();
}

/// A chunk of AIFF: as RIFF, big-endian.
inline std::string big_chunk(std::string_view id, std::string_view body) {
  ByteWriter out;
  out.text(id).be(body.size(), 4).text(body);
  if (body.size() % 2 != 0) out.zeros(1);
  return out.take();
}

inline std::string riff(std::string_view chunks, std::string_view magic = "RIFF") {
  return ByteWriter().text(magic).le(4 + chunks.size(), 4).text("WAVE").text(chunks).take();
}

/// A fmt chunk of 16 bytes.
inline std::string wave_format(int tag, int channels, int rate_hz, int bits, int block_bytes = 0) {
  const int block = block_bytes != 0 ? block_bytes : channels * ((bits + 7) / 8);
  ByteWriter body;
  body.le(static_cast<std::uint64_t>(tag), 2).le(static_cast<std::uint64_t>(channels), 2);
  body.le(static_cast<std::uint64_t>(rate_hz), 4);
  body.le(static_cast<std::uint64_t>(rate_hz) * static_cast<std::uint64_t>(block), 4);
  body.le(static_cast<std::uint64_t>(block), 2).le(static_cast<std::uint64_t>(bits), 2);
  return chunk("fmt ", body.take());
}

inline constexpr std::string_view kPcmGuidTail("\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71",
                                               12);

/// A fmt chunk of WAVE_FORMAT_EXTENSIBLE.
inline std::string wave_format_extensible(int sub_tag, int channels, int rate_hz, int bits,
                                          int valid_bits, std::uint32_t mask,
                                          std::string_view guid_tail = kPcmGuidTail) {
  ByteWriter body;
  body.text(wave_format(0xfffe, channels, rate_hz, bits).substr(8));
  body.le(22, 2).le(static_cast<std::uint64_t>(valid_bits), 2).le(mask, 4);
  body.le(static_cast<std::uint64_t>(sub_tag), 4).text(guid_tail);
  return chunk("fmt ", body.take());
}

}  // namespace tutti::test
