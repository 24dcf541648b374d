// SPDX-License-Identifier: Apache-2.0
#include "host/graph/convolution.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <span>
#include <stdexcept>

#include "host/dsp/impulse.hpp"

namespace tutti {
namespace {

SharedTaps share(std::span<const double> taps) {
  return std::make_shared<const std::vector<float>>(taps.begin(), taps.end());
}

std::vector<double> widened(const std::vector<float>& taps) { return {taps.begin(), taps.end()}; }

/// Applies `change` once per distinct impulse, so that what was shared stays shared.
template <typename Change>
ConvolutionDesign transform_each(const ConvolutionDesign& unit, Change&& change) {
  ConvolutionDesign result = unit;
  std::map<const void*, SharedTaps> done;
  for (SharedTaps& impulse : result.impulses) {
    if (!impulse) continue;
    SharedTaps& changed = done[impulse.get()];
    if (!changed) changed = share(change(widened(*impulse)));
    impulse = changed;
  }
  return result;
}

/// What an insert makes of the channels of an impulse: dry·δ + wet·(the channel, delayed).
struct Blend {
  Frames predelay_frames = 0;
  double wet = 1, dry = 0;

  std::vector<double> of(std::span<const double> channel, bool with_dry) const {
    const auto before = static_cast<std::size_t>(predelay_frames);
    std::vector<double> taps(std::max<std::size_t>(before + channel.size(), 1), 0.0);
    for (std::size_t n = 0; n < channel.size(); ++n) taps[before + n] = channel[n] * wet;
    if (with_dry) taps[0] += dry;
    return trim_impulse(std::move(taps));
  }

  SharedTaps of(const std::shared_ptr<const Impulse>& impulse, int channel, bool with_dry) const {
    const std::vector<float>& samples = impulse->channels[static_cast<std::size_t>(channel)];
    // The whole channel and nothing else: no copy, which for hundreds of impulses is what counts.
    const bool unchanged = predelay_frames == 0 && wet == 1 && (dry == 0 || !with_dry);
    if (unchanged && !samples.empty() && audible_taps(samples) == samples.size())
      return {impulse, &samples};
    return share(of(widened(samples), with_dry));
  }
};

}  // namespace

ConvolutionDesign identity_convolution(int channels) {
  ConvolutionDesign unit;
  unit.inputs = unit.outputs = channels;
  unit.impulses.assign(static_cast<std::size_t>(channels * channels), nullptr);
  const auto one = share(std::vector<double>{1.0});
  for (int c = 0; c < channels; ++c) unit.impulses[c * channels + c] = one;
  return unit;
}

ConvolutionDesign convolution_of(const ConvolverSpec& spec, double mix,
                                 std::shared_ptr<const Impulse> impulse, int inputs,
                                 double sample_rate_hz) {
  const ConvolverDesign numbers = design(spec, sample_rate_hz);
  Blend blend{numbers.predelay_frames, numbers.wet * mix, numbers.dry * mix + (1.0 - mix)};
  const int files = static_cast<int>(impulse->channels.size());
  if (!are_impulse_channels(files))
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
  std::map<std::pair<int, bool>, SharedTaps> made;  // by file channel and whether dry is added
  auto taps = [&](int file_channel, bool with_dry) {
    SharedTaps& result = made[{file_channel, with_dry}];
    if (!result) result = blend.of(impulse, file_channel, with_dry);
    return result;
  };
  if (files == 1) {
    for (int c = 0; c < inputs; ++c) unit.impulses[c * inputs + c] = taps(0, true);
  } else if (files == 2) {
    for (int out = 0; out < 2; ++out)
      unit.impulses[inputs == 1 ? out : out * 2 + out] = taps(out, true);
  } else if (inputs == 2) {
    // File order LL, LR, RL, RR: input first, then output.
    for (int in = 0; in < 2; ++in)
      for (int out = 0; out < 2; ++out) unit.impulses[out * 2 + in] = taps(in * 2 + out, in == out);
  } else {
    blend.wet *= std::sqrt(0.5);
    for (int out = 0; out < 2; ++out) {
      std::vector<double> both = widened(impulse->channels[out]);
      const std::vector<float>& other = impulse->channels[2 + out];
      both.resize(std::max(both.size(), other.size()));
      for (std::size_t n = 0; n < other.size(); ++n) both[n] += other[n];
      unit.impulses[out] = share(blend.of(both, true));
    }
  }
  return unit;
}

ConvolutionDesign fold_eq(const ConvolutionDesign& unit, const EqDesign& eq) {
  return transform_each(unit, [&](std::span<const double> h) {
    return eq.impulse.empty() ? filter_impulse(h, eq.sections) : convolve_impulses(h, eq.impulse);
  });
}

ConvolutionDesign fold_delay(const ConvolutionDesign& unit, const DelayDesign& delay) {
  return transform_each(unit, [&](std::span<const double> h) {
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
  std::map<std::pair<const void*, double>, SharedTaps> done;
  for (int out = 0; out < unit.outputs; ++out)
    for (int in = 0; in < unit.inputs; ++in) {
      SharedTaps& impulse = result.impulses[out * unit.inputs + in];
      const double gain = gains[out];
      if (!impulse || gain == 1.0) continue;
      if (gain == 0.0) {
        impulse = nullptr;
        continue;
      }
      SharedTaps& scaled = done[{impulse.get(), gain}];
      if (!scaled) {
        std::vector<double> taps = widened(*impulse);
        for (double& tap : taps) tap *= gain;
        scaled = share(taps);
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
  std::map<std::pair<const void*, const void*>, SharedTaps> products;
  for (int out = 0; out < result.outputs; ++out)
    for (int in = 0; in < result.inputs; ++in) {
      std::vector<std::pair<SharedTaps, SharedTaps>> terms;
      for (int k = 0; k < first.outputs; ++k) {
        const SharedTaps& a = first.impulses[k * first.inputs + in];
        const SharedTaps& b = second.impulses[out * second.inputs + k];
        if (a && b) terms.emplace_back(a, b);
      }
      SharedTaps& impulse = result.impulses[out * result.inputs + in];
      if (terms.size() == 1) {
        SharedTaps& product = products[{terms[0].first.get(), terms[0].second.get()}];
        if (!product)
          product = share(convolve_impulses(widened(*terms[0].first), widened(*terms[0].second)));
        impulse = product;
      } else if (terms.size() > 1) {
        std::vector<double> sum;
        for (const auto& [a, b] : terms) {
          const std::vector<double> product = convolve_impulses(widened(*a), widened(*b));
          sum.resize(std::max(sum.size(), product.size()), 0.0);
          for (std::size_t n = 0; n < product.size(); ++n) sum[n] += product[n];
        }
        impulse = share(sum);
      }
    }
  return result;
}

}  // namespace tutti
