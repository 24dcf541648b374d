// SPDX-License-Identifier: Apache-2.0
// An output file as the encoding libraries want it: a position, and no exception through C code.
#pragma once

#include <exception>
#include <utility>

#include "host/io/output_file.hpp"

namespace tutti::io {

/// Writing with a position. An IoError is kept and rethrown by `rethrow`; until then every call
/// fails.
class ByteSink {
 public:
  explicit ByteSink(const WriteSpec& spec) : file_(spec) {}

  OutputFile& file() { return file_; }
  /// Positions count from what has been written so far: a tag in front of the encoder's stream.
  void begin_here() { base_ = position_ = file_.size_bytes(); }
  std::int64_t position() const { return position_ - base_; }
  std::int64_t size_bytes() const { return file_.size_bytes() - base_; }
  void seek(std::int64_t to) { position_ = base_ + to; }

  bool write(const void* bytes, std::size_t count) noexcept {
    if (error_) return false;
    try {
      if (position_ == file_.size_bytes()) {
        file_.append(bytes, count);
      } else {
        file_.overwrite_at(position_, bytes, count);
      }
      position_ += static_cast<std::int64_t>(count);
      return true;
    } catch (...) {
      error_ = std::current_exception();
      return false;
    }
  }

  std::size_t read(void* to, std::size_t count) noexcept {
    if (error_) return 0;
    try {
      const std::size_t got = file_.read_at(position_, to, count);
      position_ += static_cast<std::int64_t>(got);
      return got;
    } catch (...) {
      error_ = std::current_exception();
      return 0;
    }
  }

  /// Throws what the calls above had to swallow.
  void rethrow() {
    if (error_) std::rethrow_exception(error_);
  }

 private:
  OutputFile file_;
  std::int64_t base_ = 0;
  std::int64_t position_ = 0;  ///< in the file
  std::exception_ptr error_;
};

}  // namespace tutti::io
