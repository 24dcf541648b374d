// SPDX-License-Identifier: Apache-2.0
#include "kernels/spectra_cache.hpp"

#include <algorithm>

namespace tutti::cuda {
namespace {

bool sounds(float tap) { return tap != 0.0f; }

}  // namespace

ImpulseSpectra::ImpulseSpectra(Device& device, SharedTransform transform,
                               const std::vector<float>& impulse, double gain)
    : transform_(std::move(transform)) {
  const auto first = std::find_if(impulse.begin(), impulse.end(), sounds);
  if (first == impulse.end()) return;
  const auto last = std::find_if(impulse.rbegin(), impulse.rend(), sounds).base();
  const Frames block_frames = transform_->block_frames();
  term_.first = static_cast<int>((first - impulse.begin()) / block_frames);
  term_.end = static_cast<int>((last - impulse.begin() + block_frames - 1) / block_frames);

  // 1/B is a power of two: exact.
  const double scale = gain / static_cast<double>(block_frames);
  const Frames begin = term_.first * block_frames;
  const int blocks = term_.end - term_.first;
  std::vector<float> taps(static_cast<std::size_t>(blocks * block_frames));
  std::transform(impulse.begin() + begin, last, taps.begin(),
                 [scale](float tap) { return static_cast<float>(static_cast<double>(tap) * scale); });

  const Device::Queue queue(device);
  spectra_ = DeviceBuffer<float2>(device.compute(), taps.size());
  const auto sent = device.send(std::span<const float>(taps));
  pack_taps(device.compute(), sent.span(), transform_->twist(), spectra_.span(),
            {static_cast<int>(block_frames), blocks});
  transform_->run(device, spectra_.span(), blocks, FftDirection::forward);
  term_.spectra = spectra_.data();
}

std::shared_ptr<SpectraCache> SpectraCache::of(Device& device) {
  static std::mutex mutex;
  static std::map<const Device*, std::weak_ptr<SpectraCache>> caches;
  const std::lock_guard<std::mutex> lock(mutex);
  std::weak_ptr<SpectraCache>& entry = caches[&device];
  if (auto known = entry.lock()) return known;
  auto made = std::make_shared<SpectraCache>(device);
  entry = made;
  return made;
}

SharedTransform SpectraCache::transform(Frames block_frames) {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::weak_ptr<const BlockTransform>& entry = transforms_[block_frames];
  if (auto known = entry.lock()) return known;
  const Device::Queue queue(device_);
  auto made = std::make_shared<const BlockTransform>(device_, block_frames);
  entry = made;
  return made;
}

std::shared_ptr<const ImpulseSpectra> SpectraCache::spectra(const SharedImpulse& impulse,
                                                            double gain,
                                                            const SharedTransform& transform) {
  const std::lock_guard<std::mutex> lock(mutex_);
  Entry& entry = entries_[{impulse.get(), gain, transform->block_frames()}];
  if (entry.source.lock() == impulse)
    if (auto known = entry.spectra.lock()) return known;
  auto made = std::make_shared<const ImpulseSpectra>(device_, transform, *impulse, gain);
  entry = {impulse, made};
  return made;
}

}  // namespace tutti::cuda
