// SPDX-License-Identifier: Apache-2.0
// Uncompressed files. The header is written first as if the expected length were exact; only when
// it was not is it replaced at the end, and the file read once more for its hash.
#include <algorithm>
#include <cassert>
#include <utility>
#include <vector>

#include "host/audio/errors.hpp"
#include "host/io/output_file.hpp"
#include "host/io/pack.hpp"
#include "host/io/writers.hpp"

namespace tutti::io {
namespace {

class PcmWriter final : public AudioWriter {
 public:
  PcmWriter(const WriteSpec& spec, PcmContainer container)
      : spec_(spec),
        container_(container),
        format_(stored_format(container, spec.encoding)),
        header_(pcm_header(container, spec, std::max<Frames>(spec.expected_frames, 0))),
        file_(spec),
        quantiser_(spec),
        numbers_(static_cast<std::size_t>(kWritePieceFrames * spec.channels)),
        bytes_(numbers_.size() * static_cast<std::size_t>(format_.bytes) + 4) {
    file_.append(header_.data(), header_.size());
  }

  void write(ConstBlockView block) override {
    assert(block.channels == spec_.channels);
    for (Frames n = 0; n < block.frames; n += kWritePieceFrames) {
      write_piece(block.slice(n, std::min(kWritePieceFrames, block.frames - n)));
    }
  }

  Written commit() override {
    const std::int64_t data_bytes = frames_ * spec_.channels * format_.bytes;
    const std::vector<std::byte> padding(pcm_padding_bytes(container_, data_bytes));
    file_.append(padding.data(), padding.size());
    const auto header = pcm_header(container_, spec_, frames_);
    if (header != header_) file_.overwrite_at(0, header.data(), header.size());
    Written written;
    written.path = spec_.path;
    written.frames = frames_;
    written.clipped_samples = quantiser_.clipped_samples();
    written.sha256 = file_.commit();
    if (spec_.digests) written.audio_md5 = md5_.hex();
    return written;
  }

 private:
  void write_piece(ConstBlockView piece) {
    const auto count = static_cast<std::size_t>(piece.frames * spec_.channels * format_.bytes);
    const bool floating = format_.kind == SampleKind::floating;
    const BasicBlockView<std::int32_t> numbers{numbers_.data(), piece.channels, piece.frames,
                                               kWritePieceFrames};
    if (!floating) quantiser_.process(piece, numbers);
    const auto pack = [&](const StoredFormat& format) {
      if (floating) {
        pack_floats(format, piece, bytes_.data());
      } else {
        pack_integers(format, numbers, bytes_.data());
      }
    };
    pack(format_);
    file_.append(bytes_.data(), count);
    frames_ += piece.frames;
    if (!spec_.digests) return;
    // FLAC's definition of the MD5: signed little-endian samples, whatever the container stores.
    if (format_.big_endian || format_.kind == SampleKind::unsigned_integer) {
      pack({floating ? SampleKind::floating : SampleKind::signed_integer, format_.bytes, false});
    }
    md5_.update(bytes_.data(), count);
  }

  WriteSpec spec_;
  PcmContainer container_;
  StoredFormat format_;
  std::vector<std::byte> header_;
  OutputFile file_;
  BlockQuantiser quantiser_;
  Digest md5_ = Digest::md5();
  Frames frames_ = 0;
  std::vector<std::int32_t> numbers_;
  std::vector<std::byte> bytes_;
};

}  // namespace

std::unique_ptr<AudioWriter> open_pcm_writer(const WriteSpec& spec, PcmContainer container) {
  return std::make_unique<PcmWriter>(spec, container);
}

}  // namespace tutti::io
