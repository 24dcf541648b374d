// SPDX-License-Identifier: Apache-2.0
// The chunk structure that RIFF, RF64, Wave64 and AIFF share, read from files that may lie.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "host/audio/errors.hpp"
#include "host/io/file_pool.hpp"

namespace tutti::io {

enum class ChunkStyle { riff, wave64, iff };

/// One chunk: where its body lies and how many bytes of it the file really holds.
struct Chunk {
  std::string id;                   ///< four characters
  std::int64_t body = 0;            ///< offset in the file
  std::uint64_t claimed_bytes = 0;  ///< what its header says
  std::int64_t bytes = 0;           ///< the part that lies in the file
};

/// Steps from chunk to chunk. Never leaves the file, never visits a byte twice, ends after
/// kMaxChunks; sizes that run past the end of the file are cut.
class ChunkWalker {
 public:
  static constexpr int kMaxChunks = 10000;

  ChunkWalker(PooledFile& file, ChunkStyle style, std::int64_t first)
      : file_(file), style_(style), next_(first) {}

  /// The next chunk; false at the end of the file or where no chunk header stands.
  bool next(Chunk& chunk);

  /// A chunk of odd size was not padded: its successor was found one byte early.
  bool missing_pad() const { return missing_pad_; }
  /// Corrects the size of the chunk last returned (RF64 keeps it elsewhere).
  void resize(Chunk& chunk, std::uint64_t claimed_bytes);

 private:
  bool parse_header(std::int64_t at, Chunk& chunk);
  void step_over(const Chunk& chunk);

  PooledFile& file_;
  ChunkStyle style_;
  std::int64_t next_;
  bool padded_ = false;  ///< a pad byte was assumed before `next_`
  bool missing_pad_ = false;
  int visited_ = 0;
};

/// Whether a known chunk starts at `at` and the chunks from there on fill the file.
bool chunks_fill_file(PooledFile& file, ChunkStyle style, std::int64_t at);

/// The first bytes of a chunk's body, at most `limit_bytes`.
std::vector<std::byte> read_body(PooledFile& file, const Chunk& chunk, std::size_t limit_bytes);

}  // namespace tutti::io
