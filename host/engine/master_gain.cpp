// SPDX-License-Identifier: Apache-2.0
#include "host/engine/master_gain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "host/audio/units.hpp"
#include "host/dsp/loudness_loop.hpp"
#include "host/engine/for_each_track.hpp"
#include "host/engine/limited_readings.hpp"

namespace tutti {
namespace {

// More limiting than this is not done for the sake of a figure.
constexpr double kMostLimitingDb = 24;
// What one track of an album may lose to the limiter while the others lose nothing.
constexpr double kRelationsDb = 3;
// Nearer than what rounding to 16 bits moves, further than what adding up in double does.
constexpr double kExactLu = 1e-3;
// From the absolute gate, −70 LUFS, to any target and back.
constexpr double kAnyGainDb = 200;

class GainSearch {
 public:
  GainSearch(const MasterContext& context, std::span<MasterSignal* const> signals,
             std::span<const Delivery* const> deliveries, AlbumLoudness album)
      : context_(context),
        signals_(signals),
        deliveries_(deliveries),
        like_(*deliveries[0]),
        album_(album) {}

  double run() {
    const double input_gain_db = signals_[0]->input_gain_db();
    if (!like_.loudness) return input_gain_db;
    const LoudnessTargetSpec& goal = *like_.loudness;
    const std::optional<double> plain = loudness([](MasterSignal& s) { return s.plain(); });
    if (!plain) {
      warn("silence",
           fmt::format("no loudness can be measured (silence, or shorter than {}): the level is left "
                       "alone",
                       goal.mode == LoudnessMode::short_term ? "3 s" : "0.4 s"));
      return input_gain_db;
    }
    if (goal.only_if_louder && goal.target_lufs >= *plain) return 0;
    const double direct_db = direct_gain(goal.target_lufs, *plain);
    return limits(direct_db) ? limited_gain(goal, direct_db) : direct_db;
  }

 private:
  template <typename Read>
  std::optional<double> loudness(Read read) {
    std::vector<MeterReadings> readings(signals_.size());
    for_each_track(signals_.size(), [&](std::size_t t) { readings[t] = read(*signals_[t]); });
    std::vector<const MeterReadings*> all;
    for (const MeterReadings& one : readings) all.push_back(&one);
    return programme_loudness_lufs(all, like_.loudness->mode, album_);
  }

  bool limits(double gain_db) {
    return std::any_of(signals_.begin(), signals_.end(),
                       [&](MasterSignal* signal) { return signal->needs_limiter(gain_db); });
  }

  /// Up to this gain nothing is limited.
  double headroom() {
    double headroom_db = (*signals_.begin())->headroom_db();
    for (MasterSignal* signal : signals_) headroom_db = std::min(headroom_db, signal->headroom_db());
    return headroom_db;
  }

  /// Without limiting, loudness follows the gain exactly, as long as no block passes the absolute gate
  /// by it; of a quiet programme some do.
  double direct_gain(double target_lufs, double plain_lufs) {
    LoudnessGoal goal;
    goal.target_lufs = target_lufs;
    goal.tolerance_lu = kExactLu;
    goal.min_gain_db = -kAnyGainDb;
    goal.max_gain_db = kAnyGainDb;
    return find_loudness_gain(
               goal,
               [&](double gain_db) {
                 return loudness([&](MasterSignal& signal) {
                   return scaled_readings(signal.plain(), db_to_linear(gain_db));
                 });
               },
               target_lufs - plain_lufs)
        .gain_db;
  }

  /// With limiting the loop measures what comes out.
  double limited_gain(const LoudnessTargetSpec& target, double direct_db) {
    LoudnessGoal goal;
    goal.target_lufs = target.target_lufs;
    goal.tolerance_lu = target.tolerance_lu / 4;  // room for rounding and dither
    goal.trusted_step_lu = 0.9 * target.tolerance_lu;  // the same room
    const double headroom_db = headroom();
    goal.max_gain_db = std::max(headroom_db + kMostLimitingDb, goal.min_gain_db);
    const LoudnessLoopResult result = find_loudness_gain(
        goal,
        [&](double gain_db) {
          return loudness([&](MasterSignal& signal) { return signal.limited(gain_db); });
        },
        std::min(direct_db, goal.max_gain_db));
    if (const double limited_db = result.gain_db - headroom_db; limited_db > kCrushedDb)
      warn("crushed", fmt::format("{:.1f} LUFS takes {:.1f} dB of limiting; a lower target leaves the "
                                  "programme its peaks",
                                  target.target_lufs, limited_db));
    if (const double limited_db = result.gain_db - headroom_db;
        signals_.size() > 1 && limited_db > kRelationsDb)
      warn("album_relations",
           fmt::format("the limiter takes up to {:.1f} dB of the album's loudest track: its tracks do not "
                       "keep their relations; a lower target would",
                       limited_db));
    const double ceiling_db = signals_[0]->ceiling_db();
    if (!result.reached && result.reached_lufs &&
        std::abs(*result.reached_lufs - target.target_lufs) > target.tolerance_lu)
      warn("target_missed",
           fmt::format("{:.1f} LUFS can not be reached under {:.1f} dBTP; the result is {:.2f} LUFS",
                       target.target_lufs, ceiling_db, *result.reached_lufs),
           /*exact_only=*/signals_.size() == 1);
    if (result.reached_lufs && target.plr_min_db) warn_of_plr(target, ceiling_db, *result.reached_lufs);
    return result.gain_db;
  }

  /// A limited programme peaks at the ceiling, so what is left to its loudness is known.
  void warn_of_plr(const LoudnessTargetSpec& target, double ceiling_db, double reached_lufs) {
    const double plr_db = ceiling_db - reached_lufs;
    if (plr_db >= *target.plr_min_db) return;
    warn("plr_low",
         fmt::format("{:.1f} LUFS under {:.1f} dBTP leaves {:.1f} dB between loudness and peak, less "
                     "than {:.1f}; {:.1f} LUFS would keep it",
                     reached_lufs, ceiling_db, plr_db, *target.plr_min_db,
                     ceiling_db - *target.plr_min_db));
  }

  /// `exact_only`: what is to be heard of a lossy file, its own measurement tells.
  void warn(const char* code, const std::string& what, bool exact_only = false) {
    if (!context_.warnings) return;
    for (const Delivery* delivery : deliveries_)
      if (!exact_only || !is_lossy(delivery->write.path))
        context_.warnings({code, delivery->write.path.filename().string() + ": " + what,
                         delivery->write.path.string()});
  }

  const MasterContext& context_;
  std::span<MasterSignal* const> signals_;
  std::span<const Delivery* const> deliveries_;
  const Delivery& like_;
  AlbumLoudness album_;
};

}  // namespace

double find_master_gain_db(const MasterContext& context, std::span<MasterSignal* const> signals,
                           std::span<const Delivery* const> deliveries, AlbumLoudness album) {
  return GainSearch(context, signals, deliveries, album).run();
}

}  // namespace tutti
