// SPDX-License-Identifier: Apache-2.0
#include "host/io/riff_positions.hpp"

#include <fmt/format.h>

#include <limits>
#include <utility>

namespace tutti::io {
namespace {

constexpr std::size_t kCueBytes = 24;

/// These say where something is in the audio in ways that are not taken apart here.
constexpr std::string_view kOpaquePositions[] = {"r64m", "regn", "elm1", "ovwf", "iXML", "axml"};

std::optional<std::uint32_t> narrow(std::optional<std::uint64_t> value) {
  if (!value || *value > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  return static_cast<std::uint32_t>(*value);
}

struct CuePoint {
  std::uint32_t name, play_order;
  std::string chunk_id;
  std::uint32_t frame;
};

/// False where the chunk has fewer points than it says.
bool read_cue_points(const Bytes& body, std::vector<CuePoint>& points) {
  ByteParser in(body, false);
  const std::uint64_t count = in.number(4);
  for (std::uint64_t i = 0; i < count && in.left() >= kCueBytes; ++i) {
    CuePoint point;
    point.name = static_cast<std::uint32_t>(in.number(4));
    point.play_order = static_cast<std::uint32_t>(in.number(4));
    point.chunk_id = in.text(4);
    in.skip(8);  // where that chunk and its block begin: 0 in a file with one data chunk
    point.frame = static_cast<std::uint32_t>(in.number(4));
    points.push_back(std::move(point));
  }
  return in.ok() && points.size() == count;
}

}  // namespace

RiffPositions::RiffPositions(const std::vector<MetadataChunk>& chunks, PositionMap map,
                             const MetadataLosses& losses)
    : map_(map), losses_(losses) {
  for (const MetadataChunk& chunk : chunks) {
    std::vector<CuePoint> points;
    if (chunk.id != "cue " || !read_cue_points(chunk.body, points)) continue;
    for (const CuePoint& point : points) {
      if (!narrow(map_.position(point.frame))) lost_cues_.insert(point.name);
    }
  }
}

Bytes RiffPositions::unreadable(const std::string& id, const Bytes& body) {
  losses_.stale(fmt::format("the chunk '{}' contradicts itself and is copied as it is", id));
  return body;
}

std::optional<Bytes> RiffPositions::adapt(const MetadataChunk& chunk) {
  if (chunk.id == "cue ") return adapt_cue(chunk.body);
  if (chunk.id == "plst") return adapt_play_list(chunk.body);
  if (chunk.id == "smpl") return adapt_sampler(chunk.body);
  if (chunk.id == "cart") return adapt_cart(chunk.body);
  const std::string_view text = characters(chunk.body);
  if (chunk.id == "LIST" && text.starts_with("adtl")) return adapt_labels(chunk.body);
  const bool opaque = std::find(std::begin(kOpaquePositions), std::end(kOpaquePositions),
                                chunk.id) != std::end(kOpaquePositions);
  if (opaque && !map_.unchanged()) {
    losses_.stale(
        fmt::format("the chunk '{}' is copied as it is; times and rates that it gives are "
                    "those of the input",
                    chunk.id));
  }
  return chunk.body;
}

std::optional<Bytes> RiffPositions::adapt_cue(const Bytes& body) {
  std::vector<CuePoint> points;
  if (!read_cue_points(body, points)) return unreadable("cue ", body);
  ByteBuilder out(false);
  std::uint32_t kept = 0;
  for (const CuePoint& point : points) {
    const auto frame = narrow(map_.position(point.frame));
    if (!frame) continue;
    // Play order is a frame number too where there is no play list; some writers leave it 0.
    const auto order = narrow(map_.position(point.play_order));
    out.u32(point.name).u32(point.play_order == 0 ? 0 : order.value_or(*frame));
    out.text(point.chunk_id).u32(0).u32(0).u32(*frame);
    ++kept;
  }
  if (kept == 0 && !points.empty()) return std::nullopt;
  Bytes result = ByteBuilder(false).u32(kept).take();
  const Bytes rows = out.take();
  result.insert(result.end(), rows.begin(), rows.end());
  return result;
}

std::optional<Bytes> RiffPositions::adapt_play_list(const Bytes& body) {
  ByteParser in(body, false);
  const std::uint64_t count = in.number(4);
  ByteBuilder rows(false);
  std::uint32_t kept = 0;
  for (std::uint64_t i = 0; i < count && in.left() >= 12; ++i) {
    const auto cue = static_cast<std::uint32_t>(in.number(4));
    const auto frames = narrow(map_.length(in.number(4)));
    const auto loops = in.number(4);
    if (lost_cues_.count(cue) != 0) continue;
    rows.u32(cue).u32(frames.value_or(0xffffffffu)).number(loops, 4);
    ++kept;
  }
  if (!in.ok() || body.size() != 4 + 12 * count) return unreadable("plst", body);
  if (kept == 0 && count > 0) return std::nullopt;
  const Bytes list = rows.take();
  return ByteBuilder(false).u32(kept).raw(list).take();
}

// Nine numbers (maker, product, sample period in ns, note, fraction, SMPTE format and offset, count
// of loops, bytes of the maker's data), then loops of six: name, type, start, end, fraction, count.
Bytes RiffPositions::adapt_sampler(const Bytes& body) {
  constexpr std::size_t kPeriodAt = 8;
  constexpr std::size_t kCountAt = 28;
  ByteParser in(body, false);
  in.skip(kCountAt);
  const std::uint64_t count = in.number(4);
  in.skip(4);
  if (!in.ok() || in.left() / 24 < count) return unreadable("smpl", body);
  ByteBuilder loops(false);
  std::uint32_t kept = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto name_and_type = in.raw(8);
    const auto start = narrow(map_.position(in.number(4)));
    const auto end = narrow(map_.position(in.number(4)));
    const auto rest = in.raw(8);
    if (!start || !end) {
      ++lost_loops_;
      continue;
    }
    loops.raw(name_and_type).u32(*start).u32(*end).raw(rest);
    ++kept;
  }
  Bytes out = ByteBuilder(false).raw(std::span(body).first(36)).raw(loops.take()).take();
  const auto data = in.raw(in.left());
  out.insert(out.end(), data.begin(), data.end());
  store_number(out, kCountAt, kept, 4, false);
  if (!map_.same_rate()) {
    const std::uint64_t rate_hz = map_.to_rate_hz();
    store_number(out, kPeriodAt, (1000000000 + rate_hz / 2) / rate_hz, 4, false);
  }
  return out;
}

/// A label, note or region of a list "adtl" for the output; none if its marker is gone.
std::optional<Bytes> RiffPositions::label(std::string_view id, std::span<const std::byte> body) {
  const bool refers = id == "labl" || id == "note" || id == "ltxt" || id == "file";
  Bytes out(body.begin(), body.end());
  if (!refers || body.size() < 4) return out;
  const auto cue = load_integer<std::uint32_t>(out.data(), false);
  if (lost_cues_.count(cue) != 0) return std::nullopt;
  if (id == "ltxt" && out.size() >= 8) {
    const auto frames = load_integer<std::uint32_t>(out.data() + 4, false);
    store_number(out, 4, narrow(map_.length(frames)).value_or(0xffffffffu), 4, false);
  }
  return out;
}

Bytes RiffPositions::adapt_labels(const Bytes& body) {
  ByteParser in(body, false);
  ByteBuilder out(false);
  out.raw(in.raw(4));
  while (in.left() >= 8) {
    const std::string id = in.text(4);
    const std::uint64_t bytes = in.number(4);
    const auto part = in.raw(bytes);
    if (!in.ok()) return unreadable("LIST", body);
    if (bytes % 2 != 0 && in.left() > 0) in.skip(1);
    const auto kept = label(id, part);
    if (kept) out.text(id).u32(static_cast<std::int64_t>(kept->size())).raw(*kept);
    if (kept && kept->size() % 2 != 0) out.zeros(1);
  }
  return out.take();
}

Bytes RiffPositions::adapt_cart(const Bytes& body) {
  // Eight timers, each a name of four characters and a frame; unused ones have no name.
  constexpr std::size_t kTimersAt = 684;
  Bytes out = body;
  for (std::size_t at = kTimersAt; at < kTimersAt + 64 && at + 8 <= out.size(); at += 8) {
    const auto name = load_integer<std::uint32_t>(out.data() + at, false);
    if (name == 0) continue;
    const auto frame =
        narrow(map_.position(load_integer<std::uint32_t>(out.data() + at + 4, false)));
    if (!frame) ++lost_loops_;
    store_number(out, at, frame ? name : 0, 4, false);
    store_number(out, at + 4, frame.value_or(0), 4, false);
  }
  return out;
}

void RiffPositions::report() const {
  if (!lost_cues_.empty()) {
    losses_.dropped(
        fmt::format("{} cue point{} outside the output {} left out, with what refers to "
                    "{}",
                    lost_cues_.size(), lost_cues_.size() == 1 ? "" : "s",
                    lost_cues_.size() == 1 ? "is" : "are", lost_cues_.size() == 1 ? "it" : "them"));
  }
  if (lost_loops_ > 0) {
    losses_.dropped(fmt::format("{} loop{} or timer{} outside the output left out", lost_loops_,
                                lost_loops_ == 1 ? "" : "s", lost_loops_ == 1 ? "" : "s"));
  }
}

}  // namespace tutti::io
