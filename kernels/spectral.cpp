// SPDX-License-Identifier: Apache-2.0
// The spectral runner of the device: sources of one target, tile by tile.
#include <algorithm>
#include <array>
#include <limits>
#include <utility>
#include <vector>

#include "kernels/runtime/device_tile.hpp"
#include "kernels/spectra_cache.hpp"

namespace tutti::cuda {
namespace {

// The spectra of a tile's sources, at a time.
constexpr Frames kScratchBytes = Frames{128} << 20;

constexpr Frames kNever = std::numeric_limits<Frames>::min() / 2;

/// One input channel of one source. Blocks are counted from the start of the timeline.
struct Channel {
  std::size_t source = 0;
  int channel = 0;
  int impulses = 0;            ///< index of its impulse for output 0
  int partitions = 0;          ///< of the longest of them
  Frames woken = 0;            ///< blocks before this one are silent, whatever memory holds
  Frames last_sound = kNever;  ///< the last block that may sound

  // While it is awake:
  DeviceBuffer<float2> ring;                    ///< the last spectra, block b at b mod its length
  std::array<DeviceBuffer<float>, 2> previous;  ///< the last block; one is read, one written
  int now = 0;

  int ring_spectra() const { return partitions - 1; }
  /// Whether block `block` on, without further input, nothing is heard.
  bool is_silent(Frames block) const { return block > last_sound + partitions; }
};

class CudaSpectral : public SpectralRunner {
 public:
  CudaSpectral(SharedDevice device, const SpectralProgram& program, int slots)
      : device_(std::move(device)),
        cache_(SpectraCache::of(*device_)),
        transform_(cache_->transform(program.block_frames)),
        outputs_(program.outputs),
        slots_(static_cast<std::size_t>(slots)) {
    std::vector<ImpulseTerm> table;
    for (std::size_t s = 0; s < program.sources.size(); ++s)
      for (int in = 0; in < program.sources[s].inputs; ++in)
        add_channel(program.sources[s], s, in, table);
    const Device::Queue queue(*device_);
    impulses_ = device_->send(std::span<const ImpulseTerm>(table));
  }

  bool accumulate(int slot, Frames tile_frames, std::span<const TileView> sources) override {
    const SpectralTile tile{static_cast<int>(transform_->block_frames()),
                            static_cast<int>(tile_frames / transform_->block_frames())};
    Slot& to = slots_[slot];
    to.tile = tile;
    to.sums = {};
    const Device::Queue queue(*device_);
    const Frames channel_bytes = tile_frames * static_cast<Frames>(sizeof(float2));
    const auto most = static_cast<std::size_t>(std::max<Frames>(1, kScratchBytes / channel_bytes));
    std::vector<Channel*> batch;
    for (Channel& channel : channels_) {
      if (!sources[channel.source].sounds() && channel.is_silent(block_)) {
        sleep(channel);
        continue;
      }
      batch.push_back(&channel);
      if (batch.size() == most) add_batch(to, std::exchange(batch, {}), sources);
    }
    if (!batch.empty()) add_batch(to, batch, sources);
    block_ += tile.blocks;
    return to.sums.size() > 0;
  }

 protected:
  void invert_all(std::span<SpectralRunner* const> runners, int slot, TileView out) override {
    std::vector<Slot*> parts;
    for (SpectralRunner* runner : runners) {
      Slot& part = static_cast<CudaSpectral*>(runner)->slots_[slot];
      if (part.sums.size() > 0) parts.push_back(&part);
    }
    const Device::Queue queue(*device_);
    const DeviceBlock block = device_block(out);
    if (parts.empty()) {
      for (int c = 0; c < block.channels; ++c)
        clear(device_->compute(),
              DeviceSpan<float>(block.channel(c), static_cast<std::size_t>(block.frames)));
      return;
    }
    Slot& total = *parts[0];
    add_parts(parts);
    for (int o = 0; o < outputs_; ++o)
      transform_->run(*device_, total.of_output(o), total.tile.blocks, FftDirection::inverse);
    unpack_blocks(device_->compute(), total.sums.span(), transform_->twist(), total.tile, block);
    for (Slot* part : parts) part->sums = {};
  }

 private:
  /// The sums of a tile in flight, [output][block][bin]; none while it is silent.
  struct Slot {
    SpectralTile tile;
    DeviceBuffer<float2> sums;

    DeviceSpan<float2> of_output(int output) const {
      const auto points =
          static_cast<std::size_t>(tile.blocks) * static_cast<std::size_t>(tile.block_frames);
      return sums.span().subspan(static_cast<std::size_t>(output) * points, points);
    }
  };

  void add_channel(const SpectralProgram::Source& source, std::size_t index, int in,
                   std::vector<ImpulseTerm>& table) {
    Channel channel;
    channel.source = index;
    channel.channel = in;
    channel.impulses = static_cast<int>(table.size());
    for (int out = 0; out < outputs_; ++out) {
      const SharedImpulse& impulse = source.impulses[out * source.inputs + in];
      table.emplace_back();
      if (!impulse || source.gains[out] == 0.0) continue;
      owned_.push_back(cache_->spectra(impulse, source.gains[out], transform_));
      table.back() = owned_.back()->term();
      channel.partitions = std::max(channel.partitions, owned_.back()->end());
    }
    if (channel.partitions > 0)
      channels_.push_back(std::move(channel));
    else
      table.resize(static_cast<std::size_t>(channel.impulses));
  }

  static void sleep(Channel& channel) {
    channel.ring = {};
    channel.previous = {};
  }

  void wake(Channel& channel) {
    const auto block = static_cast<std::size_t>(transform_->block_frames());
    channel.woken = block_;
    channel.ring = DeviceBuffer<float2>(device_->compute(),
                                        static_cast<std::size_t>(channel.ring_spectra()) * block);
    for (auto& previous : channel.previous)
      previous = DeviceBuffer<float>(device_->compute(), block);
  }

  /// One batch of channels through one set of scratch memory.
  void add_batch(Slot& to, const std::vector<Channel*>& batch, std::span<const TileView> sources) {
    const cudaStream_t stream = device_->compute();
    const auto points =
        static_cast<std::size_t>(to.tile.blocks) * static_cast<std::size_t>(to.tile.block_frames);
    const DeviceBuffer<float2> scratch(stream, batch.size() * points);
    std::vector<WindowTerm> windows;
    std::vector<SourceTerm> terms;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      float2* const spectra = scratch.data() + i * points;
      windows.push_back(window_term(*batch[i], sources[batch[i]->source], to.tile, spectra));
      terms.push_back(source_term(*batch[i], to.tile, spectra));
    }
    const auto sent_windows = device_->send(std::span<const WindowTerm>(windows));
    const auto sent_terms = device_->send(std::span<const SourceTerm>(terms));

    pack_windows(stream, sent_windows.span(), transform_->twist(), to.tile);
    for (std::size_t i = 0; i < batch.size(); ++i)
      transform_->run(*device_, scratch.span().subspan(i * points, points), to.tile.blocks,
                      FftDirection::forward);
    const bool fresh = to.sums.size() == 0;
    if (fresh) to.sums = DeviceBuffer<float2>(stream, static_cast<std::size_t>(outputs_) * points);
    multiply_accumulate(stream, sent_terms.span(), impulses_.span(), outputs_, to.tile,
                        to.sums.span(), fresh);
    keep_spectra(stream, sent_terms.span(), to.tile);
  }

  /// Also notes what the channel hears.
  WindowTerm window_term(Channel& channel, TileView source, SpectralTile tile, float2* windows) {
    if (channel.previous[0].size() == 0) wake(channel);
    WindowTerm term;
    if (channel.last_sound == block_ - 1) term.previous = channel.previous[channel.now].data();
    channel.now = 1 - channel.now;
    term.last = channel.previous[channel.now].data();
    term.windows = windows;
    if (source.sounds()) {
      term.samples = device_block(source).channel(channel.channel);
      channel.last_sound = block_ + tile.blocks - 1;
    }
    return term;
  }

  SourceTerm source_term(const Channel& channel, SpectralTile tile, float2* spectra) const {
    SourceTerm term;
    term.tile = spectra;
    term.ring = channel.ring.data();
    term.ring_spectra = channel.ring_spectra();
    if (term.ring_spectra > 0) term.ring_at = static_cast<int>(block_ % term.ring_spectra);
    term.first = static_cast<int>(std::max<Frames>(channel.woken - block_, -term.ring_spectra));
    // A block sounds in its own window and in the next one.
    term.end = static_cast<int>(std::min<Frames>(channel.last_sound + 2 - block_, tile.blocks));
    term.impulses = channel.impulses;
    return term;
  }

  /// Adds the sums of all parts to those of the first.
  void add_parts(const std::vector<Slot*>& parts) {
    if (parts.size() == 1) return;
    std::vector<const float2*> others;
    for (std::size_t i = 1; i < parts.size(); ++i) others.push_back(parts[i]->sums.data());
    const auto table = device_->send(std::span<const float2* const>(others));
    add_spectra(device_->compute(), table.span(), parts[0]->sums.span());
  }

  SharedDevice device_;
  std::shared_ptr<SpectraCache> cache_;
  SharedTransform transform_;
  int outputs_;
  std::vector<std::shared_ptr<const ImpulseSpectra>> owned_;
  DeviceBuffer<ImpulseTerm> impulses_;  ///< [channel][output]
  std::vector<Channel> channels_;
  std::vector<Slot> slots_;
  Frames block_ = 0;  ///< first block of the next tile
};

}  // namespace

std::unique_ptr<SpectralRunner> make_spectral(SharedDevice device, const SpectralProgram& program,
                                              int slots, Frames) {
  return std::make_unique<CudaSpectral>(std::move(device), program, slots);
}

}  // namespace tutti::cuda
