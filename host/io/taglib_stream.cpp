// SPDX-License-Identifier: Apache-2.0
#include "host/io/taglib_stream.hpp"

#include <algorithm>
#include <vector>

namespace tutti::io {

void TaglibStream::seek(long offset, Position from) {
  position_ = from == Beginning ? offset : (from == Current ? position_ : length()) + offset;
}

TagLib::ByteVector TaglibStream::readBlock(unsigned long count) {
  // TagLib passes sizes on that the file claims.
  const long left = std::clamp(length() - position_, 0L, length());
  const auto bytes = std::min(count, static_cast<unsigned long>(left));
  TagLib::ByteVector block(static_cast<unsigned>(bytes), '\0');
  std::size_t got = 0;
  if (position_ >= 0 && bytes > 0) {
    guarded([&] { got = read_at(position_, block.data(), bytes); });
  }
  block.resize(static_cast<unsigned>(got));
  position_ += static_cast<long>(got);
  return block;
}

TaglibInput::TaglibInput(PooledFile& file, std::int64_t limit_bytes)
    : file_(file), length_(std::min(file.size_bytes(), limit_bytes)) {}

std::size_t TaglibInput::read_at(long at, char* to, std::size_t count) {
  return file_.read_at(at, to, count);
}

std::size_t TaglibOutput::read_at(long at, char* to, std::size_t count) {
  return file_.read_at(at, to, count);
}

void TaglibOutput::writeBlock(const TagLib::ByteVector& bytes) {
  guarded([&] { file_.overwrite_at(position_, bytes.data(), bytes.size()); });
  position_ += static_cast<long>(bytes.size());
}

void TaglibOutput::insert(const TagLib::ByteVector& bytes, unsigned long start,
                          unsigned long replace) {
  const auto from = std::min<std::int64_t>(static_cast<std::int64_t>(start + replace), length());
  const auto at = static_cast<std::int64_t>(start);
  guarded([&] {
    move(from, at + static_cast<std::int64_t>(bytes.size()));
    file_.overwrite_at(at, bytes.data(), bytes.size());
  });
  position_ = static_cast<long>(at) + static_cast<long>(bytes.size());
}

void TaglibOutput::removeBlock(unsigned long start, unsigned long count) {
  insert(TagLib::ByteVector(), start, count);
}

void TaglibOutput::truncate(long bytes) {
  guarded([&] { file_.truncate(bytes); });
}

/// Everything from `from` to the end goes to `to`, where the file then ends with it.
void TaglibOutput::move(std::int64_t from, std::int64_t to) {
  constexpr std::int64_t kPieceBytes = std::int64_t{1} << 18;
  const std::int64_t total = file_.size_bytes() - from;
  std::vector<char> piece(static_cast<std::size_t>(std::min(total, kPieceBytes)));
  for (std::int64_t done = 0; done < total && from != to;) {
    const std::int64_t count = std::min(total - done, kPieceBytes);
    // From the end where the bytes move up: none is overwritten before it is read.
    const std::int64_t offset = to > from ? total - done - count : done;
    file_.read_at(from + offset, piece.data(), static_cast<std::size_t>(count));
    file_.overwrite_at(to + offset, piece.data(), static_cast<std::size_t>(count));
    done += count;
  }
  if (to < from) file_.truncate(to + total);
}

}  // namespace tutti::io
