// SPDX-License-Identifier: Apache-2.0
// Fast convolution in double, for designs.
#pragma once

#include <span>
#include <vector>

namespace tutti::impulse_transform {

/// a ∗ b, both non-empty: a.size() + b.size() − 1 values.
std::vector<double> convolve(std::span<const double> a, std::span<const double> b);

}  // namespace tutti::impulse_transform
