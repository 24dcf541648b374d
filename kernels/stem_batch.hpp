// SPDX-License-Identifier: Apache-2.0
// As much work as one slab brings: what to read, where it lies, what one launch unpacks.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <unordered_map>
#include <vector>

#include "host/backend/stem_cells.hpp"
#include "kernels/stem_residency.hpp"
#include "kernels/unpack.hpp"

namespace tutti::cuda {

/// Pieces that are to stay lie first in the slab, the others behind them. A piece that the batch
/// hears twice is read once.
class StemBatch {
 public:
  /// A piece that is not on the device.
  struct Read {
    std::size_t request;
    StemPiece piece;
    bool keep;
    std::size_t offset;  ///< in its part of the slab
  };

  /// Takes a cell in, if what it lacks still fits into `limit_bytes`. `residency` may be null.
  bool add(const StemCell& cell, StemResidency* residency, std::size_t limit_bytes);

  const std::vector<Read>& reads() const { return reads_; }
  std::size_t cells() const { return cells_.size(); }
  std::size_t kept_bytes() const { return kept_bytes_; }
  std::size_t bytes() const { return kept_bytes_ + other_bytes_; }
  std::size_t pieces() const;
  /// Where in the slab a piece is read to.
  std::size_t slab_offset(const Read& read) const {
    return read.keep ? read.offset : kept_bytes_ + read.offset;
  }
  std::vector<StemResidency::Kept> kept() const;

  /// What there is to unpack, with the slab's pieces at these addresses. `outs`: for each request.
  UnpackList unpack_list(const std::vector<DeviceBlock>& outs, const std::byte* kept,
                         const std::byte* others) const;

 private:
  struct Source {
    StemPiece piece;
    const std::byte* resident = nullptr;  ///< else read number `read`
    std::size_t read = 0;
  };
  struct Cell {
    std::size_t request;
    Frames first, frames;
    UnpackStart start;
    std::vector<Source> sources;
  };

  Source place_read(std::size_t request, const StemPiece& piece, bool keep);

  std::vector<Cell> cells_;
  std::vector<Read> reads_;
  std::unordered_map<PieceKey, std::size_t, PieceKeyHash> known_;  ///< which read brings it
  std::vector<SharedBlock> used_;  ///< resident blocks, until the launch is queued
  std::size_t kept_bytes_ = 0, other_bytes_ = 0;
};

}  // namespace tutti::cuda
