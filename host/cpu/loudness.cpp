// SPDX-License-Identifier: Apache-2.0
#include "host/cpu/loudness.hpp"

#include <algorithm>
#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "host/cpu/loudness.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tutti::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using Lanes8 = hn::CappedTag<double, kMeterChunks / 2>;
using Floats8 = hn::Rebind<float, Lanes8>;
using Vec = hn::Vec<Lanes8>;

// Two vectors at a time hide the latency of the recursion.
inline constexpr int lane_step() { return 2 * static_cast<int>(hn::MaxLanes(Lanes8())); }

Vec load(const float* in) { return hn::PromoteTo(Lanes8(), hn::Load(Floats8(), in)); }

void chunk_sums(const KWeightingLanes& lanes, const float* HWY_RESTRICT rows, ChunkSums& out) {
  const Lanes8 d;
  for (int lane = 0; lane < kMeterChunks; lane += static_cast<int>(hn::Lanes(d))) {
    Vec end0 = hn::Zero(d), end1 = end0, end2 = end0, end3 = end0, sum = end0, squares = end0;
    for (int n = 0; n < kMeterChunkFrames; ++n) {
      const Vec x = load(rows + n * kMeterChunks + lane);
      const double* drive = lanes.drive[n].data();
      end0 = hn::MulAdd(hn::Set(d, drive[0]), x, end0);
      end1 = hn::MulAdd(hn::Set(d, drive[1]), x, end1);
      end2 = hn::MulAdd(hn::Set(d, drive[2]), x, end2);
      end3 = hn::MulAdd(hn::Set(d, drive[3]), x, end3);
      sum = hn::Add(sum, x);
      squares = hn::MulAdd(x, x, squares);
    }
    hn::Store(end0, d, out.ends[0] + lane);
    hn::Store(end1, d, out.ends[1] + lane);
    hn::Store(end2, d, out.ends[2] + lane);
    hn::Store(end3, d, out.ends[3] + lane);
    hn::Store(sum, d, out.sum + lane);
    hn::Store(squares, d, out.squares + lane);
  }
}

struct Section {
  Vec b0, b1, b2, a1, a2;
};

struct Lane {
  Vec s1, s2, t1, t2, energy;
};

// y = b0·x + s1; s1 = (b1·x + s2) − a1·y; s2 = b2·x − a2·y, then the high pass, whose numerator is
// (1, −2, 1): its gain stands in the shelf.
HWY_INLINE void step(const Section& shelf, Vec a1, Vec a2, Vec x, Lane& lane) {
  const Vec y = hn::MulAdd(shelf.b0, x, lane.s1);
  lane.s1 = hn::NegMulAdd(shelf.a1, y, hn::MulAdd(shelf.b1, x, lane.s2));
  lane.s2 = hn::NegMulAdd(shelf.a2, y, hn::Mul(shelf.b2, x));
  const Vec z = hn::Add(y, lane.t1);
  lane.t1 = hn::NegMulAdd(a1, z, hn::Sub(lane.t2, hn::Add(y, y)));
  lane.t2 = hn::NegMulAdd(a2, z, y);
  lane.energy = hn::MulAdd(z, z, lane.energy);
}

// The state before every chunk, from the one before the first. Here for its fused products, which
// outside of these targets are calls.
void carry(const KWeightingLanes& lanes, const ChunkSums& chunks, KWeightingState& state,
           double* HWY_RESTRICT states) {
  KWeightingState s = state;
  for (int chunk = 0; chunk < kMeterChunks; ++chunk) {
    const double start[] = {s.shelf1, s.shelf2, s.high1, s.high2};
    for (int j = 0; j < 4; ++j) states[j * kMeterChunks + chunk] = start[j];
    const auto end = [&](int j) { return chunks.ends[j][chunk]; };
    s = advance(lanes.carry, s, {end(0), end(1), end(2), end(3)});
  }
  state = s;
}

// Filters all chunks from their starting states (states[j·16 + c]).
void filter(const KWeightingLanes& lanes, const float* HWY_RESTRICT rows,
            const double* HWY_RESTRICT states, double* HWY_RESTRICT energies) {
  const Lanes8 d;
  const int half = lane_step() / 2;
  const BiquadDesign& k = lanes.design.shelf;
  const Section shelf = {hn::Set(d, k.b0), hn::Set(d, k.b1), hn::Set(d, k.b2), hn::Set(d, k.a1),
                         hn::Set(d, k.a2)};
  const Vec a1 = hn::Set(d, lanes.design.high_pass.a1);
  const Vec a2 = hn::Set(d, lanes.design.high_pass.a2);
  const auto start = [&](int lane) {
    return Lane{hn::Load(d, states + lane), hn::Load(d, states + kMeterChunks + lane),
                hn::Load(d, states + 2 * kMeterChunks + lane),
                hn::Load(d, states + 3 * kMeterChunks + lane), hn::Zero(d)};
  };
  for (int lane = 0; lane < kMeterChunks; lane += lane_step()) {
    Lane a = start(lane);
    Lane b = start(lane + half);
    for (int n = 0; n < kMeterChunkFrames; ++n) {
      const int at = n * kMeterChunks + lane;
      step(shelf, a1, a2, load(rows + at), a);
      step(shelf, a1, a2, load(rows + at + half), b);
      hn::Store(a.energy, d, energies + at);
      hn::Store(b.energy, d, energies + at + half);
    }
  }
}

void sums(const float* HWY_RESTRICT rows, double* HWY_RESTRICT sum, double* HWY_RESTRICT squares) {
  const Lanes8 d;
  for (int lane = 0; lane < kMeterChunks; lane += static_cast<int>(hn::Lanes(d))) {
    Vec total = hn::Zero(d);
    Vec square = hn::Zero(d);
    for (int n = 0; n < kMeterChunkFrames; ++n) {
      const Vec x = load(rows + n * kMeterChunks + lane);
      total = hn::Add(total, x);
      square = hn::MulAdd(x, x, square);
    }
    hn::Store(total, d, sum + lane);
    hn::Store(square, d, squares + lane);
  }
}

void products(const float* HWY_RESTRICT a, const float* HWY_RESTRICT b, double* HWY_RESTRICT out) {
  const Lanes8 d;
  for (int lane = 0; lane < kMeterChunks; lane += static_cast<int>(hn::Lanes(d))) {
    Vec total = hn::Zero(d);
    for (int n = 0; n < kMeterChunkFrames; ++n) {
      const int at = n * kMeterChunks + lane;
      total = hn::MulAdd(load(a + at), load(b + at), total);
    }
    hn::Store(total, d, out + lane);
  }
}

}  // namespace
}  // namespace tutti::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tutti {
namespace {
HWY_EXPORT(chunk_sums);
HWY_EXPORT(carry);
HWY_EXPORT(filter);
HWY_EXPORT(sums);
HWY_EXPORT(products);

double lane_sum(const double* values) {
  double sum = 0;
  for (int lane = 0; lane < kMeterChunks; ++lane) sum += values[lane];
  return sum;
}

}  // namespace

KWeightingLanes::KWeightingLanes(double sample_rate_hz)
    : design(k_weighting_to_step(sample_rate_hz)),
      carry(k_weighting_powers(design, kMeterChunkFrames, 2)[1]) {
  KWeightingState impulse;
  step(design, impulse, 1);
  for (int n = kMeterChunkFrames - 1; n >= 0; --n) {
    drive[n] = {impulse.shelf1, impulse.shelf2, impulse.high1, impulse.high2};
    step(design, impulse, 0);
  }
}

void KWeightingChannel::process(const KWeightingLanes& lanes, const MeterBlock& block,
                                KEnergies& energies, ChannelSums& sums) {
  ChunkSums chunks;
  alignas(64) double starts[4 * kMeterChunks];
  HWY_DYNAMIC_DISPATCH(chunk_sums)(lanes, block.row(0), chunks);
  sums = {lane_sum(chunks.sum), lane_sum(chunks.squares)};
  HWY_DYNAMIC_DISPATCH(carry)(lanes, chunks, state_, starts);
  state_ = without_traces(state_);
  HWY_DYNAMIC_DISPATCH(filter)(lanes, block.row(0), starts, energies.rows);
}

double KEnergies::between(int first, int last) const {
  double energy = 0;
  for (int at = first; at < last;) {
    const int chunk = at / kMeterChunkFrames;
    const int from = at % kMeterChunkFrames;
    const int to = std::min(last - chunk * kMeterChunkFrames, kMeterChunkFrames);
    const double before = from == 0 ? 0 : rows[(from - 1) * kMeterChunks + chunk];
    energy += rows[(to - 1) * kMeterChunks + chunk] - before;
    at = chunk * kMeterChunkFrames + to;
  }
  return energy;
}

ChannelSums block_sums(const MeterBlock& block) {
  alignas(64) double sum[kMeterChunks];
  alignas(64) double squares[kMeterChunks];
  HWY_DYNAMIC_DISPATCH(sums)(block.row(0), sum, squares);
  return {lane_sum(sum), lane_sum(squares)};
}

double block_product(const MeterBlock& a, const MeterBlock& b) {
  alignas(64) double product[kMeterChunks];
  HWY_DYNAMIC_DISPATCH(products)(a.row(0), b.row(0), product);
  return lane_sum(product);
}

}  // namespace tutti
#endif
