// SPDX-License-Identifier: Apache-2.0
// Compressor, expander and gate: their tables, how new parameters reach them, how long they
// remember.
#include <algorithm>
#include <variant>
#include <vector>

#include "host/backend/dynamics_memory.hpp"
#include "host/roofline/kernels.hpp"
#include "host/roofline/lane_unit.hpp"

namespace tutti::roofline {
namespace {

// Records of kernels/lane_dynamics.hpp.
constexpr Frames kDetectorBytes = 256, kDetectorStateBytes = 24, kStateBytes = 16;
constexpr Frames kReductionSegmentBytes = 80, kGateSegmentBytes = 56;
// What of the records is read. Of a detector's the pole, hold and mix, and a filter with the powers
// of its matrix where there is one.
constexpr Frames kDetectorReadBytes = 24, kFilterReadBytes = 232;
constexpr Frames kReductionReadBytes = 64, kGateReadBytes = 48;

/// Arithmetic a sample. Compressor and expander: logarithm 11, curve 7, exponential 8, make-up and
/// mix 6 in float; in double the maps of the peaks 5, peaks and maps of the attack 6, both again 5,
/// and joining two scans over runs of 16. Gate: bits and indices of frames, one scan in double.
constexpr Operations kReduction{.floats = 32, .doubles = 18, .integers = 6};
constexpr Operations kGate{.floats = 5, .doubles = 4, .integers = 18};
/// A key filter runs twice and joins states; a mean square is one more scan.
constexpr Operations kFiltered{.doubles = 12}, kAveraged{.floats = 1, .doubles = 6};
/// One thread walks through what branches: a comparison and two dependent steps in double.
constexpr double kBranchingCycles = 60;

Frames segment_bytes(DynamicsKind kind) {
  return kind == DynamicsKind::gate ? kGateSegmentBytes : kReductionSegmentBytes;
}

/// What the memory of a strip follows from.
struct Ballistics {
  bool has_filter = false;
  BiquadDesign filter;
  double rms_pole = 0;
  Frames hold_frames = 0;
  double attack = 0, release = 0;
};

Ballistics ballistics(const CompressorDesign& d) {
  return {d.has_key_filter, d.key_filter, d.rms_pole, 0, d.attack_pole, d.release_pole};
}
Ballistics ballistics(const ExpanderDesign& d) {
  return {d.has_key_filter, d.key_filter, 0, 0, d.attack_pole, d.release_pole};
}
Ballistics ballistics(const GateDesign& d) {
  return {d.has_key_filter, d.key_filter, 0, d.hold_frames, d.attack_pole, d.release_pole};
}
Ballistics ballistics_of(const decltype(LaneChange::design)& design) {
  if (const auto* unit = std::get_if<CompressorDesign>(&design)) return ballistics(*unit);
  if (const auto* unit = std::get_if<ExpanderDesign>(&design)) return ballistics(*unit);
  return ballistics(std::get<GateDesign>(design));
}

class DynamicsUnit : public LaneUnit {
 public:
  template <typename Design>
  DynamicsUnit(Ledger& ledger, LaneShape shape, DynamicsKind kind,
               const std::vector<Design>& designs)
      : ledger_(ledger) {
    shape_.kind = kind;
    shape_.strips = shape.strips;
    shape_.channels = shape.channels;
    shape_.delay_frames = designs[0].lookahead_frames;
    for (const Design& design : designs) add_strip(ballistics(design));
    if constexpr (std::is_same_v<Design, CompressorDesign>)
      shape_.branching = designs[0].ballistics == tutti::Ballistics::branching;
    const Frames levels = shape.channels > 1 ? lanes() * kChunkFrames : 0;
    held_ = Held(ledger,
                 strip_bytes() + 4 * levels + lanes() * dynamics_state_bytes(shape_.delay_frames));
    ledger_.send(strip_bytes());
    DynamicsUnit::reset();
  }

  void run(const LaneWork& work) override {
    if (work.frames == 0) return;
    DynamicsShape shape = shape_;
    shape.frames = work.frames;
    shape.has_key = work.has_key;
    shape.segments = shape_.strips;
    if (!work.changes.empty()) {
      shape.segments = collect(work.changes);
      ledger_.send(static_cast<Frames>(sizeof(int)) * (shape_.strips + 1) +
                   segment_bytes(shape.kind) * shape.segments);
      stale_ = true;
    } else if (stale_) {
      ledger_.send(segment_bytes(shape.kind) * shape_.strips);
      stale_ = false;
    }
    constexpr const char* kKernels[] = {"compressor", "expander", "gate"};
    ledger_.launch(kKernels[static_cast<int>(shape.kind)], dynamics_cost(shape));
  }

  void reset() override {
    ledger_.send(lanes() * kStateBytes);
    ledger_.clear(lanes() * (kDetectorStateBytes + 4 * shape_.delay_frames));
  }

  Frames memory_frames() const override {
    return std::max(shape_.delay_frames, memory_frames_) + 1;
  }

 private:
  Frames lanes() const { return shape_.strips * shape_.channels; }
  Frames strip_bytes() const {
    return shape_.strips * (kDetectorBytes + segment_bytes(shape_.kind)) +
           static_cast<Frames>(sizeof(int)) * (shape_.strips + 1);
  }

  void add_strip(const Ballistics& strip) {
    shape_.filtered_lanes += strip.has_filter ? shape_.channels : 0;
    shape_.averaged_lanes += strip.rms_pole > 0 ? shape_.channels : 0;
    detector_frames_ = std::max(detector_frames_,
                                detector_memory_frames(strip.has_filter ? &strip.filter : nullptr,
                                                       strip.rms_pole, strip.hold_frames));
    remember(strip);
  }

  /// Of a strip that was seen after another detector, too.
  void remember(const Ballistics& strip) {
    const SmootherPoles poles = smoother_poles(strip.attack, strip.release);
    settle_frames_ = std::max(settle_frames_, shape_.kind == DynamicsKind::gate
                                                  ? gate_settle_frames(poles)
                                                  : reduction_settle_frames(poles));
    memory_frames_ = detector_frames_ + settle_frames_;
  }

  /// How many parameter sets the strips have over a stretch: one each, and one from every change on
  /// but the first frame's.
  Frames collect(std::span<const LaneChange> changes) {
    std::vector<Frames> last(static_cast<std::size_t>(shape_.strips), 0);
    Frames segments = shape_.strips;
    for (const LaneChange& change : changes) {
      Frames& frame = last[static_cast<std::size_t>(change.strip)];
      segments += change.frame != frame;
      frame = change.frame;
      remember(ballistics_of(change.design));
    }
    return segments;
  }

  Ledger& ledger_;
  DynamicsShape shape_;
  Frames detector_frames_ = 0, settle_frames_ = 0, memory_frames_ = 0;
  bool stale_ = false;
  Held held_;
};

}  // namespace

// A block a strip, all stages of a chunk in one pass: the signal in and out, a key in. Channels
// that are linked leave their levels of a chunk in memory, a look-ahead its ring; both are small
// enough to stay in a cache from chunk to chunk, so they pass once a launch.
KernelCost dynamics_cost(const DynamicsShape& shape) {
  const Frames lanes = shape.strips * shape.channels;
  const Frames samples = lanes * shape.frames;
  const Frames ring = 4 * lanes * std::min(shape.delay_frames, shape.frames);
  const Frames levels = shape.channels > 1 ? 4 * lanes * kChunkFrames : 0;
  const Frames states = kStateBytes * lanes + 16 * shape.filtered_lanes + 8 * shape.averaged_lanes;
  const Frames tables =
      shape.strips * kDetectorReadBytes + shape.filtered_lanes / shape.channels * kFilterReadBytes +
      shape.segments * (shape.kind == DynamicsKind::gate ? kGateReadBytes : kReductionReadBytes) +
      static_cast<Frames>(sizeof(int)) * (shape.strips + 1);
  Operations operations =
      (shape.kind == DynamicsKind::gate ? kGate : kReduction) * static_cast<double>(samples);
  operations += kFiltered * static_cast<double>(shape.filtered_lanes * shape.frames);
  operations += kAveraged * static_cast<double>(shape.averaged_lanes * shape.frames);
  KernelCost cost =
      one_launch(shape.strips, (shape.has_key ? 8 : 4) * samples + ring + levels + states + tables,
                 4 * samples + ring + levels + states, operations);
  if (shape.branching)
    cost.serial_cycles = kBranchingCycles * static_cast<double>(shape.channels * shape.frames);
  return cost;
}

std::unique_ptr<LaneUnit> make_dynamics(Ledger& ledger, LaneShape shape, const LaneOp& op) {
  if (op.kind == LaneOpKind::compressor)
    return std::make_unique<DynamicsUnit>(ledger, shape, DynamicsKind::compressor, op.compressor);
  if (op.kind == LaneOpKind::expander)
    return std::make_unique<DynamicsUnit>(ledger, shape, DynamicsKind::expander, op.expander);
  return std::make_unique<DynamicsUnit>(ledger, shape, DynamicsKind::gate, op.gate);
}

}  // namespace tutti::roofline
