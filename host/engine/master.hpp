// SPDX-License-Identifier: Apache-2.0
// From kept signals to finished files: trim, fades, rate, loudness, ceiling, word length.
#pragma once

#include <span>
#include <vector>

#include "host/engine/master_gain.hpp"

namespace tutti {

/// One finished signal and the files that are made of it.
struct MasterTrack {
  MasterContext context;
  const LongBuffer& signal;
  double sample_rate_hz;
  MasterEdit edit;
  std::vector<Delivery> deliveries;  ///< as many for every track, in one order
  std::optional<MeterReadings> plain = {};  ///< of the signal as it is, where that is known
};

/// Deliveries, by index, that are the same signal until it is packed.
using DeliveryGroup = std::vector<std::size_t>;
/// `tracks[t]` lists the deliveries of track t, as many for every track, in one order.
std::vector<DeliveryGroup> delivery_groups(std::span<const std::span<const Delivery>> tracks);

/// Deliveries of one rate, target and ceiling are limited once and written together. Several tracks
/// keep their relations: each delivery gets one gain for all. `outputs[t]` lists what was written of
/// track t, in the order of its deliveries, unmeasured. Throws IoError, Cancelled.
std::vector<std::vector<RenderedOutput>> deliver_masters(
    const std::vector<MasterTrack>& tracks, AlbumLoudness album = AlbumLoudness::pooled);

}  // namespace tutti
