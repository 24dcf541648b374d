// SPDX-License-Identifier: Apache-2.0
// A long signal that is written once and read many times: in memory, or in a file past its budget.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "host/audio/buffer.hpp"

namespace tutti {

/// Planar float frames, appended then read. Past `memory_budget_bytes` everything lives in an unlinked
/// temporary file, so that memory does not grow with the programme. One thread at a time.
class LongBuffer {
 public:
  LongBuffer(int channels, std::uint64_t memory_budget_bytes, std::filesystem::path spill_folder);
  ~LongBuffer();
  LongBuffer(LongBuffer&& other) noexcept;
  LongBuffer& operator=(LongBuffer&&) = delete;

  /// Room for that many frames: in memory if they fit the budget, so that appending never moves what
  /// is there, else in the file from the start. Throws IoError.
  void reserve(Frames frames);
  /// Throws IoError (disk full: IoFault::exhausted).
  void append(ConstBlockView block);
  /// Frames [first, first + out.frames); outside what was written: zero.
  void read(Frames first, BlockView out) const;
  Frames frames() const { return frames_; }
  int channels() const { return channels_; }

 private:
  void spill();
  void write_file(Frames first, ConstBlockView block);
  template <typename Transfer>
  void for_pieces(Frames first, Frames frames, Transfer transfer) const;

  int channels_;
  std::uint64_t budget_bytes_;
  std::filesystem::path spill_folder_;
  std::vector<std::vector<float>> memory_;  ///< per channel
  int file_ = -1;                           ///< pieces of one channel after another
  Frames frames_ = 0;
};

}  // namespace tutti
