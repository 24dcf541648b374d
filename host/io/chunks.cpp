// SPDX-License-Identifier: Apache-2.0
#include "host/io/chunks.hpp"

#include <algorithm>
#include <string_view>

#include "host/audio/stored_format.hpp"

namespace tutti::io {
namespace {

// Sony Wave64 names its chunks by GUIDs whose first four bytes are the RIFF name.
constexpr std::array<std::uint8_t, 12> kWave64Tail = {0xf3, 0xac, 0xd3, 0x11, 0x8c, 0xd1,
                                                      0x00, 0xc0, 0x4f, 0x8e, 0xdb, 0x8a};

constexpr std::string_view kKnownIds[] = {
    "fmt ", "data", "LIST", "bext", "iXML", "JUNK", "junk", "fact", "cue ", "smpl", "inst", "id3 ",
    "ID3 ", "PEAK", "axml", "chna", "cart", "ds64", "levl", "link", "umid", "plst", "labl", "note",
    "PAD ", "FLLR", "_PMX", "acid", "strc", "afsp", "DISP", "minf", "elm1", "regn", "ovwf", "AFAn",
    "COMM", "SSND", "FVER", "MARK", "INST", "NAME", "AUTH", "(c) ", "ANNO", "APPL", "CHAN", "COMT"};

bool known(std::string_view id) {
  return std::find(std::begin(kKnownIds), std::end(kKnownIds), id) != std::end(kKnownIds);
}

bool printable(std::string_view id) {
  return std::all_of(id.begin(), id.end(), [](char c) { return c >= 0x20 && c <= 0x7e; });
}

}  // namespace

bool ChunkWalker::parse_header(std::int64_t at, Chunk& chunk) {
  const std::size_t header_bytes = style_ == ChunkStyle::wave64 ? 24 : 8;
  std::array<std::byte, 24> header;
  if (at < 0 || at > file_.size_bytes() - static_cast<std::int64_t>(header_bytes)) return false;
  if (file_.read_at(at, header.data(), header_bytes) != header_bytes) return false;
  chunk.id.assign(reinterpret_cast<const char*>(header.data()), 4);
  if (!printable(chunk.id)) return false;
  chunk.body = at + static_cast<std::int64_t>(header_bytes);
  std::uint64_t claimed = load_integer<std::uint32_t>(header.data() + 4, style_ == ChunkStyle::iff);
  if (style_ == ChunkStyle::wave64) {
    const auto* tail = reinterpret_cast<const std::uint8_t*>(header.data()) + 4;
    if (!std::equal(kWave64Tail.begin(), kWave64Tail.end(), tail)) chunk.id = "????";
    const auto whole = load_integer<std::uint64_t>(header.data() + 16, false);
    claimed = whole < 24 ? 0 : whole - 24;  // Wave64 counts the header
  }
  resize(chunk, claimed);
  return true;
}

void ChunkWalker::resize(Chunk& chunk, std::uint64_t claimed_bytes) {
  chunk.claimed_bytes = claimed_bytes;
  const auto rest = static_cast<std::uint64_t>(file_.size_bytes() - chunk.body);
  chunk.bytes = static_cast<std::int64_t>(std::min(claimed_bytes, rest));
  step_over(chunk);
}

void ChunkWalker::step_over(const Chunk& chunk) {
  const std::int64_t end = chunk.body + chunk.bytes;
  const std::int64_t align = style_ == ChunkStyle::wave64 ? 8 : 2;
  const std::int64_t pad = (align - chunk.bytes % align) % align;
  next_ = end + pad;
  padded_ = style_ != ChunkStyle::wave64 && pad != 0;
}

bool ChunkWalker::next(Chunk& chunk) {
  if (++visited_ > kMaxChunks) return false;
  const std::int64_t at = next_;
  const bool maybe_unpadded = padded_;
  Chunk early;
  const bool found = parse_header(at, chunk);
  if (maybe_unpadded && !(found && known(chunk.id))) {
    if (parse_header(at - 1, early) && known(early.id)) {
      missing_pad_ = true;
      chunk = early;
      return true;
    }
    if (found) step_over(chunk);
  }
  return found;
}

bool chunks_fill_file(PooledFile& file, ChunkStyle style, std::int64_t at) {
  ChunkWalker walker(file, style, at);
  Chunk chunk;
  std::int64_t end = at;
  while (walker.next(chunk)) {
    if (!known(chunk.id) || chunk.claimed_bytes != static_cast<std::uint64_t>(chunk.bytes))
      return false;
    end = chunk.body + chunk.bytes;
  }
  return end > at && file.size_bytes() - end <= 8;
}

std::vector<std::byte> read_body(PooledFile& file, const Chunk& chunk, std::size_t limit_bytes) {
  std::vector<std::byte> body(std::min(static_cast<std::size_t>(chunk.bytes), limit_bytes));
  body.resize(file.read_at(chunk.body, body.data(), body.size()));
  return body;
}

}  // namespace tutti::io
