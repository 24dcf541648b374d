// SPDX-License-Identifier: Apache-2.0
#include "host/engine/master_signal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "host/dsp/programme_loudness.hpp"
#include "host/engine/limited_readings.hpp"
#include "host/engine/limited_spans.hpp"
#include "host/engine/master_blocks.hpp"
#include "host/engine/open_delivery.hpp"
#include "host/engine/read_back.hpp"

namespace tutti {
namespace {

// Each encoding lowers what the one before was over by; a codec's ringing hardly changes with it.
constexpr int kMostEncodings = 8;
constexpr double kCodecMarginDb = 0.05;
constexpr double kNoPeakDb = 1000;

}  // namespace

MasterSignal::MasterSignal(const MasterContext& context, const Delivery& like,
                           const LongBuffer& signal)
    : context_(context), like_(like), signal_(signal) {
  if (!like.limiter) return;
  limiter_ = design(*like.limiter, rate_hz());
  input_gain_db_ = linear_to_db(limiter_->input_gain);
  limiter_->input_gain = 1;
}

const MeterReadings& MasterSignal::plain() {
  if (!plain_) {
    const auto meter = context_.backend.make_meter(rate_hz(), context_.loudness_weights, {});
    run(0, {}, [&](TileView tile) { meter->process(tile); });
    plain_ = meter->readings();
  }
  return *plain_;
}

const Measurement& MasterSignal::plain_measurement() {
  if (!plain_measurement_) plain_measurement_ = assemble_measurement(plain());
  return *plain_measurement_;
}

MeterReadings MasterSignal::limited(double gain_db) {
  const double gain = db_to_linear(gain_db);
  const std::optional<LimiterDesign> limiter = limiter_for(gain_db);
  if (!limiter) return scaled_readings(plain(), gain);
  if (runs_throughout()) {
    const auto meter =
        context_.backend.make_meter(rate_hz(), context_.loudness_weights, {true, false, false});
    run(gain_db, limiter, [&](TileView tile) { meter->process(tile); });
    return meter->readings();
  }
  return limited_readings(context_.backend, context_.loudness_weights, plain(), gain, *limiter,
                          reader(gain));
}

bool MasterSignal::is_silent() {
  const auto peak_dbfs = plain_measurement().sample_peak_dbfs;
  return !peak_dbfs || std::isinf(*peak_dbfs);
}

double MasterSignal::ceiling_db() const { return linear_to_db(limiter_->ceiling); }

double MasterSignal::headroom_db() {
  const auto peak_dbtp = plain_measurement().true_peak_dbtp;
  return peak_dbtp ? ceiling_db() - *peak_dbtp : kNoPeakDb;
}

bool MasterSignal::needs_limiter(double gain_db) { return limiter_for(gain_db).has_value(); }

std::optional<LimiterDesign> MasterSignal::limiter_for(double gain_db, double lower_db) {
  const auto peak_dbtp = plain_measurement().true_peak_dbtp;
  if (!limiter_ || !peak_dbtp || *peak_dbtp + gain_db <= ceiling_db() - lower_db) return {};
  LimiterDesign lowered = *limiter_;
  if (lower_db > 0) lowered.ceiling = db_to_linear(ceiling_db() - lower_db);
  return lowered;
}

void MasterSignal::run(double gain_db, const std::optional<LimiterDesign>& design,
                       const Take& take) {
  const double gain = db_to_linear(gain_db);
  if (!design || runs_throughout()) {
    const std::optional<double> reduction_db = run_master_blocks(
        context_.backend, signal_.channels(), signal_.frames(), design, reader(gain), take);
    if (reduction_db) reduction_db_ = *reduction_db;
    return;
  }
  reduction_db_ = run_master_spans(context_.backend, signal_.channels(), signal_.frames(), *design,
                                   limited_spans(plain(), gain, *design), reader(gain), take);
}

/// A device is short of long blocks, not of time for them: there a limiter runs where it can not act too.
bool MasterSignal::runs_throughout() const { return context_.backend.has_own_memory(); }

std::function<void(Frames, BlockView)> MasterSignal::reader(double gain) const {
  return [this, gain](Frames first, BlockView view) {
    context_.place.check_stop();
    signal_.read(first, view);
    if (gain == 1.0) return;
    for (int c = 0; c < view.channels; ++c)
      for (Frames n = 0; n < view.frames; ++n)
        view.channel(c)[n] = static_cast<float>(view.channel(c)[n] * gain);
  };
}

WriteSpec MasterSignal::spec_of(const Delivery& delivery) {
  WriteSpec spec = delivery.write;
  spec.expected_frames = signal_.frames();
  spec.warnings = context_.warnings;
  if (is_silent()) spec.dither = DitherKind::none;
  return spec;
}

std::vector<RenderedOutput> MasterSignal::write(double gain_db,
                                                const std::vector<const Delivery*>& deliveries) {
  std::vector<OpenDelivery> open;
  for (const Delivery* delivery : deliveries)
    open.push_back(open_delivery(context_, spec_of(*delivery)));
  Frames done = 0;
  Buffer host;
  reduction_db_ = 0;
  run(gain_db, limiter_for(gain_db), [&](TileView tile) {
    for (OpenDelivery& delivery : open) delivery.take(context_.backend, tile, host);
    done += tile.frames;
    if (context_.progress) context_.progress(done, signal_.frames());
  });
  std::vector<RenderedOutput> outputs;
  for (std::size_t i = 0; i < open.size(); ++i) {
    Measurement heard;
    if (open[i].check) {
      heard = open[i].check->read_back(context_.backend, context_.loudness_weights,
                                       open[i].writer->finish(), deliveries[i]->write.path,
                                       context_.place.stop);
      open[i].writer->set_loudness(heard);
    }
    RenderedOutput output = listed(open[i].writer->commit(), *deliveries[i]);
    output.measured = heard;
    output.gain_db = gain_db;
    output.limiter_max_reduction_db = reduction_db_;
    outputs.push_back(std::move(output));
  }
  return outputs;
}

/// The loudness that a decoded file should have: the target, or what the limiter leaves of it; none:
/// nothing to aim at.
std::optional<double> MasterSignal::lossy_aim(double gain_db, const Delivery& delivery) {
  const auto& loudness = delivery.loudness;
  if (!loudness || loudness->only_if_louder) return {};
  if (!limiter_for(gain_db)) return loudness->target_lufs;
  const MeterReadings readings = limited(gain_db);
  const MeterReadings* const own[] = {&readings};
  const auto reached_lufs = programme_loudness_lufs(own, loudness->mode);
  const bool short_of_it =
      reached_lufs && *reached_lufs < loudness->target_lufs - loudness->tolerance_lu;
  return short_of_it ? *reached_lufs : loudness->target_lufs;
}

RenderedOutput MasterSignal::write_lossy(double gain_db, const Delivery& delivery, bool own_gain) {
  WriteSpec spec = spec_of(delivery);
  const std::optional<double> aim_lufs = own_gain ? lossy_aim(gain_db, delivery) : std::nullopt;
  // A lower ceiling costs loudness, which is made up for until it is heard as limiting.
  const double most_gain_db =
      limiter_ ? std::max(gain_db, headroom_db() + kCrushedDb) : gain_db + kCrushedDb;
  double lower_db = 0;
  for (int encodings = 1;; ++encodings) {
    OpenDelivery open = open_delivery(context_, spec);
    Buffer host;
    reduction_db_ = 0;
    run(gain_db, limiter_for(gain_db, lower_db),
        [&](TileView tile) { open.take(context_.backend, tile, host); });
    const Measurement heard =
        measure_file(open.writer->finish(), context_.backend, context_.place.stop);
    const double over_db = delivery.limiter && heard.true_peak_dbtp
                               ? *heard.true_peak_dbtp - delivery.limiter->ceiling_dbtp
                               : 0;
    const std::optional<double> heard_lufs =
        aim_lufs ? programme_loudness_lufs(heard, delivery.loudness->mode) : std::nullopt;
    const double raise_db =
        heard_lufs ? std::min(*aim_lufs - *heard_lufs, most_gain_db - gain_db) : 0;
    const bool loud_enough =
        raise_db == 0 || std::abs(raise_db) <= delivery.loudness->tolerance_lu;
    if ((over_db <= 0 && loud_enough) || encodings == kMostEncodings) {
      if (over_db > 0) warn_of_codec(delivery, *heard.true_peak_dbtp);
      RenderedOutput output = listed(open.writer->commit(), delivery);
      output.measured = heard;
      output.gain_db = gain_db;
      output.limiter_max_reduction_db = reduction_db_;
      return output;
    }
    spec.warnings = {};  // they have been said
    if (over_db > 0) lower_db += over_db + kCodecMarginDb;
    gain_db += raise_db;
  }
}

/// The codec's ringing beat the limiter as often as it was tried.
void MasterSignal::warn_of_codec(const Delivery& delivery, double true_peak_dbtp) const {
  if (!context_.warnings) return;
  context_.warnings({"codec_ceiling",
                     fmt::format("{}: decodes to {:.2f} dBTP after {} encodings; a lower ceiling or a "
                                 "higher bit rate keeps {:.2f}",
                                 delivery.write.path.filename().string(), true_peak_dbtp,
                                 kMostEncodings, delivery.limiter->ceiling_dbtp),
                     delivery.write.path.string()});
}

}  // namespace tutti
