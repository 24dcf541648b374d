// SPDX-License-Identifier: Apache-2.0
// Stems on their way to a predicted device: cut, looked up and kept as kernels/stem_store does, but
// never read.
#pragma once

#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <tuple>
#include <vector>

#include "host/backend/stem_cells.hpp"
#include "host/roofline/ledger.hpp"

namespace tutti::roofline {

/// What makes two pieces the same bytes.
using PieceKey = std::tuple<std::uint64_t, Frames, Frames, int, int, int, bool, bool>;

class StemStore {
 public:
  explicit StemStore(Ledger& ledger) : ledger_(ledger) {}

  struct Request {
    StemSource* stem = nullptr;
    Frames channels = 1, frames = 0;  ///< of the strip
  };
  /// Counts what brings frames [first, …) of every stem into their strips. Opens the files of the
  /// stems, whose headers say how they are stored. Throws IoError.
  void assemble(Frames first, std::span<const Request> requests);

  /// Forgets what is kept, and keeps nothing more.
  void keep_nothing();

 private:
  struct Block {
    std::size_t bytes = 0;
    std::vector<PieceKey> keys;
  };
  using Blocks = std::list<Block>;

  struct Batch {
    std::vector<StemCell> cells;
    std::set<PieceKey> known;
    std::vector<PieceKey> kept;
    std::size_t kept_bytes = 0, other_bytes = 0;
    std::size_t bytes() const { return kept_bytes + other_bytes; }
  };
  bool add(Batch& batch, const StemCell& cell, std::size_t limit_bytes);
  void run_batch(std::deque<StemCell>& cells, std::span<const Request> requests,
                 std::size_t limit_bytes);
  void unpack(const Batch& batch, std::span<const Request> requests);
  bool find(const PieceKey& key);
  void keep(const Batch& batch);
  void shrink_to(std::size_t bytes);
  std::size_t budget();

  Ledger& ledger_;
  std::optional<std::size_t> budget_bytes_;
  std::size_t bytes_ = 0;
  Blocks blocks_;  ///< last used first
  std::map<PieceKey, Blocks::iterator> places_;
};

}  // namespace tutti::roofline
