// SPDX-License-Identifier: Apache-2.0
#include "host/dsp/eq.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "host/audio/units.hpp"
#include "host/dsp/eq_linear.hpp"
#include "host/dsp/eq_prototype.hpp"
#include "host/dsp/eq_rbj.hpp"
#include "host/dsp/eq_refine.hpp"

namespace tutti {
namespace {

bool is_pass(EqBandType type) {
  return type == EqBandType::high_pass || type == EqBandType::low_pass;
}

bool takes_bandwidth(EqBandType type) {
  return type == EqBandType::bell || type == EqBandType::notch || type == EqBandType::band_pass;
}

std::string_view word(EqBandType type) {
  for (const Choice<EqBandType>& choice : kEqBandTypes)
    if (choice.value == type) return choice.word;
  return "";
}

class BandCheck {
 public:
  BandCheck(const EqBandSpec& band, std::size_t index, std::vector<SpecIssue>& issues)
      : band_(band), prefix_(fmt::format("bands[{}].", index)), issues_(issues) {}

  void frequency(double sample_rate_hz) {
    if (band_.freq_hz < sample_rate_hz / 2) return;
    add("freq_hz",
        fmt::format(
            "freq_hz {} is above what the sample rate can carry; at {} Hz it must be below {}",
            band_.freq_hz, sample_rate_hz, sample_rate_hz / 2),
        "lower the frequency or raise sample_rate_hz");
  }

  void damping() {
    if (band_.q && band_.bandwidth_oct)
      add("bandwidth_oct",
          fmt::format("q {} and bandwidth_oct {} are two names of one thing", *band_.q,
                      *band_.bandwidth_oct),
          "keep one of them");
    if (band_.bandwidth_oct && !takes_bandwidth(band_.type))
      add("bandwidth_oct",
          fmt::format("bandwidth_oct {} has no meaning for {}; bell, notch and band_pass have one",
                      *band_.bandwidth_oct, word(band_.type)),
          is_pass(band_.type) || band_.type == EqBandType::tilt ? "remove it" : "write q instead");
    if (band_.q && band_.type == EqBandType::tilt)
      add("q", fmt::format("q {} has no meaning for tilt, which is of first order", *band_.q),
          "remove it");
    if (band_.q && is_pass(band_.type) && band_.slope_db_per_oct != 12)
      add("q",
          fmt::format("q {} needs a slope of 12 dB/oct; with {} the filter is a Butterworth",
                      *band_.q, band_.slope_db_per_oct),
          "remove q, or write slope_db_per_oct: 12");
  }

  void slope() {
    const double slope = band_.slope_db_per_oct;
    if (!is_pass(band_.type) && slope != 12)
      add("slope_db_per_oct",
          fmt::format("slope_db_per_oct {} has no meaning for {}; high_pass and low_pass have one",
                      slope, word(band_.type)),
          "remove it");
    if (is_pass(band_.type) && std::remainder(slope, 6) != 0)
      add("slope_db_per_oct", fmt::format("slope_db_per_oct {} is not a multiple of 6", slope),
          "write 6, 12, 18, 24, 30, 36, 42 or 48");
  }

 private:
  void add(const char* field, std::string message, std::string hint) {
    issues_.push_back({prefix_ + field, std::move(message), std::move(hint)});
  }

  const EqBandSpec& band_;
  std::string prefix_;
  std::vector<SpecIssue>& issues_;
};

bool changes_nothing(const EqBandSpec& band) {
  const bool has_gain = band.type == EqBandType::bell || band.type == EqBandType::low_shelf ||
                        band.type == EqBandType::high_shelf || band.type == EqBandType::tilt;
  return !band.enabled || (has_gain && band.gain_db == 0);
}

// An automated frequency may run past Nyquist; every formula holds up to here.
double carried_hz(double freq_hz, double sample_rate_hz) {
  return std::min(freq_hz, 0.4999 * sample_rate_hz);
}

std::vector<BiquadDesign> needed_sections(EqBandSpec band, EqCurve curve, double sample_rate_hz,
                                          EqQuality quality) {
  if (changes_nothing(band)) return {};
  band.freq_hz = carried_hz(band.freq_hz, sample_rate_hz);
  if (curve == EqCurve::rbj) return rbj_sections(band, sample_rate_hz);
  const EqPlace place{2 * kPi * band.freq_hz / sample_rate_hz,
                      2 * kPi * eq_top_hz(sample_rate_hz) / sample_rate_hz};
  return quality == EqQuality::exact ? exact_sections(band, prototype(band), place)
                                     : quick_sections(band, prototype(band), place);
}

}  // namespace

std::vector<SpecIssue> validate(const EqSpec& spec, double sample_rate_hz) {
  std::vector<SpecIssue> issues;
  if (spec.length_ms != 0 && spec.phase != EqPhase::linear)
    issues.push_back(
        {"length_ms",
         fmt::format("length_ms {} has no meaning with phase: minimum", spec.length_ms),
         "remove it, or write phase: linear"});
  for (std::size_t i = 0; i < spec.bands.size(); ++i) {
    BandCheck check(spec.bands[i], i, issues);
    check.frequency(sample_rate_hz);
    check.damping();
    check.slope();
  }
  return issues;
}

int band_section_count(const EqBandSpec& band, EqCurve curve, EqQuality quality) {
  const EqPrototype analog = prototype(band);
  if (curve == EqCurve::rbj) return analog.count;
  return quality == EqQuality::exact ? analog.count + 1 : matched_section_count(band, analog);
}

std::vector<BiquadDesign> design_band(const EqBandSpec& band, EqCurve curve, double sample_rate_hz,
                                      EqQuality quality) {
  std::vector<BiquadDesign> sections = needed_sections(band, curve, sample_rate_hz, quality);
  sections.resize(static_cast<std::size_t>(band_section_count(band, curve, quality)));
  return sections;
}

EqDesign design(const EqSpec& spec, double sample_rate_hz) {
  EqDesign design;
  if (spec.phase == EqPhase::linear) {
    design.impulse = linear_phase_impulse(spec, sample_rate_hz);
    design.latency_frames = (static_cast<long>(design.impulse.size()) - 1) / 2;
    return design;
  }
  for (const EqBandSpec& band : spec.bands)
    for (const BiquadDesign& section :
         needed_sections(band, spec.curve, sample_rate_hz, EqQuality::exact))
      design.sections.push_back(section);
  return design;
}

double analog_magnitude(const EqBandSpec& band, double frequency_hz) {
  return std::sqrt(power_gain(prototype(band), frequency_hz / band.freq_hz));
}

std::complex<double> response(const EqDesign& design, double omega) {
  std::complex<double> product = 1;
  for (const BiquadDesign& section : design.sections) product *= response(section, omega);
  if (design.impulse.empty()) return product;
  // h is symmetric: e^{−jωm} (h[m] + 2 Σ h[m+k] cos kω).
  const std::size_t middle = design.impulse.size() / 2;
  const std::complex<double> turn = std::polar(1.0, omega);
  std::complex<double> at = 1;
  double sum = design.impulse[middle];
  for (std::size_t k = 1; k <= middle; ++k) {
    at *= turn;
    sum += 2 * design.impulse[middle + k] * at.real();
  }
  return product * sum * std::polar(1.0, -omega * static_cast<double>(middle));
}

}  // namespace tutti
