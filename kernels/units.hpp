// SPDX-License-Identifier: Apache-2.0
// Who makes which operation of the backend list. Each is defined in the .cpp or .cu of its stem.
#pragma once

#include <memory>
#include <span>

#include "host/backend/backend.hpp"
#include "kernels/runtime/device.hpp"

namespace tutti::cuda {

using SharedDevice = std::shared_ptr<Device>;

/// Everything that stays on the device between operations and renders: packed stems.
class StemStore;

// Runners queue on the device by themselves (Device::Queue); they keep the device alive.
std::unique_ptr<LaneRunner> make_lanes(SharedDevice device, std::shared_ptr<StemStore> stems,
                                       const LaneProgram& program, Frames tile_frames);
std::unique_ptr<SpectralRunner> make_spectral(SharedDevice device, const SpectralProgram& program,
                                              int slots, Frames tile_frames);
std::unique_ptr<ChannelRunner> make_delay(SharedDevice device, const DelayDesign& design,
                                          int channels);
std::unique_ptr<ChannelRunner> make_alignment(SharedDevice device, Frames delay_frames,
                                              int channels);
std::unique_ptr<StereoRunner> make_stereo(SharedDevice device, const StereoDesign& design);
std::unique_ptr<LimiterRunner> make_limiter(SharedDevice device, const LimiterDesign& design,
                                            int channels);
std::unique_ptr<ChannelRunner> make_limiter_insert(SharedDevice device, const LimiterDesign& design,
                                                   int channels);
std::unique_ptr<MeterRunner> make_meter(SharedDevice device, double sample_rate_hz,
                                        std::span<const double> loudness_weights, MeterParts parts);
std::unique_ptr<PackRunner> make_packer(SharedDevice device, const PackDesign& design,
                                        int channels);

std::shared_ptr<StemStore> make_stem_store(SharedDevice device);

}  // namespace tutti::cuda
