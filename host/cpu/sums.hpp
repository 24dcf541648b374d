// SPDX-License-Identifier: Apache-2.0
// Sums in double of float signals: the arithmetic of every place where signals meet.
#pragma once

#include <span>

#include "host/backend/backend.hpp"

namespace tutti {

/// Backend::sum on the CPU.
void sum_terms(Frames first_frame, std::span<const SumTerm> terms, TileView out);

struct ScaledInput {
  const float* in = nullptr;
  double gain = 0;
};

/// sum[n] += gain · in[n] for each term in turn; product and sum are rounded together.
void add_to_sum(std::span<const ScaledInput> terms, Frames count, double* sum);
/// sum[n] += gains[n] · in[n].
void add_to_sum(const float* in, const float* gains, Frames count, double* sum);
/// out[n] = sum[n] rounded to float.
void round_sum(const double* sum, Frames count, float* out);

}  // namespace tutti
