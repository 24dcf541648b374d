// SPDX-License-Identifier: Apache-2.0
// Uncompressed files. The header is written first as if the expected length were exact; only when
// it was not is it replaced at the end, and the file read once more for its hash.
#include <algorithm>
#include <cassert>
#include <utility>
#include <vector>

#include "host/audio/errors.hpp"
#include "host/io/container_chunks.hpp"
#include "host/io/output_file.hpp"
#include "host/io/writers.hpp"

namespace tutti::io {
namespace {

class PcmWriter final : public AudioWriter {
 public:
  PcmWriter(const WriteSpec& spec, PcmContainer container)
      : spec_(spec),
        container_(container),
        format_(stored_format(container, spec.encoding)),
        chunks_(container_chunks(container, spec)),
        header_(pcm_header(container, spec, std::max<Frames>(spec.expected_frames, 0), chunks_)),
        file_(spec),
        packer_(pack_design(spec, format_), spec.channels) {
    file_.append(header_.data(), header_.size());
  }

  void write(ConstBlockView block) override {
    assert(block.channels == spec_.channels);
    for (Frames n = 0; n < block.frames; n += kWritePieceFrames) {
      write_packed(packer_.process(block.slice(n, std::min(kWritePieceFrames, block.frames - n))));
    }
  }

  std::optional<PackDesign> packing() const override { return pack_design(spec_, format_); }

  void write_packed(const Packed& packed) override {
    file_.append(packed.bytes.data(), packed.bytes.size());
    frames_ += packed.frames;
    clipped_samples_ += packed.clipped_samples;
    if (spec_.digests) add_to_md5(packed.bytes);
  }

  void set_loudness(const Measurement& loudness) override {
    chunks_.set_loudness(loudness);
    if (!finished_) return;
    write_header();
    if (!chunks_.bext_after.empty())
      file_.overwrite_at(after_at_, chunks_.after.data(), chunks_.after.size());
  }

  std::filesystem::path finish() override {
    finished_ = true;
    const std::int64_t data_bytes = frames_ * spec_.channels * format_.bytes;
    const std::vector<std::byte> padding(pcm_padding_bytes(container_, data_bytes));
    file_.append(padding.data(), padding.size());
    after_at_ = file_.size_bytes();
    file_.append(chunks_.after.data(), chunks_.after.size());
    write_header();
    return file_.flushed();
  }

  Written commit() override {
    if (!finished_) finish();
    Written written;
    written.path = spec_.path;
    written.frames = frames_;
    written.clipped_samples = clipped_samples_;
    written.sha256 = file_.commit();
    written.bytes = file_.size_bytes();
    if (spec_.digests) written.audio_md5 = md5_.hex();
    return written;
  }

 private:
  void write_header() {
    auto header = pcm_header(container_, spec_, frames_, chunks_);
    if (header == header_) return;
    file_.overwrite_at(0, header.data(), header.size());
    header_ = std::move(header);
  }

  /// FLAC's definition of the MD5: signed little-endian samples, whatever the container stores.
  void add_to_md5(std::span<const std::byte> bytes) {
    const bool flip = format_.kind == SampleKind::unsigned_integer;
    if (!flip && !format_.big_endian) {
      md5_.update(bytes.data(), bytes.size());
      return;
    }
    turned_.assign(bytes.begin(), bytes.end());
    for (auto at = turned_.begin(); at != turned_.end(); at += format_.bytes) {
      if (flip) at[format_.bytes - 1] ^= std::byte{0x80};
      if (format_.big_endian) std::reverse(at, at + format_.bytes);
    }
    md5_.update(turned_.data(), turned_.size());
  }

  WriteSpec spec_;
  PcmContainer container_;
  StoredFormat format_;
  ContainerChunks chunks_;
  std::vector<std::byte> header_;
  OutputFile file_;
  Packer packer_;
  Digest md5_ = Digest::md5();
  std::int64_t after_at_ = 0;  ///< where the chunks behind the audio begin
  bool finished_ = false;
  Frames frames_ = 0;
  std::int64_t clipped_samples_ = 0;
  std::vector<std::byte> turned_;  ///< samples as the MD5 takes them
};

}  // namespace

std::unique_ptr<AudioWriter> open_pcm_writer(const WriteSpec& spec, PcmContainer container) {
  return std::make_unique<PcmWriter>(spec, container);
}

}  // namespace tutti::io
