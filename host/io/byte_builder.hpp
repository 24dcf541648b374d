// SPDX-License-Identifier: Apache-2.0
// Numbers and names as bytes, in one byte order, and back.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tutti::io {

using Bytes = std::vector<std::byte>;

/// Appends numbers and names in one byte order.
class ByteBuilder {
 public:
  explicit ByteBuilder(bool big_endian) : big_endian_(big_endian) {}

  ByteBuilder& text(std::string_view characters) {
    const auto* from = reinterpret_cast<const std::byte*>(characters.data());
    return raw({from, characters.size()});
  }
  ByteBuilder& raw(std::span<const std::byte> bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return *this;
  }
  ByteBuilder& number(std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) {
      const int shift = 8 * (big_endian_ ? bytes - 1 - i : i);
      bytes_.push_back(static_cast<std::byte>(value >> shift & 0xff));
    }
    return *this;
  }
  ByteBuilder& u16(std::int64_t value) { return number(static_cast<std::uint64_t>(value), 2); }
  ByteBuilder& u32(std::int64_t value) { return number(static_cast<std::uint64_t>(value), 4); }
  ByteBuilder& u64(std::int64_t value) { return number(static_cast<std::uint64_t>(value), 8); }
  ByteBuilder& zeros(std::size_t count) {
    bytes_.resize(bytes_.size() + count);
    return *this;
  }
  std::size_t size() const { return bytes_.size(); }
  Bytes take() { return std::move(bytes_); }

 private:
  bool big_endian_;
  Bytes bytes_;
};

/// Takes numbers and names from bytes that may end too early: from then on `ok` is false, numbers
/// are 0 and texts are empty. Nothing is copied that is not there, whatever a size field says.
class ByteParser {
 public:
  ByteParser(std::span<const std::byte> bytes, bool big_endian)
      : bytes_(bytes), big_endian_(big_endian) {}

  bool ok() const { return ok_; }
  std::size_t at() const { return at_; }
  std::size_t left() const { return bytes_.size() - at_; }

  std::span<const std::byte> raw(std::uint64_t count) {
    if (!ok_ || count > left()) {
      ok_ = false;
      return {};
    }
    const auto piece = bytes_.subspan(at_, static_cast<std::size_t>(count));
    at_ += piece.size();
    return piece;
  }
  std::string text(std::uint64_t count) {
    const auto piece = raw(count);
    return {reinterpret_cast<const char*>(piece.data()), piece.size()};
  }
  std::uint64_t number(int count) {
    std::uint64_t value = 0;
    const auto piece = raw(static_cast<std::uint64_t>(count));
    for (std::size_t i = 0; i < piece.size(); ++i) {
      const std::size_t at = big_endian_ ? i : piece.size() - 1 - i;
      value = value << 8 | std::to_integer<std::uint64_t>(piece[at]);
    }
    return value;
  }
  void skip(std::uint64_t count) { raw(count); }

 private:
  std::span<const std::byte> bytes_;
  bool big_endian_;
  bool ok_ = true;
  std::size_t at_ = 0;
};

/// Replaces the number of `count` bytes at `at`, all of which are there.
inline void store_number(std::span<std::byte> bytes, std::size_t at, std::uint64_t value, int count,
                         bool big_endian) {
  for (int i = 0; i < count; ++i) {
    const int shift = 8 * (big_endian ? count - 1 - i : i);
    bytes[at + static_cast<std::size_t>(i)] = static_cast<std::byte>(value >> shift & 0xff);
  }
}

/// Bytes as the characters that they are.
inline std::string_view characters(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline Bytes to_bytes(std::string_view text) {
  const auto* from = reinterpret_cast<const std::byte*>(text.data());
  return {from, from + text.size()};
}

}  // namespace tutti::io
