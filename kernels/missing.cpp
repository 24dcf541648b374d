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

std::unique_ptr<LaneUnit> make_compressor(Device&, LaneShape, const LaneOp&) {
  missing("compressor");
}
std::unique_ptr<LaneUnit> make_expander(Device&, LaneShape, const LaneOp&) { missing("expander"); }
std::unique_ptr<LaneUnit> make_gate(Device&, LaneShape, const LaneOp&) { missing("gate"); }
std::unique_ptr<LimiterRunner> make_limiter(SharedDevice, const LimiterDesign&, int) {
  missing("limiter");
}
std::unique_ptr<ChannelRunner> make_limiter_insert(SharedDevice, const LimiterDesign&, int) {
  missing("limiter insert");
}
std::unique_ptr<MeterRunner> make_meter(SharedDevice, double, std::span<const double>, MeterParts) {
  missing("meter");
}

}  // namespace tutti::cuda
