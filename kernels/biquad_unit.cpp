// SPDX-License-Identifier: Apache-2.0
// The biquad op of a lane group: which cascades its strips have, and which of them move in a tile.
#include <algorithm>
#include <numeric>
#include <variant>
#include <vector>

#include "kernels/biquad.hpp"
#include "kernels/lane_unit.hpp"

namespace tutti::cuda {
namespace {

using Cascade = std::vector<BiquadDesign>;

Frames memory_of(const Cascade& cascade) {
  return std::accumulate(
      cascade.begin(), cascade.end(), Frames{0},
      [](Frames sum, const BiquadDesign& d) { return sum + biquad_decay_frames(d); });
}

template <typename T>
std::span<const T> all_of(const std::vector<T>& values) {
  return values;
}

class BiquadUnit : public LaneUnit {
 public:
  BiquadUnit(Device& device, LaneShape shape, const LaneOp& op)
      : device_(device), shape_(shape), cascades_(op.biquads) {
    const auto strips = static_cast<std::size_t>(shape.strips);
    std::vector<float> mixes(strips, 1.0f);
    std::transform(op.mix.begin(), op.mix.end(), mixes.begin(),
                   [](double mix) { return static_cast<float>(mix); });
    mixes_ = device.send(all_of(mixes));
    for (const Cascade& cascade : cascades_) memory_frames_.push_back(memory_of(cascade));
    std::vector<int> every(strips);
    std::iota(every.begin(), every.end(), 0);
    make_room(longest(cascades_));
    send_cascades(every);
  }

  void run(const LaneWork& work) override {
    if (work.changes.empty()) {
      filter_lanes(device_.compute(), still_.span(), bank(), work.signal);
    } else {
      run_moving(work);
    }
  }

  void reset() override {
    clear(device_.compute(), states_.span());
    for (std::size_t s = 0; s < cascades_.size(); ++s) memory_frames_[s] = memory_of(cascades_[s]);
  }

  Frames memory_frames() const override {
    return memory_frames_.empty() ? 0 : *std::ranges::max_element(memory_frames_);
  }

 private:
  static int longest(const std::vector<Cascade>& cascades) {
    std::size_t most = 1;
    for (const Cascade& cascade : cascades) most = std::max(most, cascade.size());
    return static_cast<int>(most);
  }

  BiquadBank bank() const {
    return {shape_.channels, capacity_,    sections_.span(), mixes_.span(),
            designs_.span(), maps_.span(), states_.span()};
  }

  /// Device memory for cascades of `capacity` sections; states kept.
  void make_room(int capacity) {
    const auto strips = cascades_.size(), room = static_cast<std::size_t>(capacity);
    const cudaStream_t stream = device_.compute();
    DeviceBuffer<BiquadState> states(stream, strips * shape_.channels * room);
    clear(stream, states.span());
    if (capacity_ > 0)
      check(cudaMemcpy2DAsync(states.data(), room * sizeof(BiquadState), states_.data(),
                              capacity_ * sizeof(BiquadState), capacity_ * sizeof(BiquadState),
                              strips * shape_.channels, cudaMemcpyDeviceToDevice, stream),
            "cudaMemcpy2DAsync");
    states_ = std::move(states);
    designs_ = DeviceBuffer<BiquadDesign>(stream, strips * room);
    maps_ = DeviceBuffer<BiquadMaps>(stream, strips * room);
    sections_ = DeviceBuffer<int>(stream, strips);
    capacity_ = capacity;
  }

  /// Brings the cascades to the device, and the maps of the strips listed up to date.
  void send_cascades(const std::vector<int>& strips) {
    std::vector<BiquadDesign> designs;
    std::vector<int> sections, filtered;
    for (std::size_t s = 0; s < cascades_.size(); ++s) {
      sections.push_back(static_cast<int>(cascades_[s].size()));
      if (!cascades_[s].empty()) filtered.push_back(static_cast<int>(s));
      designs.insert(designs.end(), cascades_[s].begin(), cascades_[s].end());
      designs.resize((s + 1) * capacity_);
    }
    device_.send(all_of(designs), designs_.span());
    device_.send(all_of(sections), sections_.span());
    still_ = device_.send(all_of(filtered));
    const DeviceBuffer<int> listed = device_.send(all_of(strips));
    map_sections(device_.compute(), listed.span(), capacity_, designs_.span(), maps_.span());
  }

  void run_moving(const LaneWork& work) {
    std::vector<bool> moves(cascades_.size(), false);
    int capacity = capacity_;
    for (const LaneChange& change : work.changes) {
      moves[static_cast<std::size_t>(change.strip)] = true;
      const auto sections = std::get<Cascade>(change.design).size();
      capacity = std::max(capacity, static_cast<int>(sections));
    }
    const bool grows = capacity > capacity_;
    if (grows) make_room(capacity);
    std::vector<int> moving, still;
    for (std::size_t s = 0; s < moves.size(); ++s) {
      if (moves[s] || !cascades_[s].empty())
        (moves[s] ? moving : still).push_back(static_cast<int>(s));
    }
    const std::vector<BiquadDesign> designs = moving_designs(work, moving);

    std::vector<int> every(grows ? cascades_.size() : 0);
    std::iota(every.begin(), every.end(), 0);
    send_cascades(grows ? every : moving);  // as they are after the tile, with all their sections
    const DeviceBuffer<BiquadDesign> sent = device_.send(all_of(designs));
    const DeviceBuffer<int> moving_strips = device_.send(all_of(moving));
    const DeviceBuffer<int> still_strips = device_.send(all_of(still));
    filter_lanes(device_.compute(), still_strips.span(), bank(), work.signal);
    filter_moving_lanes(device_.compute(), moving_strips.span(), bank(), sent.span(), work.signal);
  }

  /// The cascades of the strips listed in every segment of the tile. Afterwards the strips' own are
  /// the last.
  std::vector<BiquadDesign> moving_designs(const LaneWork& work, const std::vector<int>& moving) {
    const auto room = static_cast<std::size_t>(capacity_);
    const auto segments =
        static_cast<std::size_t>((work.signal.frames + kControlFrames - 1) / kControlFrames);
    std::vector<BiquadDesign> designs(moving.size() * segments * room);
    std::vector<std::size_t> place(cascades_.size()), known(cascades_.size(), 0);
    for (std::size_t m = 0; m < moving.size(); ++m) place[static_cast<std::size_t>(moving[m])] = m;
    const auto extend = [&](std::size_t s, std::size_t until) {
      for (std::size_t& k = known[s]; k < until; ++k)
        std::ranges::copy(cascades_[s], designs.begin() + static_cast<std::ptrdiff_t>(
                                                              (place[s] * segments + k) * room));
    };
    for (const LaneChange& change : work.changes) {
      const auto s = static_cast<std::size_t>(change.strip);
      extend(s, static_cast<std::size_t>(change.frame / kControlFrames));
      change_cascade(s, std::get<Cascade>(change.design));
    }
    for (const int strip : moving) extend(static_cast<std::size_t>(strip), segments);
    return designs;
  }

  /// A cascade never gets shorter: what its last sections still hold has to ring out.
  void change_cascade(std::size_t strip, const Cascade& cascade) {
    const std::size_t sections = std::max(cascades_[strip].size(), cascade.size());
    cascades_[strip] = cascade;
    cascades_[strip].resize(sections);
    memory_frames_[strip] = std::max(memory_frames_[strip], memory_of(cascades_[strip]));
  }

  Device& device_;
  LaneShape shape_;
  std::vector<Cascade> cascades_;
  std::vector<Frames> memory_frames_;  // per strip, the longest since the last reset
  int capacity_ = 0;
  DeviceBuffer<float> mixes_;
  DeviceBuffer<int> sections_, still_;  // still_: the strips with sections
  DeviceBuffer<BiquadDesign> designs_;
  DeviceBuffer<BiquadMaps> maps_;
  DeviceBuffer<BiquadState> states_;
};

}  // namespace

std::unique_ptr<LaneUnit> make_biquads(Device& device, LaneShape shape, const LaneOp& op) {
  return std::make_unique<BiquadUnit>(device, shape, op);
}

}  // namespace tutti::cuda
