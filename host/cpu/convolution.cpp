// SPDX-License-Identifier: Apache-2.0
#include "host/cpu/convolution.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace tutti {
namespace {

// Spectra are a power of two long; consecutive ones lie this much further apart, so that the same
// bin of many spectra does not fall into one cache set: 17 lines of 64 bytes.
constexpr std::size_t kStaggerFloats = 17 * 16;

bool is_silent(const float* samples, std::size_t count) {
  return std::all_of(samples, samples + count, [](float x) { return x == 0.0f; });
}

}  // namespace

ImpulseSpectra::ImpulseSpectra(SharedTransform transform, std::span<const float> impulse,
                               double gain)
    : transform_(std::move(transform)) {
  while (!impulse.empty() && impulse.back() == 0.0f) impulse = impulse.first(impulse.size() - 1);
  const std::size_t block = static_cast<std::size_t>(transform_->block_frames());
  const std::size_t count = (impulse.size() + block - 1) / block;
  std::vector<std::size_t> audible;
  for (std::size_t p = 0; p < count; ++p) {
    const std::size_t frames = std::min(block, impulse.size() - p * block);
    if (!is_silent(impulse.data() + p * block, frames)) audible.push_back(p);
  }
  const std::size_t stride = transform_->spectrum_floats() + kStaggerFloats;
  memory_bytes_ = audible.size() * stride * sizeof(float);
  memory_ = make_aligned_uninitialised<float>(audible.size() * stride);
  partitions_.assign(count, nullptr);

  // 1/B is a power of two: exact.
  const double scale = 1.0 / static_cast<double>(block);
  thread_local std::vector<float> taps, zeros;
  taps.resize(block);
  zeros.resize(block);
  float* spectrum = memory_.get();
  for (std::size_t p : audible) {
    const std::size_t frames = std::min(block, impulse.size() - p * block);
    std::fill(taps.begin(), taps.end(), 0.0f);
    for (std::size_t n = 0; n < frames; ++n) {
      taps[n] = static_cast<float>(static_cast<double>(impulse[p * block + n]) * gain * scale);
    }
    transform_->forward(taps.data(), zeros.data(), spectrum);
    partitions_[p] = spectrum;
    spectrum += stride;
  }
}

void Spectrum::allocate(std::size_t floats) {
  // Allocators align what is large to whole pages: spectra that meet in a sum are told apart here.
  constexpr std::size_t kPlaces = 32;
  thread_local std::size_t next = 0;
  memory = make_aligned<float>(floats + kPlaces * kStaggerFloats);
  data = memory.get() + next++ % kPlaces * kStaggerFloats;
}

SourceHistory::SourceHistory(SharedTransform transform, int partitions)
    : transform_(std::move(transform)),
      spectra_(static_cast<std::size_t>(std::max(partitions - 1, 0))) {}

bool SourceHistory::silent() const {
  return previous_.empty() &&
         std::all_of(spectra_.begin(), spectra_.end(), [](const Spectrum& s) { return s.silent; });
}

void SourceHistory::reset() {
  previous_.clear();
  for (Spectrum& spectrum : spectra_) spectrum.silent = true;
}

SourceTile::SourceTile(SharedTransform transform, int max_blocks)
    : transform_(std::move(transform)),
      spectra_(static_cast<std::size_t>(max_blocks)),
      zeros_(make_aligned<float>(static_cast<std::size_t>(transform_->block_frames()))) {}

void SourceTile::load(const SourceHistory& history, const float* samples, int blocks) {
  assert(blocks > 0 && static_cast<std::size_t>(blocks) <= spectra_.size());
  const std::size_t block = static_cast<std::size_t>(transform_->block_frames());
  blocks_ = blocks;
  history_count_ = static_cast<int>(history.spectra_.size());
  pointers_.clear();
  for (const Spectrum& spectrum : history.spectra_) {
    pointers_.push_back(spectrum.silent ? nullptr : spectrum.data);
  }
  const float* previous = history.previous_.empty() ? nullptr : history.previous_.data();
  for (std::size_t k = 0; k < static_cast<std::size_t>(blocks); ++k) {
    const float* current = samples ? samples + k * block : nullptr;
    if (current && is_silent(current, block)) current = nullptr;
    Spectrum& spectrum = spectra_[k];
    spectrum.silent = !previous && !current;
    if (!spectrum.silent) {
      if (!spectrum.data) spectrum.allocate(transform_->spectrum_floats());
      NextBlock next;
      if (samples && k + 1 < static_cast<std::size_t>(blocks)) {
        next = {samples + (k + 1) * block, spectra_[k + 1].data};
      }
      transform_->forward(previous ? previous : zeros_.get(), current ? current : zeros_.get(),
                          spectrum.data, next);
    }
    pointers_.push_back(spectrum.silent ? nullptr : spectrum.data);
    previous = current;
  }
  last_block_.clear();
  if (previous) last_block_.assign(previous, previous + block);
}

bool SourceTile::silent() const {
  return std::all_of(pointers_.begin(), pointers_.end(), [](const float* p) { return !p; });
}

void SourceTile::release(SourceHistory& history) {
  std::vector<Spectrum>& kept = history.spectra_;
  const std::size_t blocks = static_cast<std::size_t>(blocks_);
  const std::size_t fresh = std::min(blocks, kept.size());
  std::rotate(kept.begin(), kept.begin() + static_cast<std::ptrdiff_t>(fresh), kept.end());
  for (std::size_t i = 0; i < fresh; ++i) {
    std::swap(kept[kept.size() - fresh + i], spectra_[blocks - fresh + i]);
  }
  history.previous_.swap(last_block_);
  pointers_.clear();
  history_count_ = blocks_ = 0;
}

SpectrumSum::SpectrumSum(SharedTransform transform, int outputs, int max_blocks)
    : transform_(std::move(transform)),
      outputs_(outputs),
      max_blocks_(max_blocks),
      stride_(transform_->spectrum_floats() + kStaggerFloats),
      memory_(make_aligned<float>(index(outputs, 0) * stride_)),
      silent_(index(outputs, 0), 1) {}

void SpectrumSum::begin(int blocks) {
  assert(blocks <= max_blocks_);
  blocks_ = blocks;
  std::fill(silent_.begin(), silent_.end(), char(1));
}

void SpectrumSum::inverse(int output, int block, float* out) {
  if (silent(output, block)) {
    std::fill(out, out + transform_->block_frames(), 0.0f);
  } else {
    transform_->inverse(data(output, block), out);
  }
}

}  // namespace tutti
