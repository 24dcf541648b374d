// SPDX-License-Identifier: Apache-2.0
#include "kernels/lane_apply.cuh"
#include "kernels/lane_detector.cuh"
#include "kernels/runtime/launch.hpp"

namespace tutti::cuda {
namespace {

constexpr int kNever = -(1 << 30);

// Whether the gate is open, frame by frame, as bits. With L(n) the last frame ≤ n that is not below
// the closing threshold, T(n) the last above the opening one, and E(n) the last m ≤ n with
// m − L(m) > hold, where an open gate closes: it is open exactly when T(n) > E(n). All three are
// maxima of indices, so they scan.
__device__ inline unsigned open_frames(const GateSegment& segment, int hold, const Chunk& chunk,
                                       GateState& kept, ChunkMemory& memory) {
  const float* level = run_of(memory.samples);
  const int start = Chunk::run_start();
  unsigned above = 0, loud = 0;
  int own_above = kNever, own_loud = kNever;
#pragma unroll 4
  for (int j = 0; j < chunk.active; ++j) {
    const float x = fabsf(level[j]);
    if (x > segment.open_above) {
      above |= 1u << j;
      own_above = start + j;
    }
    if (x >= segment.close_below) {
      loud |= 1u << j;
      own_loud = start + j;
    }
  }
  // The frames before the chunk: open means above at −1, and loud when the hold began.
  const bool entered_open = kept.open != 0;
  const int entry_loud = entered_open ? kept.hold_left - hold - 1 : kNever;
  int last_above = latest_before(own_above, entered_open ? -1 : kNever, memory.latest);
  const int loud_before = latest_before(own_loud, entry_loud, memory.latest);
  int own_close = kNever, last_loud = loud_before;
#pragma unroll 4
  for (int j = 0; j < chunk.active; ++j) {
    if (loud >> j & 1) last_loud = start + j;
    if (start + j - last_loud > hold) own_close = start + j;
  }
  int last_close = latest_before(own_close, entered_open ? kNever : -1, memory.latest);
  last_loud = loud_before;
  unsigned open = 0;
#pragma unroll 4
  for (int j = 0; j < chunk.active; ++j) {
    const int n = start + j;
    if (loud >> j & 1) last_loud = n;
    if (above >> j & 1) last_above = n;
    if (n - last_loud > hold) last_close = n;
    if (last_above > last_close) open |= 1u << j;
  }
  if (chunk.last) {
    const bool is_open = open >> (chunk.active - 1) & 1;
    kept.open = is_open ? 1 : 0;
    kept.hold_left = is_open ? hold - (start + chunk.active - 1 - last_loud) : 0;
  }
  return open;
}

/// The gain that follows, mixed: towards 1 with the attack while open, towards the range with the
/// release.
__device__ inline void smooth_gain(const GateSegment& segment, float mix, unsigned open,
                                   const Chunk& chunk, GateState& kept, ChunkMemory& memory) {
  float* gain = run_of(memory.samples);
  const SmootherPoles& poles = segment.poles;
  const AffineMap opens = attack_map(poles, 1.0);
  const AffineMap closes{poles.release, poles.release_rest * segment.range};
  AffineMap map = no_affine();
#pragma unroll 4
  for (int j = 0; j < chunk.active; ++j) map = compose(open >> j & 1 ? opens : closes, map);
  double g = enter_run(map, kept.gain, memory.affine);
#pragma unroll 4
  for (int j = 0; j < chunk.active; ++j) {
    g = apply(open >> j & 1 ? opens : closes, g);
    gain[j] = mixed_gain(mix, static_cast<float>(g));
  }
  if (chunk.last) kept.gain = g;
}

// A block a strip. 8 bytes of traffic a sample (key +4, look-ahead +8, linked channels +8 cached),
// state 40 bytes a lane and the look-ahead; 30 integer, 5 float and 8 double operations a sample.
__global__ void __launch_bounds__(kChunkThreads, kChunkBlocks)
    gate_kernel(DynamicsGeometry geometry, float* signal, const float* heard,
                const StripDetector* __restrict__ detectors, const int* __restrict__ first_segments,
                const GateSegment* __restrict__ segments, DetectorState* detector_states,
                GateState* states, float* levels, float* delay) {
  __shared__ ChunkMemory memory;
  const StripWork work(geometry, detectors, detector_states, signal, heard, levels, delay);
  const int first_segment = first_segments[blockIdx.x];
  const int count = first_segments[blockIdx.x + 1] - first_segment;
  states += static_cast<Frames>(blockIdx.x) * geometry.channels;
  for (Frames first = 0; first < geometry.frames; first += kChunkFrames) {
    const Chunk chunk(first, geometry.frames);
    const GateSegment& segment =
        segment_at(segments + first_segment, count, first + Chunk::run_start());
    hear(work, chunk, memory);
    for (int c = 0; c < geometry.channels; ++c) {
      link(work, c, segment.link, kSilentMagnitude, memory);
      const unsigned open =
          open_frames(segment, work.detector.hold_frames, chunk, states[c], memory);
      smooth_gain(segment, work.detector.mix, open, chunk, states[c], memory);
      apply_gains(work, chunk, c, memory);
    }
  }
}

GateSegment segment_of(const GateDesign& design) {
  GateSegment segment;
  const GateThresholds thresholds = gate_thresholds(design);
  segment.link = static_cast<float>(design.link);
  segment.open_above = thresholds.open_above;
  segment.close_below = thresholds.close_below;
  segment.range = static_cast<float>(design.range_linear);
  segment.poles = smoother_poles(design.attack_pole, design.release_pole);
  return segment;
}

class Gate final : public LaneDynamics<Gate, GateSegment, GateState> {
 public:
  Gate(Device& device, LaneShape shape, const LaneOp& op)
      : LaneDynamics(device, shape, detectors_with_hold(op), segments_of(op.gate, segment_of),
                     op.gate[0].lookahead_frames) {}

  static GateSegment segment(const decltype(LaneChange::design)& design) {
    return segment_of(std::get<GateDesign>(design));
  }
  static GateState at_rest(const GateSegment& segment) { return {segment.range, 0, 0}; }
  static void glide(const GateSegment&, GateSegment&) {}
  static Frames settle_frames(const GateSegment& segment) {
    return gate_settle_frames(segment.poles);
  }

  void start(cudaStream_t stream, const DynamicsGeometry& geometry, float* signal,
             const float* heard, const DynamicsTables<GateSegment, GateState>& tables,
             int strips) const {
    launch(gate_kernel, static_cast<unsigned>(strips), kChunkThreads, 0, stream, geometry, signal,
           heard, tables.detectors, tables.first_segments, tables.segments, tables.detector_states,
           tables.states, tables.levels, tables.delay);
  }

 private:
  static std::vector<StripDetector> detectors_with_hold(const LaneOp& op) {
    std::vector<StripDetector> detectors = detectors_of(op.gate, op);
    for (std::size_t strip = 0; strip < detectors.size(); ++strip)
      detectors[strip].hold_frames = static_cast<int>(op.gate[strip].hold_frames);
    return detectors;
  }
};

}  // namespace

std::unique_ptr<LaneUnit> make_gate(Device& device, LaneShape shape, const LaneOp& op) {
  return std::make_unique<Gate>(device, shape, op);
}

}  // namespace tutti::cuda
