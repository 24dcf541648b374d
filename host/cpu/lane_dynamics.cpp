// SPDX-License-Identifier: Apache-2.0
#include "host/cpu/lane_dynamics.hpp"

#include <algorithm>
#include <cmath>

#include "host/dsp/level_log2.hpp"

namespace tutti {
namespace {

// Gains of 1 for all lanes.
RowGains unity_gains() {
  static constexpr LaneColumn<float> kOnes = [] {
    LaneColumn<float> ones;
    ones.values.fill(1.0f);
    return ones;
  }();
  return {kOnes.data(), 0};
}

template <class Design>
DetectorDesign detector_of(const Design& design) {
  return {design.link, 0.0, design.has_key_filter, design.key_filter};
}

}  // namespace

void LaneSmoother::set(int lane, double attack_pole, double release_pole, double rest) {
  attack_pole_[lane] = attack_pole;
  release_pole_[lane] = release_pole;
  rest_[lane] = rest;
  if (!decoupled()) {
    float_scale_[lane] = 1.0f;
    return;
  }
  const double scale = 1.0 - attack_pole;
  smoothed_[lane] *= scale_[lane] / scale;
  scale_[lane] = scale;
  float_scale_[lane] = static_cast<float>(scale);
}

void LaneSmoother::run(LaneRows& rows, int lanes, int frames) {
  smooth_rows({kind_, attack_pole_.data(), release_pole_.data(), held_.data(), smoothed_.data()},
              lanes, frames, rows);
}

bool LaneSmoother::quiet() const {
  // A step of 1e-9 octaves of level moves a gain by less than 1 % of half an ulp of a float sample.
  constexpr double kQuietStep = 1e-9;
  for (int lane = 0; lane < kLanes; ++lane) {
    if (std::abs(smoothed_[lane] * scale_[lane] - rest_[lane]) > kQuietStep) return false;
    if (decoupled() && std::abs(held_[lane] - rest_[lane]) > kQuietStep) {
      return false;
    }
  }
  return true;
}

void LaneSmoother::reset() {
  held_ = rest_;
  for (int lane = 0; lane < kLanes; ++lane) smoothed_[lane] = rest_[lane] / scale_[lane];
}

void LaneCurve::set(int lane, const CurveShape& shape) {
  offset_[lane] = shape.offset;
  knee_[lane] = shape.knee;
  knee_scale_[lane] = shape.knee_scale;
  slope_[lane] = shape.slope;
  limit_[lane] = shape.limit;
}

void LaneCurve::run(const LaneRows& in, int lanes, int frames, LaneRows& out) const {
  curve_rows({below_, mean_square_, offset_.data(), knee_.data(), knee_scale_.data(), slope_.data(),
              limit_.data()},
             lanes, frames, in, out);
}

double LaneCurve::at_silence(int lane) const {
  LaneRows rows;
  std::fill_n(rows.values, kLanes, 0.0f);
  run(rows, kLanes, 1, rows);
  return rows.row(0)[lane];
}

LaneCompressor::LaneCompressor(const LaneShape& shape, const LaneOp& op)
    : shape_(shape),
      detector_(shape, op.external_key),
      curve_(false, op.compressor[0].rms_pole > 0),
      smoother_(op.compressor[0].ballistics == Ballistics::branching ? Smoothing::branching
                                                                     : Smoothing::peak_down),
      delay_(op.compressor[0].lookahead_frames),
      mixes_(fill_mix(shape, op, mix_)) {
  for (int strip = 0; strip < shape.strips; ++strip) set(strip, op.compressor[strip]);
  smoother_.reset();
}

void LaneCompressor::set(int strip, const CompressorDesign& design) {
  DetectorDesign detector = detector_of(design);
  detector.rms_pole = design.rms_pole;
  detector_.set(strip, detector);
  for (int lane = strip * shape_.channels; lane < (strip + 1) * shape_.channels; ++lane) {
    curve_.set(lane, curve_shape(design));
    smoother_.set(lane, design.attack_pole, design.release_pole, curve_.at_silence(lane));
    makeup_.set(lane, std::exp2(design.makeup_log2));
  }
}

void LaneCompressor::run(LaneWork& work, int frames) {
  curve_.run(detector_.hear(work, frames), shape_.lanes(), frames, work.control);
  smoother_.run(work.control, shape_.lanes(), frames);
  delay_.run(work.signal, frames);
  apply_rows({&work.control, smoother_.scale().data(), makeup_.advance(frames, work.glide),
              mixes_ ? mix_.data() : nullptr},
             shape_.lanes(), frames, work.signal);
}

bool LaneCompressor::quiet() const {
  return detector_.quiet() && smoother_.quiet() && delay_.quiet();
}

void LaneCompressor::reset() {
  detector_.reset();
  smoother_.reset();
  delay_.reset();
  makeup_.finish();
}

LaneExpander::LaneExpander(const LaneShape& shape, const LaneOp& op)
    : shape_(shape),
      detector_(shape, op.external_key),
      curve_(true, false),
      smoother_(Smoothing::peak_up),
      delay_(op.expander[0].lookahead_frames),
      mixes_(fill_mix(shape, op, mix_)) {
  for (int strip = 0; strip < shape.strips; ++strip) set(strip, op.expander[strip]);
  smoother_.reset();
}

void LaneExpander::set(int strip, const ExpanderDesign& design) {
  detector_.set(strip, detector_of(design));
  for (int lane = strip * shape_.channels; lane < (strip + 1) * shape_.channels; ++lane) {
    curve_.set(lane, curve_shape(design));
    smoother_.set(lane, design.attack_pole, design.release_pole, curve_.at_silence(lane));
  }
}

void LaneExpander::run(LaneWork& work, int frames) {
  curve_.run(detector_.hear(work, frames), shape_.lanes(), frames, work.control);
  smoother_.run(work.control, shape_.lanes(), frames);
  delay_.run(work.signal, frames);
  apply_rows(
      {&work.control, smoother_.scale().data(), unity_gains(), mixes_ ? mix_.data() : nullptr},
      shape_.lanes(), frames, work.signal);
}

bool LaneExpander::quiet() const {
  return detector_.quiet() && smoother_.quiet() && delay_.quiet();
}

void LaneExpander::reset() {
  detector_.reset();
  smoother_.reset();
  delay_.reset();
}

LaneGate::LaneGate(const LaneShape& shape, const LaneOp& op)
    : shape_(shape),
      detector_(shape, op.external_key),
      smoother_(Smoothing::gate),
      delay_(op.gate[0].lookahead_frames),
      mixes_(fill_mix(shape, op, mix_)) {
  for (int strip = 0; strip < shape.strips; ++strip) set(strip, op.gate[strip]);
  smoother_.reset();
}

void LaneGate::set(int strip, const GateDesign& design) {
  detector_.set(strip, detector_of(design));
  const GateThresholds thresholds = gate_thresholds(design);
  for (int lane = strip * shape_.channels; lane < (strip + 1) * shape_.channels; ++lane) {
    open_above_[lane] = thresholds.open_above;
    close_below_[lane] = thresholds.close_below;
    hold_[lane] = static_cast<float>(design.hold_frames);
    range_[lane] = static_cast<float>(design.range_linear);
    smoother_.set(lane, design.attack_pole, design.release_pole, range_[lane]);
  }
}

void LaneGate::run(LaneWork& work, int frames) {
  const LaneRows& heard = detector_.hear(work, frames);
  gate_rows({open_above_.data(), close_below_.data(), hold_.data(), range_.data(), open_.data(),
             hold_left_.data()},
            frames, heard, work.control);
  smoother_.run(work.control, shape_.lanes(), frames);
  delay_.run(work.signal, frames);
  apply_rows({&work.control, nullptr, unity_gains(), mixes_ ? mix_.data() : nullptr},
             shape_.lanes(), frames, work.signal);
}

bool LaneGate::quiet() const {
  const bool closed = std::all_of(open_.values.begin(), open_.values.end(),
                                  [](float open) { return open == 0.0f; });
  return closed && detector_.quiet() && smoother_.quiet() && delay_.quiet();
}

void LaneGate::reset() {
  detector_.reset();
  open_ = {};
  hold_left_ = {};
  smoother_.reset();
  delay_.reset();
}

}  // namespace tutti
