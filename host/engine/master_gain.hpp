// SPDX-License-Identifier: Apache-2.0
// The gain that brings finished signals to their target.
#pragma once

#include <span>

#include "host/engine/master_signal.hpp"

namespace tutti {

/// One gain in dB for signals that keep their relations (an album's tracks), or for one. What is
/// limited is what is measured: the loop ends when the result has the loudness. Warns through the
/// context, once for each of `deliveries`: silence, a target out of reach, too little left between
/// loudness and peak, relations of an album that the limiter changes. `deliveries` are all that are
/// written of these signals; they share rate, target and ceiling.
double find_master_gain_db(const MasterContext& context, std::span<MasterSignal* const> signals,
                           std::span<const Delivery* const> deliveries,
                           AlbumLoudness album = AlbumLoudness::pooled);

}  // namespace tutti
