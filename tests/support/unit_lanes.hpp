// SPDX-License-Identifier: Apache-2.0
// One lane unit of the CUDA backend as a lane runner: programs of one op, signals in, outputs out.
#pragma once

#include <memory>
#include <stdexcept>

#include "kernels/lane_unit.hpp"
#include "kernels/runtime/device_tile.hpp"

namespace tutti::test {

inline std::unique_ptr<cuda::LaneUnit> make_unit(cuda::Device& device, const LaneProgram& program) {
  const cuda::LaneShape shape{program.strips, program.channels};
  const LaneOp& op = program.ops.at(0);
  if (program.ops.size() != 1) throw std::logic_error("UnitLanes: one op");
  switch (op.kind) {
    case LaneOpKind::biquads:
      return cuda::make_biquads(device, shape, op);
    case LaneOpKind::compressor:
      return cuda::make_compressor(device, shape, op);
    case LaneOpKind::gate:
      return cuda::make_gate(device, shape, op);
    case LaneOpKind::expander:
      return cuda::make_expander(device, shape, op);
    case LaneOpKind::gain:
      return cuda::make_gain(device, shape, op);
  }
  throw std::logic_error("UnitLanes: unknown op");
}

class UnitLanes : public LaneRunner {
 public:
  explicit UnitLanes(const LaneProgram& program) : program_(program) {
    const cuda::Device::Queue queue(device_);
    unit_ = make_unit(device_, program);
  }
  ~UnitLanes() override {
    const cuda::Device::Queue queue(device_);
    unit_.reset();
  }

  bool run(const LaneTile& tile) override {
    cuda::check(cudaDeviceSynchronize(), "inputs");  // the signals are another stream's
    const cuda::Device::Queue queue(device_);
    cuda::DeviceSignal signal(device_.compute(), program_.lanes(), tile.frames);
    cuda::DeviceSignal key(device_.compute(), tile.keys.empty() ? 0 : program_.lanes(),
                           tile.frames);
    for (int lane = 0; lane < program_.lanes(); ++lane) {
      copy(tile.inputs[strip_of(lane)].signal, lane, signal.view(), true);
      if (!tile.keys.empty()) copy(tile.keys[strip_of(lane)], lane, key.view(), true);
    }
    unit_->run(
        {signal.view(), tile.keys.empty() ? cuda::ConstDeviceBlock{} : key.view(), tile.changes});
    for (int lane = 0; lane < program_.lanes(); ++lane)
      copy(tile.outputs[strip_of(lane)], lane, signal.view(), false);
    cuda::check(cudaDeviceSynchronize(), "outputs");
    return true;
  }

 private:
  static cuda::Device& device() {
    static cuda::Device one(0);
    return one;
  }
  std::size_t strip_of(int lane) const {
    return static_cast<std::size_t>(lane / program_.channels);
  }
  void copy(TileView tile, int lane, cuda::DeviceBlock block, bool in) {
    const std::size_t bytes = sizeof(float) * static_cast<std::size_t>(block.frames);
    float* ours = block.channel(lane);
    float* theirs = tile.address + (lane % program_.channels) * tile.stride;
    if (!tile.sounds()) {
      if (in) cuda::check(cudaMemsetAsync(ours, 0, bytes, device_.compute()), "silence");
      return;
    }
    cuda::check(cudaMemcpyAsync(in ? ours : theirs, in ? theirs : ours, bytes,
                                cudaMemcpyDeviceToDevice, device_.compute()),
                "copy");
  }

  LaneProgram program_;
  cuda::Device& device_ = device();
  std::unique_ptr<cuda::LaneUnit> unit_;
};

}  // namespace tutti::test
