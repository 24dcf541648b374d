// SPDX-License-Identifier: Apache-2.0
#include "host/roofline/spectra_cache.hpp"

#include <algorithm>
#include <bit>

namespace tutti::roofline {
namespace {

// Points of one call of cuFFT, whose work area is as large.
constexpr Frames kMaxPoints = Frames{1} << 22;
constexpr Frames kComplexBytes = 8;

}  // namespace

std::shared_ptr<const Held> SpectraCache::transform(Frames block_frames) {
  std::weak_ptr<const Held>& entry = transforms_[block_frames];
  if (auto known = entry.lock()) return known;
  ledger_.send(kComplexBytes * block_frames);
  auto made = std::make_shared<const Held>(ledger_, kComplexBytes * block_frames);
  entry = made;
  return made;
}

std::shared_ptr<const ImpulseSpectra> SpectraCache::spectra(const SharedImpulse& impulse,
                                                            double gain, Frames block_frames) {
  Entry& entry = entries_[{impulse.get(), gain, block_frames}];
  if (entry.source.lock() == impulse)
    if (auto known = entry.spectra.lock()) return known;
  auto made = make(*impulse, block_frames);
  entry = {impulse, made};
  return made;
}

/// Partitions before the first tap and after the last are left out.
std::shared_ptr<const ImpulseSpectra> SpectraCache::make(const std::vector<float>& impulse,
                                                         Frames block_frames) {
  auto made = std::make_shared<ImpulseSpectra>();
  const auto sounds = [](float tap) { return tap != 0; };
  const auto first = std::find_if(impulse.begin(), impulse.end(), sounds);
  if (first == impulse.end()) return made;
  const auto last = std::find_if(impulse.rbegin(), impulse.rend(), sounds).base();
  made->first = (first - impulse.begin()) / block_frames;
  made->end = whole(last - impulse.begin(), block_frames);
  const Frames blocks = made->end - made->first;
  made->held = Held(ledger_, kComplexBytes * blocks * block_frames);
  ledger_.send(4 * blocks * block_frames);
  ledger_.scratch(4 * blocks * block_frames);
  ledger_.launch("convolver.pack_taps", pack_taps_cost(block_frames, blocks));
  run(block_frames, blocks);
  return made;
}

void SpectraCache::run(Frames block_frames, Frames count) {
  while (count > 0) {
    const auto most = static_cast<std::uint64_t>(std::min(count, kMaxPoints / block_frames));
    const auto batch = static_cast<Frames>(std::bit_floor(most));
    if (Held& plan = plans_[{block_frames, batch}]; plan.bytes() == 0)
      plan = Held(ledger_, kComplexBytes * block_frames * batch);
    ledger_.launch("convolver.transform", transform_cost(block_frames, batch));
    count -= batch;
  }
}

std::shared_ptr<SpectraCache> make_spectra_cache(Ledger& ledger) {
  return std::make_shared<SpectraCache>(ledger);
}

}  // namespace tutti::roofline
