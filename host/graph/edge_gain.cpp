// SPDX-License-Identifier: Apache-2.0
#include "host/graph/edge_gain.hpp"

#include <algorithm>
#include <cmath>

namespace tutti {

EdgeGain EdgeGain::unity(int channels) { return scalar(channels, 1.0); }

EdgeGain EdgeGain::scalar(int channels, double gain) {
  EdgeGain result;
  result.outputs = result.inputs = channels;
  result.matrix.assign(static_cast<std::size_t>(channels * channels), 0.0);
  for (int c = 0; c < channels; ++c) result.matrix[c * channels + c] = gain;
  return result;
}

bool EdgeGain::is_zero() const {
  return std::all_of(matrix.begin(), matrix.end(), [](double g) { return g == 0.0; });
}

bool EdgeGain::is_static_diagonal() const {
  if (!is_static() || inputs != outputs) return false;
  for (int out = 0; out < outputs; ++out)
    for (int in = 0; in < inputs; ++in)
      if (out != in && matrix[out * inputs + in] != 0.0) return false;
  return true;
}

std::optional<double> EdgeGain::static_scalar() const {
  if (!is_static_diagonal()) return std::nullopt;
  for (int c = 1; c < inputs; ++c)
    if (matrix[c * inputs + c] != matrix[0]) return std::nullopt;
  return matrix[0];
}

std::vector<double> pan_matrix(int inputs, double position, std::optional<double> width,
                               PanLaw law) {
  if (inputs == 1) {
    const auto gains = pan_gains(law, position);
    return {gains[0], gains[1]};
  }
  if (width) {
    const auto matrix = stereo_pan_matrix(position, *width);
    return {matrix[0][0], matrix[0][1], matrix[1][0], matrix[1][1]};
  }
  const auto gains = balance_gains(position);
  return {gains[0], 0, 0, gains[1]};
}

double EdgeGain::at(int out, int in, Frames frame) const {
  double gain = 0;
  if (pan) {
    const double position =
        pan->position ? automation_value(*pan->position, frame) : pan->fixed_position;
    std::optional<double> width = pan->fixed_width;
    if (pan->width) width = automation_value(*pan->width, frame);
    const std::vector<double> panned = pan_matrix(pan->inputs, position, width, pan->law);
    for (int k = 0; k < 2; ++k) gain += matrix[out * 2 + k] * panned[k * pan->inputs + in];
  } else {
    gain = matrix[out * inputs + in];
  }
  for (const auto& level : levels) gain *= db_to_linear(automation_value(*level, frame));
  for (const ShareMotion& share : shares) {
    const double value = automation_value(*share.curve, frame);
    gain *= share.rest ? 1.0 - value : value;
  }
  for (const auto& mute : mutes)
    if (automation_value(*mute, frame) >= 0.5) gain = 0;
  return gain;
}

void EdgeGain::values(int out, int in, Frames first, std::span<float> values) const {
  if (pan) {
    EdgeGain pan_only;
    pan_only.outputs = outputs;
    pan_only.inputs = inputs;
    pan_only.matrix = matrix;
    pan_only.pan = pan;
    for (std::size_t n = 0; n < values.size(); ++n)
      values[n] = static_cast<float>(pan_only.at(out, in, first + static_cast<Frames>(n)));
  } else {
    std::fill(values.begin(), values.end(), static_cast<float>(matrix[out * inputs + in]));
  }
  std::vector<float> factor(values.size());
  for (const auto& level : levels) {
    automation_gains(*level, first, factor);
    for (std::size_t n = 0; n < values.size(); ++n) values[n] *= factor[n];
  }
  for (const ShareMotion& share : shares) {
    automation_values(*share.curve, first, factor);
    for (std::size_t n = 0; n < values.size(); ++n)
      values[n] *= share.rest ? 1.0f - factor[n] : factor[n];
  }
  for (const auto& mute : mutes) {
    automation_values(*mute, first, factor);
    for (std::size_t n = 0; n < values.size(); ++n)
      if (factor[n] >= 0.5f) values[n] = 0;
  }
}

std::optional<EdgeGain> compose(const EdgeGain& after, const EdgeGain& before) {
  EdgeGain result;
  result.outputs = after.outputs;
  result.inputs = before.inputs;
  if (after.pan) {
    // Only a plain factor commutes with a moving pan.
    if (before.pan) return std::nullopt;
    EdgeGain plain = before;
    plain.levels.clear();
    plain.shares.clear();
    plain.mutes.clear();
    const std::optional<double> factor = plain.static_scalar();
    if (!factor) return std::nullopt;
    result.pan = after.pan;
    result.matrix = after.matrix;
    for (double& gain : result.matrix) gain *= *factor;
  } else {
    const int columns = before.pan ? 2 : before.inputs;
    result.pan = before.pan;
    result.matrix.assign(static_cast<std::size_t>(after.outputs * columns), 0.0);
    for (int out = 0; out < after.outputs; ++out)
      for (int k = 0; k < after.inputs; ++k)
        for (int in = 0; in < columns; ++in)
          result.matrix[out * columns + in] +=
              after.matrix[out * after.inputs + k] * before.matrix[k * columns + in];
  }
  result.levels = before.levels;
  result.levels.insert(result.levels.end(), after.levels.begin(), after.levels.end());
  result.shares = before.shares;
  result.shares.insert(result.shares.end(), after.shares.begin(), after.shares.end());
  result.mutes = before.mutes;
  result.mutes.insert(result.mutes.end(), after.mutes.begin(), after.mutes.end());
  return result;
}

}  // namespace tutti
