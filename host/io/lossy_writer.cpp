// SPDX-License-Identifier: Apache-2.0
// Ogg Vorbis, Opus and MP3 through libsndfile's virtual files, at the top of each codec's quality.
#include <fmt/format.h>
#include <sndfile.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <vector>

#include "host/audio/errors.hpp"
#include "host/io/byte_sink.hpp"
#include "host/io/id3.hpp"
#include "host/io/ogg_serial.hpp"
#include "host/io/ogg_tags.hpp"
#include "host/io/text_tags.hpp"
#include "host/io/writers.hpp"

namespace tutti::io {
namespace {

struct CloseSndfile {
  void operator()(SNDFILE* handle) const { sf_close(handle); }
};

ByteSink& sink(void* user) { return *static_cast<ByteSink*>(user); }

SF_VIRTUAL_IO virtual_file() {
  SF_VIRTUAL_IO calls = {};
  calls.get_filelen = [](void* user) -> sf_count_t { return sink(user).size_bytes(); };
  calls.seek = [](sf_count_t offset, int whence, void* user) -> sf_count_t {
    ByteSink& bytes = sink(user);
    const std::int64_t base = whence == SEEK_SET   ? 0
                              : whence == SEEK_CUR ? bytes.position()
                                                   : bytes.size_bytes();
    bytes.seek(base + offset);
    return bytes.position();
  };
  calls.read = [](void* to, sf_count_t count, void* user) -> sf_count_t {
    return static_cast<sf_count_t>(sink(user).read(to, static_cast<std::size_t>(count)));
  };
  calls.write = [](const void* bytes, sf_count_t count, void* user) -> sf_count_t {
    return sink(user).write(bytes, static_cast<std::size_t>(count)) ? count : 0;
  };
  calls.tell = [](void* user) -> sf_count_t { return sink(user).position(); };
  return calls;
}

int sndfile_format(LossyCodec codec) {
  switch (codec) {
    case LossyCodec::vorbis:
      return SF_FORMAT_OGG | SF_FORMAT_VORBIS;
    case LossyCodec::opus:
      return SF_FORMAT_OGG | SF_FORMAT_OPUS;
    case LossyCodec::mp3:
      return SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III;
  }
  return 0;
}

class LossyWriter final : public AudioWriter {
 public:
  LossyWriter(const WriteSpec& spec, LossyCodec codec)
      : spec_(spec),
        codec_(codec),
        sink_(spec),
        floats_(static_cast<std::size_t>(kWritePieceFrames * spec.channels)) {
    if (codec == LossyCodec::mp3) write_front_tag();
    SF_INFO header = {};
    header.samplerate = static_cast<int>(std::lround(spec.sample_rate_hz));
    header.channels = spec.channels;
    header.format = sndfile_format(codec);
    SF_VIRTUAL_IO calls = virtual_file();
    handle_.reset(sf_open_virtual(&calls, SFM_WRITE, &header, &sink_));
    if (!handle_) fail();
    if (codec == LossyCodec::mp3) {
      int mode = SF_BITRATE_MODE_CONSTANT;
      sf_command(handle_.get(), SFC_SET_BITRATE_MODE, &mode, sizeof mode);
    }
    double compression = codec == LossyCodec::vorbis ? 0.1 : 0.0;  // 0: the highest bit rate
    sf_command(handle_.get(), SFC_SET_COMPRESSION_LEVEL, &compression, sizeof compression);
  }

  ~LossyWriter() override { abandon_encoder(); }

  void write(ConstBlockView block) override {
    assert(block.channels == spec_.channels);
    const StoredFormat interleaved = {SampleKind::floating, 4, false};
    for (Frames n = 0; n < block.frames; n += kWritePieceFrames) {
      const ConstBlockView piece = block.slice(n, std::min(kWritePieceFrames, block.frames - n));
      pack_floats(interleaved, piece, reinterpret_cast<std::byte*>(floats_.data()));
      if (spec_.digests)
        md5_.update(floats_.data(),
                    static_cast<std::size_t>(piece.frames * piece.channels) * sizeof(float));
      if (sf_writef_float(handle_.get(), floats_.data(), piece.frames) != piece.frames) fail();
      sink_.rethrow();
      frames_ += piece.frames;
    }
  }

  std::filesystem::path finish() override {
    const int status = sf_close(handle_.release());
    sink_.rethrow();
    if (status != 0) {
      throw IoError(sink_.file().name(), sf_error_number(status), IoFault::output);
    }
    if (codec_ != LossyCodec::mp3) {
      if (spec_.metadata) write_ogg_tags(sink_.file(), spec_);
      set_ogg_serial(sink_.file(), static_cast<std::uint32_t>(spec_.seed ^ spec_.seed >> 32));
    }
    return sink_.file().flushed();
  }

  Written commit() override {
    if (handle_) finish();
    Written written;
    written.path = spec_.path;
    written.frames = frames_;
    written.sha256 = sink_.file().commit();
    written.bytes = sink_.file().size_bytes();
    if (spec_.digests) written.audio_md5 = md5_.hex();
    return written;
  }

 private:
  /// ID3 stands in front of the stream and is known before it.
  void write_front_tag() {
    if (!spec_.metadata) return;
    const MetadataLosses losses(spec_);
    const Metadata& metadata = *spec_.metadata;
    const Bytes tag = write_id3(lasting_tags(metadata, losses, /*into_id3=*/true),
                                metadata.pictures, metadata.id3_pieces, losses);
    sink_.file().append(tag.data(), tag.size());
    sink_.begin_here();
  }

  void abandon_encoder() noexcept { handle_.reset(); }

  [[noreturn]] void fail() {
    sink_.rethrow();
    throw IoError(sink_.file().name(),
                  fmt::format("encoding failed: {}", sf_strerror(handle_.get())), IoFault::output);
  }

  WriteSpec spec_;
  LossyCodec codec_;
  ByteSink sink_;
  std::vector<float> floats_;
  Digest md5_ = Digest::md5();
  Frames frames_ = 0;
  std::unique_ptr<SNDFILE, CloseSndfile> handle_;
};

}  // namespace

std::unique_ptr<AudioWriter> open_lossy_writer(const WriteSpec& spec, LossyCodec codec) {
  return std::make_unique<LossyWriter>(spec, codec);
}

}  // namespace tutti::io
