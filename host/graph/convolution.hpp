// SPDX-License-Identifier: Apache-2.0
// Linear units as impulse responses, and what can be folded into them.
#pragma once

#include "host/graph/graph.hpp"

namespace tutti {

/// The channel counts that an impulse response can have.
constexpr bool are_impulse_channels(int channels) {
  return channels == 1 || channels == 2 || channels == 4;
}

/// A convolver insert on a strip of `inputs` channels. A mono impulse serves every channel, a stereo
/// one channel by channel (and makes a mono strip stereo), a four-channel one is true stereo: LL, LR,
/// RL, RR (a mono strip feeds both sides at −3 dB). `mix` blends the dry signal in.
/// Throws std::invalid_argument with a short clause when the channel counts do not fit.
/// Channels that are taken as they are stay where they are.
ConvolutionDesign convolution_of(const ConvolverSpec& spec, double mix,
                                 std::shared_ptr<const Impulse> impulse, int inputs,
                                 double sample_rate_hz);

/// The equaliser in series on every channel: its sections run over the impulses (its own impulse if
/// it is linear-phase).
ConvolutionDesign fold_eq(const ConvolutionDesign& unit, const EqDesign& eq);

/// A pure delay (feedback 0, with dry and wet) in series.
ConvolutionDesign fold_delay(const ConvolutionDesign& unit, const DelayDesign& delay);

/// A factor per output channel in series.
ConvolutionDesign fold_gain(const ConvolutionDesign& unit, const std::vector<double>& gains);

/// `second` after `first`; channel counts fit (first.outputs == second.inputs).
ConvolutionDesign fold_series(const ConvolutionDesign& first, const ConvolutionDesign& second);

/// A unit that passes `channels` channels unchanged: one impulse of one sample on the diagonal.
ConvolutionDesign identity_convolution(int channels);

}  // namespace tutti
