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
}  // namespace tutti::cuda
