// SPDX-License-Identifier: Apache-2.0
#include "host/roofline/stem_store.hpp"

#include <algorithm>
#include <bit>

#include "host/roofline/kernels.hpp"

namespace tutti::roofline {
namespace {

// As kernels/stem_store: about four slabs a call, of 1 to 64 MiB, at most eight; 60 % of what is
// free at first for stems that stay.
constexpr std::size_t kSlabsPerCall = 4, kMostSlabs = 8;
constexpr std::size_t kSmallestSlabBytes = std::size_t{1} << 20,
                      kLargestSlabBytes = std::size_t{64} << 20;
constexpr double kShareOfFreeMemory = 0.6;
constexpr Frames kUnpackChunkFrames = 2048;

PieceKey key_of(const StemPiece& piece) {
  return {piece.identity,
          piece.file_frame,
          piece.frames,
          piece.channels,
          static_cast<int>(piece.format.kind),
          piece.format.bytes,
          piece.format.big_endian,
          piece.planar};
}

}  // namespace

void StemStore::assemble(Frames first, std::span<const Request> requests) {
  std::vector<StemCell> cells;
  std::size_t bytes = 0;
  for (std::size_t r = 0; r < requests.size(); ++r) {
    StemCell cell{r, 0, requests[r].frames, UnpackStart::silence,
                  requests[r].stem->pieces(first, requests[r].frames)};
    std::erase_if(cell.pieces, [](const StemPiece& piece) { return piece.frames <= 0; });
    bytes += cell.bytes();
    cells.push_back(std::move(cell));
  }
  const std::size_t limit_bytes =
      std::clamp(std::bit_ceil(bytes / kSlabsPerCall), kSmallestSlabBytes, kLargestSlabBytes);
  std::deque<StemCell> rest = cut(cells, limit_bytes);
  while (!rest.empty()) run_batch(rest, requests, limit_bytes);
}

void StemStore::keep_nothing() {
  budget_bytes_ = 0;
  shrink_to(0);
}

bool StemStore::add(Batch& batch, const StemCell& cell, std::size_t limit_bytes) {
  std::vector<const StemPiece*> lacking;
  std::size_t lacking_bytes = 0;
  for (const StemPiece& piece : cell.pieces) {
    const bool named = piece.identity != 0;
    if (named && (batch.known.contains(key_of(piece)) || find(key_of(piece)))) continue;
    lacking.push_back(&piece);
    lacking_bytes += slab_bytes(piece);
  }
  if (batch.bytes() + lacking_bytes > limit_bytes) return false;
  for (const StemPiece* piece : lacking) {
    const bool named = piece->identity != 0, keeps = named && budget() > 0;
    if (named && !batch.known.insert(key_of(*piece)).second) continue;
    (keeps ? batch.kept_bytes : batch.other_bytes) += slab_bytes(*piece);
    if (keeps) batch.kept.push_back(key_of(*piece));
  }
  batch.cells.push_back(cell);
  return true;
}

void StemStore::run_batch(std::deque<StemCell>& cells, std::span<const Request> requests,
                          std::size_t limit_bytes) {
  Batch batch;
  for (const StemCell& cell : cells)
    if (!add(batch, cell, limit_bytes)) break;
  if (batch.cells.empty()) return halve_first(cells);
  if (batch.bytes() > 0) {
    ledger_.slabs(kMostSlabs * limit_bytes);
    ledger_.upload_stems(static_cast<Frames>(batch.bytes()));
  }
  unpack(batch, requests);
  keep(batch);
  cells.erase(cells.begin(), cells.begin() + static_cast<std::ptrdiff_t>(batch.cells.size()));
}

void StemStore::unpack(const Batch& batch, std::span<const Request> requests) {
  UnpackShape shape;
  shape = {.strips = 0, .widest_chunks = 0, .chunks = 0, .entries = 0, .parts = 0};
  std::set<PieceKey> read;
  for (const StemCell& cell : batch.cells) {
    const Frames channels = requests[cell.request].channels;
    const Frames chunks = whole(cell.frames, kUnpackChunkFrames);
    ++shape.strips;
    shape.chunks += chunks;
    shape.widest_chunks = std::max(shape.widest_chunks, chunks);
    shape.samples += channels * cell.frames;
    for (const StemPiece& piece : cell.pieces) {
      ++shape.parts;
      shape.entries +=
          (piece.at + piece.frames - 1) / kUnpackChunkFrames - piece.at / kUnpackChunkFrames + 1;
      shape.samples_in += channels * piece.frames;
      if (piece.identity == 0 || read.insert(key_of(piece)).second)
        shape.sample_bytes += static_cast<Frames>((piece.bytes() + 3) / 4 * 4);
    }
  }
  if (shape.widest_chunks == 0) return;
  ledger_.send(40 * shape.strips + 4 * (shape.chunks + 1) + 4 * shape.entries + 88 * shape.parts);
  ledger_.launch("unpack", unpack_cost(shape));
}

bool StemStore::find(const PieceKey& key) {
  if (budget() == 0) return false;
  const auto found = places_.find(key);
  if (found == places_.end()) return false;
  blocks_.splice(blocks_.begin(), blocks_, found->second);
  return true;
}

void StemStore::keep(const Batch& batch) {
  if (batch.kept_bytes == 0 || batch.kept_bytes > budget()) return;
  shrink_to(budget() - batch.kept_bytes);
  blocks_.push_front({batch.kept_bytes, {}});
  for (const PieceKey& key : batch.kept)
    if (places_.try_emplace(key, blocks_.begin()).second) blocks_.front().keys.push_back(key);
  bytes_ += batch.kept_bytes;
  ledger_.stems_resident(bytes_);
}

void StemStore::shrink_to(std::size_t bytes) {
  while (bytes_ > bytes) {
    for (const PieceKey& key : blocks_.back().keys) places_.erase(key);
    bytes_ -= blocks_.back().bytes;
    blocks_.pop_back();
  }
}

std::size_t StemStore::budget() {
  if (!budget_bytes_)
    budget_bytes_ =
        static_cast<std::size_t>(kShareOfFreeMemory * std::max(0.0, ledger_.free_bytes()));
  return *budget_bytes_;
}

}  // namespace tutti::roofline
