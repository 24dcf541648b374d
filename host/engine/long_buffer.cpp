// SPDX-License-Identifier: Apache-2.0
#include "host/engine/long_buffer.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "host/audio/errors.hpp"
#include "host/io/write_fault.hpp"

namespace tutti {
namespace {

constexpr Frames kTransferFrames = 65536;

[[noreturn]] void fail(const std::filesystem::path& folder) {
  const int error = errno;
  const IoFault fault = io::write_fault(error);
  throw IoError(folder.string(),
                std::string("can not keep the mix in a temporary file here: ") +
                    std::strerror(error) +
                    (fault == IoFault::exhausted ? "; free some space or raise --max-memory" : ""),
                fault);
}

}  // namespace

LongBuffer::LongBuffer(int channels, std::uint64_t memory_budget_bytes,
                       std::filesystem::path spill_folder)
    : channels_(channels),
      budget_bytes_(memory_budget_bytes),
      spill_folder_(std::move(spill_folder)),
      memory_(static_cast<std::size_t>(channels)) {}

LongBuffer::~LongBuffer() {
  if (file_ >= 0) ::close(file_);
}

LongBuffer::LongBuffer(LongBuffer&& other) noexcept
    : channels_(other.channels_),
      budget_bytes_(other.budget_bytes_),
      spill_folder_(std::move(other.spill_folder_)),
      memory_(std::move(other.memory_)),
      file_(std::exchange(other.file_, -1)),
      frames_(other.frames_) {}

void LongBuffer::reserve(Frames frames) {
  const auto wanted = static_cast<std::uint64_t>(frames) * static_cast<std::uint64_t>(channels_) *
                      sizeof(float);
  if (file_ >= 0) return;
  if (wanted > budget_bytes_) return spill();  // before memory is spent on the half of it
  // In small pages: what is read in order gains nothing from huge ones, and where a virtual machine's
  // host takes back what its guest freed in huge blocks, each of these is ten times as dear to touch.
  for (auto& channel : memory_) channel.reserve(static_cast<std::size_t>(frames));
}

void LongBuffer::append(ConstBlockView block) {
  const auto wanted = static_cast<std::uint64_t>(frames_ + block.frames) *
                      static_cast<std::uint64_t>(channels_) * sizeof(float);
  if (file_ < 0 && wanted > budget_bytes_) spill();
  if (file_ >= 0) {
    write_file(frames_, block);
  } else {
    for (int c = 0; c < channels_; ++c)
      memory_[c].insert(memory_[c].end(), block.channel(c), block.channel(c) + block.frames);
  }
  frames_ += block.frames;
}

void LongBuffer::spill() {
  std::string name = (spill_folder_ / ".tutti-mix-XXXXXX").string();
  file_ = ::mkstemp(name.data());
  if (file_ < 0) fail(spill_folder_);
  ::unlink(name.c_str());
  for (Frames first = 0; first < frames_; first += kTransferFrames) {
    const Frames count = std::min(kTransferFrames, frames_ - first);
    Buffer piece(channels_, count);
    for (int c = 0; c < channels_; ++c)
      std::copy_n(memory_[c].data() + first, count, piece.channel(c));
    write_file(first, std::as_const(piece).view());
  }
  memory_.assign(static_cast<std::size_t>(channels_), {});
  for (auto& channel : memory_) channel.shrink_to_fit();
}

/// Calls transfer(channel, frame in the span, count, place in the file) for every piece of
/// [first, first + frames) that lies in one: pieces of one channel, so that nothing is interleaved.
template <typename Transfer>
void LongBuffer::for_pieces(Frames first, Frames frames, Transfer transfer) const {
  for (Frames done = 0; done < frames;) {
    const Frames piece = (first + done) / kTransferFrames, inside = (first + done) % kTransferFrames;
    const Frames count = std::min(frames - done, kTransferFrames - inside);
    for (int c = 0; c < channels_; ++c)
      transfer(c, done, count, static_cast<off_t>((piece * channels_ + c) * kTransferFrames + inside) *
                                   static_cast<off_t>(sizeof(float)));
    done += count;
  }
}

void LongBuffer::write_file(Frames first, ConstBlockView block) {
  for_pieces(first, block.frames, [&](int c, Frames done, Frames count, off_t at) {
    const char* bytes = reinterpret_cast<const char*>(block.channel(c) + done);
    std::size_t left = static_cast<std::size_t>(count) * sizeof(float);
    while (left > 0) {
      const ssize_t written = ::pwrite(file_, bytes, left, at);
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) fail(spill_folder_);
      bytes += written;
      at += written;
      left -= static_cast<std::size_t>(written);
    }
  });
}

void LongBuffer::read(Frames first, BlockView out) const {
  const Frames begin = std::clamp<Frames>(0, first, first + out.frames);
  const Frames end = std::clamp<Frames>(frames_, begin, first + out.frames);
  for (int c = 0; c < channels_; ++c) {
    std::fill_n(out.channel(c), begin - first, 0.0f);
    std::fill_n(out.channel(c) + (end - first), first + out.frames - end, 0.0f);
  }
  if (begin >= end) return;
  if (file_ < 0) {
    for (int c = 0; c < channels_; ++c)
      std::copy(memory_[c].begin() + begin, memory_[c].begin() + end, out.channel(c) + (begin - first));
    return;
  }
  for_pieces(begin, end - begin, [&](int c, Frames done, Frames count, off_t at) {
    char* bytes = reinterpret_cast<char*>(out.channel(c) + (begin - first) + done);
    std::size_t left = static_cast<std::size_t>(count) * sizeof(float);
    while (left > 0) {
      const ssize_t got = ::pread(file_, bytes, left, at);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) fail(spill_folder_);
      bytes += got;
      at += got;
      left -= static_cast<std::size_t>(got);
    }
  });
}

}  // namespace tutti
