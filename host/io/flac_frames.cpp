// SPDX-License-Identifier: Apache-2.0
#include "host/io/flac_frames.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace tutti::io {
namespace {

flac::StreamFormat format_of(const FlacStream& stream) {
  return {stream.info.channels, stream.sample_bits,
          static_cast<std::int64_t>(stream.info.sample_rate_hz)};
}

/// What a block takes at most: its samples as they are, one bit more of a side, and headers.
std::size_t most_block_bytes(const FlacStream& stream) {
  const auto samples = static_cast<std::size_t>(stream.longest_block * stream.info.channels);
  return samples * static_cast<std::size_t>(stream.sample_bits + 1) / 8 + 256;
}

}  // namespace

bool FlacFrames::can_read(const FlacStream& stream) {
  return stream.info.frames > 0 && stream.sample_bits >= 4 &&
         stream.sample_bits <= flac::FrameDecoder::kMostBits &&
         stream.shortest_block == stream.longest_block && stream.shortest_block >= 16;
}

FlacFrames::FlacFrames(std::shared_ptr<PooledFile> file, const FlacStream& stream, Frames first,
                       std::int64_t byte, bool check_md5)
    : file_(std::move(file)), stream_(stream), done_(first), position_(byte) {
  const bool has_md5 = std::any_of(stream.md5.begin(), stream.md5.end(),
                                   [](std::uint8_t value) { return value != 0; });
  if (first == 0 && check_md5 && has_md5) md5_ = Digest::md5();
}

/// What is held moves to the front, and as much of the file follows as there is room for.
void FlacFrames::refill() {
  constexpr std::size_t kLeast = 1 << 16;
  const std::size_t room = std::max(kLeast, 2 * most_block_bytes(stream_));
  bytes_.resize(room + flac::BitReader::kSpareBytes);
  std::memmove(bytes_.data(), bytes_.data() + at_, end_ - at_);
  end_ -= at_;
  at_ = 0;
  const std::size_t count = file_->read_at(position_, bytes_.data() + end_, room - end_);
  position_ += static_cast<std::int64_t>(count);
  end_ += count;
}

FlacRun FlacFrames::next() {
  const Frames left = stream_.info.frames - done_;
  auto number = static_cast<std::uint64_t>(done_ / stream_.longest_block);
  if (!decoder_) decoder_.emplace(format_of(stream_), stream_.longest_block);
  decoder_->begin();
  while (!decoder_->full() && decoder_->frames() < left) {
    const bool more = position_ < file_->size_bytes() || bytes_.empty();
    if (more && end_ - at_ < most_block_bytes(stream_)) refill();
    const std::size_t count = decoder_->read({bytes_.data() + at_, end_ - at_}, number++);
    if (count == 0) break;
    at_ += count;
  }
  const Frames frames = decoder_->frames();
  // Only the last block may be shorter, and it ends where the header says.
  const bool fits =
      frames == left || (frames < left && frames > 0 && frames % stream_.longest_block == 0);
  if (!fits || !decoder_->finish()) return {};
  const FlacRun run = {done_, decoder_->samples()};
  done_ += frames;
  if (md5_) hash(run);
  return run;
}

/// Interleaved, in as many whole bytes as a sample needs, the lowest first.
void FlacFrames::hash(const FlacRun& run) {
  const auto width = static_cast<std::size_t>(stream_.sample_bits + 7) / 8;
  const auto count = static_cast<std::size_t>(run.samples.frames * run.samples.channels);
  packed_.resize(count * width + sizeof(std::int32_t));
  std::uint8_t* to = packed_.data();
  for (Frames n = 0; n < run.samples.frames; ++n) {
    for (int c = 0; c < run.samples.channels; ++c, to += width) {
      auto sample = static_cast<std::uint32_t>(run.samples.channel(c)[n]);
      if constexpr (std::endian::native == std::endian::big) sample = __builtin_bswap32(sample);
      std::memcpy(to, &sample, sizeof(sample));  // the next one overwrites what is too much
    }
  }
  md5_->update(packed_.data(), count * width);
}

bool FlacFrames::matches_md5() { return !md5_ || std::ranges::equal(md5_->bytes(), stream_.md5); }

}  // namespace tutti::io
