// SPDX-License-Identifier: Apache-2.0
#include "host/dsp/eq_fit.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

namespace tutti {
namespace {

constexpr int kMostParameters = 21;  // the gain and ten pairs
using Vector = std::array<double, kMostParameters>;
using Matrix = std::array<Vector, kMostParameters>;

// tanh maps a line onto −1 … 1; at 14.5 it is 5e−13 away from the border, which is a pole of 1 Hz
// at 192 kHz.
constexpr double kBorder = 14.5;

double to_line(double t) {
  constexpr double kInside = 1 - 1e-12;
  return std::atanh(std::clamp(t, -kInside, kInside));
}

// A factor on the way: its place on the line(s) and what the derivatives need.
// pair: c2 = tanh u, c1 = (1 + c2)·tanh v covers the triangle of stable pairs.
struct Moving {
  bool pole;
  Freedom freedom;
  double u = 0, v = 0;
  Factor value;
  double du_c1 = 0, du_c2 = 0, dv_c1 = 0, dv_c2 = 0;

  explicit Moving(const FitFactor& f) : pole(f.pole), freedom(f.freedom), value(f.value) {
    if (freedom == Freedom::real) v = to_line(value.c1);
    if (freedom == Freedom::real_and_dc_zero) v = to_line(-value.c2);
    if (freedom == Freedom::pair) {
      u = to_line(value.c2);
      v = to_line(value.c1 / (1 + value.c2));
    }
    update();
  }

  int parameters() const { return freedom == Freedom::none ? 0 : freedom == Freedom::pair ? 2 : 1; }

  void update() {
    const double t = std::tanh(v), slope = 1 - t * t;
    if (freedom == Freedom::real) {
      value = {t, 0};
      dv_c1 = slope;
    } else if (freedom == Freedom::real_and_dc_zero) {
      value = {t - 1, -t};
      dv_c1 = slope;
      dv_c2 = -slope;
    } else if (freedom == Freedom::pair) {
      const double c2 = std::tanh(u);
      value = {(1 + c2) * t, c2};
      du_c2 = 1 - c2 * c2;
      du_c1 = t * du_c2;
      dv_c1 = (1 + c2) * slope;
    }
  }

  // One step moves a factor by no more than the distance at which tanh bends.
  void move(const double* step) {
    const auto moved = [](double x, double by) {
      return std::clamp(x + std::clamp(by, -1.0, 1.0), -kBorder, kBorder);
    };
    if (freedom == Freedom::pair) u = moved(u, *step++);
    if (freedom != Freedom::none) v = moved(v, *step);
    update();
  }
};

// The model while it is fitted: `log_power` and the factors' places are the parameters, in order.
struct MovingModel {
  std::vector<Moving> factors;
  double log_power = 0;

  explicit MovingModel(const FitModel& model) : log_power(model.log_power) {
    for (const FitFactor& f : model.factors) factors.emplace_back(f);
  }

  int parameters() const {
    int count = 1;
    for (const Moving& f : factors) count += f.parameters();
    assert(count <= kMostParameters);
    return count;
  }

  void move(const Vector& step) {
    log_power += step[0];
    const double* next = &step[1];
    for (Moving& f : factors) {
      f.move(next);
      next += f.parameters();
    }
  }

  // Error at one point, in log power, and its derivatives.
  double error(const FitPoint& point, double* slopes) const {
    double zeros = 1, poles = 1;
    *slopes++ = 1;
    for (const Moving& f : factors) {
      const double power = power_gain(f.value, point.at);
      (f.pole ? poles : zeros) *= power;
      if (f.freedom == Freedom::none) continue;
      const double at_dc = 2 * (1 + f.value.c1 + f.value.c2) * point.at.cos2;
      const double at_nyquist = 2 * (1 - f.value.c1 + f.value.c2) * point.at.sin2;
      const double sign = (f.pole ? -1 : 1) / power;
      const double by_c1 = sign * (at_dc - at_nyquist);
      const double by_c2 = sign * (at_dc + at_nyquist - 4 * point.at.cross);
      if (f.freedom == Freedom::pair) *slopes++ = by_c1 * f.du_c1 + by_c2 * f.du_c2;
      *slopes++ = by_c1 * f.dv_c1 + by_c2 * f.dv_c2;
    }
    return log_power + std::log(zeros / poles) - point.log_power;
  }
};

// Sum of squares, gradient and normal matrix (lower triangle) at a model.
struct Normal {
  double cost = 0, largest = 0;
  Vector gradient{};
  Matrix matrix{};

  Normal(const MovingModel& model, std::span<const FitPoint> points,
         std::span<const double> weights) {
    const int n = model.parameters();
    Vector slopes;
    for (std::size_t k = 0; k < points.size(); ++k) {
      const double error = model.error(points[k], slopes.data());
      if (points[k].counts) largest = std::max(largest, std::abs(error));
      const double w = weights[k] * weights[k];
      cost += w * error * error;
      for (int i = 0; i < n; ++i) {
        const double weighted = w * slopes[i];
        gradient[i] += weighted * error;
        for (int j = 0; j <= i; ++j) matrix[i][j] += weighted * slopes[j];
      }
    }
    if (!std::isfinite(cost)) cost = largest = HUGE_VAL;
  }

  // −(matrix + damping · diagonal)⁻¹ gradient by Cholesky; false when not positive definite.
  bool step(double damping, int n, Vector& out) const {
    Matrix l = matrix;
    for (int i = 0; i < n; ++i) {
      l[i][i] += damping * (matrix[i][i] + 1e-9);
      for (int j = 0; j <= i; ++j) {
        double sum = l[i][j];
        for (int k = 0; k < j; ++k) sum -= l[i][k] * l[j][k];
        if (j < i) {
          l[i][j] = sum / l[j][j];
        } else {
          if (!(sum > 0)) return false;
          l[i][i] = std::sqrt(sum);
        }
      }
    }
    for (int i = 0; i < n; ++i) {
      double sum = -gradient[i];
      for (int k = 0; k < i; ++k) sum -= l[i][k] * out[k];
      out[i] = sum / l[i][i];
    }
    for (int i = n - 1; i >= 0; --i) {
      for (int k = i + 1; k < n; ++k) out[i] -= l[k][i] * out[k];
      out[i] /= l[i][i];
    }
    return true;
  }
};

// Levenberg–Marquardt until `enough`, no progress, or `iterations`. Returns the largest error.
double descend(MovingModel& model, std::span<const FitPoint> points,
               std::span<const double> weights, double enough, int iterations) {
  constexpr int kTrials = 8;            // 5⁸ spans the damping's whole range
  constexpr double kNoProgress = 1e-6;  // of the cost, in one iteration
  const int n = model.parameters();
  double damping = 1e-3;
  Normal now(model, points, weights);
  for (int i = 0; i < iterations && now.largest > enough; ++i) {
    const double before = now.cost;
    bool better = false;
    for (int trial = 0; trial < kTrials && !better; ++trial) {
      Vector step{};
      if (now.step(damping, n, step)) {
        MovingModel moved = model;
        moved.move(step);
        const Normal there(moved, points, weights);
        better = there.cost < now.cost;
        if (better) {
          model = moved;
          now = there;
        }
      }
      damping = better ? std::max(damping / 5, 1e-9) : damping * 5;
    }
    if (!better || before - now.cost < kNoProgress * before) break;
  }
  return now.largest;
}

void write_back(const MovingModel& from, FitModel& to) {
  to.log_power = from.log_power;
  for (std::size_t i = 0; i < to.factors.size(); ++i) to.factors[i].value = from.factors[i].value;
}

}  // namespace

HalfAngles half_angles(double omega) {
  const double s = std::sin(omega / 2), sin2 = s * s;
  return {1 - sin2, sin2, 4 * sin2 * (1 - sin2)};
}

double power_gain(const Factor& f, const HalfAngles& at) {
  const double dc = 1 + f.c1 + f.c2, nyquist = 1 - f.c1 + f.c2;
  return dc * dc * at.cos2 + nyquist * nyquist * at.sin2 - 4 * f.c2 * at.cross;
}

double FitModel::log_power_at(const HalfAngles& at) const {
  double zeros = 1, poles = 1;
  for (const FitFactor& f : factors) (f.pole ? poles : zeros) *= power_gain(f.value, at);
  return log_power + std::log(zeros / poles);
}

double largest_error(const FitModel& model, std::span<const FitPoint> points) {
  double largest = 0;
  for (const FitPoint& p : points) {
    if (!p.counts) continue;
    const double error = std::abs(model.log_power_at(p.at) - p.log_power);
    largest = error <= largest ? largest : error;  // keeps a NaN
  }
  return largest == largest ? largest : HUGE_VAL;
}

double fit(FitModel& model, std::span<const FitPoint> points, double enough) {
  constexpr int kIterations = 60, kRounds = 6, kIterationsOfARound = 15;
  constexpr double kNearEnough = 4;  // equal ripple gains a factor of two or three, not ten
  std::vector<double> weights;
  for (const FitPoint& p : points) weights.push_back(p.weight);

  MovingModel moving(model);
  double best = descend(moving, points, weights, enough, kIterations);
  write_back(moving, model);
  for (int round = 0; round < kRounds && best > enough && best < kNearEnough * enough; ++round) {
    Vector slopes;
    for (std::size_t k = 0; k < points.size(); ++k)
      if (points[k].counts)
        weights[k] *= std::sqrt(std::abs(moving.error(points[k], slopes.data())) / best + 0.02);
    const double largest = descend(moving, points, weights, enough, kIterationsOfARound);
    if (largest < best) {
      best = largest;
      write_back(moving, model);
    }
  }
  return best;
}

}  // namespace tutti
