// SPDX-License-Identifier: Apache-2.0
#include "kernels/lane_reduction.cuh"
#include "kernels/runtime/launch.hpp"

namespace tutti::cuda {
namespace {

// A block a strip, as the compressor: 8 bytes of traffic a sample (key +4, look-ahead +8, linked
// channels +8 cached), state 40 bytes a lane and the look-ahead, 75 float and 30 double operations.
__global__ void __launch_bounds__(kChunkThreads, kChunkBlocks)
    expander_kernel(DynamicsGeometry geometry, float* signal, const float* heard,
                    const StripDetector* __restrict__ detectors,
                    const int* __restrict__ first_segments,
                    const ReductionSegment* __restrict__ segments, DetectorState* detector_states,
                    ReductionState* states, float* levels, float* delay) {
  __shared__ ChunkMemory memory;
  const StripWork work(geometry, detectors, detector_states, signal, heard, levels, delay);
  const int first = first_segments[blockIdx.x];
  reduce_strip<ExpanderRules>(work, segments + first, first_segments[blockIdx.x + 1] - first,
                              states + static_cast<Frames>(blockIdx.x) * geometry.channels, memory);
}

ReductionSegment segment_of(const ExpanderDesign& design) {
  ReductionSegment segment;
  segment.link = static_cast<float>(design.link);
  segment.curve = curve_shape(design);
  segment.poles = smoother_poles(design.attack_pole, design.release_pole);
  segment.rest = -reduction_log2<true, false>(segment.curve, 0.0f);
  return segment;
}

class Expander final : public LaneDynamics<Expander, ReductionSegment, ReductionState> {
 public:
  Expander(Device& device, LaneShape shape, const LaneOp& op)
      : LaneDynamics(device, shape, detectors_of(op.expander, op),
                     segments_of(op.expander, segment_of), op.expander[0].lookahead_frames) {}

  static ReductionSegment segment(const decltype(LaneChange::design)& design) {
    return segment_of(std::get<ExpanderDesign>(design));
  }
  static ReductionState at_rest(const ReductionSegment& segment) {
    return {segment.rest, segment.rest};
  }
  static void glide(const ReductionSegment&, ReductionSegment&) {}
  static Frames settle_frames(const ReductionSegment& segment) {
    return reduction_settle_frames(segment.poles);
  }

  void start(cudaStream_t stream, const DynamicsGeometry& geometry, float* signal,
             const float* heard, const DynamicsTables<ReductionSegment, ReductionState>& tables,
             int strips) const {
    launch(expander_kernel, static_cast<unsigned>(strips), kChunkThreads, 0, stream, geometry,
           signal, heard, tables.detectors, tables.first_segments, tables.segments,
           tables.detector_states, tables.states, tables.levels, tables.delay);
  }
};

}  // namespace

std::unique_ptr<LaneUnit> make_expander(Device& device, LaneShape shape, const LaneOp& op) {
  return std::make_unique<Expander>(device, shape, op);
}

}  // namespace tutti::cuda
