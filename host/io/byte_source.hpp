// SPDX-License-Identifier: Apache-2.0
// A file as the decoding libraries want it: a position, a buffer, and no exception through C code.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <exception>
#include <memory>
#include <utility>

#include "host/io/file_pool.hpp"

namespace tutti::io {

/// Sequential reading with a position. An IoError of the file is kept and rethrown by `rethrow`,
/// because the caller is a C library.
class ByteSource {
 public:
  explicit ByteSource(std::shared_ptr<PooledFile> file) : file_(std::move(file)) {}

  std::int64_t position() const { return position_; }
  std::int64_t size_bytes() const { return file_->size_bytes(); }
  void seek(std::int64_t to) { position_ = to; }

  /// Up to `bytes` at the position; fewer at the end of the file or after an error.
  std::size_t read(void* to, std::size_t bytes) noexcept {
    std::size_t done = 0;
    while (done < bytes) {
      const std::int64_t inside = position_ - start_;
      if (inside < 0 || inside >= filled_) {
        if (!fill()) break;
        continue;
      }
      const auto count = std::min(bytes - done, static_cast<std::size_t>(filled_ - inside));
      std::memcpy(static_cast<char*>(to) + done, buffer_.data() + inside, count);
      position_ += static_cast<std::int64_t>(count);
      done += count;
    }
    return done;
  }

  /// Throws what `read` had to swallow.
  void rethrow() {
    if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
  }

 private:
  bool fill() noexcept {
    if (position_ < 0 || position_ >= size_bytes() || error_) return false;
    try {
      start_ = position_;
      filled_ = 0;
      filled_ =
          static_cast<std::int64_t>(file_->read_at(position_, buffer_.data(), buffer_.size()));
    } catch (...) {
      error_ = std::current_exception();
    }
    return filled_ > 0;
  }

  std::shared_ptr<PooledFile> file_;
  std::int64_t position_ = 0;
  std::int64_t start_ = 0;
  std::int64_t filled_ = 0;
  std::exception_ptr error_;
  std::array<char, 16384> buffer_;
};

}  // namespace tutti::io
