// SPDX-License-Identifier: Apache-2.0
#include "host/cpu/lanes.hpp"

#include <algorithm>
#include <stdexcept>

#include "host/cpu/denormals.hpp"
#include "host/cpu/lane_biquads.hpp"
#include "host/cpu/lane_dynamics.hpp"
#include "host/cpu/lane_gain.hpp"
#include "host/cpu/lane_kernels.hpp"

namespace tutti {
namespace {

// What silent inputs point at.
alignas(64) constexpr float kSilentFrames[kControlFrames] = {};

void require(bool promise, const char* what) {
  if (!promise) throw std::invalid_argument(what);
}

template <class Design, class Same>
Frames require_alike(const LaneShape& shape, const std::vector<Design>& designs, Same same) {
  require(static_cast<int>(designs.size()) == shape.strips, "lanes: one design per strip");
  require(std::all_of(designs.begin(), designs.end(),
                      [&](const Design& d) {
                        return d.lookahead_frames == designs[0].lookahead_frames &&
                               same(d, designs[0]);
                      }),
          "lanes: the strips of a dynamics op share look-ahead, detector and ballistics");
  return designs[0].lookahead_frames;
}

// The look-ahead of an op whose designs keep the promises of LaneOp.
Frames checked_lookahead(const LaneShape& shape, const LaneOp& op) {
  const auto any = [](const auto&, const auto&) { return true; };
  const auto strips = static_cast<std::size_t>(shape.strips);
  require(op.mix.empty() || op.mix.size() == strips, "lanes: one mix per strip");
  switch (op.kind) {
    case LaneOpKind::biquads:
      require(op.biquads.size() == strips, "lanes: one cascade per strip");
      return 0;
    case LaneOpKind::compressor:
      return require_alike(shape, op.compressor, [](const auto& a, const auto& b) {
        return a.ballistics == b.ballistics && (a.rms_pole == 0) == (b.rms_pole == 0);
      });
    case LaneOpKind::gate:
      return require_alike(shape, op.gate, any);
    case LaneOpKind::expander:
      return require_alike(shape, op.expander, any);
    case LaneOpKind::gain:
      require(op.gain.size() == strips, "lanes: one gain per strip");
      return 0;
  }
  throw std::invalid_argument("lanes: unknown op");
}

std::unique_ptr<LaneUnit> make_unit(const LaneShape& shape, const LaneOp& op) {
  switch (op.kind) {
    case LaneOpKind::biquads:
      return std::make_unique<LaneBiquads>(shape, op);
    case LaneOpKind::compressor:
      return std::make_unique<LaneCompressor>(shape, op);
    case LaneOpKind::gate:
      return std::make_unique<LaneGate>(shape, op);
    case LaneOpKind::expander:
      return std::make_unique<LaneExpander>(shape, op);
    case LaneOpKind::gain:
      return std::make_unique<LaneGain>(shape, op);
  }
  throw std::invalid_argument("lanes: unknown op");
}

// The pointers of one chunk, one for each lane of the geometry; missing and null ones are silence.
std::array<const float*, kLanes> chunk_inputs(std::span<const float* const> planar, Frames first) {
  std::array<const float*, kLanes> chunk;
  chunk.fill(kSilentFrames);
  for (std::size_t lane = 0; lane < planar.size(); ++lane) {
    if (planar[lane]) chunk[lane] = planar[lane] + first;
  }
  return chunk;
}

}  // namespace

LaneProcessor::LaneProcessor(const LaneProgram& program)
    : shape_{program.strips, program.channels}, work_(std::make_unique<LaneWork>()) {
  require(shape_.strips >= 1 && shape_.channels >= 1 && shape_.lanes() <= kLanes,
          "lanes: strips × channels exceeds a group");
  for (const LaneOp& op : program.ops) {
    latency_frames_ += checked_lookahead(shape_, op);
    kinds_.push_back(op.kind);
    external_key_.push_back(op.external_key);
    units_.push_back(make_unit(shape_, op));
  }
}

void LaneProcessor::process(Frames count, std::span<const float* const> inputs,
                            std::span<const float* const> keys, std::span<float* const> outputs,
                            std::span<const LaneMix> mixes) {
  const ScopedFlushDenormals flush;
  for (Frames first = 0; first < count; first += kControlFrames) {
    const int frames = static_cast<int>(std::min(kControlFrames, count - first));
    run_chunk(first, frames, inputs, keys);
    if (!outputs.empty()) {
      std::array<float*, kLanes> chunk{};
      for (std::size_t lane = 0; lane < outputs.size(); ++lane) {
        if (outputs[lane]) chunk[lane] = outputs[lane] + first;
      }
      scatter_rows(work_->signal, frames, chunk.data());
    }
    if (!mixes.empty()) rows_to_planes(work_->signal, shape_.lanes(), frames, work_->planes);
    for (const LaneMix& mix : mixes) mix_chunk(first, frames, mix);
  }
}

void LaneProcessor::run_chunk(Frames first, int frames, std::span<const float* const> inputs,
                              std::span<const float* const> keys) {
  gather_rows(chunk_inputs(inputs, first).data(), shape_.lanes(), frames, work_->signal);
  const auto lanes = static_cast<std::size_t>(shape_.lanes());
  for (std::size_t op = 0; op < units_.size(); ++op) {
    if (external_key_[op]) {
      gather_rows(chunk_inputs(keys.first(lanes), first).data(), shape_.lanes(), frames, work_->key);
      keys = keys.subspan(lanes);
    }
    units_[op]->run(*work_, frames);
  }
}

void LaneProcessor::mix_chunk(Frames first, int frames, const LaneMix& mix) {
  const auto moves = [](const float* curve) { return curve != nullptr; };
  const auto is_zero = [](float gain) { return gain == 0.0f; };
  for (int o = 0; o < mix.out_channels; ++o) {
    if (!mix.out[o]) continue;
    const std::array<float, kLanes>& gains = mix.gains[o];
    float* out = mix.out[o] + first;
    if (mix.automated && std::any_of(mix.automated[o].begin(), mix.automated[o].end(), moves)) {
      for (int lane = 0; lane < kLanes; ++lane) {
        float* values = work_->gains.lane(lane);
        if (const float* curve = mix.automated[o][lane]) {
          std::copy_n(curve + first, frames, values);
        } else {
          std::fill_n(values, frames, gains[lane]);
        }
      }
      mix_planes(work_->planes, work_->gains, frames, out);
    } else if (std::all_of(gains.begin(), gains.end(), is_zero)) {
      std::fill_n(out, frames, 0.0f);
    } else {
      mix_planes(work_->planes, shape_.lanes(), gains.data(), frames, out);
    }
  }
}

LaneUnit& LaneProcessor::unit(int op, LaneOpKind kind) {
  require(op >= 0 && op < static_cast<int>(kinds_.size()) && kinds_[op] == kind,
          "lanes: no op of that kind at that position");
  return *units_[op];
}

void LaneProcessor::set_biquads(int op, int strip, std::span<const BiquadDesign> sections) {
  static_cast<LaneBiquads&>(unit(op, LaneOpKind::biquads)).set(strip, sections);
}

void LaneProcessor::set_compressor(int op, int strip, const CompressorDesign& design) {
  static_cast<LaneCompressor&>(unit(op, LaneOpKind::compressor)).set(strip, design);
}

void LaneProcessor::set_expander(int op, int strip, const ExpanderDesign& design) {
  static_cast<LaneExpander&>(unit(op, LaneOpKind::expander)).set(strip, design);
}

void LaneProcessor::set_gate(int op, int strip, const GateDesign& design) {
  static_cast<LaneGate&>(unit(op, LaneOpKind::gate)).set(strip, design);
}

void LaneProcessor::set_gain(int op, int strip, double linear) {
  static_cast<LaneGain&>(unit(op, LaneOpKind::gain)).set(strip, linear);
}

bool LaneProcessor::quiet() const {
  return std::all_of(units_.begin(), units_.end(), [](const auto& unit) { return unit->quiet(); });
}

void LaneProcessor::reset() {
  for (const auto& unit : units_) unit->reset();
}

}  // namespace tutti
