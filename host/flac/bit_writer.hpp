// SPDX-License-Identifier: Apache-2.0
// Bits into bytes, the highest first.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

namespace tutti::flac {

/// Writes numbers of any width behind each other. It grows only in `reserve_bits`, so that a bit
/// costs as little as it can: whoever writes says first how much it will be at most.
class BitWriter {
 public:
  static constexpr int kMostBits = 56;  ///< of one `put`: what is left of a word beside 7 old bits

  void clear() {
    at_ = 0;
    word_ = 0;
    used_ = 0;
  }

  /// Room for so many bits behind those that are there.
  void reserve_bits(std::uint64_t bits) {
    const std::size_t bytes = at_ + static_cast<std::size_t>(bits / 8) + 2 * sizeof(word_);
    if (bytes_.size() < bytes) bytes_.resize(bytes);
  }

  /// The lowest `width` bits of `value`, which has none above them; 1 <= width <= kMostBits.
  void put(std::uint64_t value, int width) {
    word_ |= value << (64 - used_ - width);
    used_ += width;
    const std::uint64_t stored =
        std::endian::native == std::endian::little ? __builtin_bswap64(word_) : word_;
    std::memcpy(bytes_.data() + at_, &stored, sizeof(stored));
    at_ += static_cast<std::size_t>(used_ >> 3);
    word_ <<= used_ & ~7;
    used_ &= 7;
  }

  /// The same of a number with a sign, in two's complement; 1 <= width <= kMostBits.
  void put_signed(std::int64_t value, int width) {
    put(static_cast<std::uint64_t>(value) & (~std::uint64_t{0} >> (64 - width)), width);
  }

  void put_zeros(std::uint64_t count) {
    for (; count > kMostBits; count -= kMostBits) put(0, kMostBits);
    if (count > 0) put(0, static_cast<int>(count));
  }

  /// Zeros up to the next whole byte.
  void align() {
    if (used_ > 0) put(0, 8 - used_);
  }

  std::uint64_t bits() const { return 8 * static_cast<std::uint64_t>(at_) + used_; }
  /// The whole bytes so far.
  std::span<const std::uint8_t> bytes() const { return {bytes_.data(), at_}; }

 private:
  std::vector<std::uint8_t> bytes_;
  std::size_t at_ = 0;      ///< whole bytes
  std::uint64_t word_ = 0;  ///< the bits behind them, from the top
  int used_ = 0;            ///< how many; below 8 between calls
};

}  // namespace tutti::flac
