// SPDX-License-Identifier: Apache-2.0
#include <tbb/global_control.h>

#include "tests/engine/session_fixture.hpp"
#include "tests/reference/session.hpp"
#include "tests/support/bounds.hpp"
#include "tests/support/residual.hpp"

namespace tutti::test {
namespace {

class SessionRender : public SessionFixture {
 protected:
  SessionRender() {
    a_ = noise(1, 90000, 0.05, 1);
    b_ = noise(2, 70000, 0.05, 2);
    h_ = noise(2, 1500, 0.02, 3);
    g_ = noise(2, 900, 0.02, 4);
    write("a.wav", a_);
    write("b.wav", b_);
    write("h.wav", h_);
    write("g.wav", g_);
  }

  const std::string session_ = R"(
tutti: 1
sample_rate_hz: 48000
tail: {until_db: -200, max_s: 1}
stems:
  - name: A
    file: a.wav
    gain_db: -3
    pan: -0.4
    inserts: [{convolver: {impulse: h.wav, predelay_ms: 10}}]
  - name: B
    clips: [{file: b.wav, at: "12345 smp", gain_db: -2}]
    gain_db: 1
    pan: 0.3
    output: Bus
    sends: [{to: Hall, gain_db: -6}]
  - name: C
    file: a.wav
    polarity: invert
    sends: [{to: Hall, gain_db: -9, tap: pre_fader}]
buses:
  - {name: Bus, gain_db: -1}
  - {name: Hall, inserts: [{convolver: {impulse: g.wav, wet_db: -1}}]}
outputs:
  - {file: mix.wav, source: mix, bit_depth: 32f}
  - {file: "{name}.wav", source: buses, bit_depth: 32f}
)";

  /// The same session by hand, in double.
  Signal expected(std::size_t frames) const {
    Signal out(2, Samples(frames)), hall(2, Samples(frames));
    const double balance_a[] = {1.0, 0.6}, balance_b[] = {0.7, 1.0};
    for (std::size_t c = 0; c < 2; ++c) {
      add_at(out[c], convolve(a_[0], h_[c]), 480, decibels(-3) * balance_a[c]);
      const double b = decibels(-2) * decibels(1) * balance_b[c];
      add_at(out[c], b_[c], 12345, b * decibels(-1));
      add_at(hall[c], b_[c], 12345, b * decibels(-6));
      add_at(out[c], a_[0], 0, -std::sqrt(0.5));
      add_at(hall[c], a_[0], 0, -std::sqrt(0.5) * decibels(-9));
    }
    for (std::size_t c = 0; c < 2; ++c) add_at(out[c], convolve(hall[c], g_[c]), 0, decibels(-1));
    return out;
  }

  Signal a_, b_, h_, g_;
};

TEST_F(SessionRender, EqualsTheSameSumInDouble) {
  render_text(session_);
  const Signal mix = read("mix.wav");
  const Signal truth = expected(mix[0].size());
  for (std::size_t c = 0; c < 2; ++c)
    EXPECT_RESIDUAL_BELOW(mix[c], truth[c], bounds::kSessionDbfs);
}

TEST_F(SessionRender, IsAsLongAsItsLastSoundAndTail) {
  render_text(session_);
  // A ends at 90,000 + 480 + 1,500 − 1; the tail rule keeps every frame above −200 dBFS, and float
  // transforms leave noise of about that level behind it for one partition at most.
  const std::size_t frames = read("mix.wav")[0].size();
  EXPECT_GE(frames, 91979u);
  EXPECT_LE(frames, 91979u + 48000u);
}

TEST_F(SessionRender, BusesAddUpToTheMix) {
  std::string with_c = session_;
  with_c.replace(with_c.find("    polarity: invert"), 0, "    output: Rest\n");
  with_c.replace(with_c.find("    gain_db: -3\n    pan: -0.4"), 0, "    output: Rest\n");
  with_c.replace(with_c.find("  - {name: Bus,"), 0, "  - {name: Rest}\n");
  render_text(with_c);
  const Signal mix = read("mix.wav"), bus = read("Bus.wav"), hall = read("Hall.wav"),
               rest = read("Rest.wav");
  for (std::size_t c = 0; c < 2; ++c) {
    Samples sum(mix[c].size());
    for (std::size_t n = 0; n < sum.size(); ++n) sum[n] = bus[c][n] + hall[c][n] + rest[c][n];
    EXPECT_RESIDUAL_BELOW(mix[c], sum, bounds::kSumDbfs);
  }
}

TEST_F(SessionRender, HasTheSameBitsWhateverThreadsAndMemory) {
  const tbb::global_control many(tbb::global_control::max_allowed_parallelism, 8);
  std::vector<std::string> hashes;
  for (const auto& [threads, memory] : std::vector<std::pair<int, std::uint64_t>>{
           {1, 0}, {2, 0}, {8, 0}, {2, std::uint64_t{1} << 20}, {8, std::uint64_t{64} << 20}}) {
    RenderOptions options = overwriting();
    options.threads = threads;
    options.max_memory_bytes = memory;
    hashes.push_back(render_text(session_, options).outputs[0].sha256);
  }
  for (const std::string& hash : hashes) EXPECT_EQ(hash, hashes[0]);
}

TEST_F(SessionRender, OfARangeIsTheSliceOfTheWhole) {
  const std::string dynamic = R"(
tutti: 1
stems:
  - name: A
    clips: [{file: a.wav, at: 0}, {file: a.wav, at: 4}, {file: a.wav, at: 8}]
    inserts:
      - eq: {bands: [{type: high_pass, freq_hz: 80}]}
      - compressor: {threshold_db: -30, ratio: 3, release_ms: 50}
      - convolver: {impulse: h.wav}
outputs: [{file: whole.wav, source: mix, bit_depth: 32f}]
)";
  render_text(dynamic);
  RenderOptions options;
  options.range_start = TimeSpec{8.5, false};
  options.range_end = TimeSpec{9.5, false};
  options.overwrite = true;
  const Signal whole = read("whole.wav");
  render_text(dynamic, options);
  const Signal part = read("whole.wav");
  ASSERT_EQ(part[0].size(), 48000u);
  for (std::size_t c = 0; c < 2; ++c) {
    const Samples slice(whole[c].begin() + 408000, whole[c].begin() + 456000);
    EXPECT_RESIDUAL_BELOW(part[c], slice, bounds::kSessionDbfs);
  }
}

TEST_F(SessionRender, SolosInPlace) {
  const std::string text = R"(
tutti: 1
stems:
  - {name: A, file: a.wav, output: Bus, solo: true, sends: [{to: Hall, gain_db: 0}]}
  - {name: B, file: b.wav, output: Bus, sends: [{to: Hall, gain_db: 0, tap: pre_fader}]}
buses: [{name: Bus}, {name: Hall}, {name: Other}]
outputs: [{file: mix.wav, source: mix, bit_depth: 32f}]
)";
  render_text(text);
  const Signal mix = read("mix.wav");
  Samples truth(mix[0].size());
  add_at(truth, a_[0], 0, 2 * std::sqrt(0.5));  // through Bus and through Hall; B is silent
  EXPECT_RESIDUAL_BELOW(mix[0], truth, bounds::kSumDbfs);
}

TEST_F(SessionRender, FollowsFaderAutomationSampleBySample) {
  const std::string text = R"(
tutti: 1
layout: mono
stems:
  - name: A
    file: a.wav
    automation: [{target: gain_db, points: [["1000 smp", -20], ["41000 smp", 0], ["41000 smp", -.inf], ["60000 smp", -.inf], ["60000 smp", -6]]}]
outputs: [{file: mix.wav, source: mix, bit_depth: 32f}]
)";
  render_text(text);
  const Signal mix = read("mix.wav");
  Samples truth(mix[0].size());
  for (std::size_t n = 0; n < truth.size() && n < a_[0].size(); ++n) {
    const double x = static_cast<double>(n);
    const double level_db = n < 1000 ? -20 : -20 + (x - 1000) / 2000;
    truth[n] = a_[0][n] * (n < 41000 ? decibels(level_db) : n < 60000 ? 0.0 : decibels(-6));
  }
  EXPECT_RESIDUAL_BELOW(mix[0], truth, bounds::kSumDbfs);
}

TEST_F(SessionRender, CrossfadesWithEqualPower) {
  const std::string text = R"(
tutti: 1
layout: mono
stems:
  - name: A
    clips:
      - {file: a.wav, at: 0, length: "20000 smp", fade_out: {length_ms: 100, shape: equal_power}}
      - {file: a.wav, at: "15200 smp", from: "30000 smp", length: "20000 smp", gain_db: -6, fade_in: {length_ms: 100, shape: equal_power}}
outputs: [{file: mix.wav, source: mix, bit_depth: 32f}]
)";
  render_text(text);
  const Signal mix = read("mix.wav");
  Samples truth(mix[0].size());
  constexpr double kHalfPi = 1.5707963267948966;
  for (std::size_t n = 0; n < 20000; ++n) {
    const double out = n < 15200 ? 1.0 : std::sin(kHalfPi * static_cast<double>(20000 - n) / 4800);
    truth[n] += a_[0][n] * out;
    const double in = n < 4800 ? std::sin(kHalfPi * static_cast<double>(n) / 4800) : 1.0;
    truth[15200 + n] += a_[0][30000 + n] * in * decibels(-6);
  }
  EXPECT_RESIDUAL_BELOW(mix[0], truth, bounds::kSumDbfs);
}

}  // namespace
}  // namespace tutti::test
