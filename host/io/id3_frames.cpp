// SPDX-License-Identifier: Apache-2.0
#include "host/io/id3_frames.hpp"

#include <algorithm>

namespace tutti::io {
namespace {

constexpr std::size_t kHeaderBytes = 10;

int byte_at(std::span<const std::byte> bytes, std::size_t at) {
  return at < bytes.size() ? std::to_integer<int>(bytes[at]) : 0;
}

/// Numbers of 7 bits a byte, so that none looks like the start of an MPEG frame.
std::uint64_t syncsafe(std::span<const std::byte> bytes, std::size_t at) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    value = value << 7 | static_cast<std::uint64_t>(byte_at(bytes, at + i) & 0x7f);
  }
  return value;
}

std::uint64_t big_endian(std::span<const std::byte> bytes, std::size_t at, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    value = value << 8 | static_cast<std::uint64_t>(byte_at(bytes, at + i));
  }
  return value;
}

/// "ff 00" was "ff".
Bytes without_sync_marks(std::span<const std::byte> bytes) {
  Bytes out;
  out.reserve(bytes.size());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const bool mark = i > 0 && bytes[i] == std::byte{0} && bytes[i - 1] == std::byte{0xff};
    if (!mark) out.push_back(bytes[i]);
  }
  return out;
}

bool is_frame_id(std::span<const std::byte> bytes, std::size_t at, std::size_t count) {
  for (std::size_t i = at; i < at + count; ++i) {
    const int c = byte_at(bytes, i);
    if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))) return false;
  }
  return true;
}

/// Some programs wrote sizes of 8 bits a byte into 2.4: believed where a frame or the end follows.
std::uint64_t frame_bytes_24(std::span<const std::byte> bytes, std::size_t at) {
  const std::uint64_t right = syncsafe(bytes, at + 4);
  const std::uint64_t wrong = big_endian(bytes, at + 4, 4);
  if (right == wrong) return right;
  const auto leads_on = [&](std::uint64_t size) {
    const std::uint64_t next = at + kHeaderBytes + size;
    if (next > bytes.size()) return false;
    return next == bytes.size() || byte_at(bytes, next) == 0 || is_frame_id(bytes, next, 4);
  };
  return !leads_on(right) && leads_on(wrong) ? wrong : right;
}

void find_frames(Id3Frames& tag) {
  const std::span<const std::byte> bytes = tag.bytes;
  const std::size_t id_bytes = tag.version == 2 ? 3 : 4;
  const std::size_t header_bytes = tag.version == 2 ? 6 : kHeaderBytes;
  for (std::size_t at = 0; at + header_bytes < bytes.size();) {
    if (byte_at(bytes, at) == 0) return;  // padding
    const std::uint64_t size = tag.version == 2   ? big_endian(bytes, at + 3, 3)
                               : tag.version == 3 ? big_endian(bytes, at + 4, 4)
                                                  : frame_bytes_24(bytes, at);
    tag.complete = is_frame_id(bytes, at, id_bytes) && size <= bytes.size() - at - header_bytes &&
                   tag.frames.size() < kMostId3Frames;
    if (!tag.complete) return;
    Id3Frame frame;
    frame.id = std::string(characters(bytes.subspan(at, id_bytes)));
    frame.begin = at;
    frame.body = at + header_bytes;
    frame.end = frame.body + static_cast<std::size_t>(size);
    const int flags = tag.version == 2 ? 0 : byte_at(bytes, at + 9);
    frame.opaque = (flags & (tag.version == 3 ? 0xc0 : 0x0c)) != 0;
    frame.plain = (flags & (tag.version == 3 ? 0xe0 : 0x4f)) == 0;
    at = frame.end;
    tag.frames.push_back(std::move(frame));
  }
}

}  // namespace

std::int64_t id3_tag_bytes(std::span<const std::byte> head) {
  if (head.size() < kHeaderBytes || !characters(head).starts_with("ID3")) return 0;
  const bool footer = byte_at(head, 3) == 4 && (byte_at(head, 5) & 0x10) != 0;
  return static_cast<std::int64_t>(kHeaderBytes + syncsafe(head, 6) + (footer ? kHeaderBytes : 0));
}

std::optional<Id3Frames> split_id3(std::span<const std::byte> tag) {
  if (id3_tag_bytes(tag) == 0) return std::nullopt;
  Id3Frames out;
  out.version = byte_at(tag, 3);
  if (out.version < 2 || out.version > 4) return std::nullopt;
  const int flags = byte_at(tag, 5);
  const std::uint64_t size = std::min<std::uint64_t>(syncsafe(tag, 6), tag.size() - kHeaderBytes);
  const auto content = tag.subspan(kHeaderBytes, static_cast<std::size_t>(size));
  out.unsynchronised = out.version == 4 && (flags & 0x80) != 0;
  out.bytes = out.version < 4 && (flags & 0x80) != 0 ? without_sync_marks(content)
                                                     : Bytes(content.begin(), content.end());
  if (out.version > 2 && (flags & 0x40) != 0) {
    // The extended header's size counts itself in 2.4 only.
    const std::uint64_t extended =
        out.version == 3 ? 4 + big_endian(out.bytes, 0, 4) : syncsafe(out.bytes, 0);
    const auto skip = std::min<std::uint64_t>(extended, out.bytes.size());
    out.bytes.erase(out.bytes.begin(), out.bytes.begin() + static_cast<std::ptrdiff_t>(skip));
  }
  find_frames(out);
  return out;
}

void append_frame(Id3Frames& tag, const std::string& id, std::span<const std::byte> body) {
  // Padding is no frame, and goes.
  tag.bytes.resize(tag.frames.empty() ? 0 : tag.frames.back().end);
  ByteBuilder header(true);
  header.text(id);
  for (int shift = 21; shift >= 0; shift -= 7) header.number(body.size() >> shift & 0x7f, 1);
  const Bytes written = header.number(0, 2).take();
  Id3Frame frame;
  frame.id = id;
  frame.begin = tag.bytes.size();
  tag.bytes.insert(tag.bytes.end(), written.begin(), written.end());
  frame.body = tag.bytes.size();
  tag.bytes.insert(tag.bytes.end(), body.begin(), body.end());
  frame.end = tag.bytes.size();
  tag.frames.push_back(std::move(frame));
}

Bytes join_id3(const Id3Frames& tag, const std::function<bool(const Id3Frame&)>& keep,
               std::size_t least_bytes) {
  ByteBuilder frames(true);
  for (const Id3Frame& frame : tag.frames) {
    if (keep(frame)) frames.raw(std::span(tag.bytes).subspan(frame.begin, frame.end - frame.begin));
  }
  if (frames.size() + kHeaderBytes < least_bytes) {
    frames.zeros(least_bytes - kHeaderBytes - frames.size());
  }
  const std::size_t size = frames.size();
  ByteBuilder out(true);
  out.text("ID3").number(static_cast<std::uint64_t>(tag.version), 1).number(0, 1);
  out.number(tag.unsynchronised ? 0x80 : 0, 1);
  for (int shift = 21; shift >= 0; shift -= 7) out.number(size >> shift & 0x7f, 1);
  return out.raw(frames.take()).take();
}

}  // namespace tutti::io
