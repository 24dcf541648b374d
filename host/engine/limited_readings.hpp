// SPDX-License-Identifier: Apache-2.0
// The loudness of a signal behind a gain and a limiter, from what is known of the signal itself.
#pragma once

#include <functional>
#include <span>

#include "host/backend/backend.hpp"

namespace tutti {

/// `plain` is of the whole signal, all parts; `read` fills frames of it with the gain applied, zero
/// behind its end. Loudness alone is measured. Where the limiter lets the signal pass, the energies
/// are the plain ones times the gain's square; only the rest is worked through.
MeterReadings limited_readings(Backend& backend, std::span<const double> loudness_weights,
                               const MeterReadings& plain, double gain, const LimiterDesign& limiter,
                               const std::function<void(Frames first, BlockView)>& read);

/// The same without a limiter.
MeterReadings scaled_readings(const MeterReadings& plain, double gain);

}  // namespace tutti
