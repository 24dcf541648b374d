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

/// Where bits go on. Small, so that loops can keep it in registers: whatever is stored through a
/// pointer to bytes might otherwise be a member of it.
class BitCursor {
 public:
  static constexpr int kMostBits = 56;  ///< of one `put`: what is left of a word beside 7 old bits

  /// The lowest `width` bits of `value`, which has none above them; 1 <= width <= kMostBits.
  void put(std::uint64_t value, int width) {
    word_ |= value << (64 - used_ - width);
    used_ += width;
    const std::uint64_t stored =
        std::endian::native == std::endian::little ? __builtin_bswap64(word_) : word_;
    std::memcpy(at_, &stored, sizeof(stored));
    at_ += used_ >> 3;
    word_ <<= used_ & ~7;
    used_ &= 7;
  }

  void put_zeros(std::uint64_t count) {
    for (; count > kMostBits; count -= kMostBits) put(0, kMostBits);
    if (count > 0) put(0, static_cast<int>(count));
  }

  std::uint8_t* at() const { return at_; }
  void move_to(std::uint8_t* at) { at_ = at; }
  int used() const { return used_; }

 private:
  std::uint8_t* at_ = nullptr;  ///< behind the whole bytes
  std::uint64_t word_ = 0;      ///< the bits that follow them, from the top
  int used_ = 0;                ///< how many; below 8 between calls
};

/// Writes numbers of any width behind each other. It grows only in `reserve_bits`, so that a bit
/// costs as little as it can: whoever writes says first how much it will be at most.
class BitWriter {
 public:
  void clear() {
    cursor_ = {};
    cursor_.move_to(bytes_.data());
  }

  /// Room for so many bits behind those that are there.
  void reserve_bits(std::uint64_t bits) {
    const std::size_t whole = whole_bytes();
    const std::size_t bytes =
        whole + static_cast<std::size_t>(bits / 8) + 2 * sizeof(std::uint64_t);
    if (bytes_.size() < bytes) bytes_.resize(bytes);
    cursor_.move_to(bytes_.data() + whole);
  }

  void put(std::uint64_t value, int width) { cursor_.put(value, width); }
  /// The same of a number with a sign, in two's complement.
  void put_signed(std::int64_t value, int width) {
    put(static_cast<std::uint64_t>(value) & (~std::uint64_t{0} >> (64 - width)), width);
  }
  void put_zeros(std::uint64_t count) { cursor_.put_zeros(count); }

  /// Zeros up to the next whole byte.
  void align() {
    if (cursor_.used() > 0) put(0, 8 - cursor_.used());
  }

  /// For a loop that puts much: a copy, and where that has come to.
  BitCursor cursor() const { return cursor_; }
  void go_on_from(const BitCursor& cursor) { cursor_ = cursor; }

  std::uint64_t bits() const {
    return 8 * static_cast<std::uint64_t>(whole_bytes()) + static_cast<unsigned>(cursor_.used());
  }
  /// The whole bytes so far.
  std::span<const std::uint8_t> bytes() const { return {bytes_.data(), whole_bytes()}; }

 private:
  std::size_t whole_bytes() const {
    return cursor_.at() == nullptr ? 0 : static_cast<std::size_t>(cursor_.at() - bytes_.data());
  }

  std::vector<std::uint8_t> bytes_;
  BitCursor cursor_;
};

}  // namespace tutti::flac
