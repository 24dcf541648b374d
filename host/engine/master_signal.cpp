// SPDX-License-Identifier: Apache-2.0
#include "host/engine/master_signal.hpp"

#include <algorithm>
#include <cmath>

namespace tutti {
namespace {

constexpr Frames kBlockFrames = 65536;

/// One file being written: packed on the backend, or from floats where these are encoded.
struct OpenDelivery {
  std::unique_ptr<AudioWriter> writer;
  std::unique_ptr<PackRunner> packer;

  void take(Backend& backend, TileView tile, Buffer& host) {
    if (packer)
      writer->write_packed(packer->process(tile));
    else
      writer->write(backend.fetch(tile, host));
  }
};

OpenDelivery open_delivery(Backend& backend, const WriteSpec& spec) {
  OpenDelivery open;
  open.writer = open_writer(spec);
  if (const std::optional<PackDesign> design = open.writer->packing())
    open.packer = backend.make_packer(*design, spec.channels);
  return open;
}

RenderedOutput listed(const AudioWriter::Written& written, const Delivery& delivery) {
  RenderedOutput output;
  output.file = written.path.string();
  output.source = "master";
  output.sha256 = written.sha256;
  output.audio_md5 = written.audio_md5;
  if (delivery.loudness) {
    output.target_lufs = delivery.loudness->target_lufs;
    output.loudness_mode = delivery.loudness->mode;
    output.only_if_louder = delivery.loudness->only_if_louder;
  }
  if (delivery.limiter) output.ceiling_dbtp = delivery.limiter->ceiling_dbtp;
  output.clipped_samples = written.clipped_samples;
  return output;
}

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
    run(0, false, [&](TileView tile) { meter->process(tile); });
    plain_ = meter->readings();
  }
  return *plain_;
}

const Measurement& MasterSignal::plain_measurement() {
  if (!plain_measurement_) plain_measurement_ = assemble_measurement(plain());
  return *plain_measurement_;
}

MeterReadings MasterSignal::limited(double gain_db) {
  const auto meter =
      context_.backend.make_meter(rate_hz(), context_.loudness_weights, {true, false, false});
  run(gain_db, needs_limiter(gain_db), [&](TileView tile) { meter->process(tile); });
  return meter->readings();
}

bool MasterSignal::is_silent() {
  const auto peak_dbfs = plain_measurement().sample_peak_dbfs;
  return !peak_dbfs || std::isinf(*peak_dbfs);
}

double MasterSignal::ceiling_db() const { return linear_to_db(limiter_->ceiling); }

bool MasterSignal::needs_limiter(double gain_db) {
  const auto peak_dbtp = plain_measurement().true_peak_dbtp;
  return limiter_ && peak_dbtp && *peak_dbtp + gain_db > ceiling_db();
}

void MasterSignal::run(double gain_db, bool limited, const Take& take) {
  std::unique_ptr<LimiterRunner> limiter;
  if (limited) limiter = context_.backend.make_limiter(*limiter_, signal_.channels());
  const double gain = db_to_linear(gain_db);
  const Frames lag = limited ? limiter_->latency_frames : 0;
  const auto block = context_.backend.allocate(signal_.channels(), kBlockFrames);
  for (Frames first = 0; first < signal_.frames() + lag; first += kBlockFrames) {
    context_.place.check_stop();
    const Frames count = std::min(kBlockFrames, signal_.frames() + lag - first);
    const TileView tile = block->view().slice(0, count);
    context_.backend.fill(tile, [&](BlockView view) { read_scaled(first, gain, view); });
    if (limiter) limiter->process(tile, tile);
    const Frames skip = std::clamp<Frames>(lag - first, 0, count);
    if (skip < count) take(tile.slice(skip, count - skip));
  }
  if (limiter) reduction_db_ = limiter->max_reduction_db();
}

void MasterSignal::read_scaled(Frames first, double gain, BlockView view) const {
  signal_.read(first, view);
  if (gain == 1.0) return;
  for (int c = 0; c < view.channels; ++c)
    for (Frames n = 0; n < view.frames; ++n)
      view.channel(c)[n] = static_cast<float>(view.channel(c)[n] * gain);
}

void MasterSignal::write(double gain_db, const std::vector<const Delivery*>& deliveries,
                         std::vector<RenderedOutput>& outputs) {
  std::vector<OpenDelivery> open;
  for (const Delivery* delivery : deliveries) {
    WriteSpec spec = delivery->write;
    spec.expected_frames = signal_.frames();
    if (is_silent()) spec.dither = DitherKind::none;
    open.push_back(open_delivery(context_.backend, spec));
  }
  Frames done = 0;
  Buffer host;
  reduction_db_ = 0;
  run(gain_db, needs_limiter(gain_db), [&](TileView tile) {
    for (OpenDelivery& delivery : open) delivery.take(context_.backend, tile, host);
    done += tile.frames;
    if (context_.progress) context_.progress(done, signal_.frames());
  });
  for (std::size_t i = 0; i < open.size(); ++i) {
    RenderedOutput output = listed(open[i].writer->commit(), *deliveries[i]);
    output.gain_db = gain_db;
    output.limiter_max_reduction_db = reduction_db_;
    outputs.push_back(std::move(output));
  }
}

}  // namespace tutti
