// SPDX-License-Identifier: Apache-2.0
// Sums of signals: the very bits of a plain loop in double.
#include "kernels/sum.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "kernels/runtime/device_buffer.hpp"
#include "kernels/runtime/stream.hpp"
#include "tests/kernels/support/schedules.hpp"

namespace tutti::cuda {
namespace {

/// A term as the host sees it.
struct Term {
  int channels = 1;
  std::vector<std::vector<float>> in;      // [channel][frame]
  std::vector<std::vector<double>> gains;  // [out][in]
  std::vector<std::vector<int>> rows;      // [out][in]: row of curves or −1
  std::vector<std::vector<float>> curves;  // [row][frame]
};

struct Geometry {
  Frames frames;
  int outputs;
  Frames padding;  // samples between the channels
};

std::vector<Term> random_terms(int count, int outputs, Frames frames, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> uniform(-1.0F, 1.0F);
  const auto noise = [&] {
    std::vector<float> signal(static_cast<std::size_t>(frames));
    std::ranges::generate(signal, [&] { return uniform(random); });
    return signal;
  };
  std::vector<Term> terms(static_cast<std::size_t>(count));
  for (std::size_t t = 0; t < terms.size(); ++t) {
    Term& term = terms[t];
    term.channels = 1 + static_cast<int>(t * 5 % 16);
    for (int i = 0; i < term.channels; ++i) term.in.push_back(noise());
    for (int c = 0; c < outputs; ++c) {
      term.gains.emplace_back();
      term.rows.emplace_back();
      for (int i = 0; i < term.channels; ++i) {
        term.gains.back().push_back(uniform(random));
        const bool automated = (t + static_cast<std::size_t>(c + i)) % 3 == 0;
        term.rows.back().push_back(automated ? static_cast<int>(term.curves.size()) : -1);
        if (automated) term.curves.push_back(noise());
      }
    }
  }
  return terms;
}

std::vector<std::vector<float>> plain_sum(const std::vector<Term>& terms, Geometry geometry) {
  std::vector<std::vector<float>> out(static_cast<std::size_t>(geometry.outputs));
  for (std::size_t c = 0; c < out.size(); ++c) {
    for (std::size_t n = 0; n < static_cast<std::size_t>(geometry.frames); ++n) {
      double sum = 0.0;
      for (const Term& term : terms) {
        for (std::size_t i = 0; i < term.in.size(); ++i) {
          const int row = term.rows[c][i];
          const double gain =
              row < 0 ? term.gains[c][i]
                      : static_cast<double>(term.curves[static_cast<std::size_t>(row)][n]);
          sum = std::fma(gain, static_cast<double>(term.in[i][n]), sum);
        }
      }
      out[c].push_back(static_cast<float>(sum));
    }
  }
  return out;
}

DeviceBuffer<float> planar(cudaStream_t stream, const std::vector<std::vector<float>>& rows,
                           Frames stride) {
  std::vector<float> samples(rows.size() * static_cast<std::size_t>(stride), 1e30F);
  for (std::size_t r = 0; r < rows.size(); ++r) {
    std::ranges::copy(rows[r], samples.begin() + static_cast<std::ptrdiff_t>(r) * stride);
  }
  return device_copy(stream, samples);
}

std::vector<std::vector<float>> device_sum(const std::vector<Term>& terms, Geometry geometry) {
  const Stream stream;
  const Frames stride = geometry.frames + geometry.padding;
  std::vector<DeviceBuffer<float>> owned;
  std::vector<SumTerm> table;
  for (const Term& term : terms) {
    SumTerm& entry = table.emplace_back();
    owned.push_back(planar(stream, term.in, stride));
    entry.in = {owned.back().data(), term.channels, geometry.frames, stride};
    owned.push_back(planar(stream, term.curves, stride));
    entry.curves = owned.back().data();
    entry.curve_stride = stride;
    for (std::size_t c = 0; c < term.gains.size(); ++c) {
      for (std::size_t i = 0; i < term.in.size(); ++i) {
        entry.gains[c * kMaxSumChannels + i] = term.gains[c][i];
        entry.curve_rows[c * kMaxSumChannels + i] = static_cast<std::int16_t>(term.rows[c][i]);
      }
    }
  }
  const DeviceBuffer<SumTerm> device_table = device_copy(stream, table);
  const DeviceBuffer<float> out(stream, static_cast<std::size_t>(geometry.outputs * stride));
  sum_signals(stream, device_table.span(), {out.data(), geometry.outputs, geometry.frames, stride});
  const std::vector<float> samples = host_copy(stream, out.span());
  std::vector<std::vector<float>> result;
  for (int c = 0; c < geometry.outputs; ++c) {
    const auto first = samples.begin() + c * stride;
    result.emplace_back(first, first + geometry.frames);
  }
  return result;
}

class Sum : public testing::TestWithParam<Geometry> {};

TEST_P(Sum, HasTheBitsOfAPlainLoop) {
  for (const int count : {0, 1, 5}) {
    const auto terms = random_terms(count, GetParam().outputs, GetParam().frames, 7);
    const auto sums = under_every_schedule([&] { return device_sum(terms, GetParam()); });
    EXPECT_EQ(sums, plain_sum(terms, GetParam())) << count << " terms";
  }
}

// 0 and 1; around a warp (32) and a block of the kernel (256); every unrolled number of outputs and
// one beside it; strides that are no multiple of anything.
INSTANTIATE_TEST_SUITE_P(Boundaries, Sum,
                         testing::Values(Geometry{0, 2, 3}, Geometry{1, 1, 0}, Geometry{31, 2, 0},
                                         Geometry{32, 2, 1}, Geometry{33, 3, 0},
                                         Geometry{255, 8, 5}, Geometry{256, 9, 0},
                                         Geometry{257, 16, 7}, Geometry{1000, 6, 24}));

TEST(SumLimits, RefusesMoreOutputsThanItHas) {
  EXPECT_THROW(sum_signals(nullptr, {}, {nullptr, kMaxSumChannels + 1, 1, 1}), std::logic_error);
}

}  // namespace
}  // namespace tutti::cuda
