// SPDX-License-Identifier: Apache-2.0
#include "kernels/stem_batch.hpp"

namespace tutti::cuda {

bool StemBatch::add(const StemCell& cell, StemResidency* residency, std::size_t limit_bytes) {
  // First everything is looked up, and so held: what is found can not go any more.
  std::vector<std::optional<StemResidency::Place>> places(cell.pieces.size());
  std::size_t lacking_bytes = 0;
  for (std::size_t p = 0; p < places.size(); ++p) {
    const StemPiece& piece = cell.pieces[p];
    const bool named = piece.identity != 0;
    if (named && known_.contains(key_of(piece))) continue;
    if (named && residency) places[p] = residency->find(key_of(piece));
    if (!places[p]) lacking_bytes += slab_bytes(piece);
  }
  if (bytes() + lacking_bytes > limit_bytes) return false;
  Cell& added = cells_.emplace_back(Cell{cell.request, cell.first, cell.frames, cell.start, {}});
  for (std::size_t p = 0; p < places.size(); ++p) {
    const StemPiece& piece = cell.pieces[p];
    if (!places[p]) {
      added.sources.push_back(place_read(cell.request, piece, residency && piece.identity != 0));
      continue;
    }
    added.sources.push_back({piece, places[p]->block->data() + places[p]->offset, 0});
    if (used_.empty() || used_.back() != places[p]->block) used_.push_back(places[p]->block);
  }
  return true;
}

StemBatch::Source StemBatch::place_read(std::size_t request, const StemPiece& piece, bool keep) {
  if (piece.identity != 0) {
    const auto [known, is_new] = known_.try_emplace(key_of(piece), reads_.size());
    if (!is_new) return {piece, nullptr, known->second};
  }
  std::size_t& end = keep ? kept_bytes_ : other_bytes_;
  reads_.push_back({request, piece, keep, end});
  end += slab_bytes(piece);
  return {piece, nullptr, reads_.size() - 1};
}

std::size_t StemBatch::pieces() const {
  std::size_t count = 0;
  for (const Cell& cell : cells_) count += cell.sources.size();
  return count;
}

std::vector<StemResidency::Kept> StemBatch::kept() const {
  std::vector<StemResidency::Kept> result;
  for (const Read& read : reads_)
    if (read.keep) result.push_back({key_of(read.piece), read.offset});
  return result;
}

UnpackList StemBatch::unpack_list(const std::vector<DeviceBlock>& outs, const std::byte* kept,
                                  const std::byte* others) const {
  UnpackList list;
  for (const Cell& cell : cells_) {
    list.add_strip(outs[cell.request].slice(cell.first, cell.frames), cell.start);
    for (const Source& source : cell.sources) {
      const std::byte* data = source.resident;
      if (!data) {
        const Read& read = reads_[source.read];
        data = (read.keep ? kept : others) + read.offset;
      }
      list.add_part(unpack_part(source.piece, data));
    }
  }
  return list;
}

}  // namespace tutti::cuda
