// SPDX-License-Identifier: Apache-2.0
// One master's file being written: packed on the backend, or from floats where these are encoded.
#pragma once

#include <memory>

#include "host/engine/master_signal.hpp"
#include "host/engine/written_check.hpp"
#include "host/io/encode.hpp"

namespace tutti {

struct OpenDelivery {
  std::unique_ptr<AudioWriter> writer;
  std::unique_ptr<PackRunner> packer;
  std::unique_ptr<WrittenCheck> check;  ///< of a packer's samples, where the file is measured

  /// `host`: memory to fetch through, used again.
  void take(Backend& backend, TileView tile, Buffer& host);
};

/// Throws IoError as open_writer does.
OpenDelivery open_delivery(const MasterContext& context, const WriteSpec& spec);

/// What has been written, beside what was asked of it; without measurements.
RenderedOutput listed(const AudioWriter::Written& written, const Delivery& delivery);

}  // namespace tutti
