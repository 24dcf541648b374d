// SPDX-License-Identifier: Apache-2.0
#include "kernels/stem_residency.hpp"

namespace tutti::cuda {
namespace {

// The rest is for the signals and plans of the render.
constexpr double kShareOfFreeMemory = 0.6;

}  // namespace

std::size_t PieceKeyHash::operator()(const PieceKey& key) const {
  // Identities are hashes already; the multiplier is 2^64 / golden ratio (Knuth's multiplicative
  // hashing). Format and channels hardly ever differ for one identity.
  constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15U;
  std::uint64_t hash = key.identity;
  hash = (hash ^ static_cast<std::uint64_t>(key.file_frame)) * kGolden;
  hash = (hash ^ (hash >> 32) ^ static_cast<std::uint64_t>(key.frames)) * kGolden;
  return static_cast<std::size_t>(hash ^ (hash >> 29));
}

PieceKey key_of(const StemPiece& piece) {
  return {piece.identity,          piece.file_frame,  piece.frames,
          piece.channels,          piece.format.kind, piece.format.bytes,
          piece.format.big_endian, piece.planar};
}

PackedBlock::PackedBlock(Device& device, std::size_t bytes)
    : size_(bytes), free_on_(device.compute()) {
  check(cudaMallocAsync(&data_, bytes, device.upload_stream().get()), "cudaMallocAsync");
}

PackedBlock::~PackedBlock() {
  if (data_) ignore(cudaFreeAsync(data_, free_on_));
}

std::optional<StemResidency::Place> StemResidency::find(const PieceKey& key) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = positions_.find(key);
  if (found == positions_.end()) return std::nullopt;
  const Position& position = found->second;
  entries_.splice(entries_.begin(), entries_, position.entry);
  return Place{position.entry->block, position.offset};
}

std::shared_ptr<PackedBlock> StemResidency::make_block(std::size_t bytes) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (bytes > budget()) return nullptr;
  shrink_to(budget() - bytes);
  try {
    return std::make_shared<PackedBlock>(device_, bytes);
  } catch (const DeviceMemoryError&) {
    return nullptr;
  }
}

void StemResidency::keep(const SharedBlock& block, const std::vector<Kept>& pieces) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (bytes_ + block->size() > budget()) return;  // somebody else was faster
  entries_.push_front({block, {}});
  for (const Kept& piece : pieces)
    if (positions_.try_emplace(piece.key, Position{entries_.begin(), piece.offset}).second)
      entries_.front().keys.push_back(piece.key);
  bytes_ += block->size();
  if (entries_.front().keys.empty()) {
    bytes_ -= block->size();
    entries_.pop_front();
  }
}

void StemResidency::set_budget(std::size_t bytes) {
  const std::lock_guard<std::mutex> lock(mutex_);
  budget_bytes_ = bytes;
  shrink_to(bytes);
}

bool StemResidency::keeps_anything() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return budget() > 0;
}

bool StemResidency::clear() {
  const std::lock_guard<std::mutex> lock(mutex_);
  const bool any = !entries_.empty();
  shrink_to(0);
  return any;
}

std::size_t StemResidency::pieces() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return positions_.size();
}

std::size_t StemResidency::bytes() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return bytes_;
}

std::size_t StemResidency::budget() {
  if (!budget_bytes_) {
    std::size_t free_bytes = 0, all_bytes = 0;
    check(cudaSetDevice(device_.ordinal()), "cudaSetDevice");
    check(cudaMemGetInfo(&free_bytes, &all_bytes), "cudaMemGetInfo");
    budget_bytes_ = static_cast<std::size_t>(kShareOfFreeMemory * static_cast<double>(free_bytes));
  }
  return *budget_bytes_;
}

void StemResidency::shrink_to(std::size_t bytes) {
  while (bytes_ > bytes) {
    for (const PieceKey& key : entries_.back().keys) positions_.erase(key);
    bytes_ -= entries_.back().block->size();
    entries_.pop_back();
  }
}

}  // namespace tutti::cuda
