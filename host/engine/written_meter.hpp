// SPDX-License-Identifier: Apache-2.0
// How a file sounds, measured of the very samples that are written to it: what an exact container
// gives back, without decoding all of it once more.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "host/backend/backend.hpp"

namespace tutti {

/// Takes what a packer made, in order.
class WrittenMeter {
 public:
  WrittenMeter(Backend& backend, const PackDesign& design, int channels,
               std::span<const double> loudness_weights);

  void take(const Packed& packed);
  /// Once, at the end.
  Measurement finish() { return meter_->finish(); }

  /// Opens the file, which lies `at` some place until it has its name, and compares its length, its form
  /// and the samples of its beginning and its end with what was taken. Throws IoError (IoFault::output)
  /// of `name` where they differ.
  void check_file(const std::filesystem::path& at, const std::filesystem::path& name) const;

 private:
  void compare_file(const std::filesystem::path& at, const std::filesystem::path& name) const;
  /// `slack`: kUnpackSlackBytes behind `bytes` can be read.
  void unpack_piece(std::span<const std::byte> bytes, bool slack, BlockView out);
  void keep(ConstBlockView block);

  Backend& backend_;
  PackDesign design_;
  std::unique_ptr<MeterRunner> meter_;
  std::unique_ptr<TileBuffer> tile_;
  std::vector<std::byte> bytes_;  ///< of the last piece of a block, with room behind it
  Buffer first_, last_;           ///< what the file has to begin and end with; `last_` is a ring
  Frames frames_ = 0;
};

}  // namespace tutti
