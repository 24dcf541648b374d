// SPDX-License-Identifier: Apache-2.0
#include "host/backend/stem_cells.hpp"

#include <algorithm>
#include <string>

#include "host/audio/errors.hpp"

namespace tutti {
namespace {

// 32 floats: cells begin where a warp's write does.
constexpr Frames kCutFrames = 32;
// Positions within a cell are 32 bits wide.
constexpr Frames kMaxCellFrames = Frames{1} << 30;

Frames round_up(Frames frames) { return (frames + kCutFrames - 1) / kCutFrames * kCutFrames; }

}  // namespace

std::size_t StemCell::bytes() const {
  std::size_t sum = 0;
  for (const StemPiece& piece : pieces) sum += slab_bytes(piece);
  return sum;
}

StemCell narrow(const StemCell& cell, Frames first, Frames count) {
  StemCell result{cell.request, cell.first + first, count, cell.start, {}};
  for (const StemPiece& piece : cell.pieces) {
    const Frames begin = std::max(first, piece.at);
    const Frames end = std::min(first + count, piece.at + piece.frames);
    if (begin >= end) continue;
    StemPiece& part = result.pieces.emplace_back(piece);
    part.at = begin - first;
    part.frames = end - begin;
    part.file_frame += begin - piece.at;
    part.clip_frame += begin - piece.at;
  }
  return result;
}

std::deque<StemCell> cut(const std::vector<StemCell>& cells, std::size_t slab_bytes) {
  std::size_t bytes = 0;
  Frames frames = 0;
  for (const StemCell& cell : cells) {
    bytes += cell.bytes();
    frames = std::max(frames, cell.frames);
  }
  const auto spans = static_cast<Frames>(bytes / slab_bytes + 1);
  const Frames step = std::min(round_up((frames + spans - 1) / spans), kMaxCellFrames);
  std::deque<StemCell> result;
  for (Frames first = 0; first < frames; first += step) {
    for (const StemCell& cell : cells) {
      if (first >= cell.frames) continue;
      std::deque<StemCell> parts{narrow(cell, first, std::min(step, cell.frames - first))};
      while (!parts.empty()) {
        if (parts.front().bytes() > slab_bytes) {
          halve_first(parts);
          continue;
        }
        result.push_back(std::move(parts.front()));
        parts.pop_front();
      }
    }
  }
  return result;
}

void halve_first(std::deque<StemCell>& cells) {
  const StemCell whole = std::move(cells.front());
  if (whole.frames < 2)
    throw DeviceMemoryError("cuda: " + std::to_string(whole.pieces.size()) +
                            " clips that sound at once do not fit into a slab");
  const Frames half =
      whole.frames > kCutFrames ? round_up(whole.frames / 2) : (whole.frames + 1) / 2;
  cells.front() = narrow(whole, half, whole.frames - half);
  cells.push_front(narrow(whole, 0, half));
}

}  // namespace tutti
