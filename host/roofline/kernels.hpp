// SPDX-License-Identifier: Apache-2.0
// The cost of one launch of each kernel of kernels/, from the shape of its work. Every function
// stands in the file of its unit, and says there why. State: bytes that a lane or channel carries
// from tile to tile.
#pragma once

#include <span>

#include "host/dsp/pack.hpp"
#include "host/roofline/cost.hpp"

namespace tutti::roofline {

/// `strips` of so many frames in all, of which `sample_bytes` are stored; entries of the tables.
struct UnpackShape {
  Frames strips = 1, widest_chunks = 1, chunks = 1, entries = 1, parts = 1;
  Frames sample_bytes = 0;  ///< different stored bytes, to whole words
  Frames samples = 0;       ///< written
  Frames samples_in = 0;    ///< of all parts, added to those
};
KernelCost unpack_cost(const UnpackShape& shape);

/// Rows of so many frames, of which some are read and the others are silence.
KernelCost lane_copy_cost(Frames rows, Frames rows_read, Frames frames);

/// The maps of cascades of `capacity` sections.
KernelCost biquad_map_cost(Frames strips, Frames capacity);
/// Cascades of `sections` in all over `strips` strips; `segments` > 0: designs that move.
KernelCost biquad_filter_cost(Frames strips, Frames channels, Frames sections, Frames frames,
                              Frames segments);

constexpr Frames biquad_state_bytes(Frames sections) { return 16 * sections; }

KernelCost gain_cost(Frames strips, Frames channels, Frames frames, Frames moving_segments);

enum class DynamicsKind { compressor, expander, gate };
struct DynamicsShape {
  DynamicsKind kind = DynamicsKind::compressor;
  Frames strips = 1, channels = 1, frames = 0;
  Frames delay_frames = 0;  ///< look-ahead
  Frames segments = 1;      ///< parameter sets of all strips
  bool has_key = false;
  Frames filtered_lanes = 0, averaged_lanes = 0;  ///< key filter, mean square
  bool branching = false;
};
KernelCost dynamics_cost(const DynamicsShape& shape);
/// Key filter and mean square, peaks and attack (or a gate's gain and hold), the look-ahead.
constexpr Frames dynamics_state_bytes(Frames delay_frames) { return 24 + 16 + 4 * delay_frames; }

/// `entries` lanes into `outputs` channels, `rows` of their gains moving.
KernelCost mix_cost(Frames entries, Frames outputs, Frames rows, Frames frames);

/// `terms` signals of `inputs` channels in all, `rows` of their gains moving.
KernelCost sum_cost(Frames terms, Frames inputs, Frames outputs, Frames rows, Frames frames);

/// Channels into a ring; `read`: of those that are not silence. Rings of elements to wider ones.
KernelCost append_cost(Frames channels, bool read, Frames frames);
KernelCost move_ring_cost(Frames rows, Frames frames, Frames element_bytes);

struct WindowsShape {
  Frames channels = 1;
  Frames sounding = 1;    ///< channels with samples
  Frames remembered = 1;  ///< channels with a block before the tile
  Frames block_frames = 0, blocks = 0;
};
KernelCost pack_windows_cost(const WindowsShape& shape);
KernelCost pack_taps_cost(Frames block_frames, Frames blocks);
/// One call of cuFFT: complex, in place.
KernelCost transform_cost(Frames points, Frames batch);
/// Passes over memory of a transform, at least.
Frames transform_passes(Frames points);
/// `products` of one bin's block with a partition, over `spectra` different spectra of
/// `block_frames` bins, into `sums` spectra that are added to unless `fresh`.
struct MultiplyShape {
  Frames terms = 1, outputs = 1;
  Frames block_frames = 0;
  Frames grid_blocks = 1;
  Frames spectra = 0, products = 0, sums = 0;
  bool fresh = true;
};
KernelCost multiply_cost(const MultiplyShape& shape);
KernelCost keep_spectra_cost(Frames channels, Frames kept_spectra, Frames block_frames,
                             Frames tile_blocks);
KernelCost add_spectra_cost(Frames others, Frames bins);
KernelCost unpack_blocks_cost(Frames channels, Frames block_frames, Frames blocks);
/// Of a channel's longest impulse of so many partitions: its spectra but the newest, and its last
/// block twice.
constexpr Frames convolver_state_bytes(Frames partitions, Frames block_frames) {
  return block_frames * (8 * (partitions - 1) + 2 * 4);
}

/// `stored_bytes`: 8 of the effect, 4 of an alignment. `read`: the input is not silence.
KernelCost delay_cost(Frames channels, Frames frames, Frames delay_frames, Frames stored_bytes,
                      bool read);

constexpr Frames delay_state_bytes(Frames delay_frames, Frames stored_bytes) {
  return delay_frames * stored_bytes;
}

KernelCost stereo_gains_cost(Frames frames, Frames stretches, bool read);
KernelCost stereo_ends_cost(Frames chunks, Frames stretches, bool read);
KernelCost stereo_filter_cost(Frames frames, Frames whole_chunks, Frames stretches, bool read);
constexpr Frames stereo_state_bytes() { return 2 * 16; }

/// The three kernels of a loudness meter over spans of 4,096 frames.
KernelCost loudness_scan_cost(Frames channels, Frames spans);
KernelCost loudness_energy_cost(Frames channels, Frames spans, Frames slots);
KernelCost loudness_bins_cost(Frames channels, Frames spans, Frames slots, Frames bins);

constexpr Frames loudness_state_bytes() { return 4 * sizeof(double); }

KernelCost true_peak_samples_cost(Frames channels, Frames positions);
KernelCost true_peak_cost(Frames channels, Frames positions);

KernelCost statistics_cost(Frames channels, Frames spans);
KernelCost statistics_add_cost(Frames channels, Frames spans);

/// The kernels of one stage of a limiter. `streams`: gains that move on their own.
struct LimiterShape {
  Frames channels = 2, streams = 1;
  Frames first_frame = 0, frames = 0;  ///< of the stream
  Frames window_frames = 1, hold_frames = 0, latency_frames = 0;
  bool reduced_before = false, last_stage = false;

  Frames end() const { return first_frame + frames; }
  Frames chunks() const { return whole(end(), 256) - first_frame / 256; }
  Frames whole_chunks() const { return end() / 256 - first_frame / 256; }
};
KernelCost limiter_needed_cost(const LimiterShape& shape);
KernelCost limiter_hold_cost(const LimiterShape& shape);
KernelCost limiter_sum_cost(const LimiterShape& shape);
KernelCost limiter_chunks_cost(const LimiterShape& shape);
KernelCost limiter_apply_cost(const LimiterShape& shape);

/// The name of the kernel that quantises, and its cost for `frames` frames from `first_frame` on.
const char* quantise_kernel(const PackDesign& design);
constexpr Frames shaping_state_bytes() { return kShapingOrder * sizeof(double); }
KernelCost quantise_cost(const PackDesign& design, Frames channels, Frames first_frame,
                         Frames frames);
KernelCost pack_cost(const PackDesign& design, Frames channels, Frames frames);

}  // namespace tutti::roofline
