// SPDX-License-Identifier: Apache-2.0
// CUDA's side of the list of operations.
#include "kernels/backend.hpp"

#include <algorithm>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "kernels/runtime/device_tile.hpp"
#include "kernels/stem_store.hpp"
#include "kernels/sum.hpp"
#include "kernels/units.hpp"

namespace tutti::cuda {
namespace {

// Lanes are rows of blocks in a grid: more strips in one launch keep more of the device busy.
constexpr int kLanesPerGroup = 1024;
// Of one signal the chunks of time are what fills the device: 512 blocks of a scan for two channels.
constexpr Frames kBlockFrames = Frames{1} << 20;
// Streams that kernels of different tracks run on. A second of stereo is 24 blocks of a scan, so six
// such tracks give each of 132 multiprocessors one; and the driver has eight queues to the hardware.
constexpr std::size_t kMostLent = 8;

class CudaBackend : public Backend {
 public:
  explicit CudaBackend(int ordinal)
      : device_(std::make_shared<Device>(ordinal)),
        stems_(make_stem_store(device_)),
        resident_(stems_) {}
  /// Streams of its own on the same device, beside those of `first`; the device's memory pool is one.
  /// Keeps no stems, for finished mixes are heard once.
  explicit CudaBackend(const CudaBackend* first)
      : device_(std::make_shared<Device>(first->device_->ordinal())),
        stems_(make_stem_store(device_, {.resident_bytes = 0})),
        resident_(first->stems_) {}

  std::string name() const override { return "cuda:" + std::to_string(device_->ordinal()); }
  std::string description() const override { return device_->model(); }
  bool has_own_memory() const override { return true; }
  Frames block_frames() const override { return kBlockFrames; }
  int lanes_per_group() const override { return kLanesPerGroup; }

  void release_kept() override {
    resident_->set_resident_budget(0);
    device_->release_pool();
  }

  /// Whichever fewest tracks use; another one where all are in use, and there may be more.
  std::shared_ptr<Backend> lend() override {
    const std::lock_guard<std::mutex> lock(lending_);
    const std::shared_ptr<Backend> least =
        *std::min_element(lent_.begin(), lent_.end(),
                          [](const auto& a, const auto& b) { return a.use_count() < b.use_count(); });
    const bool idle = least.use_count() == 2;  // by the list and by `least`
    if (idle || lent_.size() == kMostLent) return least;
    try {
      return lent_.emplace_back(std::make_shared<CudaBackend>(this));
    } catch (const DeviceMemoryError&) {  // one queue for two of them, then
      return least;
    }
  }

  std::unique_ptr<TileBuffer> allocate(int channels, Frames frames) override {
    const Device::Queue queue(*device_);
    return std::make_unique<DeviceTile>(*device_, channels, frames);
  }

  void fill(TileView to, const std::function<void(BlockView)>& write) override {
    const std::size_t row_bytes = sizeof(float) * static_cast<std::size_t>(to.frames);
    const PinnedPool::Loan loan =
        device_->pinned(row_bytes * static_cast<std::size_t>(to.channels));
    write({reinterpret_cast<float*>(loan.data()), to.channels, to.frames, to.frames});
    const Device::Queue queue(*device_);
    const DeviceBlock block = device_block(to);
    for (int c = 0; c < to.channels; ++c)
      device_->send(loan, row_bytes * static_cast<std::size_t>(c), row_bytes, block.channel(c));
  }

  ConstBlockView fetch(TileView from, Buffer& host) override {
    if (host.channels() < from.channels || host.frames() < from.frames)
      host = Buffer(from.channels, from.frames);
    const BlockView to = host.view().channel_range(0, from.channels).slice(0, from.frames);
    device_->fetch(device_block(from), to);
    return to;
  }

  void sum(Frames first_frame, std::span<const tutti::SumTerm> terms, TileView out) override {
    std::vector<float> rows = curve_rows(first_frame, terms, out.frames);
    const Device::Queue queue(*device_);
    const DeviceBuffer<float> curves = device_->send(std::span<const float>(rows));
    std::vector<SumTerm> sent;
    const float* row = curves.data();
    for (const tutti::SumTerm& term : terms)
      if (term.in.sounds()) sent.push_back(device_term(term, out, row));
    const DeviceBuffer<SumTerm> table = device_->send(std::span<const SumTerm>(sent));
    sum_signals(device_->compute(), table.span(), device_block(out));
  }

  std::unique_ptr<LaneRunner> make_lanes(const LaneProgram& program, Frames tile_frames) override {
    return cuda::make_lanes(device_, stems_, program, tile_frames);
  }
  std::unique_ptr<SpectralRunner> make_spectral(const SpectralProgram& program, int slots,
                                                Frames tile_frames) override {
    return cuda::make_spectral(device_, program, slots, tile_frames);
  }
  std::unique_ptr<ChannelRunner> make_delay(const DelayDesign& design, int channels) override {
    return cuda::make_delay(device_, design, channels);
  }
  std::unique_ptr<StereoRunner> make_stereo(const StereoDesign& design) override {
    return cuda::make_stereo(device_, design);
  }
  std::unique_ptr<ChannelRunner> make_limiter_insert(const LimiterDesign& design,
                                                     int channels) override {
    return cuda::make_limiter_insert(device_, design, channels);
  }
  std::unique_ptr<ChannelRunner> make_alignment(Frames delay_frames, int channels) override {
    return cuda::make_alignment(device_, delay_frames, channels);
  }
  std::unique_ptr<LimiterRunner> make_limiter(const LimiterDesign& design, int channels) override {
    return cuda::make_limiter(device_, design, channels);
  }
  std::unique_ptr<MeterRunner> make_meter(double sample_rate_hz,
                                          std::span<const double> loudness_weights,
                                          MeterParts parts) override {
    return cuda::make_meter(device_, sample_rate_hz, loudness_weights, parts);
  }
  std::unique_ptr<PackRunner> make_packer(const PackDesign& design, int channels) override {
    return cuda::make_packer(device_, design, channels);
  }

 private:
  /// The values of all curves over the sum's frames, row after row.
  static std::vector<float> curve_rows(Frames first_frame, std::span<const tutti::SumTerm> terms,
                                       Frames frames) {
    std::vector<float> rows;
    for (const tutti::SumTerm& term : terms)
      for (const GainCurve* curve : term.curves) {
        if (!curve || !term.in.sounds()) continue;
        rows.resize(rows.size() + static_cast<std::size_t>(frames));
        curve->values(first_frame, std::span<float>(rows).last(static_cast<std::size_t>(frames)));
      }
    return rows;
  }

  /// `row` is the next row of curves that no term has yet.
  static SumTerm device_term(const tutti::SumTerm& term, TileView out, const float*& row) {
    SumTerm result{};
    const DeviceBlock in = device_block(term.in);
    result.in = in;
    result.curves = row;
    result.curve_stride = out.frames;
    std::int16_t next = 0;
    for (int o = 0; o < out.channels; ++o)
      for (int i = 0; i < in.channels; ++i) {
        const int from = o * in.channels + i, to = o * kMaxSumChannels + i;
        const bool moves = !term.curves.empty() && term.curves[static_cast<std::size_t>(from)];
        result.gains[to] = term.gains[static_cast<std::size_t>(from)];
        result.curve_rows[to] = moves ? next++ : SumTerm::kStatic;
      }
    row += next * out.frames;
    return result;
  }

  SharedDevice device_;
  std::shared_ptr<StemStore> stems_;
  std::shared_ptr<StemStore> resident_;  ///< whose stems may stay on the device
  std::mutex lending_;
  std::vector<std::shared_ptr<Backend>> lent_{{this, [](Backend*) {}}};  ///< itself first; counts users
};

}  // namespace

std::unique_ptr<Backend> open_cuda_backend(int ordinal) {
  return std::make_unique<CudaBackend>(ordinal);
}

}  // namespace tutti::cuda
