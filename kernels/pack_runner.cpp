// SPDX-License-Identifier: Apache-2.0
// The packer of the backend list: what leaves the device are the bytes of the file.
#include <cstring>
#include <span>
#include <utility>

#include "kernels/pack.hpp"
#include "kernels/runtime/device_tile.hpp"
#include "kernels/units.hpp"

namespace tutti::cuda {
namespace {

class CudaPacker : public PackRunner {
 public:
  CudaPacker(SharedDevice device, const PackDesign& design, int channels)
      : device_(std::move(device)), parameters_(pack_parameters(design)) {
    const Device::Queue queue(*device_);
    clipped_ = DeviceBuffer<unsigned long long>(device_->compute(), 1);
    feedback_ = DeviceBuffer<double>(device_->compute(),
                                     static_cast<std::size_t>(channels) * kShapingOrder);
    clear(device_->compute(), feedback_.span());
  }

  Packed process(TileView block) override {
    const auto samples = static_cast<std::size_t>(block.channels * block.frames);
    const std::size_t bytes = samples * static_cast<std::size_t>(parameters_.format.bytes);
    const std::size_t words = (bytes + 3) / 4;
    const std::size_t clipped_at = (words + 1) / 2 * sizeof(unsigned long long);
    if (fetched_.size() < clipped_at + sizeof(unsigned long long))
      fetched_ = device_->pinned(clipped_at + sizeof(unsigned long long));
    queue(block, samples, words, clipped_at);
    fetched_.wait();
    position_ += block.frames;
    unsigned long long clipped = 0;
    std::memcpy(&clipped, fetched_.data() + clipped_at, sizeof clipped);
    return {{fetched_.data(), bytes}, block.frames, static_cast<std::int64_t>(clipped)};
  }

 private:
  void queue(TileView block, std::size_t samples, std::size_t words, std::size_t clipped_at) {
    const Device::Queue queue(*device_);
    const cudaStream_t stream = device_->compute();
    const DeviceBuffer<std::uint32_t> numbers(stream, samples);
    if (packed_.size() != words) packed_ = DeviceBuffer<std::uint32_t>(stream, words);
    clear(stream, clipped_.span());
    quantise(stream, parameters_, device_block(block), position_, numbers.span(), feedback_.span(),
             clipped_.data());
    pack(stream, parameters_, numbers.span(), block.channels, block.frames, packed_.span());
    device_->fetch(packed_.data(), packed_.size_bytes(), fetched_, 0);
    device_->fetch(clipped_.data(), clipped_.size_bytes(), fetched_, clipped_at);
  }

  SharedDevice device_;
  PackParameters parameters_;
  Frames position_ = 0;
  DeviceBuffer<unsigned long long> clipped_;
  DeviceBuffer<double> feedback_;  ///< [channel][kShapingOrder]
  DeviceBuffer<std::uint32_t> packed_;
  PinnedPool::Loan fetched_;  ///< the bytes, and behind them how many samples clipped
};

}  // namespace

std::unique_ptr<PackRunner> make_packer(SharedDevice device, const PackDesign& design,
                                        int channels) {
  return std::make_unique<CudaPacker>(std::move(device), design, channels);
}

}  // namespace tutti::cuda
