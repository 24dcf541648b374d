// SPDX-License-Identifier: Apache-2.0
#include "host/cpu/spectral.hpp"

#include <algorithm>

#include "host/cpu/host_tile.hpp"

namespace tutti {
namespace {

// Sources that meet in one pass over the sums. Two halve the traffic of the sums; more push each
// other's spectra of a tile out of the cache (measured: 4 and 8 are slower).
constexpr std::size_t kBatch = 2;

/// Scratch for one batch. A thread runs one tile of one runner at a time, so it is the thread's.
std::vector<SourceTile>& scratch(const SharedTransform& transform, int blocks) {
  thread_local std::map<std::pair<Frames, int>, std::vector<SourceTile>> tiles;
  std::vector<SourceTile>& batch = tiles[{transform->block_frames(), blocks}];
  while (batch.size() < kBatch) batch.emplace_back(transform, blocks);
  return batch;
}

}  // namespace

std::shared_ptr<const ImpulseSpectra> SpectraCache::get(
    const std::shared_ptr<const std::vector<float>>& impulse, double gain,
    const SharedTransform& transform) {
  Entry& entry = entries_[{impulse.get(), gain, transform->block_frames()}];
  if (entry.source.lock() == impulse)
    if (auto known = entry.spectra.lock()) return known;
  auto made =
      std::make_shared<const ImpulseSpectra>(transform, *impulse, gain);
  entry = {impulse, made};
  return made;
}

CpuSpectral::CpuSpectral(const SpectralProgram& program, int slots, Frames tile_frames,
                         SpectraCache& cache)
    : transform_(BlockTransform::shared(program.block_frames)) {
  for (std::size_t s = 0; s < program.sources.size(); ++s) {
    const SpectralProgram::Source& source = program.sources[s];
    for (int in = 0; in < source.inputs; ++in) {
      Channel channel{s, in, {}, {}, nullptr};
      int partitions = 0;
      for (int out = 0; out < program.outputs; ++out) {
        const auto& impulse = source.impulses[out * source.inputs + in];
        const double gain = source.gains[out];
        channel.owned.push_back(impulse && gain != 0.0 ? cache.get(impulse, gain, transform_) : nullptr);
        channel.impulses.push_back(channel.owned.back().get());
        if (channel.impulses.back()) partitions = std::max(partitions, channel.impulses.back()->end());
      }
      if (partitions == 0) continue;
      channel.history = std::make_unique<SourceHistory>(transform_, partitions);
      channels_.push_back(std::move(channel));
    }
  }
  for (int slot = 0; slot < slots; ++slot)
    sums_.push_back(std::make_unique<SpectrumSum>(
        transform_, program.outputs, static_cast<int>(tile_frames / program.block_frames)));
}

bool CpuSpectral::accumulate(int slot, Frames tile_frames, std::span<const TileView> sources) {
  const int blocks = static_cast<int>(tile_frames / transform_->block_frames());
  SpectrumSum& sum = *sums_[slot];
  sum.begin(blocks);
  std::vector<SourceTile>& tiles = scratch(transform_, blocks);
  bool sounds = false;
  std::size_t next = 0;
  while (next < channels_.size()) {
    std::vector<SourceTerm> terms;
    std::vector<std::size_t> members;
    for (; next < channels_.size() && members.size() < kBatch; ++next) {
      const Channel& channel = channels_[next];
      const TileView& view = sources[channel.source];
      if (!view.sounds() && channel.history->silent()) continue;
      SourceTile& tile = tiles[members.size()];
      tile.load(*channel.history, view.sounds() ? host_view(view).channel(channel.channel) : nullptr, blocks);
      terms.push_back({&tile, channel.impulses});
      members.push_back(next);
    }
    if (members.empty()) continue;
    sounds = true;
    multiply_accumulate(sum, terms);
    for (std::size_t i = 0; i < members.size(); ++i) tiles[i].release(*channels_[members[i]].history);
  }
  return sounds;
}

void CpuSpectral::invert_all(std::span<SpectralRunner* const> runners, int slot, TileView out) {
  SpectrumSum& total = *static_cast<CpuSpectral*>(runners[0])->sums_[slot];
  const Frames block_frames = transform_->block_frames();
  const std::size_t floats = transform_->spectrum_floats();
  for (int o = 0; o < total.outputs(); ++o)
    for (int k = 0; k < total.blocks(); ++k) {
      std::vector<float*> parts;
      for (SpectralRunner* runner : runners) {
        SpectrumSum& sum = *static_cast<CpuSpectral*>(runner)->sums_[slot];
        if (!sum.silent(o, k)) parts.push_back(sum.data(o, k));
      }
      float* to = host_view(out).channel(o) + k * block_frames;
      if (parts.empty()) {
        std::fill_n(to, block_frames, 0.0f);
        continue;
      }
      for (std::size_t part = 1; part < parts.size(); ++part)
        for (std::size_t i = 0; i < floats; ++i) parts[0][i] += parts[part][i];
      transform_->inverse(parts[0], to);
    }
}

}  // namespace tutti
