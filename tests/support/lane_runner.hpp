// SPDX-License-Identifier: Apache-2.0
// Strips through a lane processor, and the programme that the dynamics are tested with.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>
#include <vector>

#include "host/cpu/lanes.hpp"

namespace tutti::test {

/// [channel][frame].
using Audio = std::vector<std::vector<float>>;

inline std::vector<const float*> pointers(const Audio& audio, Frames first = 0) {
  std::vector<const float*> out;
  for (const auto& channel : audio)
    out.push_back(channel.empty() ? nullptr : channel.data() + first);
  return out;
}

/// Noise bursts at levels from full scale to −90 dBFS with silence between, a tenth of a second
/// each, uncorrelated channels of unlike levels.
inline Audio programme(int channels, Frames frames, unsigned seed = 1,
                       double sample_rate_hz = 48000) {
  constexpr std::array<double, 10> kLevelsDb = {0, -60, -12, -200, -30, -3, -90, -45, -20, -200};
  Audio audio(channels, std::vector<float>(frames));
  for (int c = 0; c < channels; ++c) {
    std::mt19937 random(seed * 100 + c);
    std::uniform_real_distribution<double> noise(-1, 1);
    for (Frames n = 0; n < frames; ++n) {
      const auto burst = static_cast<std::size_t>(static_cast<double>(n) / (0.1 * sample_rate_hz));
      const double level_db = kLevelsDb[(burst + 3 * c) % kLevelsDb.size()];
      const double x = noise(random) * db_to_linear(level_db);
      audio[c][n] = level_db < -150 ? 0.0f : static_cast<float>(x);
    }
  }
  return audio;
}

inline std::vector<std::vector<double>> to_double(const Audio& audio) {
  std::vector<std::vector<double>> out;
  for (const auto& channel : audio) out.emplace_back(channel.begin(), channel.end());
  return out;
}

/// `inputs`: strips · channels of equal length. Every call is one element of `calls` frames long,
/// used in turn; empty: one call for all.
inline Audio run_lanes(LaneProcessor& processor, const Audio& inputs, const Audio& keys = {},
                       const std::vector<Frames>& calls = {}) {
  const auto frames = static_cast<Frames>(inputs[0].size());
  Audio outputs(inputs.size(), std::vector<float>(frames));
  std::size_t call = 0;
  for (Frames first = 0; first < frames;) {
    const Frames count =
        calls.empty() ? frames : std::min(calls[call++ % calls.size()], frames - first);
    std::vector<float*> out;
    for (auto& channel : outputs) out.push_back(channel.data() + first);
    processor.process(count, pointers(inputs, first), pointers(keys, first), out, {});
    first += count;
  }
  return outputs;
}

/// One op as a program of its own.
inline LaneProgram program_of(const LaneOp& op, int strips, int channels) {
  LaneProgram program;
  program.strips = strips;
  program.channels = channels;
  program.ops = {op};
  return program;
}

inline LaneOp compressor_op(const CompressorDesign& design, int strips = 1, double mix = 1) {
  LaneOp op;
  op.kind = LaneOpKind::compressor;
  op.compressor.assign(strips, design);
  op.mix.assign(strips, mix);
  return op;
}

inline LaneOp expander_op(const ExpanderDesign& design, int strips = 1, double mix = 1) {
  LaneOp op;
  op.kind = LaneOpKind::expander;
  op.expander.assign(strips, design);
  op.mix.assign(strips, mix);
  return op;
}

inline LaneOp gate_op(const GateDesign& design, int strips = 1, double mix = 1) {
  LaneOp op;
  op.kind = LaneOpKind::gate;
  op.gate.assign(strips, design);
  op.mix.assign(strips, mix);
  return op;
}

inline LaneOp biquads_op(const std::vector<BiquadDesign>& sections, int strips = 1,
                         double mix = 1) {
  LaneOp op;
  op.kind = LaneOpKind::biquads;
  op.biquads.assign(strips, sections);
  op.mix.assign(strips, mix);
  return op;
}

inline LaneOp gain_op(double linear, int strips = 1, double mix = 1) {
  LaneOp op;
  op.kind = LaneOpKind::gain;
  op.gain.assign(strips, linear);
  op.mix.assign(strips, mix);
  return op;
}

}  // namespace tutti::test
