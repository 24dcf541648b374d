// SPDX-License-Identifier: Apache-2.0
#include "host/graph/convolution.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>

#include "host/dsp/impulse.hpp"

namespace tutti {
namespace {

using Taps = std::shared_ptr<const std::vector<double>>;

Taps share(std::vector<double> taps) {
  return std::make_shared<const std::vector<double>>(std::move(taps));
}

/// Applies `change` once per distinct impulse, so that what was shared stays shared.
template <typename Change>
ConvolutionDesign transform_each(const ConvolutionDesign& unit, Change&& change) {
  ConvolutionDesign result = unit;
  std::map<const void*, Taps> done;
  for (Taps& impulse : result.impulses) {
    if (!impulse) continue;
    Taps& changed = done[impulse.get()];
    if (!changed) changed = share(change(*impulse));
    impulse = changed;
  }
  return result;
}

/// dry·δ + wet·(impulse delayed); the mix of the insert blends the untouched signal in.
template <typename Sample>
std::vector<double> wet_and_dry(const std::vector<Sample>& impulse, const ConvolverDesign& design,
                                double mix, double scale) {
  std::vector<double> taps(static_cast<std::size_t>(design.predelay_frames) + impulse.size(), 0.0);
  for (std::size_t n = 0; n < impulse.size(); ++n)
    taps[static_cast<std::size_t>(design.predelay_frames) + n] = impulse[n] * design.wet * mix * scale;
  if (taps.empty()) taps.push_back(0);
  return taps;
}

}  // namespace

ConvolutionDesign identity_convolution(int channels) {
  ConvolutionDesign unit;
  unit.inputs = unit.outputs = channels;
  unit.impulses.assign(static_cast<std::size_t>(channels * channels), nullptr);
  const Taps one = share({1.0});
  for (int c = 0; c < channels; ++c) unit.impulses[c * channels + c] = one;
  return unit;
}

ConvolutionDesign convolution_of(const ConvolverSpec& spec, double mix, const Impulse& impulse,
                                 int inputs, double sample_rate_hz) {
  const ConvolverDesign numbers = design(spec, sample_rate_hz);
  const double dry = numbers.dry * mix + (1.0 - mix);
  const int files = static_cast<int>(impulse.channels.size());
  if (files != 1 && files != 2 && files != 4)
    throw std::invalid_argument("an impulse response has 1, 2 or 4 channels, this one has " +
                                std::to_string(files));
  if (files > 1 && inputs > 2)
    throw std::invalid_argument("an impulse response of " + std::to_string(files) +
                                " channels serves mono and stereo strips, this one has " +
                                std::to_string(inputs) + " channels");
  ConvolutionDesign unit;
  unit.inputs = inputs;
  unit.outputs = files == 1 ? inputs : 2;
  unit.label = spec.impulse;
  unit.impulses.assign(static_cast<std::size_t>(unit.outputs * inputs), nullptr);
  std::map<std::pair<int, bool>, Taps> made;  // by file channel and whether dry is added
  auto taps = [&](int file_channel, bool with_dry, double scale) {
    Taps& result = made[{file_channel, with_dry}];
    if (!result) {
      std::vector<double> h = wet_and_dry(impulse.channels[file_channel], numbers, mix, scale);
      if (with_dry) h[0] += dry;
      result = share(trim_impulse(std::move(h)));
    }
    return result;
  };
  if (files == 1) {
    for (int c = 0; c < inputs; ++c) unit.impulses[c * inputs + c] = taps(0, true, 1);
  } else if (files == 2) {
    for (int out = 0; out < 2; ++out)
      unit.impulses[inputs == 1 ? out : out * 2 + out] = taps(out, true, 1);
  } else if (inputs == 2) {
    // File order LL, LR, RL, RR: input first, then output.
    for (int in = 0; in < 2; ++in)
      for (int out = 0; out < 2; ++out) unit.impulses[out * 2 + in] = taps(in * 2 + out, in == out, 1);
  } else {
    for (int out = 0; out < 2; ++out) {
      std::vector<double> both(std::max(impulse.channels[out].size(), impulse.channels[2 + out].size()));
      for (std::size_t n = 0; n < impulse.channels[out].size(); ++n) both[n] += impulse.channels[out][n];
      for (std::size_t n = 0; n < impulse.channels[2 + out].size(); ++n)
        both[n] += impulse.channels[2 + out][n];
      std::vector<double> h = wet_and_dry(both, numbers, mix, std::sqrt(0.5));
      h[0] += dry;
      unit.impulses[out] = share(trim_impulse(h));
    }
  }
  return unit;
}

ConvolutionDesign fold_eq(const ConvolutionDesign& unit, const EqDesign& eq) {
  return transform_each(unit, [&](const std::vector<double>& h) {
    return eq.impulse.empty() ? filter_impulse(h, eq.sections) : convolve_impulses(h, eq.impulse);
  });
}

ConvolutionDesign fold_delay(const ConvolutionDesign& unit, const DelayDesign& delay) {
  return transform_each(unit, [&](const std::vector<double>& h) {
    const std::size_t shift = static_cast<std::size_t>(delay.delay_frames);
    std::vector<double> taps(h.size() + shift, 0.0);
    for (std::size_t n = 0; n < h.size(); ++n) {
      taps[n] += delay.dry * h[n];
      taps[n + shift] += delay.wet * h[n];
    }
    return taps;
  });
}

ConvolutionDesign fold_gain(const ConvolutionDesign& unit, const std::vector<double>& gains) {
  ConvolutionDesign result = unit;
  std::map<std::pair<const void*, double>, Taps> done;
  for (int out = 0; out < unit.outputs; ++out)
    for (int in = 0; in < unit.inputs; ++in) {
      Taps& impulse = result.impulses[out * unit.inputs + in];
      const double gain = gains[out];
      if (!impulse || gain == 1.0) continue;
      if (gain == 0.0) {
        impulse = nullptr;
        continue;
      }
      Taps& scaled = done[{impulse.get(), gain}];
      if (!scaled) {
        std::vector<double> taps = *impulse;
        for (double& tap : taps) tap *= gain;
        scaled = share(std::move(taps));
      }
      impulse = scaled;
    }
  return result;
}

ConvolutionDesign fold_series(const ConvolutionDesign& first, const ConvolutionDesign& second) {
  ConvolutionDesign result;
  result.inputs = first.inputs;
  result.outputs = second.outputs;
  result.label = first.label + " → " + second.label;
  result.impulses.assign(static_cast<std::size_t>(result.outputs * result.inputs), nullptr);
  std::map<std::pair<const void*, const void*>, Taps> products;
  for (int out = 0; out < result.outputs; ++out)
    for (int in = 0; in < result.inputs; ++in) {
      std::vector<double> sum;
      Taps single;
      int terms = 0;
      for (int k = 0; k < first.outputs; ++k) {
        const Taps& a = first.impulses[k * first.inputs + in];
        const Taps& b = second.impulses[out * second.inputs + k];
        if (!a || !b) continue;
        Taps& product = products[{a.get(), b.get()}];
        if (!product) product = share(convolve_impulses(*a, *b));
        ++terms;
        single = product;
        sum.resize(std::max(sum.size(), product->size()), 0.0);
        for (std::size_t n = 0; n < product->size(); ++n) sum[n] += (*product)[n];
      }
      if (terms == 1) result.impulses[out * result.inputs + in] = single;
      if (terms > 1) result.impulses[out * result.inputs + in] = share(std::move(sum));
    }
  return result;
}

}  // namespace tutti
