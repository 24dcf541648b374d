// SPDX-License-Identifier: Apache-2.0
#include "host/cpu/lane_runner.hpp"

#include <algorithm>
#include <cstring>

#include "host/cpu/host_tile.hpp"

namespace tutti {
namespace {

// 16 lanes × 8,192 frames × 4 bytes = 512 KiB: half of a usual L2, and few calls to read 24-bit files.
constexpr Frames kPieceFrames = 8192;

void clear(TileView tile, Frames offset, Frames count) {
  if (!tile.sounds()) return;
  const BlockView view = host_view(tile);
  for (int c = 0; c < view.channels; ++c)
    std::memset(view.channel(c) + offset, 0, sizeof(float) * static_cast<std::size_t>(count));
}

void clear_results(const LaneTile& tile, Frames offset, Frames count) {
  for (const LaneTarget& target : tile.targets) clear(target.out, offset, count);
  for (const TileView& output : tile.outputs) clear(output, offset, count);
}

}  // namespace

CpuLaneRunner::CpuLaneRunner(const LaneProgram& program)
    : channels_(program.channels),
      lanes_(program.lanes()),
      processor_(program),
      input_(program.lanes(), kPieceFrames) {}

bool CpuLaneRunner::run(const LaneTile& tile) {
  next_change_ = 0;
  spread_gains(tile);
  bool sounded = false;
  for (Frames done = 0; done < tile.frames; done += kPieceFrames) {
    const Frames count = std::min(kPieceFrames, tile.frames - done);
    const bool sounds = gather_inputs(tile, done, count);
    if (!sounds && idle_) {
      if (sounded) clear_results(tile, done, count);
      continue;
    }
    if (!sounded) clear_results(tile, 0, done);  // what was skipped so far is silence
    sounded = true;
    run_piece(tile, done, count);
    idle_ = !sounds && processor_.quiet();
    if (idle_) processor_.reset();
  }
  return sounded;
}

void CpuLaneRunner::spread_gains(const LaneTile& tile) {
  targets_.resize(tile.targets.size());
  for (std::size_t t = 0; t < targets_.size(); ++t) {
    const LaneTarget& from = tile.targets[t];
    Target& target = targets_[t];
    const auto outs = static_cast<std::size_t>(from.out.channels);
    target.gains.assign(outs, {});
    target.automated.assign(outs, {});
    target.curves.resize(outs * kLanes);
    target.moves = false;
    for (std::size_t out = 0; out < outs; ++out)
      for (std::size_t lane = 0; lane < static_cast<std::size_t>(lanes_); ++lane) {
        const std::size_t at = out * static_cast<std::size_t>(lanes_) + lane;
        target.gains[out][lane] = from.gains[at];
        if (from.curves.empty() || !from.curves[at]) continue;
        target.moves = true;
        target.curves[out * kLanes + lane].resize(kPieceFrames);
        target.automated[out][lane] = target.curves[out * kLanes + lane].data();
      }
  }
}

/// Points every lane at its input; returns whether any of them can sound.
bool CpuLaneRunner::gather_inputs(const LaneTile& tile, Frames offset, Frames count) {
  bool sounds = false;
  for (std::size_t s = 0; s < tile.inputs.size(); ++s) {
    const LaneInput& input = tile.inputs[s];
    const int lane = static_cast<int>(s) * channels_;
    ConstBlockView view;
    if (input.stem) {
      if (input.stem->sounds(tile.first_frame + offset, count)) {
        const BlockView into = input_.view().channel_range(lane, channels_).slice(0, count);
        input.stem->read(tile.first_frame + offset, into);
        view = into;
      }
    } else if (input.signal.sounds()) {
      view = host_view(input.signal.slice(offset, count));
    }
    for (int c = 0; c < channels_; ++c) inputs_[lane + c] = view.data ? view.channel(c) : nullptr;
    sounds |= view.data != nullptr;
  }
  return sounds;
}

void CpuLaneRunner::run_piece(const LaneTile& tile, Frames offset, Frames count) {
  gather_keys(tile, offset);
  move_gains(tile, offset, count);
  const Frames stride = tile.changes.empty() ? count : kControlFrames;
  for (Frames n = 0; n < count; n += stride) {
    apply_changes(tile, offset + n);
    run_span(tile, offset, n, std::min(stride, count - n));
  }
}

void CpuLaneRunner::run_span(const LaneTile& tile, Frames offset, Frames from, Frames count) {
  const auto lanes = static_cast<std::size_t>(lanes_);
  std::array<const float*, kLanes> in{};
  for (std::size_t lane = 0; lane < lanes; ++lane)
    in[lane] = inputs_[lane] ? inputs_[lane] + from : nullptr;
  std::array<float*, kLanes> out{};
  bool any_output = false;
  for (std::size_t lane = 0; lane < lanes && !tile.outputs.empty(); ++lane) {
    const TileView& output = tile.outputs[lane / static_cast<std::size_t>(channels_)];
    if (!output.sounds()) continue;
    out[lane] = host_view(output).channel(static_cast<int>(lane) % channels_) + offset + from;
    any_output = true;
  }
  std::vector<const float*> keys;
  for (const float* key : keys_) keys.push_back(key ? key + from : nullptr);
  std::vector<std::vector<float*>> outs(targets_.size());
  std::vector<std::vector<std::array<const float*, kLanes>>> curves(targets_.size());
  std::vector<LaneMix> mixes;
  for (std::size_t t = 0; t < targets_.size(); ++t) {
    const BlockView to = host_view(tile.targets[t].out);
    for (int o = 0; o < to.channels; ++o) {
      outs[t].push_back(to.channel(o) + offset + from);
      curves[t].push_back(targets_[t].automated[o]);
      for (const float*& curve : curves[t].back())
        if (curve) curve += from;
    }
    mixes.push_back({to.channels, outs[t].data(), targets_[t].gains.data(),
                     targets_[t].moves ? curves[t].data() : nullptr});
  }
  processor_.process(count, {in.data(), lanes}, keys,
                     any_output ? std::span<float* const>(out.data(), lanes)
                                : std::span<float* const>(),
                     mixes);
}

void CpuLaneRunner::gather_keys(const LaneTile& tile, Frames offset) {
  keys_.clear();
  for (const TileView& key : tile.keys)
    for (int c = 0; c < channels_; ++c)
      keys_.push_back(key.sounds() ? host_view(key).channel(c) + offset : nullptr);
}

void CpuLaneRunner::move_gains(const LaneTile& tile, Frames offset, Frames count) {
  for (std::size_t t = 0; t < targets_.size(); ++t) {
    if (!targets_[t].moves) continue;
    for (std::size_t out = 0; out < targets_[t].gains.size(); ++out)
      for (std::size_t lane = 0; lane < static_cast<std::size_t>(lanes_); ++lane)
        if (targets_[t].automated[out][lane])
          tile.targets[t].curves[out * static_cast<std::size_t>(lanes_) + lane]->values(
              tile.first_frame + offset,
              {targets_[t].curves[out * kLanes + lane].data(), static_cast<std::size_t>(count)});
  }
}

/// Sets what changes at this frame; what changed in a span that was skipped is out of date.
void CpuLaneRunner::apply_changes(const LaneTile& tile, Frames frame) {
  for (; next_change_ < tile.changes.size() && tile.changes[next_change_].frame <= frame;
       ++next_change_) {
    const LaneChange& change = tile.changes[next_change_];
    if (change.frame < frame) continue;
    if (const auto* sections = std::get_if<std::vector<BiquadDesign>>(&change.design))
      processor_.set_biquads(change.op, change.strip, *sections);
    else if (const auto* compressor = std::get_if<CompressorDesign>(&change.design))
      processor_.set_compressor(change.op, change.strip, *compressor);
    else if (const auto* gate = std::get_if<GateDesign>(&change.design))
      processor_.set_gate(change.op, change.strip, *gate);
    else if (const auto* expander = std::get_if<ExpanderDesign>(&change.design))
      processor_.set_expander(change.op, change.strip, *expander);
    else
      processor_.set_gain(change.op, change.strip, std::get<double>(change.design));
  }
}

}  // namespace tutti
