// SPDX-License-Identifier: Apache-2.0
// Uncompressed audio: positioned reads in pieces that stay in the second-level cache, unpacked at
// once. The reader itself holds no audio, so thousands of them cost nothing.
#include <fmt/format.h>

#include <utility>

#include "host/audio/buffer.hpp"
#include "host/io/non_finite.hpp"
#include "host/io/readers.hpp"
#include "host/io/unpack.hpp"

namespace tutti::io {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{1} << 18;

std::byte* piece_buffer() {
  static thread_local auto buffer = make_aligned<std::byte>(kPieceBytes + kUnpackSlackBytes);
  return buffer.get();
}

class PcmReader final : public RangeReader {
 public:
  PcmReader(OpenRequest request, PcmLayout layout)
      : file_(std::move(request.file)),
        layout_(std::move(layout)),
        guard_(file_->name(), layout_.info.sample_rate_hz, request.options.allow_non_finite,
               std::move(request.warnings)) {}

  const AudioInfo& info() const override { return layout_.info; }

  /// Integers only: floats are looked through for NaN on their way.
  std::optional<StoredFormat> packed_format() const override {
    if (layout_.format.kind == SampleKind::floating) return std::nullopt;
    return layout_.format;
  }

  void read_packed(Frames first, Frames count, std::byte* to) override {
    read_bytes(first, count, to);
  }

 private:
  void read_bytes(Frames first, Frames count, std::byte* to) {
    const auto bytes = static_cast<std::size_t>(count * layout_.frame_bytes());
    const std::int64_t offset = layout_.data_offset + first * layout_.frame_bytes();
    if (file_->read_at(offset, to, bytes) != bytes)
      throw IoError(file_->name(), "became shorter while it was being read");
  }

  void read_inside(Frames first, BlockView out) override {
    const Frames piece = static_cast<Frames>(kPieceBytes) / layout_.frame_bytes();
    std::byte* buffer = piece_buffer();
    for (Frames n = 0; n < out.frames; n += piece) {
      const Frames count = std::min(piece, out.frames - n);
      read_bytes(first + n, count, buffer);
      const BlockView part = out.slice(n, count);
      if (unpack(layout_.format, buffer, part)) guard_.handle(first + n, part);
    }
  }

  std::shared_ptr<PooledFile> file_;
  PcmLayout layout_;
  FiniteGuard guard_;
};

}  // namespace

std::unique_ptr<AudioReader> open_pcm(OpenRequest request, PcmLayout layout) {
  return std::make_unique<PcmReader>(std::move(request), std::move(layout));
}

}  // namespace tutti::io
