// SPDX-License-Identifier: Apache-2.0
#include "host/engine/open_delivery.hpp"

#include <optional>

namespace tutti {

void OpenDelivery::take(Backend& backend, TileView tile, Buffer& host) {
  if (!packer) return writer->write(backend.fetch(tile, host));
  const Packed packed = packer->process(tile);
  writer->write_packed(packed);
  if (check) check->take(packed);
}

OpenDelivery open_delivery(const MasterContext& context, const WriteSpec& spec) {
  OpenDelivery open;
  open.writer = open_writer(spec);
  if (const std::optional<PackDesign> design = open.writer->packing()) {
    open.packer = context.backend.make_packer(*design, spec.channels);
    if (context.measures) open.check = std::make_unique<WrittenCheck>(*design, spec.channels);
  }
  return open;
}

RenderedOutput listed(const AudioWriter::Written& written, const Delivery& delivery) {
  RenderedOutput output;
  output.file = written.path.string();
  output.source = "master";
  output.sha256 = written.sha256;
  output.audio_md5 = written.audio_md5;
  output.bytes = written.bytes;
  if (delivery.loudness) {
    output.target_lufs = delivery.loudness->target_lufs;
    output.loudness_mode = delivery.loudness->mode;
    output.only_if_louder = delivery.loudness->only_if_louder;
  }
  if (delivery.limiter) output.ceiling_dbtp = delivery.limiter->ceiling_dbtp;
  output.clipped_samples = written.clipped_samples;
  return output;
}

}  // namespace tutti
