// SPDX-License-Identifier: Apache-2.0
// One finished signal at a delivery's rate: measured before and behind the limiter, and written.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "host/backend/backend.hpp"
#include "host/engine/deliveries.hpp"
#include "host/engine/master_edit.hpp"

namespace tutti {

/// What mastering needs besides the signal.
struct MasterContext {
  Backend& backend;
  std::span<const double> loudness_weights;
  LongSignalPlace place;
  std::function<void(Frames done, Frames total)> progress;
  WarningSink warnings;
  /// Every file is decoded and measured before it gets its name; else the measurements stay empty, for
  /// who reads all of it back.
  bool measures = false;
};

/// More limiting than this is heard on any programme, and is told.
inline constexpr double kCrushedDb = 12;

class MasterSignal {
 public:
  /// `like`: one of the deliveries that it is written as; they share rate, target and ceiling. All
  /// three outlive this.
  MasterSignal(const MasterContext& context, const Delivery& like, const LongBuffer& signal);

  /// What `plain` would measure, where that is known already.
  void know_plain(MeterReadings readings) { plain_ = std::move(readings); }
  /// As it is, without gain or limiter; measured once.
  const MeterReadings& plain();
  const Measurement& plain_measurement();
  /// Its loudness behind the limiter.
  MeterReadings limited(double gain_db);

  bool is_silent();
  bool has_limiter() const { return limiter_.has_value(); }
  double ceiling_db() const;
  /// The limiter's own input gain.
  double input_gain_db() const { return input_gain_db_; }
  /// Up to this gain nothing is limited.
  double headroom_db();
  /// A gain that makes its true peak pass the ceiling.
  bool needs_limiter(double gain_db);

  /// Writes files of the settled gain and lists them. Throws IoError, Cancelled.
  std::vector<RenderedOutput> write(double gain_db,
                                    const std::vector<const Delivery*>& deliveries);
  /// One lossy file: heard before it gets its name, and encoded again, lower, until what is decoded
  /// keeps the ceiling; and, where the gain is this signal's alone, has the loudness, as far as
  /// kCrushedDb of limiting bring it.
  RenderedOutput write_lossy(double gain_db, const Delivery& delivery, bool own_gain);

 private:
  using Take = std::function<void(TileView)>;
  double rate_hz() const { return like_.write.sample_rate_hz; }
  /// The limiter for a gain, its ceiling lowered by so much; none: nothing comes near the ceiling.
  std::optional<LimiterDesign> limiter_for(double gain_db, double lower_db = 0);
  /// Gain and limiter applied; blocks in order, in the backend's memory.
  void run(double gain_db, const std::optional<LimiterDesign>& limiter, const Take& take);
  bool runs_throughout() const;
  std::optional<double> lossy_aim(double gain_db, const Delivery& delivery);
  WriteSpec spec_of(const Delivery& delivery);
  void warn_of_codec(const Delivery& delivery, double true_peak_dbtp) const;
  /// Fills frames of the signal with the gain applied, zero behind its end. Throws Cancelled.
  std::function<void(Frames first, BlockView)> reader(double gain) const;

  const MasterContext& context_;
  const Delivery& like_;
  const LongBuffer& signal_;
  std::optional<LimiterDesign> limiter_;
  double input_gain_db_ = 0, reduction_db_ = 0;
  std::optional<MeterReadings> plain_;
  std::optional<Measurement> plain_measurement_;
};

}  // namespace tutti
