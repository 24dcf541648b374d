// SPDX-License-Identifier: Apache-2.0
// What our decoder makes of a file.
#pragma once

#include "host/flac/frame_decoder.hpp"
#include "tests/flac/streams.hpp"

namespace tutti::test {

/// Behind the metadata.
inline std::size_t first_frame_byte(const std::vector<std::uint8_t>& file) {
  std::size_t at = 4;
  for (bool last = false; !last;) {
    last = (file.at(at) & 0x80) != 0;
    at += 4 + (static_cast<std::size_t>(file.at(at + 1)) << 16 |
               static_cast<std::size_t>(file.at(at + 2)) << 8 | file.at(at + 3));
  }
  return at;
}

struct DecodedFrames {
  Signal samples;
  std::size_t bytes_left = 0;  ///< from the frame on that could not be decoded
};

/// The file ends where its memory does. Behind it are `spare` bytes.
inline DecodedFrames decode_frames(const flac::StreamFormat& format,
                                   const std::vector<std::uint8_t>& bytes, std::uint64_t number = 0,
                                   std::uint8_t spare = 0xff) {
  const int block_frames = bytes.at(8) << 8 | bytes.at(9);  // STREAMINFO's longest
  std::size_t at = first_frame_byte(bytes);
  const std::size_t size = bytes.size();
  std::vector<std::uint8_t> file(size + flac::BitReader::kSpareBytes, spare);
  std::ranges::copy(bytes, file.begin());
  flac::FrameDecoder decoder(format, block_frames);
  DecodedFrames out;
  out.samples.resize(static_cast<std::size_t>(format.channels));
  while (at < size) {
    decoder.begin();
    std::size_t taken = 0;
    while (!decoder.full() && at + taken < size) {
      const std::size_t count = decoder.read({file.data() + at + taken, size - at - taken}, number);
      if (count == 0) break;
      taken += count;
      ++number;
    }
    if (taken == 0 || !decoder.finish()) break;
    at += taken;
    const auto block = decoder.samples();
    for (int c = 0; c < block.channels; ++c)
      out.samples[static_cast<std::size_t>(c)].insert(
          out.samples[static_cast<std::size_t>(c)].end(), block.channel(c),
          block.channel(c) + block.frames);
    if (block.frames % block_frames != 0) break;  // only the last may be shorter
  }
  out.bytes_left = size - at;
  return out;
}

}  // namespace tutti::test
