// SPDX-License-Identifier: Apache-2.0
// The packer of the backend list: what leaves the device are the bytes of the file.
#include <span>
#include <utility>
#include <vector>

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
    words_.resize((bytes + 3) / 4);
    queue(block, samples);
    Packed packed{std::as_bytes(std::span(words_)).first(bytes), block.frames, 0};
    unsigned long long clipped = 0;
    device_->fetch(DeviceSpan<const std::uint32_t>(packed_.span()), std::span(words_));
    device_->fetch(DeviceSpan<const unsigned long long>(clipped_.span()), std::span(&clipped, 1));
    packed.clipped_samples = static_cast<std::int64_t>(clipped);
    position_ += block.frames;
    return packed;
  }

 private:
  void queue(TileView block, std::size_t samples) {
    const Device::Queue queue(*device_);
    const cudaStream_t stream = device_->compute();
    const DeviceBuffer<std::uint32_t> numbers(stream, samples);
    if (packed_.size() != words_.size())
      packed_ = DeviceBuffer<std::uint32_t>(stream, words_.size());
    clear(stream, clipped_.span());
    quantise(stream, parameters_, device_block(block), position_, numbers.span(), feedback_.span(),
             clipped_.data());
    pack(stream, parameters_, numbers.span(), block.channels, block.frames, packed_.span());
  }

  SharedDevice device_;
  PackParameters parameters_;
  Frames position_ = 0;
  DeviceBuffer<unsigned long long> clipped_;
  DeviceBuffer<double> feedback_;  ///< [channel][kShapingOrder]
  DeviceBuffer<std::uint32_t> packed_;
  std::vector<std::uint32_t> words_;
};

}  // namespace

std::unique_ptr<PackRunner> make_packer(SharedDevice device, const PackDesign& design,
                                        int channels) {
  return std::make_unique<CudaPacker>(std::move(device), design, channels);
}

}  // namespace tutti::cuda
