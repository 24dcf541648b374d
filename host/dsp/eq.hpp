// SPDX-License-Identifier: Apache-2.0
// Parametric equaliser: bands of second-order sections, minimum or linear phase.
#pragma once

#include <array>
#include <complex>
#include <optional>
#include <vector>

#include "host/dsp/biquad.hpp"
#include "host/dsp/fields.hpp"

namespace tutti {

enum class EqPhase { minimum, linear };
enum class EqCurve {
  analog,  ///< magnitude follows the analogue prototype up to 20 kHz
  rbj      ///< bilinear cookbook filters, for null tests against other tools
};
enum class EqBandType { high_pass, low_pass, low_shelf, high_shelf, bell, notch, band_pass, tilt };

struct EqBandSpec {
  EqBandType type = EqBandType::bell;
  double freq_hz = 1000;
  double gain_db = 0;                   ///< bell, shelves, tilt
  std::optional<double> q;              ///< default 1/√2; for high/low-pass of 12 dB/oct only
  std::optional<double> bandwidth_oct;  ///< instead of q, for bell, notch and band_pass
  double slope_db_per_oct = 12;         ///< high/low-pass: 6, 12, … 48 (Butterworth)
  bool enabled = true;
};

struct EqSpec {
  static constexpr const char* kKey = "eq";
  EqPhase phase = EqPhase::minimum;
  EqCurve curve = EqCurve::analog;
  double length_ms = 0;  ///< linear phase: length of the impulse response; 0 chooses it
  std::vector<EqBandSpec> bands;
};

inline constexpr std::array<Choice<EqBandType>, 8> kEqBandTypes = {{
    {"high_pass", EqBandType::high_pass},
    {"low_pass", EqBandType::low_pass},
    {"low_shelf", EqBandType::low_shelf},
    {"high_shelf", EqBandType::high_shelf},
    {"bell", EqBandType::bell},
    {"notch", EqBandType::notch},
    {"band_pass", EqBandType::band_pass},
    {"tilt", EqBandType::tilt},
}};
inline constexpr std::array<Choice<EqPhase>, 2> kEqPhases = {
    {{"minimum", EqPhase::minimum}, {"linear", EqPhase::linear}}};
inline constexpr std::array<Choice<EqCurve>, 2> kEqCurves = {
    {{"analog", EqCurve::analog}, {"rbj", EqCurve::rbj}}};

template <class V>
void visit_fields(V& v, EqBandSpec& s) {
  v.choice("type", s.type, std::span(kEqBandTypes));
  v.number("freq_hz", s.freq_hz, {1, 192000}, Automatable::yes);
  v.number("gain_db", s.gain_db, {-60, 60}, Automatable::yes);
  v.optional_number("q", s.q, {0.05, 100}, Automatable::yes);
  v.optional_number("bandwidth_oct", s.bandwidth_oct, {0.01, 10}, Automatable::no);
  v.number("slope_db_per_oct", s.slope_db_per_oct, {6, 48}, Automatable::no);
  v.boolean("enabled", s.enabled);
}

template <class V>
void visit_fields(V& v, EqSpec& s) {
  v.choice("phase", s.phase, std::span(kEqPhases));
  v.choice("curve", s.curve, std::span(kEqCurves));
  v.number("length_ms", s.length_ms, {0, 2000}, Automatable::no);
  v.list("bands", s.bands);
}

/// Sections in series (minimum phase), or the same magnitudes to be realised with linear phase.
struct EqDesign {
  std::vector<BiquadDesign> sections;  ///< minimum phase; empty for linear phase
  std::vector<double> impulse;         ///< linear phase: symmetric, odd length; else empty
  /// Frames by which the output lags the input: (impulse.size() − 1) / 2, else 0.
  long latency_frames = 0;
};

/// Problems that depend on the rate or on several fields (frequency at or above Nyquist, both q and
/// bandwidth, a slope that is not a multiple of 6, …). Empty: the spec can be designed.
std::vector<SpecIssue> validate(const EqSpec& spec, double sample_rate_hz);

/// The machine's numbers, in double, without identity sections. `spec` has passed `validate`.
EqDesign design(const EqSpec& spec, double sample_rate_hz);

/// How much work a band's design may be.
enum class EqQuality {
  exact,     ///< `analog`: within 0.05 dB of the prototype up to 20 kHz (0.45 of the rate where
             ///< that is lower); 10 µs where the closed form does, else a fit of 20 µs to 2 ms
  automated  ///< the closed form alone, 2 µs: for a band whose values move, evenly and without
             ///< jumps. Usual widths are as exact below 1 kHz; near 20 kHz bells and shelves are
             ///< off by up to a dB, resonant or wide filters by more
};

/// Sections that `design_band` returns: fixed by type, slope, curve and quality, whatever the
/// frequency, gain and q, so that states stay in place while those move. At most 5.
int band_section_count(const EqBandSpec& band, EqCurve curve, EqQuality quality);

/// Sections of one band, minimum phase, padded with identity to band_section_count. A frequency at
/// or above Nyquist is held just below it; a disabled band is all identity.
std::vector<BiquadDesign> design_band(const EqBandSpec& band, EqCurve curve, double sample_rate_hz,
                                      EqQuality quality = EqQuality::exact);

/// Magnitude of the analogue prototype of one band at `frequency_hz`, linear.
double analog_magnitude(const EqBandSpec& band, double frequency_hz);

/// Transfer function of the whole equaliser at `omega` rad/sample (includes the latency).
std::complex<double> response(const EqDesign& design, double omega);

}  // namespace tutti
