// SPDX-License-Identifier: Apache-2.0
// The decoders that open_audio chooses from, and what their `read` has in common.
#pragma once

#include <algorithm>
#include <memory>
#include <string>

#include "host/io/decode.hpp"
#include "host/io/file_pool.hpp"
#include "host/io/pcm_layout.hpp"

namespace tutti::io {

/// What every decoder is given.
struct OpenRequest {
  std::shared_ptr<PooledFile> file;
  WarningSink warnings;
  DecodeOptions options;
};

/// Clips a request to the file: frames outside are zeroed here, the rest goes to `read_inside`.
class RangeReader : public AudioReader {
 public:
  void read(Frames first, BlockView out) final {
    const Frames begin = std::clamp<Frames>(-first, 0, out.frames);
    const Frames end = std::clamp<Frames>(info().frames - first, begin, out.frames);
    for (int c = 0; c < out.channels; ++c) {
      std::fill(out.channel(c), out.channel(c) + begin, 0.0f);
      std::fill(out.channel(c) + end, out.channel(c) + out.frames, 0.0f);
    }
    if (begin < end) read_inside(first + begin, out.slice(begin, end - begin));
  }

 private:
  /// Frames [first, first + out.frames), all inside the file, at least one.
  virtual void read_inside(Frames first, BlockView out) = 0;
};

std::unique_ptr<AudioReader> open_pcm(OpenRequest request, PcmLayout layout);

/// FLAC, native or in Ogg.
std::unique_ptr<AudioReader> open_flac(OpenRequest request, bool in_ogg);

/// MPEG-1, -2 and -2.5 audio, layers 1 to 3, with or without an ID3 tag.
std::unique_ptr<AudioReader> open_mpeg(OpenRequest request);

/// Whatever libsndfile decodes; `codec` names what is inside for the message of a refusal.
std::unique_ptr<AudioReader> open_with_sndfile(OpenRequest request, const std::string& codec);

}  // namespace tutti::io
