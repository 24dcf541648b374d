// SPDX-License-Identifier: Apache-2.0
// A file through a chain, and meters of others to hear what became of it.
#pragma once

#include <ebur128.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "host/engine/remaster.hpp"
#include "host/session/chain.hpp"
#include "tests/engine/session_fixture.hpp"
#include "tests/reference/true_peak.hpp"

namespace tutti::test {

/// Integrated loudness by libebur128; empty below its gate.
inline std::optional<double> peer_lufs(const Signal& signal, double rate_hz) {
  const auto channels = static_cast<unsigned>(signal.size());
  ebur128_state* state =
      ebur128_init(channels, static_cast<unsigned long>(rate_hz), EBUR128_MODE_I);
  if (channels == 6) {
    const int map[] = {EBUR128_LEFT,   EBUR128_RIGHT,         EBUR128_CENTER,
                       EBUR128_UNUSED, EBUR128_LEFT_SURROUND, EBUR128_RIGHT_SURROUND};
    for (unsigned c = 0; c < 6; ++c) ebur128_set_channel(state, c, map[c]);
  }
  std::vector<double> frames;
  for (std::size_t n = 0; n < signal[0].size(); ++n)
    for (const auto& channel : signal) frames.push_back(channel[n]);
  ebur128_add_frames_double(state, frames.data(), signal[0].size());
  double lufs = 0;
  ebur128_loudness_global(state, &lufs);
  ebur128_destroy(&state);
  if (!std::isfinite(lufs)) return {};
  return lufs;
}

/// The loudest 3 s or 400 ms of stereo by libebur128, looked for every 10 ms.
inline double peer_loudest_lufs(const Signal& signal, double rate_hz, LoudnessMode mode) {
  ebur128_state* state =
      ebur128_init(2, static_cast<unsigned long>(rate_hz), EBUR128_MODE_M | EBUR128_MODE_S);
  const auto hop_frames = static_cast<std::size_t>(rate_hz / 100);
  double loudest_lufs = -1000;
  for (std::size_t first = 0; first + hop_frames <= signal[0].size(); first += hop_frames) {
    std::vector<double> frames;
    for (std::size_t n = first; n < first + hop_frames; ++n)
      for (const auto& channel : signal) frames.push_back(channel[n]);
    ebur128_add_frames_double(state, frames.data(), hop_frames);
    double lufs = 0;
    (mode == LoudnessMode::short_term ? ebur128_loudness_shortterm : ebur128_loudness_momentary)(
        state, &lufs);
    loudest_lufs = std::max(loudest_lufs, lufs);
  }
  ebur128_destroy(&state);
  return loudest_lufs;
}

inline double reference_peak_db(const Signal& signal) {
  double peak = 0;
  // A channel pair is enough: all are limited by one gain, and the slow truth is slow.
  for (std::size_t c = 0; c < std::min<std::size_t>(2, signal.size()); ++c) {
    const auto& channel = signal[c];
    const std::vector<float> x(channel.begin(), channel.end());
    peak = std::max(peak, reference_true_peak(x));
  }
  return linear_to_db(peak);
}
class Remaster : public SessionFixture {
 protected:
  Session chain(const std::string& text) const {
    ParseResult parsed = parse_chain_text("tutti_chain: 1\n" + text, folder_ / "chain.yaml");
    for (const Issue& issue : parsed.issues) ADD_FAILURE() << format_issue(issue, parsed.source);
    for (const Issue& issue : validate_chain(parsed.session))
      ADD_FAILURE() << format_issue(issue, parsed.source);
    return parsed.session;
  }

  RemasteredTrack one(const Session& chain, const std::string& in, const std::string& out) {
    const RemasterInput input{folder_ / in, {{folder_ / out, false}}};
    RemasterOptions options;
    options.warnings = [&](const Warning& warning) { warnings_.push_back(warning.code); };
    return remaster(*backend_, chain, {&input, 1}, options)[0];
  }

  std::unique_ptr<Backend> backend_ = open_cpu_backend();
  std::vector<std::string> warnings_;
};

}  // namespace tutti::test
