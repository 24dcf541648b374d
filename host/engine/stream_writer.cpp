// SPDX-License-Identifier: Apache-2.0
#include "host/engine/stream_writer.hpp"

#include <cmath>

namespace tutti {

StreamWriter::StreamWriter(const Delivery& delivery, double session_rate_hz, Frames expected_frames)
    : delivery_(delivery) {
  WriteSpec spec = delivery.write;
  spec.expected_frames = static_cast<Frames>(std::llround(
      static_cast<double>(expected_frames) * spec.sample_rate_hz / session_rate_hz));
  writer_ = open_writer(spec);
  if (spec.sample_rate_hz != session_rate_hz)
    resampler_.emplace(spec.channels, session_rate_hz, spec.sample_rate_hz);
}

void StreamWriter::write(ConstBlockView block) {
  writer_->write(resampler_ ? resampler_->process(block) : block);
}

RenderedOutput StreamWriter::commit() {
  if (resampler_) writer_->write(resampler_->finish());
  const AudioWriter::Written written = writer_->commit();
  RenderedOutput output;
  output.file = written.path.string();
  output.source = delivery_.source;
  output.sha256 = written.sha256;
  output.audio_md5 = written.audio_md5;
  output.clipped_samples = written.clipped_samples;
  return output;
}

}  // namespace tutti
