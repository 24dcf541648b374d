// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "kernels/lane_reduction.cuh"
#include "kernels/runtime/launch.hpp"

namespace tutti::cuda {
namespace {

// A block a strip; all stages of a chunk in one pass over memory. 8 bytes of traffic a sample, and
// 4 for a key, 8 for the look-ahead, 8 (cached) where channels link; state 40 bytes a lane and the
// look-ahead; 75 float and 30 double operations a sample.
template <bool kMeanSquare, bool kBranching>
__global__ void __launch_bounds__(kChunkThreads, kChunkBlocks)
    compressor_kernel(DynamicsGeometry geometry, float* signal, const float* heard,
                      const StripDetector* __restrict__ detectors,
                      const int* __restrict__ first_segments,
                      const ReductionSegment* __restrict__ segments, DetectorState* detector_states,
                      ReductionState* states, float* levels, float* delay) {
  __shared__ ChunkMemory memory;
  const StripWork work(geometry, detectors, detector_states, signal, heard, levels, delay);
  const int first = first_segments[blockIdx.x];
  reduce_strip<CompressorRules<kMeanSquare, kBranching>>(
      work, segments + first, first_segments[blockIdx.x + 1] - first,
      states + static_cast<Frames>(blockIdx.x) * geometry.channels, memory);
}

ReductionSegment segment_of(const CompressorDesign& design) {
  ReductionSegment segment;
  segment.link = static_cast<float>(design.link);
  segment.curve = curve_shape(design);
  segment.makeup = static_cast<float>(std::exp2(design.makeup_log2));
  segment.poles = smoother_poles(design.attack_pole, design.release_pole);
  segment.rest = design.rms_pole > 0 ? reduction_log2<false, true>(segment.curve, 0.0f)
                                     : reduction_log2<false, false>(segment.curve, 0.0f);
  return segment;
}

class Compressor final : public LaneDynamics<Compressor, ReductionSegment, ReductionState> {
 public:
  Compressor(Device& device, LaneShape shape, const LaneOp& op)
      : LaneDynamics(device, shape, detectors_with_rms(op), segments_of(op.compressor, segment_of),
                     op.compressor[0].lookahead_frames),
        mean_square_(op.compressor[0].rms_pole > 0),
        branching_(op.compressor[0].ballistics == Ballistics::branching) {}

  static ReductionSegment segment(const decltype(LaneChange::design)& design) {
    return segment_of(std::get<CompressorDesign>(design));
  }
  static ReductionState at_rest(const ReductionSegment& segment) {
    return {segment.rest, segment.rest};
  }
  static void glide(const ReductionSegment& from, ReductionSegment& to) {
    to.makeup_step = (to.makeup - from.makeup) / static_cast<float>(kControlFrames);
  }
  static Frames settle_frames(const ReductionSegment& segment) {
    return reduction_settle_frames(segment.poles);
  }

  void start(cudaStream_t stream, const DynamicsGeometry& geometry, float* signal,
             const float* heard, const DynamicsTables<ReductionSegment, ReductionState>& tables,
             int strips) const {
    const auto kernel =
        mean_square_ ? branching_ ? compressor_kernel<true, true> : compressor_kernel<true, false>
        : branching_ ? compressor_kernel<false, true>
                     : compressor_kernel<false, false>;
    launch(kernel, static_cast<unsigned>(strips), kChunkThreads, 0, stream, geometry, signal, heard,
           tables.detectors, tables.first_segments, tables.segments, tables.detector_states,
           tables.states, tables.levels, tables.delay);
  }

 private:
  static std::vector<StripDetector> detectors_with_rms(const LaneOp& op) {
    std::vector<StripDetector> detectors = detectors_of(op.compressor, op);
    for (std::size_t strip = 0; strip < detectors.size(); ++strip)
      detectors[strip].rms_pole = op.compressor[strip].rms_pole;
    return detectors;
  }

  bool mean_square_, branching_;
};

}  // namespace

std::unique_ptr<LaneUnit> make_compressor(Device& device, LaneShape shape, const LaneOp& op) {
  return std::make_unique<Compressor>(device, shape, op);
}

}  // namespace tutti::cuda
