// SPDX-License-Identifier: Apache-2.0
// Convolutions into one target, tile by tile: which blocks may sound, and which spectra meet.
#include <algorithm>
#include <limits>
#include <set>
#include <utility>
#include <vector>

#include "host/roofline/spectra_cache.hpp"

namespace tutti::roofline {
namespace {

// As kernels/spectral.cpp and convolver.cu.
constexpr Frames kScratchBytes = Frames{128} << 20;
constexpr Frames kBins = 128, kEnoughBlocks = 256;
constexpr Frames kComplexBytes = 8, kWindowBytes = 32, kSourceBytes = 40, kImpulseBytes = 16;
constexpr Frames kNever = std::numeric_limits<Frames>::min() / 2;

/// One input channel of one source. Blocks are counted from the start of the timeline.
struct Channel {
  std::size_t source = 0;
  std::vector<std::shared_ptr<const ImpulseSpectra>> impulses;  ///< by output; null: none
  Frames partitions = 0;
  Frames woken = 0, last_sound = kNever;
  bool awake = false;
  Held held;

  Frames ring_spectra() const { return partitions - 1; }
  bool is_silent(Frames block) const { return block > last_sound + partitions; }
};

/// A channel in one tile: blocks [first, end) may sound.
struct Source {
  const Channel* channel = nullptr;
  Frames first = 0, end = 0;
};

/// How a launch of products is cut: what a thread holds in registers.
struct Cut {
  Frames outputs = 1, blocks = 1;
};

Cut cut_of(Frames outputs, Frames block_frames, Frames blocks) {
  const Frames groups = (outputs + 1) / 2 * (block_frames / kBins);
  return {outputs > 1 ? 2 : 1, blocks < 4 ? 1 : groups * whole(blocks, 8) < kEnoughBlocks ? 4 : 8};
}

class CountingSpectral : public SpectralRunner {
 public:
  CountingSpectral(Ledger& ledger, std::shared_ptr<SpectraCache> cache,
                   const SpectralProgram& program, int slots)
      : ledger_(ledger),
        cache_(std::move(cache)),
        block_frames_(program.block_frames),
        outputs_(program.outputs),
        transform_(cache_->transform(program.block_frames)),
        sums_(static_cast<std::size_t>(slots)),
        blocks_(static_cast<std::size_t>(slots), 0) {
    for (std::size_t s = 0; s < program.sources.size(); ++s)
      for (int in = 0; in < program.sources[s].inputs; ++in) add_channel(program.sources[s], s, in);
    const Frames table = kImpulseBytes * static_cast<Frames>(channels_.size()) * outputs_;
    ledger_.send(table);
    table_ = Held(ledger_, table);
  }

  bool accumulate(int slot, Frames tile_frames, std::span<const TileView> sources) override {
    const auto at = static_cast<std::size_t>(slot);
    blocks_[at] = tile_frames / block_frames_;
    sums_[at] = {};
    const auto most = static_cast<std::size_t>(
        std::max<Frames>(1, kScratchBytes / (tile_frames * kComplexBytes)));
    std::vector<Channel*> batch;
    for (Channel& channel : channels_) {
      if (!sources[channel.source].sounds() && channel.is_silent(block_)) {
        channel.held = {};
        channel.awake = false;
        continue;
      }
      batch.push_back(&channel);
      if (batch.size() == most) add_batch(at, std::exchange(batch, {}), sources);
    }
    if (!batch.empty()) add_batch(at, batch, sources);
    block_ += blocks_[at];
    return sums_[at].bytes() > 0;
  }

 protected:
  void invert_all(std::span<SpectralRunner* const> runners, int slot, TileView out) override {
    const auto at = static_cast<std::size_t>(slot);
    std::vector<CountingSpectral*> parts;
    for (SpectralRunner* runner : runners)
      if (auto* part = static_cast<CountingSpectral*>(runner); part->sums_[at].bytes() > 0)
        parts.push_back(part);
    if (parts.empty()) return ledger_.clear(4 * out.channels * out.frames);
    const Frames blocks = parts[0]->blocks_[at], others = static_cast<Frames>(parts.size()) - 1;
    if (others > 0) {
      ledger_.send(static_cast<Frames>(sizeof(void*)) * others);
      ledger_.launch("convolver.add", add_spectra_cost(others, outputs_ * blocks * block_frames_));
    }
    for (Frames o = 0; o < outputs_; ++o) cache_->run(block_frames_, blocks);
    ledger_.launch("convolver.unpack", unpack_blocks_cost(out.channels, block_frames_, blocks));
    for (CountingSpectral* part : parts) part->sums_[at] = {};
  }

 private:
  void add_channel(const SpectralProgram::Source& source, std::size_t index, int in) {
    Channel channel;
    channel.source = index;
    for (int out = 0; out < outputs_; ++out) {
      const SharedImpulse& impulse =
          source.impulses[static_cast<std::size_t>(out * source.inputs + in)];
      channel.impulses.emplace_back();
      if (!impulse || source.gains[static_cast<std::size_t>(out)] == 0.0) continue;
      channel.impulses.back() =
          cache_->spectra(impulse, source.gains[static_cast<std::size_t>(out)], block_frames_);
      channel.partitions = std::max(channel.partitions, channel.impulses.back()->end);
    }
    if (channel.partitions > 0) channels_.push_back(std::move(channel));
  }

  void add_batch(std::size_t slot, const std::vector<Channel*>& batch,
                 std::span<const TileView> sources) {
    const Frames blocks = blocks_[slot], points = blocks * block_frames_;
    const auto channels = static_cast<Frames>(batch.size());
    WindowsShape windows{channels, 0, 0, block_frames_, blocks};
    std::vector<Source> terms;
    for (Channel* channel : batch) terms.push_back(take(*channel, sources, blocks, windows));
    ledger_.scratch(kComplexBytes * channels * points);
    ledger_.send((kWindowBytes + kSourceBytes) * channels);
    ledger_.launch("convolver.pack", pack_windows_cost(windows));
    for (Frames i = 0; i < channels; ++i) cache_->run(block_frames_, blocks);
    const bool fresh = sums_[slot].bytes() == 0;
    if (fresh) sums_[slot] = Held(ledger_, kComplexBytes * outputs_ * points);
    ledger_.launch("convolver.products", multiply_cost(products(terms, blocks, fresh)));
    Frames kept = 0;
    for (const Channel* channel : batch) kept += std::min(blocks, channel->ring_spectra());
    ledger_.launch("convolver.keep", keep_spectra_cost(channels, kept, block_frames_, blocks));
  }

  /// Also notes what the channel hears.
  Source take(Channel& channel, std::span<const TileView> sources, Frames blocks,
              WindowsShape& windows) {
    if (!channel.awake) {
      channel.awake = true;
      channel.woken = block_;
      channel.held = Held(ledger_, convolver_state_bytes(channel.partitions, block_frames_));
    }
    windows.remembered += channel.last_sound == block_ - 1;
    if (sources[channel.source].sounds()) {
      ++windows.sounding;
      channel.last_sound = block_ + blocks - 1;
    }
    return {&channel, std::max(channel.woken - block_, -channel.ring_spectra()),
            std::min(channel.last_sound + 2 - block_, blocks)};
  }

  /// Different spectra that the launch reads, and how many products it adds.
  MultiplyShape products(const std::vector<Source>& terms, Frames blocks, bool fresh) const {
    const Cut cut = cut_of(outputs_, block_frames_, blocks);
    MultiplyShape shape;
    shape.terms = static_cast<Frames>(terms.size());
    shape.outputs = outputs_;
    shape.block_frames = block_frames_;
    shape.grid_blocks =
        whole(blocks, cut.blocks) * (block_frames_ / kBins) * whole(outputs_, cut.outputs);
    shape.sums = outputs_ * blocks;
    shape.fresh = fresh;
    std::set<std::pair<const ImpulseSpectra*, Frames>> impulses;
    for (const Source& term : terms) {
      std::set<Frames> heard;
      for (Frames output = 0; output < outputs_; output += cut.outputs)
        for (Frames block = 0; block < blocks; block += cut.blocks)
          shape.products += meet(term, cut, output, block, heard, impulses);
      shape.spectra += static_cast<Frames>(heard.size());
    }
    shape.spectra += static_cast<Frames>(impulses.size());
    return shape;
  }

  /// The partitions that one group of blocks and outputs meets.
  Frames meet(const Source& term, Cut cut, Frames output, Frames block, std::set<Frames>& heard,
              std::set<std::pair<const ImpulseSpectra*, Frames>>& impulses) const {
    Frames begin = term.channel->ring_spectra() + 1, end = 0;
    const auto impulse_of = [&](Frames o) -> const ImpulseSpectra* {
      return output + o < outputs_
                 ? term.channel->impulses[static_cast<std::size_t>(output + o)].get()
                 : nullptr;
    };
    for (Frames o = 0; o < cut.outputs; ++o)
      if (const ImpulseSpectra* impulse = impulse_of(o); impulse && impulse->first < impulse->end) {
        begin = std::min(begin, impulse->first);
        end = std::max(end, impulse->end);
      }
    begin = std::max(begin, block - term.end + 1);
    end = std::min(end, block + cut.blocks - term.first);
    if (begin >= end) return 0;
    const auto hear = [&](Frames at) {
      if (at >= term.first && at < term.end) heard.insert(at);
    };
    for (Frames k = 1; k < cut.blocks; ++k) hear(block + k - begin);
    for (Frames partition = begin; partition < end; ++partition) {
      hear(block - partition);
      for (Frames o = 0; o < cut.outputs; ++o)
        if (const ImpulseSpectra* impulse = impulse_of(o);
            impulse && partition >= impulse->first && partition < impulse->end)
          impulses.insert({impulse, partition});
    }
    return (end - begin) * cut.outputs * cut.blocks;
  }

  Ledger& ledger_;
  std::shared_ptr<SpectraCache> cache_;
  Frames block_frames_, outputs_;
  std::shared_ptr<const Held> transform_;
  std::vector<Channel> channels_;
  std::vector<Held> sums_;      ///< by slot; empty while it is silent
  std::vector<Frames> blocks_;  ///< by slot
  Held table_;
  Frames block_ = 0;
};

}  // namespace

std::unique_ptr<SpectralRunner> make_spectral(Ledger& ledger, std::shared_ptr<SpectraCache> cache,
                                              const SpectralProgram& program, int slots) {
  return std::make_unique<CountingSpectral>(ledger, std::move(cache), program, slots);
}

}  // namespace tutti::roofline
