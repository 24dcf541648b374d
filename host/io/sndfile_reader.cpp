// SPDX-License-Identifier: Apache-2.0
// Everything that libsndfile decodes, through its virtual files: no descriptor of its own.
#include <fmt/format.h>
#include <sndfile.h>

#include <utility>
#include <vector>

#include "host/io/byte_source.hpp"
#include "host/io/non_finite.hpp"
#include "host/io/readers.hpp"

namespace tutti::io {
namespace {

struct CloseSndfile {
  void operator()(SNDFILE* handle) const { sf_close(handle); }
};

ByteSource& source(void* user) { return *static_cast<ByteSource*>(user); }

SF_VIRTUAL_IO virtual_file() {
  SF_VIRTUAL_IO calls = {};
  calls.get_filelen = [](void* user) -> sf_count_t { return source(user).size_bytes(); };
  calls.seek = [](sf_count_t offset, int whence, void* user) -> sf_count_t {
    ByteSource& bytes = source(user);
    const std::int64_t base = whence == SEEK_SET   ? 0
                              : whence == SEEK_CUR ? bytes.position()
                                                   : bytes.size_bytes();
    std::int64_t to = 0;
    if (__builtin_add_overflow(base, static_cast<std::int64_t>(offset), &to) || to < 0) return -1;
    bytes.seek(to);
    return to;
  };
  calls.read = [](void* to, sf_count_t count, void* user) -> sf_count_t {
    return count <= 0
               ? 0
               : static_cast<sf_count_t>(source(user).read(to, static_cast<std::size_t>(count)));
  };
  calls.write = [](const void*, sf_count_t, void*) -> sf_count_t { return 0; };
  calls.tell = [](void* user) -> sf_count_t { return source(user).position(); };
  return calls;
}

std::string container_name(int format) {
  switch (format & SF_FORMAT_TYPEMASK) {
    case SF_FORMAT_WAV:
    case SF_FORMAT_WAVEX:
      return "WAV";
    case SF_FORMAT_RF64:
      return "RF64";
    case SF_FORMAT_W64:
      return "W64";
    case SF_FORMAT_AIFF:
      return "AIFF-C";
    case SF_FORMAT_CAF:
      return "CAF";
    case SF_FORMAT_OGG:
      return "Ogg";
    case SF_FORMAT_MPEG:
      return "MPEG";
    default:
      return "audio";
  }
}

std::string codec_name(int format) {
  switch (format & SF_FORMAT_SUBMASK) {
    case SF_FORMAT_PCM_S8:
    case SF_FORMAT_PCM_U8:
      return "PCM 8";
    case SF_FORMAT_PCM_16:
      return "PCM 16";
    case SF_FORMAT_PCM_24:
      return "PCM 24";
    case SF_FORMAT_PCM_32:
      return "PCM 32";
    case SF_FORMAT_FLOAT:
      return "float 32";
    case SF_FORMAT_DOUBLE:
      return "float 64";
    case SF_FORMAT_VORBIS:
      return "Vorbis";
    case SF_FORMAT_OPUS:
      return "Opus";
    case SF_FORMAT_MPEG_LAYER_I:
      return "MP1";
    case SF_FORMAT_MPEG_LAYER_II:
      return "MP2";
    case SF_FORMAT_MPEG_LAYER_III:
      return "MP3";
    default:
      break;
  }
  SF_FORMAT_INFO info = {};
  info.format = format & SF_FORMAT_SUBMASK;
  return sf_command(nullptr, SFC_GET_FORMAT_INFO, &info, sizeof info) == 0 && info.name != nullptr
             ? info.name
             : "unknown";
}

class SndfileReader final : public RangeReader {
 public:
  SndfileReader(OpenRequest request, const std::string& codec)
      : name_(request.file->name()), codec_(codec), source_(request.file) {
    const SF_INFO header = open();
    info_.sample_rate_hz = header.samplerate;
    info_.channels = header.channels;
    const bool knows_length = header.frames != SF_COUNT_MAX;
    info_.frames = knows_length ? header.frames : count_frames();
    // libsndfile 1.2.0 says that it has sought in Vorbis and gives what stands elsewhere.
    can_seek_ = knows_length && (header.format & SF_FORMAT_SUBMASK) != SF_FORMAT_VORBIS;
    info_.container = container_name(header.format);
    info_.encoding = codec_name(header.format);
    check_channels_and_rate(name_, info_);
    if (info_.frames < 0 || info_.frames >= (Frames{1} << 48)) {
      throw IoError(name_, fmt::format("damaged {}: its length cannot be found", codec));
    }
    guard_.emplace(name_, info_.sample_rate_hz, request.options.allow_non_finite,
                   std::move(request.warnings));
  }

  const AudioInfo& info() const override { return info_; }

 private:
  SF_INFO open() {
    SF_INFO header = {};
    SF_VIRTUAL_IO calls = virtual_file();
    handle_.reset();
    source_.seek(0);
    handle_.reset(sf_open_virtual(&calls, SFM_READ, &header, &source_));
    source_.rethrow();
    if (!handle_) {
      throw IoError(name_, fmt::format("holds {}, which cannot be decoded: {}", codec_,
                                       one_line(sf_strerror(nullptr))));
    }
    position_ = 0;
    return header;
  }

  /// An Ogg file whose last page is not its end does not say how long it is.
  Frames count_frames() {
    std::vector<float> piece(static_cast<std::size_t>(kPieceFrames * info_.channels));
    Frames frames = 0;
    while (const Frames got = sf_readf_float(handle_.get(), piece.data(), kPieceFrames)) {
      if (got < 0) break;
      frames += got;
    }
    source_.rethrow();
    open();
    return frames;
  }

  /// Where seeking can not be trusted: on from here, or again from the start.
  void move_to(Frames first) {
    if (can_seek_) {
      position_ = -1;
      if (sf_seek(handle_.get(), first, SEEK_SET) != first) fail(first);
      position_ = first;
      return;
    }
    if (first < position_ || position_ < 0) open();
    std::vector<float> piece(static_cast<std::size_t>(kPieceFrames * info_.channels));
    while (position_ < first) {
      const Frames count = std::min(kPieceFrames, first - position_);
      if (sf_readf_float(handle_.get(), piece.data(), count) != count) fail(position_);
      position_ += count;
    }
  }

  static std::string one_line(std::string text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '.')) text.pop_back();
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
  }

  void read_inside(Frames first, BlockView out) override {
    if (first != position_) move_to(first);
    std::vector<float> piece(static_cast<std::size_t>(kPieceFrames * out.channels));
    for (Frames n = 0; n < out.frames; n += kPieceFrames) {
      const Frames count = std::min(kPieceFrames, out.frames - n);
      const Frames got = sf_readf_float(handle_.get(), piece.data(), count);
      if (got != count) fail(first + n + std::max<Frames>(got, 0));
      position_ += count;
      for (int c = 0; c < out.channels; ++c) {
        const float* from = piece.data() + c;
        float* to = out.channel(c) + n;
        for (Frames i = 0; i < count; ++i) to[i] = from[i * out.channels];
      }
    }
    guard_->check(first, out);
  }

  [[noreturn]] void fail(Frames at) {
    position_ = -1;
    source_.rethrow();
    const std::string reason = sf_error(handle_.get()) == SF_ERR_NO_ERROR
                                   ? "the audio ends early"
                                   : one_line(sf_strerror(handle_.get()));
    throw IoError(name_, fmt::format("damaged {} at frame {} of {}: {}", info_.encoding, at,
                                     info_.frames, reason));
  }

  static constexpr Frames kPieceFrames = 4096;

  std::string name_, codec_;
  ByteSource source_;
  AudioInfo info_;
  std::optional<FiniteGuard> guard_;
  std::unique_ptr<SNDFILE, CloseSndfile> handle_;
  Frames position_ = 0;
  bool can_seek_ = true;
};

}  // namespace

std::unique_ptr<AudioReader> open_with_sndfile(OpenRequest request, const std::string& codec) {
  return std::make_unique<SndfileReader>(std::move(request), codec);
}

}  // namespace tutti::io
