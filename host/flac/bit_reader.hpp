// SPDX-License-Identifier: Apache-2.0
// Bits out of bytes, the highest first.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace tutti::flac {

/// Reads numbers of any width one behind the other. Behind the end it reads the spare bytes, then
/// zeros, and is no longer `ok`; whoever reads asks once, last. Small, so that loops can keep a
/// copy in registers.
class BitReader {
 public:
  static constexpr std::size_t kSpareBytes = 16;  ///< readable behind the end
  static constexpr int kMostBits = 56;            ///< of one `take`, and held after each `fill`

  explicit BitReader(std::span<const std::uint8_t> bytes)
      : begin_(bytes.data()), end_(bytes.data() + bytes.size()), at_(bytes.data()) {}

  /// The next `width` bits, 1 to kMostBits.
  std::uint64_t take(int width) {
    fill();
    const std::uint64_t value = word_ >> (64 - width);
    skip(width);
    return value;
  }
  /// The same as a number with a sign, in two's complement.
  std::int64_t take_signed(int width) {
    fill();
    const std::int64_t value = static_cast<std::int64_t>(word_) >> (64 - width);
    skip(width);
    return value;
  }

  /// Zeros up to the next one; takes that as well.
  std::uint64_t take_zeros() {
    std::uint64_t zeros = 0;
    for (fill(); !over_; fill()) {
      const int run = std::countl_zero(word_);
      if (run < held_) {
        skip(run);
        skip(1);
        return zeros + static_cast<unsigned>(run);
      }
      zeros += static_cast<unsigned>(held_);
      skip(held_);
    }
    return zeros;
  }

  /// Bits up to the next whole byte; false if one of them is set.
  bool align() {
    const int width = held_ & 7;
    return width == 0 || take(width) == 0;
  }

  /// At least kMostBits are held then: in `word` from the top, and below them only what follows.
  void fill() {
    if (at_ > end_ + 8) [[unlikely]] {  // what is held begins behind the end
      over_ = true;
    } else {
      std::uint64_t next;
      std::memcpy(&next, at_, sizeof(next));
      if constexpr (std::endian::native == std::endian::little) next = __builtin_bswap64(next);
      word_ |= next >> held_;
      at_ += (63 - held_) >> 3;
    }
    held_ |= kMostBits;
  }
  std::uint64_t word() const { return word_; }
  /// Goes on from a `word` of which `width` bits have been shifted out.
  void go_on_from(std::uint64_t word, int width) {
    word_ = word;
    held_ -= width;
  }

  /// Whether all that was taken was there.
  bool ok() const { return !over_ && taken_bits() <= 8 * (end_ - begin_); }
  /// The whole bytes that were taken, behind `align`.
  std::size_t taken_bytes() const { return static_cast<std::size_t>(taken_bits() / 8); }

 private:
  std::ptrdiff_t taken_bits() const { return 8 * (at_ - begin_) - held_; }
  void skip(int width) { go_on_from(width < 64 ? word_ << width : 0, width); }

  const std::uint8_t* begin_;
  const std::uint8_t* end_;
  const std::uint8_t* at_;  ///< behind the last whole byte that is held
  std::uint64_t word_ = 0;  ///< from the top; below what is held the beginning of the next byte
  int held_ = 0;
  bool over_ = false;
};

}  // namespace tutti::flac
