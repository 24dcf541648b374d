// SPDX-License-Identifier: Apache-2.0
// An input with metadata, through the reader and a writer, and the chunks of what came out.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "host/io/encode.hpp"
#include "host/io/metadata.hpp"
#include "tests/io/test_files.hpp"

namespace tutti::test {

struct Converted {
  AudioWriter::Written written;
  std::string bytes;
  std::vector<Warning> warnings;  ///< of the reader, then of the writer

  std::string messages() const {
    std::string text;
    for (const Warning& warning : warnings) text += warning.code + ": " + warning.message + "\n";
    return text;
  }
};

/// Writes silence of `spec` (expected_frames of it) with the metadata of `input`.
inline Converted convert(const std::filesystem::path& input, WriteSpec spec,
                         const Measurement* loudness = nullptr) {
  Converted out;
  spec.metadata = std::make_shared<const Metadata>(read_metadata(input, out.warnings));
  spec.warnings = [&](const Warning& warning) { out.warnings.push_back(warning); };
  spec.overwrite = true;
  const auto writer = open_writer(spec);
  const Buffer silence(spec.channels, spec.expected_frames);
  writer->write(silence.view());
  if (loudness != nullptr) writer->set_loudness(*loudness);
  out.written = writer->commit();
  out.bytes = load(out.written.path);
  return out;
}

inline WriteSpec output(const std::filesystem::path& path, Frames frames = 4800,
                        double rate_hz = 48000) {
  WriteSpec spec;
  spec.path = path;
  spec.encoding = Encoding::pcm16;
  spec.expected_frames = frames;
  spec.sample_rate_hz = rate_hz;
  return spec;
}

inline std::uint64_t number_at(std::string_view bytes, std::size_t at, int count,
                               bool big_endian = false) {
  std::uint64_t value = 0;
  for (int i = 0; i < count; ++i) {
    const auto k = static_cast<std::size_t>(big_endian ? i : count - 1 - i);
    value = value << 8 | static_cast<unsigned char>(bytes.at(at + k));
  }
  return value;
}

using Chunks = std::vector<std::pair<std::string, std::string>>;

/// Name and body of the chunks of a RIFF file; `at` is the first one's offset.
inline Chunks chunks_of(std::string_view bytes, bool big_endian = false, std::size_t at = 12) {
  Chunks chunks;
  while (at + 8 <= bytes.size()) {
    const auto size = static_cast<std::size_t>(number_at(bytes, at + 4, 4, big_endian));
    chunks.emplace_back(bytes.substr(at, 4), bytes.substr(at + 8, size));
    at += 8 + size + size % 2;
  }
  EXPECT_EQ(at, bytes.size());
  return chunks;
}

inline std::vector<std::string> names_of(const Chunks& chunks) {
  std::vector<std::string> names;
  for (const auto& [name, body] : chunks) names.push_back(name);
  return names;
}

inline std::string body_of(const Chunks& chunks, std::string_view name) {
  for (const auto& [id, body] : chunks) {
    if (id == name) return body;
  }
  return "no such chunk";
}

/// A WAV of 100 frames, stereo, 16 bits, with chunks around its samples.
inline std::string wave_with(std::string_view before, std::string_view after, int rate_hz = 48000) {
  return riff(wave_format(1, 2, rate_hz, 16) + std::string(before) +
              chunk("data", std::string(400, '\0')) + std::string(after));
}

/// Names of Vorbis comments, values, and kinds of blocks of a FLAC file, read by hand.
struct FlacHeader {
  std::vector<int> types;
  std::vector<std::string> bodies;
  std::vector<std::string> comments;
};

inline FlacHeader flac_header(std::string_view bytes) {
  FlacHeader header;
  EXPECT_EQ(bytes.substr(0, 4), "fLaC");
  for (std::size_t at = 4, last = 0; last == 0;) {
    last = number_at(bytes, at, 1) >> 7;
    header.types.push_back(static_cast<int>(number_at(bytes, at, 1) & 0x7f));
    const auto size = static_cast<std::size_t>(number_at(bytes, at + 1, 3, true));
    header.bodies.emplace_back(bytes.substr(at + 4, size));
    at += 4 + size;
    if (header.types.back() != 4) continue;
    const std::string& body = header.bodies.back();
    std::size_t entry = 4 + static_cast<std::size_t>(number_at(body, 0, 4));
    const std::uint64_t count = number_at(body, entry, 4);
    entry += 4;
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto length = static_cast<std::size_t>(number_at(body, entry, 4));
      header.comments.push_back(body.substr(entry + 4, length));
      entry += 4 + length;
    }
  }
  return header;
}

/// A metadata block of FLAC.
inline std::string flac_block(int type, std::string_view body) {
  return ByteWriter().be(static_cast<std::uint64_t>(type), 1).be(body.size(), 3).text(body).take();
}

inline std::string flac_comments(const std::vector<std::string>& entries) {
  ByteWriter body;
  body.le(4, 4).text("test").le(entries.size(), 4);
  for (const std::string& entry : entries) body.le(entry.size(), 4).text(entry);
  return flac_block(4, body.take());
}

inline std::string flac_picture(int kind, std::string_view data, int side = 1) {
  ByteWriter body;
  body.be(static_cast<std::uint64_t>(kind), 4).be(9, 4).text("image/png").be(3, 4).text("art");
  body.be(static_cast<std::uint64_t>(side), 4).be(static_cast<std::uint64_t>(side), 4);
  body.be(24, 4).be(0, 4).be(data.size(), 4).text(data);
  return flac_block(6, body.take());
}

/// A frame of ID3v2.3 (sizes of 8 bits a byte).
inline std::string id3_frame(std::string_view id, std::string_view body, int flags = 0) {
  return ByteWriter()
      .text(id)
      .be(body.size(), 4)
      .be(static_cast<std::uint64_t>(flags), 2)
      .text(body)
      .take();
}

inline std::string id3_tag(std::string_view frames, int version = 3) {
  ByteWriter out;
  out.text("ID3").be(static_cast<std::uint64_t>(version), 1).be(0, 2);
  for (int shift = 21; shift >= 0; shift -= 7) out.be(frames.size() >> shift & 0x7f, 1);
  return out.text(frames).take();
}

/// A text frame of Latin-1.
inline std::string id3_text(std::string_view id, std::string_view text) {
  return id3_frame(id, std::string(1, '\0') + std::string(text));
}

/// The smallest picture there is: one grey point.
inline const std::string kTinyPng(
    "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0\x3a\x7e\x9b\x55\0\0\0\nIDAT\x78"
    "\x9c\x63\x60\0\0\0\x02\0\x01\x48\xaf\xa4\x71\0\0\0\0IEND\xae\x42\x60\x82",
    67);

}  // namespace tutti::test
