// SPDX-License-Identifier: Apache-2.0
// Streams of our frames, and what libFLAC, which had no part in them, reads from them.
#pragma once

#include <FLAC/stream_decoder.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "host/flac/frame.hpp"

namespace tutti::test {

/// [channel][frame]
using Signal = std::vector<std::vector<std::int32_t>>;

inline BasicBlockView<const std::int32_t> block_of(const std::vector<std::int32_t>& planar,
                                                   int channels) {
  const auto frames = static_cast<Frames>(planar.size()) / channels;
  return {planar.data(), channels, frames, frames};
}

/// "fLaC" and STREAMINFO without lengths and MD5.
inline std::vector<std::uint8_t> stream_head(const flac::StreamFormat& format, int block_frames) {
  flac::BitWriter head;
  head.reserve_bits(8 * 64);
  for (const char c : std::string("fLaC")) head.put(static_cast<std::uint8_t>(c), 8);
  head.put(0x80, 8);
  head.put(34, 24);
  head.put(static_cast<std::uint64_t>(block_frames), 16);
  head.put(static_cast<std::uint64_t>(block_frames), 16);
  head.put(0, 48);
  head.put(static_cast<std::uint64_t>(format.sample_rate_hz), 20);
  head.put(static_cast<std::uint64_t>(format.channels - 1), 3);
  head.put(static_cast<std::uint64_t>(format.sample_bits - 1), 5);
  head.put(0, 36);
  for (int i = 0; i < 4; ++i) head.put(0, 32);
  return {head.bytes().begin(), head.bytes().end()};
}

/// The head and the frames of the signal.
inline std::vector<std::uint8_t> encode_stream(const flac::StreamFormat& format, const Signal& in,
                                               std::uint64_t first_number = 0) {
  std::vector<std::uint8_t> bytes = stream_head(format, flac::kBlockFrames);
  flac::FrameEncoder encoder(format);
  const std::size_t frames = in[0].size();
  std::uint64_t number = first_number;
  for (std::size_t at = 0; at < frames; at += flac::kBlockFrames) {
    const std::size_t count = std::min<std::size_t>(flac::kBlockFrames, frames - at);
    std::vector<std::int32_t> planar;
    for (const auto& channel : in)
      planar.insert(planar.end(), channel.begin() + static_cast<std::ptrdiff_t>(at),
                    channel.begin() + static_cast<std::ptrdiff_t>(at + count));
    const auto frame = encoder.encode(block_of(planar, format.channels), number++);
    bytes.insert(bytes.end(), frame.begin(), frame.end());
  }
  return bytes;
}

struct Decoded {
  Signal samples;
  std::string error;  ///< what libFLAC found wrong: checksums, reserved codes, lost synchronisation
  std::vector<FLAC__FrameHeader> headers;
};

inline Decoded decode_stream(const std::vector<std::uint8_t>& bytes) {
  struct Client {
    const std::vector<std::uint8_t>& bytes;
    std::size_t at = 0;
    Decoded out = {};
  } client{bytes};
  const std::unique_ptr<FLAC__StreamDecoder, decltype(&FLAC__stream_decoder_delete)> decoder(
      FLAC__stream_decoder_new(), FLAC__stream_decoder_delete);
  const auto read = [](const FLAC__StreamDecoder*, FLAC__byte* to, std::size_t* count, void* c) {
    auto& from = *static_cast<Client*>(c);
    *count = std::min(*count, from.bytes.size() - from.at);
    std::memcpy(to, from.bytes.data() + from.at, *count);
    from.at += *count;
    return *count > 0 ? FLAC__STREAM_DECODER_READ_STATUS_CONTINUE
                      : FLAC__STREAM_DECODER_READ_STATUS_END_OF_STREAM;
  };
  const auto write = [](const FLAC__StreamDecoder*, const FLAC__Frame* frame,
                        const FLAC__int32* const* from, void* c) {
    Decoded& out = static_cast<Client*>(c)->out;
    out.headers.push_back(frame->header);
    out.samples.resize(frame->header.channels);
    for (unsigned i = 0; i < frame->header.channels; ++i)
      out.samples[i].insert(out.samples[i].end(), from[i], from[i] + frame->header.blocksize);
    return FLAC__STREAM_DECODER_WRITE_STATUS_CONTINUE;
  };
  const auto error = [](const FLAC__StreamDecoder*, FLAC__StreamDecoderErrorStatus status,
                        void* c) {
    static_cast<Client*>(c)->out.error = FLAC__StreamDecoderErrorStatusString[status];
  };
  FLAC__stream_decoder_init_stream(decoder.get(), read, nullptr, nullptr, nullptr, nullptr, write,
                                   nullptr, error, &client);
  if (!FLAC__stream_decoder_process_until_end_of_stream(decoder.get()) && client.out.error.empty())
    client.out.error = FLAC__stream_decoder_get_resolved_state_string(decoder.get());
  return client.out;
}

}  // namespace tutti::test
