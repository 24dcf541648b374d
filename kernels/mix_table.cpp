// SPDX-License-Identifier: Apache-2.0
#include "kernels/mix_table.hpp"

#include <algorithm>

#include "kernels/mix.hpp"
#include "kernels/runtime/device_tile.hpp"

namespace tutti::cuda {

MixTable::MixTable(const LaneTarget& target, int lanes, Frames first_frame, Frames offset,
                   Frames frames)
    : out_(device_block(target.out).slice(offset, frames)) {
  std::vector<const GainCurve*> curves;  // by row
  for (int lane = 0; lane < lanes; ++lane) {
    bool reaches = false;
    for (int out = 0; out < out_.channels; ++out) {
      const auto at = static_cast<std::size_t>(out) * lanes + lane;
      reaches |= target.gains[at] != 0 || (!target.curves.empty() && target.curves[at]);
    }
    if (!reaches) continue;
    lanes_.push_back(lane);
    for (int out = 0; out < out_.channels; ++out) {
      const auto at = static_cast<std::size_t>(out) * lanes + lane;
      const GainCurve* curve = target.curves.empty() ? nullptr : target.curves[at];
      gains_.push_back(target.gains[at]);
      rows_.push_back(curve ? static_cast<int>(curves.size()) : -1);
      if (curve) curves.push_back(curve);
    }
  }
  if (curves.empty()) {
    rows_.clear();
    return;
  }
  const auto length = static_cast<std::size_t>(frames);
  curves_.resize(curves.size() * length);
  for (std::size_t row = 0; row < curves.size(); ++row)
    curves[row]->values(first_frame + offset, std::span(curves_).subspan(row * length, length));
}

void MixTable::mix(Device& device, ConstDeviceBlock signal) const {
  const auto lanes = device.send(std::span<const int>(lanes_));
  const auto gains = device.send(std::span<const float>(gains_));
  const auto rows = device.send(std::span<const int>(rows_));
  const auto curves = device.send(std::span<const float>(curves_));
  mix_lanes(device.compute(), {lanes.span(), gains.span(), rows.span(), curves.span()}, signal,
            out_);
}

}  // namespace tutti::cuda
