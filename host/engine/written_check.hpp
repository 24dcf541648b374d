// SPDX-License-Identifier: Apache-2.0
// Whether a file gives back what was written to it, and how it sounds.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "host/backend/backend.hpp"

namespace tutti {

/// Sums of samples, and sums of these sums, of every sixteenth frame: two signals that differ in
/// one sample, or in the order of some, have others [Fletcher 1982]. The same however blocks are
/// cut.
class SampleSums {
 public:
  explicit SampleSums(int channels) : channels_(static_cast<std::size_t>(channels)) {}

  void take(ConstBlockView block);
  bool operator==(const SampleSums&) const = default;

 private:
  static constexpr std::size_t kLanes = 16;
  struct Channel {
    std::array<std::uint32_t, kLanes> sums{}, sums_of_sums{};
    bool operator==(const Channel&) const = default;
  };
  std::vector<Channel> channels_;
  Frames frames_ = 0;
};

/// Takes what a packer made for an exact container, in order.
class WrittenCheck {
 public:
  WrittenCheck(const PackDesign& design, int channels);

  void take(const Packed& packed);

  /// Decodes the file, which lies `at` some place until it has its name, and measures it. Throws
  /// IoError (IoFault::output) of `name` where its form, its length or a sample is not what was
  /// taken; Cancelled.
  Measurement read_back(Backend& backend, std::span<const double> loudness_weights,
                        const std::filesystem::path& at, const std::filesystem::path& name,
                        const std::atomic<bool>* stop) const;

 private:
  Measurement measure(Backend& backend, std::span<const double> loudness_weights,
                      const std::filesystem::path& at, const std::filesystem::path& name,
                      const std::atomic<bool>* stop) const;
  /// `slack`: kUnpackSlackBytes behind `bytes` can be read.
  void unpack_piece(std::span<const std::byte> bytes, bool slack, BlockView out);

  PackDesign design_;
  int channels_;
  Buffer piece_;
  std::vector<std::byte> bytes_;  ///< of the last piece of a block, with room behind it
  SampleSums sums_;
  Frames frames_ = 0;
};

}  // namespace tutti
