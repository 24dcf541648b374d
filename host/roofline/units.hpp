// SPDX-License-Identifier: Apache-2.0
// Who counts which operation of the backend list: the twin of kernels/units.hpp. Each stands in the
// file of its stem. Runners follow what the device's runner of the same name queues, without data:
// where that looks at samples, they assume what costs least and say so.
#pragma once

#include <memory>
#include <span>

#include "host/backend/backend.hpp"
#include "host/roofline/ledger.hpp"
#include "host/roofline/stem_store.hpp"

namespace tutti::roofline {

/// Impulses as spectra and the twists of transforms, each made once and shared; the plans of
/// transforms stay.
class SpectraCache;
std::shared_ptr<SpectraCache> make_spectra_cache(Ledger& ledger);

std::unique_ptr<LaneRunner> make_lanes(Ledger& ledger, StemStore& stems, const LaneProgram& program,
                                       Frames tile_frames);
std::unique_ptr<SpectralRunner> make_spectral(Ledger& ledger, std::shared_ptr<SpectraCache> cache,
                                              const SpectralProgram& program, int slots);
std::unique_ptr<ChannelRunner> make_delay(Ledger& ledger, const DelayDesign& design, int channels);
std::unique_ptr<ChannelRunner> make_alignment(Ledger& ledger, Frames delay_frames, int channels);
std::unique_ptr<StereoRunner> make_stereo(Ledger& ledger, const StereoDesign& design);
std::unique_ptr<LimiterRunner> make_limiter(Ledger& ledger, const LimiterDesign& design,
                                            int channels);
std::unique_ptr<ChannelRunner> make_limiter_insert(Ledger& ledger, const LimiterDesign& design,
                                                   int channels);
std::unique_ptr<MeterRunner> make_meter(Ledger& ledger, double sample_rate_hz,
                                        std::span<const double> loudness_weights, MeterParts parts);
std::unique_ptr<PackRunner> make_packer(Ledger& ledger, const PackDesign& design, int channels);

}  // namespace tutti::roofline
