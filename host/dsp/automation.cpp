// SPDX-License-Identifier: Apache-2.0
// Every frame's value is a function of the frame alone (anchors lie at absolute frames), so a range
// can be cut into calls anywhere.
#include "host/dsp/automation.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace tutti {
namespace {

// Frames between two exact exponentials of a line in dB. The recurrences between them lose at most
// 64³/6 · 2^−53 ≈ 5e−12 (smooth), far below half a float step of 6e−8.
constexpr Frames kAnchorFrames = 64;
constexpr double kNepersPerDb = 0.115129254649702284200899572734218210;  // ln(10)/20

constexpr Frames kFarFrames = Frames{1} << 61;  // "for ever": differences of two still fit

// What holds on [begin, end): a constant, or a line or an S in dB or in gain.
struct Segment {
  enum class Law { constant, in_db, in_gain };
  Law law = Law::constant;
  bool smooth = false;
  Frames begin = 0, end = 0;
  double from = 0, to = 0;  // in_gain: linear gains; else the target's unit

  double step() const { return 1.0 / static_cast<double>(end - begin); }
  double shape(double t) const { return smooth ? t * t * (3 - 2 * t) : t; }
  double at(double t) const { return from + (to - from) * shape(t); }
  double at_frame(Frames frame) const { return at(static_cast<double>(frame - begin) * step()); }
};

Segment segment_at(const AutomationCurve& curve, Frames frame) {
  using Point = AutomationCurve::Point;
  assert(!curve.points.empty());
  const auto next = std::upper_bound(curve.points.begin(), curve.points.end(), frame,
                                     [](Frames f, const Point& p) { return f < p.frame; });
  Segment s;
  s.begin = -kFarFrames;
  s.end = next == curve.points.end() ? kFarFrames : next->frame;
  s.from = s.to = next == curve.points.begin() ? next->value : (next - 1)->value;
  if (next == curve.points.begin() || next == curve.points.end()) return s;
  s.begin = (next - 1)->frame;
  if (curve.interpolation == Interpolation::hold || next->value == s.from) return s;
  s.to = next->value;
  s.smooth = curve.interpolation == Interpolation::smooth;
  s.law = Segment::Law::in_db;
  if (curve.domain == AutomationDomain::gain || std::isinf(s.from) || std::isinf(s.to)) {
    s.law = Segment::Law::in_gain;
    s.from = db_to_linear(s.from);
    s.to = db_to_linear(s.to);
  }
  return s;
}

// out[i] = transform(line or S at frame first + i).
template <typename Transform>
void write_shape(const Segment& s, Frames first, std::span<float> out, Transform transform) {
  const double h = s.step(), base = static_cast<double>(first - s.begin);
  const auto run = [&](auto value) {
    for (int i = 0, n = static_cast<int>(out.size()); i < n; ++i)
      out[i] = static_cast<float>(transform(value((base + i) * h)));
  };
  const double from = s.from, range = s.to - s.from;
  if (s.smooth)
    run([=](double t) { return from + range * (t * t * (3 - 2 * t)); });
  else
    run([=](double t) { return from + range * t; });
}

// A line in dB: gain(anchor) times powers of the gain per frame.
void write_exponential_line(const Segment& s, Frames first, std::span<float> out) {
  const double nepers_per_frame = (s.to - s.from) * s.step() * kNepersPerDb;
  const double ratio = std::exp(nepers_per_frame);
  double powers[kAnchorFrames] = {1};
  const Frames needed = std::min(kAnchorFrames, s.end - s.begin);
  for (Frames k = 1; k < needed; ++k) powers[k] = powers[k - 1] * ratio;

  for (Frames n = first, last = first + std::ssize(out); n < last;) {
    const Frames grid = n & ~(kAnchorFrames - 1);
    const Frames anchor = std::max(grid, s.begin);
    const Frames stop = std::min(last, grid + kAnchorFrames);
    const double gain = std::exp(kNepersPerDb * s.at_frame(anchor));
    float* const to = out.data() + (n - first);
    const double* const power = powers + (n - anchor);
    for (int i = 0, count = static_cast<int>(stop - n); i < count; ++i)
      to[i] = static_cast<float>(gain * power[i]);
    n = stop;
  }
}

// An S in dB: the logarithm is a cubic, so its third difference is constant and three nested
// geometric recurrences give the gain. With f(t) = D(3t² − 2t³), h one frame:
// Δf = D·h(6t + 3h − 6t² − 6th − 2h²), Δ²f = D·h²(6 − 12t − 12h), Δ³f = −12·D·h³.
void write_exponential_s(const Segment& s, Frames first, std::span<float> out) {
  const double h = s.step(), d = (s.to - s.from) * kNepersPerDb;
  const double c = std::exp(-12 * d * h * h * h);
  for (Frames n = first, last = first + std::ssize(out); n < last;) {
    const Frames grid = n & ~(kAnchorFrames - 1);
    const Frames anchor = std::max(grid, s.begin);
    const Frames stop = std::min(last, grid + kAnchorFrames);
    const double t = static_cast<double>(anchor - s.begin) * h;
    double gain = std::exp(kNepersPerDb * s.at(t));
    double ratio = std::exp(d * h * (6 * t + 3 * h - 6 * t * t - 6 * t * h - 2 * h * h));
    double bend = std::exp(d * h * h * (6 - 12 * t - 12 * h));
    const auto advance = [&] {
      gain *= ratio;
      ratio *= bend;
      bend *= c;
    };
    for (Frames k = anchor; k < n; ++k) advance();
    for (float& to :
         out.subspan(static_cast<std::size_t>(n - first), static_cast<std::size_t>(stop - n))) {
      to = static_cast<float>(gain);
      advance();
    }
    n = stop;
  }
}

void write_gains(const Segment& s, Frames first, std::span<float> out) {
  if (s.law == Segment::Law::constant)
    std::fill(out.begin(), out.end(), static_cast<float>(db_to_linear(s.from)));
  else if (s.law == Segment::Law::in_gain)
    write_shape(s, first, out, [](double gain) { return gain; });
  else if (s.smooth)
    write_exponential_s(s, first, out);
  else
    write_exponential_line(s, first, out);
}

void write_values(const Segment& s, Frames first, std::span<float> out) {
  if (s.law == Segment::Law::constant)
    std::fill(out.begin(), out.end(), static_cast<float>(s.from));
  else if (s.law == Segment::Law::in_gain)
    write_shape(s, first, out, [](double gain) { return linear_to_db(gain); });
  else
    write_shape(s, first, out, [](double value) { return value; });
}

template <typename Write>
void for_each_segment(const AutomationCurve& curve, Frames first, std::span<float> out,
                      Write write) {
  // write_shape counts in int: pieces of 2^30 frames at most.
  constexpr Frames kMostFrames = Frames{1} << 30;
  while (!out.empty()) {
    const Segment s = segment_at(curve, first);
    const Frames count = std::min({Frames{std::ssize(out)}, s.end - first, kMostFrames});
    write(s, first, out.first(static_cast<std::size_t>(count)));
    out = out.subspan(static_cast<std::size_t>(count));
    first += count;
  }
}

}  // namespace

double automation_value(const AutomationCurve& curve, Frames frame) {
  const Segment s = segment_at(curve, frame);
  switch (s.law) {
    case Segment::Law::constant:
      break;
    case Segment::Law::in_db:
      return s.at_frame(frame);
    case Segment::Law::in_gain:
      return linear_to_db(s.at_frame(frame));
  }
  return s.from;
}

void automation_gains(const AutomationCurve& curve, Frames first, std::span<float> out) {
  for_each_segment(curve, first, out, write_gains);
}

void automation_values(const AutomationCurve& curve, Frames first, std::span<float> out) {
  for_each_segment(curve, first, out, write_values);
}

}  // namespace tutti
