// SPDX-License-Identifier: Apache-2.0
// Files as TagLib wants them: an input that is never written, an output that is not finished yet.
#pragma once

#include <tiostream.h>

#include <exception>

#include "host/io/file_pool.hpp"
#include "host/io/output_file.hpp"

namespace tutti::io {

/// A position, and no exception through TagLib: it is kept, and `rethrow` throws it.
class TaglibStream : public TagLib::IOStream {
 public:
  TagLib::FileName name() const override { return ""; }
  bool isOpen() const override { return true; }
  long tell() const override { return position_; }
  void seek(long offset, Position from = Beginning) override;
  TagLib::ByteVector readBlock(unsigned long length) override;
  void rethrow() {
    if (error_) std::rethrow_exception(error_);
  }

 protected:
  virtual std::size_t read_at(long at, char* to, std::size_t count) = 0;
  /// Runs an action on the file unless one has failed before.
  template <typename Action>
  void guarded(Action action) {
    if (error_) return;
    try {
      action();
    } catch (...) {
      error_ = std::current_exception();
    }
  }

  long position_ = 0;

 private:
  std::exception_ptr error_;
};

/// The first bytes of an input: tags stand there, and no more than `limit_bytes` may be asked for.
class TaglibInput final : public TaglibStream {
 public:
  TaglibInput(PooledFile& file, std::int64_t limit_bytes);
  bool readOnly() const override { return true; }
  long length() override { return length_; }
  void writeBlock(const TagLib::ByteVector&) override {}
  void insert(const TagLib::ByteVector&, unsigned long, unsigned long) override {}
  void removeBlock(unsigned long, unsigned long) override {}
  void truncate(long) override {}

 private:
  std::size_t read_at(long at, char* to, std::size_t count) override;
  PooledFile& file_;
  long length_;
};

/// The temporary file of an output.
class TaglibOutput final : public TaglibStream {
 public:
  explicit TaglibOutput(OutputFile& file) : file_(file) {}
  bool readOnly() const override { return false; }
  long length() override { return file_.size_bytes(); }
  void writeBlock(const TagLib::ByteVector& bytes) override;
  void insert(const TagLib::ByteVector& bytes, unsigned long start, unsigned long replace) override;
  void removeBlock(unsigned long start, unsigned long length) override;
  void truncate(long length) override;

 private:
  std::size_t read_at(long at, char* to, std::size_t count) override;
  void move(std::int64_t from, std::int64_t to);
  OutputFile& file_;
};

}  // namespace tutti::io
