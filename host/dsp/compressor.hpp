// SPDX-License-Identifier: Apache-2.0
// Feed-forward compressor: log-domain level, static curve with a soft knee, smoothing after the
// gain computer [Giannoulis2012].
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "host/audio/units.hpp"
#include "host/dsp/biquad.hpp"
#include "host/dsp/fields.hpp"
#include "host/dsp/sidechain.hpp"

namespace tutti {

enum class Detector { peak, rms };
enum class Ballistics { decoupled, branching };

struct CompressorSpec {
  static constexpr const char* kKey = "compressor";
  double threshold_db = -20;
  double ratio = 2;
  double knee_db = 6;  ///< full width, centred on the threshold
  double attack_ms = 10;
  double release_ms = 100;
  double makeup_db = 0;
  Detector detector = Detector::peak;
  double rms_window_ms = 10;  ///< time constant of the mean square
  Ballistics ballistics = Ballistics::decoupled;
  double lookahead_ms = 0;
  double link = 1;  ///< 1: the loudest channel drives all, 0: each channel its own
  std::optional<SidechainSpec> sidechain;
};

inline constexpr std::array<Choice<Detector>, 2> kDetectors = {
    {{"peak", Detector::peak}, {"rms", Detector::rms}}};
inline constexpr std::array<Choice<Ballistics>, 2> kBallistics = {
    {{"decoupled", Ballistics::decoupled}, {"branching", Ballistics::branching}}};

template <class V>
void visit_fields(V& v, CompressorSpec& s) {
  v.number("threshold_db", s.threshold_db, {-120, 24}, Automatable::yes);
  v.number("ratio", s.ratio, {1, 1e6, false, true}, Automatable::yes);
  v.number("knee_db", s.knee_db, {0, 60}, Automatable::yes);
  v.number("attack_ms", s.attack_ms, {0, 5000}, Automatable::yes);
  v.number("release_ms", s.release_ms, {0, 20000}, Automatable::yes);
  v.number("makeup_db", s.makeup_db, {-60, 60}, Automatable::yes);
  v.choice("detector", s.detector, std::span(kDetectors));
  v.number("rms_window_ms", s.rms_window_ms, {0.1, 2000}, Automatable::no);
  v.choice("ballistics", s.ballistics, std::span(kBallistics));
  v.number("lookahead_ms", s.lookahead_ms, {0, 200}, Automatable::no);
  v.number("link", s.link, {0, 1}, Automatable::yes);
  v.object("sidechain", s.sidechain);
}

/// Numbers of the machine; trivially copyable. Levels are in log2 of amplitude units where the
/// backend computes with log2/exp2: x_db = x_log2 · 20·log10(2).
struct CompressorDesign {
  double threshold_log2 = 0, slope = 0;  ///< slope = 1/ratio − 1 (≤ 0)
  double knee_log2 = 0;
  double attack_pole = 0, release_pole = 0;  ///< τ to 63 % of a step, in the dB domain
  double makeup_log2 = 0;
  double rms_pole = 0;  ///< 0: peak
  double link = 1;
  Ballistics ballistics = Ballistics::decoupled;
  Frames lookahead_frames = 0;  ///< also the latency
  bool has_key_filter = false;
  BiquadDesign key_filter;
};

std::vector<SpecIssue> validate(const CompressorSpec& spec, double sample_rate_hz);
CompressorDesign design(const CompressorSpec& spec, double sample_rate_hz);

/// Static gain in log2 units (≤ 0, without make-up) for a level in log2 units: quadratic soft knee.
double static_gain_log2(const CompressorDesign& design, double level_log2);

}  // namespace tutti
