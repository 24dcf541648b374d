// SPDX-License-Identifier: Apache-2.0
// Subframes of lawful syntax and any content, written from RFC 9639, 9.2: nothing of the decoder's
// or of the encoder's but the writer of bits has a part in them.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <random>
#include <span>
#include <vector>

#include "host/flac/bit_writer.hpp"
#include "tests/flac/input.hpp"

namespace tutti::test {

using Samples = std::vector<std::int32_t>;

/// What a programme has written so far, and whether an encoder without a fault could have.
struct Drawing {
  Input& in;
  bool hostile;  ///< what no encoder writes is drawn too
  bool lawful = true;
  flac::BitWriter out = {};
  std::minstd_rand random = {};

  void put(std::uint64_t value, int width) {
    out.reserve_bits(static_cast<std::uint64_t>(width));
    out.put(value & (~std::uint64_t{0} >> (64 - width)), width);
  }
  void put_zeros(std::uint64_t count) {
    out.reserve_bits(count);
    out.put_zeros(count);
  }
  void align() {
    while (out.bits() % 8 != 0) put(odd(200) ? 1 : 0, 1);
  }
  /// Once in `of` times where that may be; from then on nothing is promised.
  bool odd(int of) {
    if (!hostile || in.below(of) != 1) return false;
    lawful = false;
    return true;
  }
  std::uint32_t any() { return static_cast<std::uint32_t>(random()) * 2654435761u; }
};

inline std::int64_t lowest(int bits) { return -(std::int64_t{1} << (bits - 1)); }
inline std::int64_t highest(int bits) { return -1 - lowest(bits); }

/// A signal of `bits`, of which it uses some and wastes some.
inline Samples draw_samples(Drawing& draw, int bits, int frames) {
  enum { kConstant, kRandom, kWalk, kRamp, kSquare, kImpulses, kEdges, kBytes, kStrokes };
  const int stroke = draw.in.below(kStrokes);
  const int used = draw.in.below(3) == 0 ? bits : 1 + draw.in.below(bits);
  const int wasted = draw.in.below(3) == 0 ? draw.in.below(bits - used + 1) : 0;
  const auto parameter = static_cast<int>(draw.in.number(2));
  draw.random.seed(static_cast<unsigned>(parameter) + 1);
  const auto cut = [&](std::int64_t value) {
    return value << (64 - used) >> (64 - used);  // the lowest bits, as a number with a sign
  };
  Samples out;
  std::int64_t x = cut(draw.in.number(3));
  for (int n = 0; n < frames; ++n) {
    if (stroke == kRandom) x = cut(draw.any());
    if (stroke == kWalk)
      x = std::clamp(x + static_cast<int>(draw.any() >> 8) % (1 + parameter % 50) - parameter % 25,
                     lowest(used), highest(used));
    if (stroke == kRamp) x = cut(x + parameter);
    if (stroke == kSquare) x = n / (1 + parameter % 64) % 2 == 0 ? highest(used) : lowest(used);
    if (stroke == kImpulses) x = n % (1 + parameter % 999) == 7 ? lowest(used) : 0;
    if (stroke == kEdges)
      x = std::array<std::int64_t, 4>{lowest(used), highest(used), 0, -1}[draw.any() >> 8 & 3];
    if (stroke == kBytes) x = cut(draw.in.number((used + 7) / 8));
    out.push_back(static_cast<std::int32_t>(x << wasted));
  }
  return out;
}

inline std::uint64_t folded(std::int64_t x) {
  return static_cast<std::uint64_t>(x) << 1 ^ static_cast<std::uint64_t>(x >> 63);
}

inline void put_code(Drawing& draw, std::uint64_t number, int parameter) {
  draw.put_zeros(number >> parameter);
  draw.put(1, 1);
  if (parameter > 0) draw.put(number, parameter);
}

/// Some numbers of the residual, with the right codes, which are not the shortest.
inline void draw_partition(Drawing& draw, std::span<const std::int64_t> residual,
                           int parameter_bits) {
  const int escape = (1 << parameter_bits) - 1;
  int width = 0;
  std::uint64_t sum = 0;
  for (const std::int64_t x : residual) {
    if (x != 0) width = std::max(width, 65 - std::countl_zero(folded(x) >> 1));
    sum += folded(x);
  }
  const std::uint64_t most_zeros = draw.in.below(64) == 1 ? 300000 : 40 * residual.size() + 200;
  int least = 0;
  while (least < escape - 1 && sum >> least > most_zeros) ++least;
  const bool fits = sum >> least <= most_zeros;
  if (width <= 31 && (!fits || draw.in.below(6) == 1)) {
    width = std::min(31, width + draw.in.below(3));
    draw.put(static_cast<unsigned>(escape), parameter_bits);
    draw.put(static_cast<unsigned>(width), 5);
    for (const std::int64_t x : residual)
      if (width > 0) draw.put(static_cast<std::uint64_t>(x), width);
    return;
  }
  const int parameter = std::min(escape - 1, least + draw.in.below(5));
  draw.put(static_cast<unsigned>(parameter), parameter_bits);
  for (const std::int64_t x : residual) put_code(draw, folded(x), parameter);
}

/// Codes of no residual that anybody meant.
inline void draw_any_partition(Drawing& draw, std::size_t count, int parameter_bits) {
  const int escape = (1 << parameter_bits) - 1;
  const int parameter = draw.in.below(escape + 1);
  draw.put(static_cast<unsigned>(parameter), parameter_bits);
  const int width = draw.in.below(32), rarity = 1 + draw.in.below(200);
  std::uint64_t most_zeros = draw.in.number(2) << draw.in.below(4);
  if (parameter == escape) draw.put(static_cast<unsigned>(width), 5);
  for (std::size_t n = 0; n < count; ++n) {
    const std::uint64_t low = draw.any();
    if (parameter < escape) {
      std::uint64_t zeros = draw.any() >> 30;
      if ((draw.any() >> 8) % static_cast<unsigned>(rarity) == 0) {
        zeros = draw.any() % (most_zeros + 1);
        most_zeros -= zeros;
      }
      draw.put_zeros(zeros);
      draw.put(1, 1);
      if (parameter > 0) draw.put(low, parameter);
    } else if (width > 0) {
      draw.put(low, width);
    }
  }
}

/// The residual of `frames` samples behind the first `order`, which it does not hold.
inline void draw_residual(Drawing& draw, std::span<const std::int64_t> residual, int frames,
                          int order) {
  bool wide = false;  // a number of 32 bits can not escape
  for (const std::int64_t x : residual) wide = wide || folded(x) >> 31 != 0;
  const bool method = wide || draw.in.below(2) == 1;
  draw.put(draw.odd(60) ? draw.in.number(1) : static_cast<unsigned>(method), 2);
  int partition_order = draw.in.below(16);
  const bool uneven = draw.odd(60);
  while (!uneven && partition_order > 0 &&
         (frames % (1 << partition_order) != 0 || frames >> partition_order < order))
    --partition_order;
  draw.put(static_cast<unsigned>(partition_order), 4);
  const bool any = draw.odd(8);
  std::size_t from = 0;
  for (int i = 0; i < 1 << partition_order; ++i) {
    const int length = frames >> partition_order;
    const auto left = residual.size() - from;
    const auto count =
        std::min(left, static_cast<std::size_t>(std::max(0, i == 0 ? length - order : length)));
    const int parameter_bits = method ? 5 : 4;
    if (any)
      draw_any_partition(draw, count, parameter_bits);
    else
      draw_partition(draw, residual.subspan(from, count), parameter_bits);
    from += count;
  }
}

struct DrawnPredictor {
  int order = 0, shift = 0, precision = 0;  ///< of the coefficients; 0: a fixed one
  std::vector<std::int64_t> coefficients;
};

inline DrawnPredictor draw_predictor(Drawing& draw, int frames) {
  const std::array<std::vector<std::int64_t>, 5> fixed = {
      {{}, {1}, {2, -1}, {3, -3, 1}, {4, -6, 4, -1}}};
  const bool linear = draw.in.below(3) > 0;
  DrawnPredictor out;
  out.order = linear ? 1 + draw.in.below(32) : draw.in.below(5);
  if (!draw.odd(60)) out.order = std::min(out.order, frames - 1);
  if (!linear || out.order == 0) {
    out.order = std::min(out.order, 4);
    out.coefficients = fixed[static_cast<std::size_t>(out.order)];
    return out;
  }
  out.precision = 1 + draw.in.below(15);
  out.shift = draw.in.below(16);
  const int style = draw.in.below(4);
  draw.random.seed(draw.in.number(2) + 1);
  for (int k = 0; k < out.order; ++k) {
    const std::int64_t any = static_cast<std::int64_t>(draw.any()) << 32 >> (64 - out.precision);
    const std::int64_t edge =
        (draw.any() >> 8 & 1) != 0 ? highest(out.precision) : lowest(out.precision);
    out.coefficients.push_back(style == 0 ? any : style == 1 ? edge : any >> draw.in.below(15));
  }
  if (style == 3 && out.precision > 4) {  // what predicts something
    out.shift = std::min(out.shift, out.precision - 4);
    const auto& polynomial = fixed[static_cast<std::size_t>(std::min(out.order, 4))];
    for (std::size_t k = 0; k < polynomial.size(); ++k)
      out.coefficients[k] = polynomial[k] << out.shift;
  }
  return out;
}

/// What the predictor leaves; nothing where that does not go into 32 bits.
inline std::vector<std::int64_t> residual_of(std::span<const std::int64_t> samples,
                                             const DrawnPredictor& predictor) {
  std::vector<std::int64_t> residual;
  for (std::size_t n = predictor.coefficients.size(); n < samples.size(); ++n) {
    std::int64_t sum = 0;
    for (std::size_t k = 0; k < predictor.coefficients.size(); ++k)
      sum += predictor.coefficients[k] * samples[n - 1 - k];
    residual.push_back(samples[n] - (sum >> predictor.shift));
    if (folded(residual.back()) >= std::numeric_limits<std::uint32_t>::max()) return {};
  }
  return residual;
}

inline void put_form(Drawing& draw, int form, int wasted) {
  draw.put(draw.odd(120) ? 1 : 0, 1);
  draw.put(static_cast<unsigned>(draw.odd(60) ? draw.in.below(64) : form), 6);
  draw.put(wasted > 0 ? 1 : 0, 1);
  if (wasted > 0) put_code(draw, static_cast<unsigned>(wasted - 1), 0);
}

/// A subframe that holds `samples`, or in hostile hands something else.
inline void draw_subframe(Drawing& draw, const Samples& samples, int bits) {
  std::uint32_t set = 0;
  for (const std::int32_t x : samples) set |= static_cast<std::uint32_t>(x);
  int wasted = std::min(std::countr_zero(set), bits - 1);
  if (draw.in.below(4) == 1) wasted = draw.in.below(wasted + 1);
  const int width = bits - wasted;
  if (draw.odd(60)) wasted = 1 + draw.in.below(60);
  std::vector<std::int64_t> x(samples.size());
  for (std::size_t n = 0; n < x.size(); ++n) x[n] = samples[n] >> (bits - width);

  const auto frames = static_cast<int>(samples.size());
  const bool constant = std::ranges::count(samples, samples[0]) == frames;
  if (constant && draw.in.below(2) == 1) {
    put_form(draw, 0, wasted);
    return draw.put(static_cast<std::uint64_t>(x[0]), width);
  }
  const DrawnPredictor predictor = draw_predictor(draw, frames);
  auto residual = residual_of(x, predictor);
  const bool whole = static_cast<int>(residual.size()) + predictor.order == frames;
  if (draw.in.below(8) == 1 || !(whole || draw.odd(2))) {
    put_form(draw, 1, wasted);
    for (const std::int64_t value : x) draw.put(static_cast<std::uint64_t>(value), width);
    return;
  }
  if (!whole) residual.assign(static_cast<std::size_t>(std::max(0, frames - predictor.order)), 1);
  put_form(draw, predictor.precision > 0 ? 31 + predictor.order : 8 + predictor.order, wasted);
  for (std::size_t n = 0; n < static_cast<std::size_t>(predictor.order); ++n)
    draw.put(static_cast<std::uint64_t>(n < x.size() ? x[n] : 0), width);
  if (predictor.precision > 0) {
    draw.put(draw.odd(120) ? 15 : static_cast<unsigned>(predictor.precision - 1), 4);
    draw.put(draw.odd(60) ? draw.in.number(1) : static_cast<unsigned>(predictor.shift), 5);
    for (const std::int64_t c : predictor.coefficients)
      draw.put(static_cast<std::uint64_t>(c), predictor.precision);
  }
  draw_residual(draw, residual, frames, predictor.order);
}

}  // namespace tutti::test
