// SPDX-License-Identifier: Apache-2.0
#include "host/cpu/fft_plan.hpp"

#include <bit>
#include <cmath>
#include <stdexcept>
#include <string>

namespace tutti {
namespace {

// A root is kept as cos·(1 + i·tan): a butterfly is then six fused multiply-adds [LinzerFeig1993].
// Angles are odd multiples of a power of two of a turn below 1/4, so no cosine is 0; a large
// tangent costs no accuracy, because every rounding error is relative to the product cos·tan = sin.
struct Root {
  float cosine, tangent;
};

Root root(double turns) {
  const double angle = 2 * kPi * turns;
  return {static_cast<float>(std::cos(angle)), static_cast<float>(std::tan(angle))};
}

/// Angles in turns of the roots that a node needs, up to factors of i, outermost split first.
std::vector<double> node_roots(std::size_t radix, double turns) {
  if (radix == 4) return {turns / 2, turns / 4};
  return {turns / 2, turns / 4, turns / 8, turns / 8 + 0.125};
}

/// Moduli of a node's children in the order in which the passes leave them.
std::vector<double> children(std::size_t radix, double turns) {
  std::vector<double> nodes{turns};
  for (; radix > 1; radix /= 2) {
    std::vector<double> halves;
    for (double node : nodes) {
      halves.push_back(node / 2);
      halves.push_back(node / 2 + 0.5);
    }
    nodes.swap(halves);
  }
  return nodes;
}

/// As many eights as leave a power of four: large radices first, where the data is far away.
std::vector<std::size_t> radices(int levels) {
  std::vector<std::size_t> result;
  while (levels >= 3 && levels != 4) {
    result.push_back(8);
    levels -= 3;
  }
  for (; levels > 0; levels -= 2) result.push_back(4);
  return result;
}

void write_node(float* out, std::size_t radix, const double* turns_of_column) {
  for (std::size_t column = 0; column < kFftColumns; ++column) {
    float* at = out + column;
    for (double turns : node_roots(radix, turns_of_column[column])) {
      const Root factor = root(turns);
      at[0] = factor.cosine;
      at[kFftColumns] = factor.tangent;
      at += 2 * kFftColumns;
    }
  }
}

void write_first_pass(FftPlan& plan, std::vector<double>& columns) {
  float* out = plan.first_pass.data();
  const auto put = [&out](double turns) {
    for (double angle : node_roots(4, turns)) {
      const Root factor = root(angle);
      *out++ = factor.cosine;
      *out++ = factor.tangent;
    }
  };
  put(0.25);  // z^B = i
  for (double child : children(4, 0.25)) put(child);
  columns = children(16, 0.25);
}

}  // namespace

FftPlan make_fft_plan(Frames block_frames) {
  if (block_frames < kMinBlockFrames || block_frames > kMaxBlockFrames ||
      !std::has_single_bit(static_cast<std::size_t>(block_frames))) {
    throw std::invalid_argument("block of " + std::to_string(block_frames) +
                                " frames: not a power of two in 256 ... 131072");
  }
  FftPlan plan;
  plan.block = static_cast<std::size_t>(block_frames);
  plan.rows = plan.block / kFftColumns;
  std::size_t nodes = 1, floats = 0;
  for (std::size_t radix : radices(std::countr_zero(plan.rows))) {
    const std::size_t node_floats = (radix == 4 ? 2 : 4) * 2 * kFftColumns;
    plan.passes.push_back({radix, floats, node_floats});
    floats += nodes * node_floats;
    nodes *= radix;
  }
  plan.twiddles = make_aligned<float>(floats);

  std::vector<double> turns;  // [node][column]
  write_first_pass(plan, turns);
  for (const FftPass& pass : plan.passes) {
    std::vector<double> next(turns.size() * pass.radix);
    for (std::size_t node = 0; node * kFftColumns < turns.size(); ++node) {
      const double* of_column = turns.data() + node * kFftColumns;
      write_node(plan.twiddles.get() + pass.first_float + node * pass.node_floats, pass.radix,
                 of_column);
      for (std::size_t column = 0; column < kFftColumns; ++column) {
        const std::vector<double> split = children(pass.radix, of_column[column]);
        for (std::size_t q = 0; q < pass.radix; ++q) {
          next[(node * pass.radix + q) * kFftColumns + column] = split[q];
        }
      }
    }
    turns.swap(next);
  }
  return plan;
}

}  // namespace tutti
