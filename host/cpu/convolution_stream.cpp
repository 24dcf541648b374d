// SPDX-License-Identifier: Apache-2.0
#include "host/cpu/convolution_stream.hpp"

#include <algorithm>
#include <cassert>
#include <stdexcept>

#include "host/dsp/impulse_blocks.hpp"

namespace tutti {
namespace {

SharedTransform choose_transform(std::span<const std::vector<float>> impulses, Frames tile_frames,
                                 Frames block_frames) {
  std::size_t longest = 1;
  for (const std::vector<float>& impulse : impulses) longest = std::max(longest, impulse.size());
  if (block_frames == 0) {
    block_frames = choose_block_frames(static_cast<Frames>(longest), tile_frames);
  }
  SharedTransform transform = BlockTransform::shared(block_frames);
  if (tile_frames <= 0 || tile_frames % block_frames != 0) {
    throw std::invalid_argument("a tile is a whole number of blocks");
  }
  return transform;
}

std::vector<ImpulseSpectra> transform_all(const SharedTransform& transform,
                                          std::span<const std::vector<float>> impulses) {
  std::vector<ImpulseSpectra> spectra;
  for (const std::vector<float>& impulse : impulses) {
    spectra.emplace_back(transform, std::span<const float>(impulse));
  }
  return spectra;
}

int longest_end(const std::vector<ImpulseSpectra>& impulses) {
  int end = 0;
  for (const ImpulseSpectra& impulse : impulses) end = std::max(end, impulse.end());
  return end;
}

}  // namespace

Convolver::Convolver(std::span<const std::vector<float>> impulses, Frames tile_frames,
                     Frames block_frames)
    : transform_(choose_transform(impulses, tile_frames, block_frames)),
      tile_blocks_(static_cast<int>(tile_frames / transform_->block_frames())),
      impulses_(transform_all(transform_, impulses)),
      history_(transform_, longest_end(impulses_)),
      tile_(transform_, tile_blocks_),
      sum_(transform_, static_cast<int>(impulses.size()), tile_blocks_),
      ready_(impulses.size()) {
  for (const ImpulseSpectra& impulse : impulses_) impulse_pointers_.push_back(&impulse);
}

void Convolver::run_tile(const float* in, float* const* out, int blocks) {
  tile_.load(history_, in, blocks);
  sum_.begin(blocks);
  const SourceTerm term{&tile_, impulse_pointers_};
  multiply_accumulate(sum_, {&term, 1});
  tile_.release(history_);
  for (int o = 0; o < outputs(); ++o) {
    for (int k = 0; k < blocks; ++k) sum_.inverse(o, k, out[o] + k * block_frames());
  }
}

void Convolver::process(const float* in, float* const* out, Frames frames) {
  assert(frames % block_frames() == 0);
  std::vector<float*> at(out, out + outputs());
  while (frames > 0) {
    const int blocks = static_cast<int>(std::min<Frames>(frames / block_frames(), tile_blocks_));
    run_tile(in, at.data(), blocks);
    const Frames done = blocks * block_frames();
    if (in) in += done;
    for (float*& channel : at) channel += done;
    frames -= done;
  }
}

void Convolver::run_pending(std::size_t frames) {
  std::vector<float*> out;
  for (std::vector<float>& channel : ready_) {
    channel.resize(channel.size() + frames);
    out.push_back(channel.data() + channel.size() - frames);
  }
  process(pending_.data(), out.data(), static_cast<Frames>(frames));
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(frames));
}

void Convolver::write(const float* in, Frames frames) {
  if (in) {
    pending_.insert(pending_.end(), in, in + frames);
  } else {
    pending_.resize(pending_.size() + static_cast<std::size_t>(frames));
  }
  written_ += frames;
  const std::size_t tile = static_cast<std::size_t>(tile_blocks_ * block_frames());
  if (const std::size_t whole = pending_.size() / tile * tile) run_pending(whole);
}

void Convolver::finish() {
  const std::size_t block = static_cast<std::size_t>(block_frames());
  pending_.resize((pending_.size() + block - 1) / block * block);
  if (!pending_.empty()) run_pending(pending_.size());
}

Frames Convolver::readable() const {
  const Frames computed = ready_.empty() ? 0 : static_cast<Frames>(ready_.front().size());
  return std::min(computed, written_ - read_);
}

void Convolver::read(float* const* out, Frames frames) {
  assert(frames <= readable());
  for (std::size_t o = 0; o < ready_.size(); ++o) {
    std::copy_n(ready_[o].begin(), frames, out[o]);
    ready_[o].erase(ready_[o].begin(), ready_[o].begin() + frames);
  }
  read_ += frames;
}

}  // namespace tutti
