// SPDX-License-Identifier: Apache-2.0
#include "host/engine/stream_writer.hpp"

#include <algorithm>
#include <cmath>

#include "host/audio/buffer.hpp"

namespace tutti {

StreamWriter::StreamWriter(const Delivery& delivery, double session_rate_hz, Frames expected_frames)
    : delivery_(delivery) {
  spec_ = delivery.write;
  spec_.expected_frames = static_cast<Frames>(std::llround(
      static_cast<double>(expected_frames) * spec_.sample_rate_hz / session_rate_hz));
  writer_ = open_writer(spec_);
  if (spec_.sample_rate_hz != session_rate_hz)
    resampler_.emplace(spec_.channels, session_rate_hz, spec_.sample_rate_hz);
}

void StreamWriter::put(ConstBlockView block) {
  for (int c = 0; c < block.channels && silent_; ++c)
    silent_ = std::all_of(block.channel(c), block.channel(c) + block.frames,
                          [](float sample) { return sample == 0; });
  frames_ += block.frames;
  writer_->write(block);
}

void StreamWriter::write(ConstBlockView block) {
  put(resampler_ ? resampler_->process(block) : block);
}

/// Digital silence stays silent: dither would be all that such a file holds. That it is silent is
/// known at its end only, so it is written once more.
void StreamWriter::write_silence() {
  constexpr Frames kBlockFrames = 65536;
  writer_.reset();
  spec_.dither = DitherKind::none;
  writer_ = open_writer(spec_);
  const Buffer zeros(spec_.channels, std::min(kBlockFrames, frames_));
  for (Frames first = 0; first < frames_; first += kBlockFrames)
    writer_->write(zeros.view().slice(0, std::min(kBlockFrames, frames_ - first)));
}

RenderedOutput StreamWriter::commit() {
  if (resampler_) put(resampler_->finish());
  if (silent_ && spec_.dither != DitherKind::none) write_silence();
  const AudioWriter::Written written = writer_->commit();
  RenderedOutput output;
  output.file = written.path.string();
  output.source = delivery_.source;
  output.sha256 = written.sha256;
  output.audio_md5 = written.audio_md5;
  output.bytes = written.bytes;
  output.gain_db = output.limiter_max_reduction_db = 0;
  output.clipped_samples = written.clipped_samples;
  return output;
}

}  // namespace tutti
