// SPDX-License-Identifier: Apache-2.0
// Impulses as spectra on the device, each made once and shared.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "kernels/block_transform.hpp"
#include "kernels/convolver.hpp"
#include "kernels/units.hpp"

namespace tutti::cuda {

using SharedTransform = std::shared_ptr<const BlockTransform>;
using SharedImpulse = std::shared_ptr<const std::vector<float>>;

/// An impulse times a gain, cut into partitions of B frames, divided by B so that the inverse has
/// unit gain. Partitions before the first tap and after the last cost nothing; 8 bytes a frame of
/// the others. Immutable.
class ImpulseSpectra {
 public:
  /// Queues by itself.
  ImpulseSpectra(Device& device, SharedTransform transform, const std::vector<float>& impulse,
                 double gain);

  /// Partitions [0, end) cover the taps; 0 for a silent impulse.
  int end() const { return term_.end; }
  const ImpulseTerm& term() const { return term_; }

 private:
  SharedTransform transform_;
  DeviceBuffer<float2> spectra_;
  ImpulseTerm term_;
};

/// Spectra and transforms of one device, as long as somebody uses them. Any thread, no Queue held.
class SpectraCache {
 public:
  /// The one of this device. Keep the device as long as the cache.
  static std::shared_ptr<SpectraCache> of(Device& device);

  explicit SpectraCache(Device& device) : device_(device) {}
  SharedTransform transform(Frames block_frames);
  std::shared_ptr<const ImpulseSpectra> spectra(const SharedImpulse& impulse, double gain,
                                                const SharedTransform& transform);

 private:
  struct Key {
    const void* impulse;
    double gain;
    Frames block_frames;
    auto operator<=>(const Key&) const = default;
  };
  struct Entry {
    std::weak_ptr<const std::vector<float>> source;  ///< an address may be used again
    std::weak_ptr<const ImpulseSpectra> spectra;
  };

  Device& device_;
  std::mutex mutex_;
  std::map<Frames, std::weak_ptr<const BlockTransform>> transforms_;
  std::map<Key, Entry> entries_;
};

}  // namespace tutti::cuda
