// SPDX-License-Identifier: Apache-2.0
// The gain that brings finished signals to their target.
#pragma once

#include <span>

#include "host/engine/master_signal.hpp"

namespace tutti {

/// One gain in dB for signals that keep their relations (an album's tracks), or for one. What is
/// limited is what is measured: the loop ends when the result has the loudness. Warns through the
/// context: silence, a target out of reach, too little left between loudness and peak. `signals` were
/// made for deliveries like `like`.
double find_master_gain_db(const MasterContext& context, std::span<MasterSignal* const> signals,
                           const Delivery& like, AlbumLoudness album = AlbumLoudness::pooled);

}  // namespace tutti
