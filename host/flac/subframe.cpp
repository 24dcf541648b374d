// SPDX-License-Identifier: Apache-2.0
#include "host/flac/subframe.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <span>

#include "host/flac/flac_kernels.hpp"

namespace tutti::flac {
namespace {

// Types of a subframe: six bits between a zero and the flag for wasted bits.
constexpr std::uint64_t kConstant = 0, kVerbatim = 1, kFixed = 8, kLinear = 32;
constexpr int kHeaderBits = 8;
// Shorter blocks, which only end a stream, get no linear predictor: its coefficients take 120 bits.
constexpr int kFewestLinearFrames = 64;

void write_header(std::uint64_t type, int wasted_bits, BitWriter& out) {
  out.put(type << 1 | (wasted_bits > 0 ? 1 : 0), kHeaderBits);
  if (wasted_bits > 0) out.put(1, wasted_bits);
}

std::uint64_t predictor_bits(const Predictor& predictor, int sample_bits) {
  const int each = sample_bits + (predictor.fixed ? 0 : kCoefficientBits);
  return static_cast<std::uint64_t>(predictor.order * each + (predictor.fixed ? 0 : 4 + 5));
}

/// The fixed predictor that leaves least, and the bits that it would take in one partition.
std::pair<Predictor, std::uint64_t> best_fixed(const double* samples, int frames, int sample_bits) {
  const std::array<double, 5> left = fixed_magnitudes(samples, frames);
  const auto order = std::min_element(left.begin(), left.end()) - left.begin();
  const Predictor predictor = fixed_predictor(static_cast<int>(order));
  const auto count = static_cast<std::uint64_t>(frames - order);
  const auto sum = static_cast<std::uint64_t>(left[static_cast<std::size_t>(order)] *
                                              static_cast<double>(count));
  // Half of those that are not 0 are below it, and fold to one less.
  const std::uint64_t folded = 2 * sum - std::min(sum, count) / 2;
  return {predictor, rice_bits(folded, count) + predictor_bits(predictor, sample_bits)};
}

}  // namespace

Workspace::Workspace(int most_frames)
    : window(static_cast<std::size_t>(most_frames + 2 * kPadFrames)), windowed(window.size()) {}

void Workspace::fit(int frames) {
  if (window_frames == frames) return;
  window_frames = frames;
  window_energy = fill_window(std::span(window).first(static_cast<std::size_t>(frames)));
}

Subframe::Subframe(int most_frames)
    : samples_(static_cast<std::size_t>(most_frames + 2 * kPadFrames)),
      residual_(samples_.size()),
      other_residual_(samples_.size()) {}

const double* Subframe::samples() const { return samples_.data() + kPadFrames; }

std::uint64_t Subframe::analyse(const std::int32_t* in, int frames, int sample_bits,
                                Workspace& workspace) {
  const Scan scan = scan_samples(in, frames);
  in_ = in;
  frames_ = frames;
  wasted_bits_ = scan.constant ? 0 : std::countr_zero(scan.ones);
  bits_ = sample_bits - wasted_bits_;
  form_ = Form::constant;
  const auto header_bits = static_cast<std::uint64_t>(kHeaderBits + wasted_bits_);
  if (scan.constant) return header_bits + static_cast<std::uint64_t>(bits_);
  double* samples = samples_.data() + kPadFrames;
  load_samples(in, frames, wasted_bits_, samples);
  std::fill_n(samples + frames, kPadFrames, 0.0);
  const auto verbatim = static_cast<std::uint64_t>(frames) * static_cast<std::uint64_t>(bits_);
  const bool predicted =
      predict_best(scan.magnitudes >> wasted_bits_, workspace) && best_.bits < verbatim;
  form_ = predicted ? Form::predicted : Form::verbatim;
  return header_bits + (predicted ? best_.bits : verbatim);
}

// The fixed one is looked at closely only where it comes near the linear one.
bool Subframe::predict_best(std::uint32_t magnitudes, Workspace& workspace) {
  std::optional<Prediction> best;
  if (frames_ >= kFewestLinearFrames) {
    if (const auto linear = linear_predictor(magnitudes, workspace))
      best = try_predictor(*linear, residual_);
  }
  const auto [fixed, bits] = frames_ > 4 ? best_fixed(samples(), frames_, bits_)
                                         : std::pair(fixed_predictor(0), std::uint64_t{0});
  if (!best || bits < best->bits + best->bits / 16) {
    const auto prediction = try_predictor(fixed, other_residual_);
    if (prediction && (!best || prediction->bits < best->bits)) {
      best = prediction;
      std::swap(residual_, other_residual_);
    }
  }
  if (best) best_ = *best;
  return best.has_value();
}

std::optional<Subframe::Prediction> Subframe::try_predictor(
    const Predictor& predictor, std::vector<std::int32_t>& residual) const {
  if (!predict(samples(), frames_, predictor, residual.data())) return std::nullopt;
  std::array<std::uint64_t, kMostPartitions> sums;
  const std::span used(sums.data(),
                       std::size_t{1} << finest_partition_order(frames_, predictor.order));
  sum_partitions(residual.data(), frames_, used);
  const RicePlan plan = plan_rice(used, frames_, predictor.order);
  return Prediction{predictor, plan, plan.bits + predictor_bits(predictor, bits_)};
}

std::optional<Predictor> Subframe::linear_predictor(std::uint32_t magnitudes,
                                                    Workspace& workspace) const {
  constexpr int kWindowedBits = 22;  // below 2^23 with the carry of rounding
  workspace.fit(frames_);
  const double scale =
      std::ldexp(1.0, kWindowedBits - static_cast<int>(std::bit_width(magnitudes)));
  const auto correlation =
      correlate(samples(), workspace.window.data(), scale, frames_, workspace.windowed.data());
  return find_predictor(correlation, scale * scale * workspace.window_energy, frames_, bits_);
}

// A prediction is taken for fewer bits than the samples have, and takes up to one a frame more than
// that; 64: wasted bits.
void Subframe::write(BitWriter& out) const {
  const auto frames = static_cast<std::uint64_t>(frames_);
  out.reserve_bits(kHeaderBits + 64 + frames * static_cast<std::uint64_t>(bits_ + 1));
  switch (form_) {
    case Form::constant:
      write_header(kConstant, 0, out);
      return out.put_signed(in_[0], bits_);
    case Form::verbatim:
      write_header(kVerbatim, wasted_bits_, out);
      for (int n = 0; n < frames_; ++n) out.put_signed(in_[n] >> wasted_bits_, bits_);
      return;
    case Form::predicted:
      return write_predicted(out);
  }
}

void Subframe::write_predicted(BitWriter& out) const {
  const Predictor& predictor = best_.predictor;
  const int order = predictor.order;
  const auto type = static_cast<std::uint64_t>(predictor.fixed ? order : order - 1);
  write_header((predictor.fixed ? kFixed : kLinear) + type, wasted_bits_, out);
  for (int n = 0; n < order; ++n) out.put_signed(in_[n] >> wasted_bits_, bits_);
  if (!predictor.fixed) {
    out.put(kCoefficientBits - 1, 4);
    out.put_signed(predictor.shift, 5);
    for (int k = 0; k < order; ++k) out.put_signed(predictor.coefficients[k], kCoefficientBits);
  }
  out.put(best_.plan.parameter_bits == 4 ? 0 : 1, 2);
  out.put(static_cast<std::uint64_t>(best_.plan.partition_order), 4);
  write_residual(residual_.data(), frames_, order, best_.plan, out);
}

}  // namespace tutti::flac
