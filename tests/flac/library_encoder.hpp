// SPDX-License-Identifier: Apache-2.0
// Streams of libFLAC's encoder.
#pragma once

#include <FLAC/stream_encoder.h>

#include <stdexcept>

#include "tests/flac/streams.hpp"

namespace tutti::test {

struct LibrarySettings {
  unsigned level = 5;
  unsigned block_frames = 0;  ///< 0: as the level has it
  unsigned most_order = 0;    ///< of linear predictors; 0: as the level has it
  unsigned precision = 0;     ///< bits of their coefficients; 0: libFLAC's choice
  bool exhaustive = false;    ///< all orders and precisions are tried
};

/// The whole file but for what is known only at its end: no length, no MD5.
inline std::vector<std::uint8_t> libflac_encode(const flac::StreamFormat& format, const Signal& in,
                                                const LibrarySettings& settings = {}) {
  std::vector<std::uint8_t> bytes;
  const std::unique_ptr<FLAC__StreamEncoder, decltype(&FLAC__stream_encoder_delete)> encoder(
      FLAC__stream_encoder_new(), FLAC__stream_encoder_delete);
  FLAC__stream_encoder_set_compression_level(encoder.get(), settings.level);
  FLAC__stream_encoder_set_channels(encoder.get(), static_cast<unsigned>(format.channels));
  FLAC__stream_encoder_set_bits_per_sample(encoder.get(),
                                           static_cast<unsigned>(format.sample_bits));
  FLAC__stream_encoder_set_sample_rate(encoder.get(), static_cast<unsigned>(format.sample_rate_hz));
  FLAC__stream_encoder_set_streamable_subset(encoder.get(), false);
  if (settings.block_frames > 0)
    FLAC__stream_encoder_set_blocksize(encoder.get(), settings.block_frames);
  if (settings.most_order > 0)
    FLAC__stream_encoder_set_max_lpc_order(encoder.get(), settings.most_order);
  if (settings.precision > 0)
    FLAC__stream_encoder_set_qlp_coeff_precision(encoder.get(), settings.precision);
  FLAC__stream_encoder_set_do_exhaustive_model_search(encoder.get(), settings.exhaustive);
  const auto write = [](const FLAC__StreamEncoder*, const FLAC__byte* from, std::size_t count,
                        unsigned, unsigned, void* client) {
    auto& to = *static_cast<std::vector<std::uint8_t>*>(client);
    to.insert(to.end(), from, from + count);
    return FLAC__STREAM_ENCODER_WRITE_STATUS_OK;
  };
  const auto status =
      FLAC__stream_encoder_init_stream(encoder.get(), write, nullptr, nullptr, nullptr, &bytes);
  if (status != FLAC__STREAM_ENCODER_INIT_STATUS_OK)
    throw std::runtime_error(FLAC__StreamEncoderInitStatusString[status]);
  std::vector<const FLAC__int32*> rows;
  for (const auto& channel : in) rows.push_back(channel.data());
  FLAC__stream_encoder_process(encoder.get(), rows.data(), static_cast<unsigned>(in[0].size()));
  FLAC__stream_encoder_finish(encoder.get());
  return bytes;
}

}  // namespace tutti::test
