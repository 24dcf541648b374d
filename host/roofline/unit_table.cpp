// SPDX-License-Identifier: Apache-2.0
#include "host/roofline/unit_table.hpp"

#include <fmt/format.h>

#include "host/dsp/true_peak.hpp"
#include "host/roofline/kernels.hpp"

namespace tutti::roofline {
namespace {

constexpr Frames kTile = 65536;
constexpr Frames kLookahead = 240, kDelay = 4800;  // 5 ms and 100 ms at 48 kHz

std::string operations_text(const KernelCost& cost, double samples) {
  std::string text;
  const auto add = [&](double count, const char* kind) {
    if (count < 0.05 * samples) return;
    text += fmt::format("{}{:.3g} {}", text.empty() ? "" : ", ", count / samples, kind);
  };
  add(cost.operations.integers, "integer");
  add(cost.operations.floats, "float");
  add(cost.operations.doubles, "double");
  if (cost.at_most_more.floats > 0)
    text += fmt::format("; {:.4g} more where a bound fails", cost.at_most_more.floats / samples);
  if (cost.serial_cycles > 0)
    text += fmt::format("; {:.3g} cycles, one sample after the other", cost.serial_cycles / kTile);
  return text.empty() ? "–" : text;
}

/// `samples`: of all channels that the cost is for.
UnitCost row(const std::string& unit, const KernelCost& cost, Frames samples,
             Frames state_bytes = 0) {
  const auto all = static_cast<double>(samples);
  return {unit, static_cast<double>(cost.read_bytes) / all,
          static_cast<double>(cost.written_bytes) / all, operations_text(cost, all),
          state_bytes > 0 ? fmt::format("{} B", state_bytes) : "–"};
}

KernelCost sum_of(std::initializer_list<KernelCost> costs) {
  KernelCost sum;
  for (const KernelCost& cost : costs) sum += cost;
  return sum;
}

void add_lanes(std::vector<UnitCost>& rows) {
  constexpr Frames kStrips = 256, kSamples = kStrips * kTile;
  UnpackShape stored{.strips = kStrips,
                     .widest_chunks = kTile / 2048,
                     .chunks = kSamples / 2048,
                     .entries = kSamples / 2048,
                     .parts = kStrips};
  stored.sample_bytes = 3 * kSamples;
  stored.samples = stored.samples_in = kSamples;
  rows.push_back(row("unpack, 24 bit", unpack_cost(stored), kSamples));
  rows.push_back(row("lane copy (signals of the backend only)",
                     lane_copy_cost(kStrips, kStrips, kTile), kSamples));
  rows.push_back(row("biquad, five sections", biquad_filter_cost(kStrips, 1, 5 * kStrips, kTile, 0),
                     kSamples, biquad_state_bytes(5)));
  rows.push_back(row("biquad, five sections that move",
                     biquad_filter_cost(kStrips, 1, 5 * kStrips, kTile, kTile / 64), kSamples,
                     biquad_state_bytes(5)));
  rows.push_back(row("gain", gain_cost(kStrips, 1, kTile, 0), kSamples));
  DynamicsShape dynamics{.strips = kStrips, .channels = 1, .frames = kTile, .segments = kStrips};
  rows.push_back(
      row("compressor, expander", dynamics_cost(dynamics), kSamples, dynamics_state_bytes(0)));
  dynamics.has_key = true;
  dynamics.delay_frames = kLookahead;
  rows.push_back(row("compressor with a key and 5 ms of look-ahead", dynamics_cost(dynamics),
                     kSamples, dynamics_state_bytes(kLookahead)));
  dynamics = {.kind = DynamicsKind::gate,
              .strips = kStrips,
              .channels = 1,
              .frames = kTile,
              .segments = kStrips};
  rows.push_back(row("gate", dynamics_cost(dynamics), kSamples, dynamics_state_bytes(0)));
  rows.push_back(
      row("mix, one of 256 lanes into 2 outputs", mix_cost(kStrips, 2, 0, kTile), kSamples));
  rows.push_back(
      row("mix, the same with moving gains", mix_cost(kStrips, 2, 2 * kStrips, kTile), kSamples));
}

void add_convolver(std::vector<UnitCost>& rows) {
  // One of 16 mono sources with 2 s of stereo impulse each: two partitions, tiles of four blocks.
  constexpr Frames kBlock = 65536, kBlocks = 4, kSources = 16,
                   kSamples = kSources * kBlock * kBlocks;
  rows.push_back(row("convolver: pack",
                     pack_windows_cost({kSources, kSources, kSources, kBlock, kBlocks}), kSamples));
  rows.push_back(row("convolver: transform of 65,536 points (cuFFT)",
                     transform_cost(kBlock, kSources * kBlocks), kSamples));
  MultiplyShape products{.terms = kSources, .outputs = 2, .block_frames = kBlock};
  products.spectra = kSources * (kBlocks + 1 + 2 * 2);
  products.products = kSources * 2 * 2 * kBlocks;
  products.sums = 2 * kBlocks;
  rows.push_back(row("convolver: products of 16 sources, 2 partitions, 2 outputs",
                     multiply_cost(products), kSamples, convolver_state_bytes(2, kBlock)));
  rows.push_back(
      row("convolver: keep", keep_spectra_cost(kSources, kSources, kBlock, kBlocks), kSamples));
  rows.push_back(row("convolver: unpack, an output", unpack_blocks_cost(2, kBlock, kBlocks),
                     2 * kBlock * kBlocks));
}

void add_signals(std::vector<UnitCost>& rows) {
  rows.push_back(row("sum, a stereo term into stereo", sum_cost(1, 2, 2, 0, kTile), 2 * kTile));
  rows.push_back(row("delay of 100 ms", delay_cost(2, kTile, kDelay, 8, true), 2 * kTile,
                     delay_state_bytes(kDelay, 8)));
  rows.push_back(row("alignment by 100 ms", delay_cost(2, kTile, kDelay, 4, true), 2 * kTile,
                     delay_state_bytes(kDelay, 4)));
  rows.push_back(row("stereo", stereo_gains_cost(kTile, 1, true), 2 * kTile));
  rows.push_back(row("stereo with its filter",
                     sum_of({stereo_ends_cost(kTile / 4096, 1, true),
                             stereo_filter_cost(kTile, kTile / 4096, 1, true)}),
                     2 * kTile, stereo_state_bytes()));
}

void add_master(std::vector<UnitCost>& rows) {
  constexpr Frames kSpans = kTile / 4096;
  rows.push_back(row("into a meter's ring", append_cost(2, true, kTile), 2 * kTile));
  rows.push_back(row("K-weighting",
                     sum_of({loudness_scan_cost(2, kSpans), loudness_energy_cost(2, kSpans, 10),
                             loudness_bins_cost(2, kSpans, 10, 137)}),
                     2 * kTile, loudness_state_bytes()));
  rows.push_back(row("true peak",
                     sum_of({true_peak_samples_cost(2, kTile), true_peak_cost(2, kTile)}),
                     2 * kTile, 4 * (kTruePeakTaps - 1)));
  rows.push_back(row("statistics",
                     sum_of({statistics_cost(2, kSpans), statistics_add_cost(2, kSpans)}),
                     2 * kTile));
  KernelCost limiter = append_cost(2, true, kTile);
  for (const int stage : {0, 1, 2}) {
    LimiterShape shape{.frames = kTile, .window_frames = 73, .latency_frames = 104};
    shape.reduced_before = stage > 0;
    shape.last_stage = stage == 2;
    limiter +=
        sum_of({limiter_needed_cost(shape), limiter_hold_cost(shape), limiter_sum_cost(shape),
                limiter_chunks_cost(shape), limiter_apply_cost(shape)});
  }
  rows.push_back(row("limiter, three stages, stereo", limiter, 2 * kTile));
  const StoredFormat bytes3{SampleKind::signed_integer, 3, false};
  const auto quantised = [&](int bits, DitherKind dither) {
    return quantise_cost({bytes3, bits, dither, 0, 48000}, 2, 0, kTile);
  };
  rows.push_back(row("round, with dither", quantised(24, DitherKind::tpdf), 2 * kTile));
  rows.push_back(row("shape", quantised(16, DitherKind::shaped), 2 * kTile, shaping_state_bytes()));
  rows.push_back(row("pack, 24 bit", pack_cost({bytes3, 24, DitherKind::none, 0, 48000}, 2, kTile),
                     2 * kTile));
}

}  // namespace

std::vector<UnitCost> unit_costs() {
  std::vector<UnitCost> rows;
  add_lanes(rows);
  add_convolver(rows);
  add_signals(rows);
  add_master(rows);
  return rows;
}

std::string unit_cost_table() {
  std::string text =
      "| kernel | bytes in | bytes out | operations | state |\n|---|---:|---:|---|---|\n";
  for (const UnitCost& cost : unit_costs())
    text += fmt::format("| {} | {:.3g} | {:.3g} | {} | {} |\n", cost.unit, cost.read_bytes,
                        cost.written_bytes, cost.operations, cost.state);
  return text;
}

}  // namespace tutti::roofline
