// SPDX-License-Identifier: Apache-2.0
// What FLAC's blocks hold: comments, pictures, cue sheets.
#include <algorithm>
#include <string_view>

#include "host/io/metadata_flac.hpp"

namespace tutti::io {

std::optional<std::vector<Tag>> parse_comments(std::span<const std::byte> body) {
  ByteParser in(body, false);
  in.skip(in.number(4));  // the library that wrote it
  const std::uint64_t count = in.number(4);
  std::vector<Tag> tags;
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
    const std::string entry = in.text(in.number(4));
    const std::size_t equals = entry.find('=');
    if (equals == std::string::npos) continue;
    tags.push_back({entry.substr(0, equals), entry.substr(equals + 1)});
  }
  if (!in.ok()) return std::nullopt;
  return tags;
}

Bytes comments_body(const std::vector<Tag>& tags) {
  ByteBuilder out(false);
  constexpr std::string_view kVendor = "Tutti";  // who encoded it
  out.u32(static_cast<std::int64_t>(kVendor.size())).text(kVendor);
  out.u32(static_cast<std::int64_t>(tags.size()));
  for (const Tag& tag : tags) {
    out.u32(static_cast<std::int64_t>(tag.key.size() + 1 + tag.value.size()));
    out.text(tag.key).text("=").text(tag.value);
  }
  return out.take();
}

std::optional<Picture> parse_picture(std::span<const std::byte> body) {
  ByteParser in(body, true);
  const auto number = [&] { return static_cast<std::uint32_t>(in.number(4)); };
  Picture picture;
  picture.kind = number();
  picture.mime = in.text(number());
  picture.description = in.text(number());
  picture.width = number();
  picture.height = number();
  picture.depth = number();
  picture.colours = number();
  const auto data = in.raw(number());
  picture.data.assign(data.begin(), data.end());
  if (!in.ok()) return std::nullopt;
  return picture;
}

Bytes picture_body(const Picture& picture) {
  const auto size = [](const auto& text) { return static_cast<std::int64_t>(text.size()); };
  ByteBuilder out(true);
  out.u32(picture.kind).u32(size(picture.mime)).text(picture.mime);
  out.u32(size(picture.description)).text(picture.description);
  out.u32(picture.width).u32(picture.height).u32(picture.depth).u32(picture.colours);
  return out.u32(size(picture.data)).raw(picture.data).take();
}

// Catalogue number 128, lead-in 8, a byte with the CD flag and 258 reserved, count of tracks; each
// track: offset 8, number 1, ISRC 12, 14 flags and reserved, count of indices; each index: offset
// from the track 8, number 1, 3 reserved. The last track is the lead-out.
std::optional<Bytes> adapt_cue_sheet(const Bytes& body, const PositionMap& map) {
  constexpr std::uint64_t kCdFrame = 588;
  constexpr std::uint64_t kCdRate_hz = 44100;
  ByteParser in(body, true);
  Bytes out = body;
  in.skip(128 + 8);
  const bool cd = (in.number(1) & 0x80) != 0;
  in.skip(258);
  const std::uint64_t tracks = in.number(1);
  if (cd && map.to_rate_hz() != kCdRate_hz && !map.same_rate()) return std::nullopt;
  const auto moved = [&](std::uint64_t frame) -> std::optional<std::uint64_t> {
    const auto to = map.position(frame);
    return to && cd && *to % kCdFrame != 0 ? std::nullopt : to;
  };
  for (std::uint64_t track = 0; track < tracks; ++track) {
    const std::size_t at = in.at();
    const std::uint64_t start = in.number(8);
    in.skip(1 + 12 + 14);
    const std::uint64_t indices = in.number(1);
    const auto new_start = moved(start);
    if (!in.ok() || !new_start) return std::nullopt;
    store_number(out, at, *new_start, 8, true);
    for (std::uint64_t i = 0; i < indices; ++i) {
      const std::size_t index_at = in.at();
      const std::uint64_t index = start + in.number(8);
      in.skip(1 + 3);
      const auto new_index = moved(index);
      if (!in.ok() || !new_index || *new_index < *new_start) return std::nullopt;
      store_number(out, index_at, *new_index - *new_start, 8, true);
    }
  }
  if (!in.ok()) return std::nullopt;
  return out;
}

}  // namespace tutti::io
