// SPDX-License-Identifier: Apache-2.0
// The bytes of a file, block by block: quantised, interleaved, fetched.
#include <vector>

#include "host/roofline/kernels.hpp"
#include "host/roofline/units.hpp"

namespace tutti::roofline {
namespace {

class CountingPacker : public PackRunner {
 public:
  CountingPacker(Ledger& ledger, const PackDesign& design, int channels)
      : ledger_(ledger), design_(design) {
    ledger_.clear(channels * shaping_state_bytes());
  }

  Packed process(TileView block) override {
    const Frames samples = block.channels * block.frames;
    const Frames words = whole(samples * design_.format.bytes, 4);
    ledger_.scratch(4 * (samples + words));
    ledger_.clear(8);  // clipped samples
    if (block.frames > 0) {
      ledger_.launch(quantise_kernel(design_),
                     quantise_cost(design_, block.channels, position_, block.frames));
      ledger_.launch("pack", pack_cost(design_, block.channels, block.frames));
    }
    ledger_.fetch(4 * words + 8);
    position_ += block.frames;
    bytes_.resize(static_cast<std::size_t>(samples * design_.format.bytes));
    return {bytes_, block.frames, 0};
  }

 private:
  Ledger& ledger_;
  PackDesign design_;
  Frames position_ = 0;
  std::vector<std::byte> bytes_;  ///< zero
};

}  // namespace

std::unique_ptr<PackRunner> make_packer(Ledger& ledger, const PackDesign& design, int channels) {
  return std::make_unique<CountingPacker>(ledger, design, channels);
}

}  // namespace tutti::roofline
