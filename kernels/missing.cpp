// SPDX-License-Identifier: Apache-2.0
// What has no kernel yet. This file must be empty, and then go.
#include "kernels/lane_unit.hpp"
#include "kernels/stem_store.hpp"
#include "kernels/units.hpp"

namespace tutti::cuda {
namespace {
[[noreturn]] void missing(const char* what) {
  throw DeviceError(std::string("cuda: ") + what + " is not there yet");
}
}  // namespace

std::unique_ptr<LaneRunner> make_lanes(SharedDevice, std::shared_ptr<StemStore>, const LaneProgram&,
                                       Frames) {
  missing("lanes");
}
std::shared_ptr<StemStore> make_stem_store(SharedDevice) { return nullptr; }
std::unique_ptr<LaneUnit> make_biquads(Device&, LaneShape, const LaneOp&) { missing("biquads"); }
std::unique_ptr<LaneUnit> make_gain(Device&, LaneShape, const LaneOp&) { missing("gain"); }
std::unique_ptr<LaneUnit> make_compressor(Device&, LaneShape, const LaneOp&) {
  missing("compressor");
}
std::unique_ptr<LaneUnit> make_expander(Device&, LaneShape, const LaneOp&) { missing("expander"); }
std::unique_ptr<LaneUnit> make_gate(Device&, LaneShape, const LaneOp&) { missing("gate"); }
std::unique_ptr<SpectralRunner> make_spectral(SharedDevice, const SpectralProgram&, int, Frames) {
  missing("spectral");
}
std::unique_ptr<ChannelRunner> make_delay(SharedDevice, const DelayDesign&, int) {
  missing("delay");
}
std::unique_ptr<ChannelRunner> make_alignment(SharedDevice, Frames, int) { missing("alignment"); }
std::unique_ptr<StereoRunner> make_stereo(SharedDevice, const StereoDesign&) { missing("stereo"); }
}  // namespace tutti::cuda
