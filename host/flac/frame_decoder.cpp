// SPDX-License-Identifier: Apache-2.0
#include "host/flac/frame_decoder.hpp"

#include <algorithm>
#include <cassert>

#include "host/flac/crc.hpp"
#include "host/flac/subframe_reader.hpp"

namespace tutti::flac {
namespace {

/// A side has one bit more than its channels.
int side_channel(unsigned channel_code) {
  if (channel_code < kLeftAndSide) return -1;
  return channel_code == kSideAndRight ? 0 : 1;
}

/// Left and right where they were a pair. False if one does not go into `bits`.
bool join_pair(unsigned channel_code, int frames, int bits, std::int32_t* __restrict first,
               std::int32_t* __restrict second) {
  const std::int32_t half = 1 << (bits - 1);
  std::int32_t raised = 0;  // none is negative, and none has more bits
  switch (channel_code) {
    case kLeftAndSide:
      for (int n = 0; n < frames; ++n) {
        second[n] = first[n] - second[n];
        raised |= second[n] + half;
      }
      break;
    case kSideAndRight:
      for (int n = 0; n < frames; ++n) {
        first[n] += second[n];
        raised |= first[n] + half;
      }
      break;
    case kMidAndSide:
      for (int n = 0; n < frames; ++n) {
        const std::int32_t side = second[n];
        const std::int32_t twice = first[n] << 1 | (side & 1);
        first[n] = (twice + side) >> 1;
        second[n] = (twice - side) >> 1;
        raised |= (first[n] + half) | (second[n] + half);
      }
      break;
    default:
      break;
  }
  return raised >> bits == 0;
}

std::size_t rounded_up(std::size_t count, std::size_t step) {
  return (count + step - 1) / step * step;
}

}  // namespace

FrameDecoder::FrameDecoder(const StreamFormat& format, int block_frames)
    : format_(format),
      block_frames_(block_frames),
      most_blocks_(static_cast<std::size_t>(std::max(1, kRestoreLanes / format.channels))),
      stride_(static_cast<Frames>(most_blocks_) * block_frames) {
  assert(format.channels >= 1 && format.channels <= 8);
  assert(format.sample_bits >= 4 && format.sample_bits <= kMostBits);
  assert(block_frames >= 16 && block_frames <= 65535);
  const auto channels = static_cast<std::size_t>(format.channels);
  lanes_.resize(rounded_up(most_blocks_ * channels, kRestoreLanes));
  subframes_.resize(most_blocks_ * channels);
  samples_.resize(channels * static_cast<std::size_t>(stride_));
  spare_.resize(static_cast<std::size_t>(block_frames));
}

std::int32_t* FrameDecoder::samples_of(std::size_t block, int channel) {
  return samples_.data() + channel * stride_ + static_cast<Frames>(block) * block_frames_;
}

void FrameDecoder::begin() {
  headers_.clear();
  frames_ = 0;
}

bool FrameDecoder::full() const {
  return headers_.size() == most_blocks_ ||
         (!headers_.empty() && headers_.back().frames < block_frames_);
}

std::size_t FrameDecoder::read(std::span<const std::uint8_t> bytes, std::uint64_t number) {
  assert(!full());
  const auto header = read_frame_header(bytes, format_);
  if (!header || header->number != number) return 0;
  // Lanes have one length: a shorter block goes alone.
  if (header->frames > block_frames_ || (header->frames < block_frames_ && !headers_.empty()))
    return 0;
  BitReader in(bytes.subspan(header->bytes));
  const std::size_t block = headers_.size();
  for (int c = 0; c < format_.channels; ++c) {
    const auto index =
        block * static_cast<std::size_t>(format_.channels) + static_cast<std::size_t>(c);
    const int bits = format_.sample_bits + (c == side_channel(header->channel_code) ? 1 : 0);
    lanes_[index].samples = samples_of(block, c);
    const int wasted = read_subframe(in, header->frames, bits, lanes_[index]);
    if (wasted < 0) return 0;
    subframes_[index] = {bits - wasted, wasted};
  }
  if (!in.align()) return 0;
  const std::size_t checked = header->bytes + in.taken_bytes();
  const std::uint64_t checksum = in.take(16);
  if (!in.ok() || crc16(bytes.first(checked)) != checksum) return 0;
  headers_.push_back(*header);
  frames_ += header->frames;
  return checked + 2;
}

bool FrameDecoder::finish() {
  const std::size_t used = headers_.size() * static_cast<std::size_t>(format_.channels);
  for (std::size_t i = 0; i < used; i += kRestoreLanes) {
    for (std::size_t k = used; k < i + kRestoreLanes; ++k) {
      lanes_[k] = {};
      lanes_[k].samples = spare_.data();
    }
    restore(std::span(lanes_).subspan(i).first<kRestoreLanes>(), headers_[0].frames);
  }
  for (std::size_t i = 0; i < used; ++i)
    if (lanes_[i].magnitudes >> (subframes_[i].bits - 1) != 0) return false;
  for (std::size_t block = 0; block < headers_.size(); ++block)
    if (!join_channels(block)) return false;
  return true;
}

/// Wasted bits come back, and pairs become left and right: false if these have too many bits.
bool FrameDecoder::join_channels(std::size_t block) {
  const int frames = headers_[block].frames;
  for (int c = 0; c < format_.channels; ++c) {
    const int wasted =
        subframes_[block * static_cast<std::size_t>(format_.channels) + static_cast<std::size_t>(c)]
            .wasted_bits;
    std::int32_t* samples = samples_of(block, c);
    for (int n = 0; wasted > 0 && n < frames; ++n) samples[n] <<= wasted;
  }
  return join_pair(headers_[block].channel_code, frames, format_.sample_bits, samples_of(block, 0),
                   samples_of(block, format_.channels - 1));
}

}  // namespace tutti::flac
