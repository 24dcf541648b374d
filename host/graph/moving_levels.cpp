// SPDX-License-Identifier: Apache-2.0
#include "host/graph/moving_levels.hpp"

#include <algorithm>
#include <string_view>

namespace tutti {
namespace {

using Curve = std::shared_ptr<const AutomationCurve>;

Curve take(Node& node, std::string_view field) {
  const auto found = std::find_if(node.motions.begin(), node.motions.end(),
                                  [&](const FieldMotion& motion) { return motion.field == field; });
  if (found == node.motions.end()) return nullptr;
  Curve curve = found->curve;
  node.motions.erase(found);
  return curve;
}

/// Moves wet and dry of a Spec that has them into `levels`.
template <typename Spec>
void neutralise(Spec& spec, InsertLevels& levels) {
  levels.wet.fixed = db_to_linear(spec.wet_db);
  levels.dry.fixed = db_to_linear(spec.dry_db);
  spec.wet_db = 0;
  spec.dry_db = kMinusInfinityDb;
}

/// A diagonal, or one input to all outputs.
EdgeGain spread(int outputs, int inputs, double gain) {
  if (outputs == inputs) return EdgeGain::scalar(outputs, gain);
  EdgeGain result;
  result.outputs = outputs;
  result.inputs = inputs;
  result.matrix.assign(static_cast<std::size_t>(outputs * inputs), inputs == 1 ? gain : 0.0);
  for (int c = 0; inputs != 1 && c < std::min(outputs, inputs); ++c)
    result.matrix[c * inputs + c] = gain;
  return result;
}

}  // namespace

InsertLevels take_moving_levels(Node& node) {
  InsertLevels levels;
  if (auto* limiter = std::get_if<LimiterSpec>(&node.insert.processor)) {
    levels.input = take(node, "input_gain_db");
    if (levels.input) limiter->input_gain_db = 0;
  }
  levels.mix_curve = take(node, "mix");
  if (auto* gain = std::get_if<GainSpec>(&node.insert.processor)) {
    levels.wet.curve = take(node, "gain_db");
    levels.wet.fixed = db_to_linear(gain->gain_db);
    levels.has_unit = !levels.wet.curve && !levels.mix_curve;
  } else {
    levels.wet.curve = take(node, "wet_db");
    levels.dry.curve = take(node, "dry_db");
  }
  if (!levels.surround()) return levels;
  if (auto* delay = std::get_if<DelaySpec>(&node.insert.processor)) neutralise(*delay, levels);
  if (auto* convolver = std::get_if<ConvolverSpec>(&node.insert.processor))
    neutralise(*convolver, levels);
  levels.mix = node.insert.mix;
  node.insert.mix = 1;
  return levels;
}

EdgeGain InsertLevels::wet_gain(int channels) const {
  const double fixed = (wet.curve ? 1.0 : wet.fixed) * (mix_curve ? 1.0 : mix);
  EdgeGain gain = EdgeGain::scalar(channels, fixed);
  if (wet.curve) gain.levels.push_back(wet.curve);
  if (mix_curve) gain.shares.push_back({mix_curve, false});
  return gain;
}

std::vector<EdgeGain> InsertLevels::dry_gains(int outputs, int inputs) const {
  std::vector<EdgeGain> gains;
  if (dry.curve || dry.fixed != 0.0) {
    const double fixed = (dry.curve ? 1.0 : dry.fixed) * (mix_curve ? 1.0 : mix);
    EdgeGain gain = spread(outputs, inputs, fixed);
    if (dry.curve) gain.levels.push_back(dry.curve);
    if (mix_curve) gain.shares.push_back({mix_curve, false});
    gains.push_back(std::move(gain));
  }
  if (mix_curve || mix != 1.0) {
    EdgeGain rest = spread(outputs, inputs, mix_curve ? 1.0 : 1.0 - mix);
    if (mix_curve) rest.shares.push_back({mix_curve, true});
    gains.push_back(std::move(rest));
  }
  return gains;
}

}  // namespace tutti
