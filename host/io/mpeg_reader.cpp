// SPDX-License-Identifier: Apache-2.0
// MPEG audio through libmpg123: an exact length needs a scan of all frame headers, because files
// without an Info frame do not say how long they are and an estimate would lose audio.
#include <fmt/format.h>
#include <mpg123.h>

#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "host/io/byte_source.hpp"
#include "host/io/non_finite.hpp"
#include "host/io/readers.hpp"

namespace tutti::io {
namespace {

struct DeleteHandle {
  void operator()(mpg123_handle* handle) const { mpg123_delete(handle); }
};

class MpegReader final : public RangeReader {
 public:
  explicit MpegReader(OpenRequest request)
      : name_(request.file->name()), source_(request.file), handle_(mpg123_new(nullptr, nullptr)) {
    if (!handle_) throw std::bad_alloc();
    configure();
    describe();
    check_channels_and_rate(name_, info_);
    warn_of_gaps(request.warnings);
    warn_if_shorter_than_promised(request.warnings);
    guard_.emplace(name_, info_.sample_rate_hz, request.options.allow_non_finite,
                   std::move(request.warnings));
  }

  const AudioInfo& info() const override { return info_; }

 private:
  void configure() {
    mpg123_handle* handle = handle_.get();
    mpg123_param(handle, MPG123_ADD_FLAGS, MPG123_QUIET | MPG123_FORCE_FLOAT | MPG123_GAPLESS, 0);
    // A frame may borrow bits from 9 frames back at the lowest rates; decode that many before a
    // seek's target, so that its samples are those of sequential decoding.
    mpg123_param(handle, MPG123_PREFRAMES, 16, 0);
    // What follows a damaged place is looked for to the end of the file, not for a kilobyte only.
    mpg123_param(handle, MPG123_RESYNC_LIMIT, -1, 0);
    const auto read = [](void* source, void* to, std::size_t bytes) -> ssize_t {
      return static_cast<ssize_t>(static_cast<ByteSource*>(source)->read(to, bytes));
    };
    const auto seek = [](void* source, off_t offset, int whence) -> off_t {
      auto& bytes = *static_cast<ByteSource*>(source);
      const off_t base = whence == SEEK_SET   ? 0
                         : whence == SEEK_CUR ? bytes.position()
                                              : bytes.size_bytes();
      if (offset < -base) return -1;
      bytes.seek(base + offset);
      return base + offset;
    };
    if (mpg123_replace_reader_handle(handle, read, seek, nullptr) != MPG123_OK ||
        mpg123_open_handle(handle, &source_) != MPG123_OK) {
      fail("is no MPEG audio that can be decoded");
    }
  }

  void describe() {
    long rate_hz = 0;
    int channels = 0;
    int encoding = 0;
    mpg123_frameinfo frame = {};
    if (mpg123_getformat(handle_.get(), &rate_hz, &channels, &encoding) != MPG123_OK ||
        mpg123_info(handle_.get(), &frame) != MPG123_OK || encoding != MPG123_ENC_FLOAT_32) {
      fail("is no MPEG audio that can be decoded");
    }
    // Only this format from here on: a change inside the file is an error, not a surprise.
    mpg123_format_none(handle_.get());
    mpg123_format(handle_.get(), rate_hz, channels, MPG123_ENC_FLOAT_32);
    if (mpg123_scan(handle_.get()) != MPG123_OK) fail("is damaged MPEG audio");
    const off_t length = mpg123_length(handle_.get());
    if (length < 0) fail("is damaged MPEG audio: its length cannot be found");
    info_.sample_rate_hz = static_cast<double>(rate_hz);
    info_.channels = channels;
    info_.frames = length;
    info_.container = "MPEG";
    info_.encoding = fmt::format("MP{}", frame.layer);
    read_promise();
  }

  /// The Info (or Xing) frame: flags at 4, the count of MPEG frames at 8, and where all four
  /// optional fields are there, LAME's encoder delay and padding in 12 bits each at 141.
  void read_promise() {
    off_t* offsets = nullptr;
    off_t step = 0;
    std::size_t count = 0;
    if (mpg123_index(handle_.get(), &offsets, &step, &count) != MPG123_OK || count == 0) return;
    constexpr std::int64_t kLookBack = 2048;  // the frame before the first that holds audio
    std::array<char, 2 * kLookBack> bytes = {};
    const std::int64_t position = source_.position();
    source_.seek(std::max<std::int64_t>(0, offsets[0] - kLookBack));
    const std::size_t got = source_.read(bytes.data(), bytes.size());
    source_.seek(position);
    const std::string_view text(bytes.data(), got);
    const std::size_t at = std::min(text.find("Info"), text.find("Xing"));
    if (at >= got || got - at < 144) return;
    const auto* fields = reinterpret_cast<const std::byte*>(bytes.data()) + at;
    const auto flags = load_integer<std::uint32_t>(fields + 4, true);
    if ((flags & 1) == 0) return;
    const Frames all =
        Frames{load_integer<std::uint32_t>(fields + 8, true)} * mpg123_spf(handle_.get());
    const bool trimmed = flags == 15 && text.substr(at + 120, 1) != std::string_view("\0", 1);
    const std::uint32_t trim = load_integer<std::uint32_t>(fields + 140, true) & 0xffffffu;
    promised_frames_ = trimmed ? all - (trim >> 12) - (trim & 0xfff)
                               : all - 4 * mpg123_spf(handle_.get());  // delays nobody wrote down
  }

  /// Frames follow each other without a byte between them; where one does not, it or its neighbour was
  /// damaged, and their sound is lost. (Damage inside a frame that keeps its header can not be seen.)
  void warn_of_gaps(const WarningSink& warnings) {
    int gaps = 0;
    Frames frame = 0, first_gap = 0;
    off_t expected = -1;
    if (mpg123_seek_frame(handle_.get(), 0, SEEK_SET) < 0) return;
    for (int status; (status = mpg123_framebyframe_next(handle_.get())) == MPG123_OK ||
                     status == MPG123_NEW_FORMAT;
         ++frame) {
      mpg123_frameinfo info = {};
      if (mpg123_info(handle_.get(), &info) != MPG123_OK) break;
      const off_t position = mpg123_framepos(handle_.get());
      if (expected >= 0 && position != expected && gaps++ == 0) first_gap = frame;
      expected = position + info.framesize;
    }
    source_.rethrow();
    if (mpg123_seek(handle_.get(), 0, SEEK_SET) != 0) fail_at(0);
    if (gaps == 0) return;
    warn(warnings, name_, "damaged",
         fmt::format("bytes that are no MPEG frames stand at {} place{} in the audio, the first at {:.2f} s: "
                     "what was there is lost",
                     gaps, gaps == 1 ? "" : "s",
                     static_cast<double>(first_gap * mpg123_spf(handle_.get())) / info_.sample_rate_hz));
  }

  void warn_if_shorter_than_promised(const WarningSink& warnings) {
    // What is missing is whole frames. Where no delay was written down (a copy by another program), the
    // decoder's own 529 samples are cut from the front.
    if (info_.frames + mpg123_spf(handle_.get()) > promised_frames_) return;
    warn(warnings, name_, "truncated",
         fmt::format("the file is cut or damaged: {} frames of {} are there", info_.frames,
                     promised_frames_));
  }

  void read_inside(Frames first, BlockView out) override {
    if (first != position_) {
      position_ = -1;
      if (mpg123_seek(handle_.get(), first, SEEK_SET) != first) fail_at(first);
      position_ = first;
    }
    constexpr Frames kPieceFrames = 1152;
    std::array<float, 2 * kPieceFrames> piece;
    for (Frames n = 0; n < out.frames; n += kPieceFrames) {
      const Frames count = std::min(kPieceFrames, out.frames - n);
      read_piece(first + n, piece.data(), static_cast<std::size_t>(count * out.channels));
      for (int c = 0; c < out.channels; ++c) {
        for (Frames i = 0; i < count; ++i) {
          out.channel(c)[n + i] = piece[static_cast<std::size_t>(i * out.channels + c)];
        }
      }
      position_ += count;
    }
    guard_->check(first, out);
  }

  void read_piece(Frames at, float* to, std::size_t samples) {
    std::size_t done_bytes = 0;
    const std::size_t bytes = samples * sizeof(float);
    while (done_bytes < bytes) {
      std::size_t got = 0;
      const int status = mpg123_read(handle_.get(), reinterpret_cast<char*>(to) + done_bytes,
                                     bytes - done_bytes, &got);
      done_bytes += got;
      if (status == MPG123_NEW_FORMAT || (status == MPG123_OK && got > 0)) continue;
      if (done_bytes < bytes) fail_at(at);
    }
  }

  [[noreturn]] void fail_at(Frames at) {
    position_ = -1;
    fail(fmt::format("damaged {} near frame {} of {}", info_.encoding, at, info_.frames));
  }

  [[noreturn]] void fail(const std::string& cause) {
    source_.rethrow();
    throw IoError(name_, cause);
  }

  std::string name_;
  ByteSource source_;
  AudioInfo info_;
  Frames promised_frames_ = 0;
  std::optional<FiniteGuard> guard_;
  std::unique_ptr<mpg123_handle, DeleteHandle> handle_;
  Frames position_ = 0;
};

}  // namespace

std::unique_ptr<AudioReader> open_mpeg(OpenRequest request) {
  return std::make_unique<MpegReader>(std::move(request));
}

}  // namespace tutti::io
