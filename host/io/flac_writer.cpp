// SPDX-License-Identifier: Apache-2.0
// FLAC through libFLAC, compression level 5. libFLAC returns to the header at the end (lengths,
// MD5).
#include <FLAC/stream_encoder.h>
#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <new>
#include <vector>

#include "host/audio/errors.hpp"
#include "host/io/byte_sink.hpp"
#include "host/io/flac_objects.hpp"
#include "host/io/metadata_flac.hpp"
#include "host/io/writers.hpp"

namespace tutti::io {
namespace {

struct DeleteEncoder {
  void operator()(FLAC__StreamEncoder* encoder) const { FLAC__stream_encoder_delete(encoder); }
};

class FlacWriter final : public AudioWriter {
 public:
  explicit FlacWriter(const WriteSpec& spec)
      : spec_(spec),
        sink_(spec),
        packer_(pack_design(spec, kFlacFormat), spec.channels),
        encoder_(FLAC__stream_encoder_new()) {
    if (!encoder_) throw std::bad_alloc();
    sink_.file().expect_changes();  // of the header, at the end
    configure();
    start();
  }

  ~FlacWriter() override {
    // libFLAC finishes an open stream when it is deleted; that must not reach the file any more.
    abandoned_ = true;
  }

  void write(ConstBlockView block) override {
    assert(block.channels == spec_.channels);
    for (Frames n = 0; n < block.frames; n += kWritePieceFrames) {
      write_packed(packer_.process(block.slice(n, std::min(kWritePieceFrames, block.frames - n))));
    }
  }

  std::optional<PackDesign> packing() const override { return pack_design(spec_, kFlacFormat); }

  void write_packed(const Packed& packed) override {
    const auto* numbers = reinterpret_cast<const FLAC__int32*>(packed.bytes.data());
    if (!FLAC__stream_encoder_process_interleaved(encoder_.get(), numbers,
                                                  static_cast<unsigned>(packed.frames))) {
      fail();
    }
    frames_ += packed.frames;
    clipped_samples_ += packed.clipped_samples;
  }

  std::filesystem::path finish() override {
    finished_ = true;
    if (!FLAC__stream_encoder_finish(encoder_.get())) fail();
    sink_.rethrow();
    return sink_.file().flushed();
  }

  Written commit() override {
    if (!finished_) finish();
    Written written;
    written.path = spec_.path;
    written.frames = frames_;
    written.clipped_samples = clipped_samples_;
    // "fLaC", a block header of 4 bytes, then STREAMINFO, whose last 16 of 34 bytes are the MD5.
    std::array<std::uint8_t, 16> md5;
    sink_.file().read_at(4 + 4 + 18, md5.data(), md5.size());
    written.audio_md5 = to_hex(md5.data(), md5.size());
    written.sha256 = sink_.file().commit();
    written.bytes = sink_.file().size_bytes();
    return written;
  }

 private:
  void configure() {
    FLAC__StreamEncoder* encoder = encoder_.get();
    const auto rate_hz = static_cast<unsigned>(std::llround(spec_.sample_rate_hz));
    FLAC__stream_encoder_set_compression_level(encoder, 5);
    FLAC__stream_encoder_set_channels(encoder, static_cast<unsigned>(spec_.channels));
    FLAC__stream_encoder_set_bits_per_sample(encoder,
                                             static_cast<unsigned>(integer_bits(spec_.encoding)));
    FLAC__stream_encoder_set_sample_rate(encoder, rate_hz);
    FLAC__stream_encoder_set_streamable_subset(encoder,
                                               FLAC__format_sample_rate_is_subset(rate_hz));
    FLAC__stream_encoder_set_total_samples_estimate(
        encoder, static_cast<FLAC__uint64>(std::max<Frames>(spec_.expected_frames, 0)));
    blocks_ = flac_objects(flac_blocks(spec_), MetadataLosses(spec_));
    for (const FlacObject& block : blocks_) pointers_.push_back(block.get());
    FLAC__stream_encoder_set_metadata(encoder, pointers_.data(),
                                      static_cast<unsigned>(pointers_.size()));
  }

  void start() {
    const auto write = [](const FLAC__StreamEncoder*, const FLAC__byte* bytes, std::size_t count,
                          unsigned, unsigned, void* client) {
      auto& writer = *static_cast<FlacWriter*>(client);
      return writer.abandoned_ || writer.sink_.write(bytes, count)
                 ? FLAC__STREAM_ENCODER_WRITE_STATUS_OK
                 : FLAC__STREAM_ENCODER_WRITE_STATUS_FATAL_ERROR;
    };
    const auto seek = [](const FLAC__StreamEncoder*, FLAC__uint64 to, void* client) {
      static_cast<FlacWriter*>(client)->sink_.seek(static_cast<std::int64_t>(to));
      return FLAC__STREAM_ENCODER_SEEK_STATUS_OK;
    };
    const auto tell = [](const FLAC__StreamEncoder*, FLAC__uint64* at, void* client) {
      *at = static_cast<FLAC__uint64>(static_cast<FlacWriter*>(client)->sink_.position());
      return FLAC__STREAM_ENCODER_TELL_STATUS_OK;
    };
    if (FLAC__stream_encoder_init_stream(encoder_.get(), write, seek, tell, nullptr, this) !=
        FLAC__STREAM_ENCODER_INIT_STATUS_OK) {
      fail();
    }
  }

  [[noreturn]] void fail() {
    sink_.rethrow();
    throw IoError(sink_.file().name(),
                  fmt::format("FLAC encoding failed: {}",
                              FLAC__stream_encoder_get_resolved_state_string(encoder_.get())),
                  IoFault::output);
  }

  WriteSpec spec_;
  ByteSink sink_;
  Packer packer_;
  std::vector<FlacObject> blocks_;
  std::vector<FLAC__StreamMetadata*> pointers_;  ///< libFLAC reads them until it is started
  bool abandoned_ = false, finished_ = false;
  Frames frames_ = 0;
  std::int64_t clipped_samples_ = 0;
  std::unique_ptr<FLAC__StreamEncoder, DeleteEncoder> encoder_;
};

}  // namespace

std::unique_ptr<AudioWriter> open_flac_writer(const WriteSpec& spec) {
  return std::make_unique<FlacWriter>(spec);
}

}  // namespace tutti::io
