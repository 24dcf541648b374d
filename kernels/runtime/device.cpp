// SPDX-License-Identifier: Apache-2.0
#include "kernels/runtime/device.hpp"

#include <algorithm>
#include <cstdint>

namespace tutti::cuda {
namespace {

// Room for the parameters of a tile of a thousand strips.
constexpr std::size_t kSendHalfBytes = std::size_t{4} << 20;
// What is fetched at once: a channel of a long block.
constexpr std::size_t kFetchBytes = std::size_t{8} << 20;
constexpr std::size_t kSendAlignment = 256;

/// Makes the device current before the members that need it are made.
int select(int ordinal) {
  check(cudaSetDevice(ordinal), "cudaSetDevice");
  return ordinal;
}

}  // namespace

Device::Device(int ordinal) : ordinal_(select(ordinal)) {
  cudaDeviceProp properties{};
  check(cudaGetDeviceProperties(&properties, ordinal), "cudaGetDeviceProperties");
  model_ = properties.name;
  memory_bytes_ = properties.totalGlobalMem;
  // The pool keeps what is freed: tiles and tables are allocated again at once.
  std::uint64_t everything = ~std::uint64_t{0};
  check(cudaMemPoolSetAttribute(pool(), cudaMemPoolAttrReleaseThreshold, &everything),
        "cudaMemPoolSetAttribute");
  for (SendHalf& half : halves_) half.memory = PinnedBuffer<std::byte>(kSendHalfBytes);
}

/// The half to write to next. Before a half is used again its copies are waited for, which are long
/// done.
Device::SendHalf& Device::room_for(std::size_t bytes) {
  if (halves_[half_].used + bytes > kSendHalfBytes) {
    halves_[half_].copied.record(compute());
    half_ = 1 - half_;
    halves_[half_].copied.synchronize();
    halves_[half_].used = 0;
  }
  return halves_[half_];
}

void Device::send_bytes(const void* from, std::size_t bytes, void* to) {
  const auto* source = static_cast<const std::byte*>(from);
  auto* target = static_cast<std::byte*>(to);
  for (std::size_t done = 0; done < bytes;) {
    const std::size_t count = std::min(bytes - done, kSendHalfBytes);
    SendHalf& half = room_for(count);
    std::byte* staged = half.memory.data() + half.used;
    std::memcpy(staged, source + done, count);
    check(cudaMemcpyAsync(target + done, staged, count, cudaMemcpyHostToDevice, compute()), "send");
    half.used = std::min(kSendHalfBytes,
                         (half.used + count + kSendAlignment - 1) / kSendAlignment * kSendAlignment);
    done += count;
  }
}

void Device::send(const PinnedPool::Loan& from, std::size_t offset, std::size_t bytes, void* to) {
  check(cudaMemcpyAsync(to, from.data() + offset, bytes, cudaMemcpyHostToDevice, compute()), "send");
  from.used_by(compute());
}

void Device::fetch(const void* from, std::size_t bytes, const PinnedPool::Loan& to,
                   std::size_t offset) {
  const Event ready;
  ready.record(compute());
  download_.wait(ready);
  check(cudaMemcpyAsync(to.data() + offset, from, bytes, cudaMemcpyDeviceToHost, download_), "fetch");
  to.used_by(download_);
}

PinnedPool::Loan Device::pinned(std::size_t bytes) {
  check(cudaSetDevice(ordinal_), "cudaSetDevice");
  return pinned_.take(bytes);
}

void Device::fetch_bytes(const void* from, std::size_t bytes, void* to) {
  const PinnedPool::Loan loan = pinned(std::min(bytes, kFetchBytes));
  for (std::size_t done = 0; done < bytes;) {
    const std::size_t count = std::min(bytes - done, kFetchBytes);
    {
      const Queue queue(*this);
      fetch(static_cast<const std::byte*>(from) + done, count, loan, 0);
    }
    loan.wait();
    std::memcpy(static_cast<std::byte*>(to) + done, loan.data(), count);
    done += count;
  }
}

void Device::fetch(ConstDeviceBlock from, BlockView to) {
  for (int c = 0; c < from.channels; ++c)
    fetch_bytes(from.channel(c), sizeof(float) * static_cast<std::size_t>(from.frames),
                to.channel(c));
}

cudaMemPool_t Device::pool() const {
  cudaMemPool_t pool{};
  check(cudaDeviceGetDefaultMemPool(&pool, ordinal_), "cudaDeviceGetDefaultMemPool");
  return pool;
}

void Device::release_pool() {
  const Queue queue(*this);
  synchronize();
  check(cudaMemPoolTrimTo(pool(), 0), "cudaMemPoolTrimTo");
}

void Device::synchronize() {
  compute_.synchronize();
  upload_.synchronize();
}

}  // namespace tutti::cuda
