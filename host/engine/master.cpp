// SPDX-License-Identifier: Apache-2.0
#include "host/engine/master.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "host/audio/channel_layout.hpp"
#include "host/dsp/loudness_loop.hpp"
#include "host/io/stream_resampler.hpp"

namespace tutti {
namespace {

constexpr Frames kBlockFrames = 65536;
// Near-silence that `trim: auto` removes: half a step of 16 bit.
constexpr double kTrimDbfs = -96;

/// One group: the signal at its delivery rate, edited, before gain.
class MasterGroup {
 public:
  MasterGroup(const MasterContext& context, const Delivery& like, const LongBuffer& signal)
      : context_(context), like_(like), signal_(signal) {
    const auto layout = *layout_by_name(context.session.layout);
    weights_ = layout.loudness_weights;
    if (like.limiter) {
      limiter_ = design(*like.limiter, rate());
      input_gain_ = limiter_->input_gain;
      limiter_->input_gain = 1;
    }
  }

  /// Finds the gain that brings the limited signal to the target.
  void settle() {
    const Measurement plain = measure_plain();
    silent_ = !plain.sample_peak_dbfs || std::isinf(*plain.sample_peak_dbfs);
    double gain_db = linear_to_db(input_gain_);
    if (like_.target_lufs && !plain.integrated_lufs) {
      context_.warnings({"silence",
                         fmt::format("{}: no loudness can be measured (silence, or shorter than "
                                     "0.4 s): the level is left alone",
                                     like_.write.path.filename().string()),
                         like_.write.path.string()});
    } else if (like_.target_lufs) {
      gain_db = gain_to_target(plain, *like_.target_lufs);
    }
    gain_ = db_to_linear(gain_db);
    needs_limiter_ = limiter_ && plain.true_peak_dbtp &&
                     *plain.true_peak_dbtp + gain_db > linear_to_db(limiter_->ceiling);
  }

  /// Gain and limiter applied; blocks in order, in the backend's memory.
  template <typename Take>
  void run(double gain, bool limited, Take&& take) {
    std::unique_ptr<LimiterRunner> limiter;
    if (limited) limiter = context_.backend.make_limiter(*limiter_, signal_.channels());
    const Frames lag = limited ? limiter_->latency_frames : 0;
    const auto block = context_.backend.allocate(signal_.channels(), kBlockFrames);
    for (Frames first = 0; first < signal_.frames() + lag; first += kBlockFrames) {
      check_stop();
      const Frames count = std::min(kBlockFrames, signal_.frames() + lag - first);
      const TileView tile = block->view().slice(0, count);
      context_.backend.fill(tile, [&](BlockView view) { read_scaled(first, gain, view); });
      if (limiter) limiter->process(tile, tile);
      const Frames skip = std::clamp<Frames>(lag - first, 0, count);
      if (skip < count) take(tile.slice(skip, count - skip));
    }
    if (limiter) reduction_db_ = limiter->max_reduction_db();
  }

  void write(const std::vector<const Delivery*>& deliveries, std::vector<RenderedOutput>& outputs) {
    std::vector<std::unique_ptr<AudioWriter>> writers;
    std::vector<std::unique_ptr<PackRunner>> packers;  // null where floats are encoded
    for (const Delivery* delivery : deliveries) {
      WriteSpec spec = delivery->write;
      spec.expected_frames = signal_.frames();
      if (silent_) spec.dither = DitherKind::none;
      writers.push_back(open_writer(spec));
      const std::optional<PackDesign> design = writers.back()->packing();
      packers.push_back(design ? context_.backend.make_packer(*design, signal_.channels()) : nullptr);
    }
    Frames done = 0;
    Buffer host;
    run(gain_, needs_limiter_, [&](TileView tile) {
      for (std::size_t i = 0; i < writers.size(); ++i) {
        if (packers[i])
          writers[i]->write_packed(packers[i]->process(tile));
        else
          writers[i]->write(context_.backend.fetch(tile, host));
      }
      done += tile.frames;
      if (context_.progress) context_.progress(done, signal_.frames());
    });
    for (std::size_t i = 0; i < writers.size(); ++i) {
      const AudioWriter::Written written = writers[i]->commit();
      RenderedOutput output;
      output.file = written.path.string();
      output.source = "master";
      output.sha256 = written.sha256;
      output.audio_md5 = written.audio_md5;
      output.target_lufs = deliveries[i]->target_lufs;
      if (limiter_) output.ceiling_dbtp = deliveries[i]->limiter->ceiling_dbtp;
      output.gain_db = linear_to_db(gain_);
      output.limiter_max_reduction_db = reduction_db_;
      output.clipped_samples = written.clipped_samples;
      outputs.push_back(std::move(output));
    }
  }

 private:
  double rate() const { return like_.write.sample_rate_hz; }

  void check_stop() const {
    if (context_.stop && context_.stop->load()) throw Cancelled();
  }

  void read_scaled(Frames first, double gain, BlockView view) const {
    signal_.read(first, view);
    if (gain == 1.0) return;
    for (int c = 0; c < view.channels; ++c)
      for (Frames n = 0; n < view.frames; ++n)
        view.channel(c)[n] = static_cast<float>(view.channel(c)[n] * gain);
  }

  Measurement measure_plain() {
    auto meter = context_.backend.make_meter(rate(), weights_, {});
    run(1.0, false, [&](TileView tile) { meter->process(tile); });
    return meter->finish();
  }

  /// Without limiting, loudness follows the gain exactly; with it, the loop measures what comes out.
  double gain_to_target(const Measurement& plain, double target_lufs) {
    const double direct_db = target_lufs - *plain.integrated_lufs;
    if (!limiter_ || *plain.true_peak_dbtp + direct_db <= linear_to_db(limiter_->ceiling))
      return direct_db;
    LoudnessGoal goal;
    goal.target_lufs = target_lufs;
    goal.tolerance_lu = like_.tolerance_lu / 4;  // room for rounding and dither
    const LoudnessLoopResult result = find_loudness_gain(
        goal,
        [&](double gain_db) {
          auto meter = context_.backend.make_meter(rate(), weights_, {true, false, false});
          run(db_to_linear(gain_db), true, [&](TileView tile) { meter->process(tile); });
          return meter->finish().integrated_lufs;
        },
        direct_db);
    if (!result.reached && result.reached_lufs)
      context_.warnings({"target_not_reached",
                         fmt::format("{}: {:.1f} LUFS can not be reached under {:.1f} dBTP; the "
                                     "result is {:.2f} LUFS",
                                     like_.write.path.filename().string(), target_lufs,
                                     linear_to_db(limiter_->ceiling), *result.reached_lufs),
                         like_.write.path.string()});
    return result.gain_db;
  }

  const MasterContext& context_;
  const Delivery& like_;
  const LongBuffer& signal_;
  std::span<const double> weights_;
  std::optional<LimiterDesign> limiter_;
  double input_gain_ = 1, gain_ = 1, reduction_db_ = 0;
  bool needs_limiter_ = false, silent_ = false;
};

double edit_gain(const MasterEdit& edit, Frames position) {
  double gain = 1;
  if (position < edit.fade_in)
    gain *= fade_gain(edit.fade_in_shape,
                      static_cast<double>(position) / static_cast<double>(edit.fade_in));
  const Frames left = edit.end - edit.begin - position;
  if (left <= edit.fade_out)
    gain *= fade_gain(edit.fade_out_shape,
                      static_cast<double>(left) / static_cast<double>(edit.fade_out));
  return gain;
}

bool changes(const MasterEdit& edit, const LongBuffer& signal) {
  return edit.begin > 0 || edit.end < signal.frames() || edit.fade_in > 0 || edit.fade_out > 0;
}

/// The edited signal at another rate (or the same).
LongBuffer edited_at_rate(const MasterContext& context, const LongBuffer& signal,
                          const MasterEdit& edit, double rate_hz) {
  LongBuffer result(signal.channels(), context.memory_budget_bytes, context.spill_folder);
  const Frames length = edit.end - edit.begin;
  result.reserve(static_cast<Frames>(static_cast<double>(length) * rate_hz /
                                     context.session.sample_rate_hz) + 1);
  std::optional<StreamResampler> resampler;
  if (rate_hz != context.session.sample_rate_hz)
    resampler.emplace(signal.channels(), context.session.sample_rate_hz, rate_hz);
  Buffer block(signal.channels(), kBlockFrames);
  for (Frames first = 0; first < length; first += kBlockFrames) {
    if (context.stop && context.stop->load()) throw Cancelled();
    const Frames count = std::min(kBlockFrames, length - first);
    const BlockView view = block.view().slice(0, count);
    signal.read(edit.begin + first, view);
    for (Frames n = 0; n < count; ++n) {
      const Frames position = first + n;
      if (position >= edit.fade_in && length - position > edit.fade_out) continue;
      const double gain = edit_gain(edit, position);
      for (int c = 0; c < view.channels; ++c)
        view.channel(c)[n] = static_cast<float>(view.channel(c)[n] * gain);
    }
    result.append(resampler ? resampler->process(view) : ConstBlockView(view));
  }
  if (resampler) result.append(resampler->finish());
  return result;
}

/// First frame at or above the level at or after `from`, or the end; backwards with `last`.
Frames find_sound(const LongBuffer& signal, bool last) {
  const double level = db_to_linear(kTrimDbfs);
  Buffer block(signal.channels(), kBlockFrames);
  const Frames blocks = (signal.frames() + kBlockFrames - 1) / kBlockFrames;
  for (Frames b = 0; b < blocks; ++b) {
    const Frames first = (last ? blocks - 1 - b : b) * kBlockFrames;
    const Frames count = std::min(kBlockFrames, signal.frames() - first);
    signal.read(first, block.view().slice(0, count));
    for (Frames i = 0; i < count; ++i) {
      const Frames n = last ? count - 1 - i : i;
      for (int c = 0; c < signal.channels(); ++c)
        if (std::abs(block.channel(c)[n]) >= level) return first + n + (last ? 1 : 0);
    }
  }
  return last ? 0 : signal.frames();
}

}  // namespace

MasterEdit plan_edit(const Session& session, const LongBuffer& signal, Frames timeline_start) {
  const TrimSpec& trim = session.master.trim;
  const double rate = session.sample_rate_hz;
  MasterEdit edit;
  edit.end = signal.frames();
  if (trim.auto_start) edit.begin = find_sound(signal, false);
  if (trim.auto_end) edit.end = find_sound(signal, true);
  if (trim.start) edit.begin = trim.start->frames(rate) - timeline_start;
  if (trim.end) edit.end = trim.end->frames(rate) - timeline_start;
  edit.begin = std::clamp<Frames>(edit.begin, 0, signal.frames());
  edit.end = std::clamp<Frames>(edit.end, 0, signal.frames());
  if (edit.end <= edit.begin) {  // nothing sounds: keep the file as long as the timeline
    edit.begin = 0;
    edit.end = signal.frames();
  }
  const Frames length = edit.end - edit.begin;
  if (session.master.fade_in) {
    edit.fade_in = std::min(length, seconds_to_frames(session.master.fade_in->length_s, rate));
    edit.fade_in_shape = session.master.fade_in->shape;
  }
  if (session.master.fade_out) {
    edit.fade_out = std::min(length, seconds_to_frames(session.master.fade_out->length_s, rate));
    edit.fade_out_shape = session.master.fade_out->shape;
  }
  return edit;
}

void deliver_masters(const MasterContext& context, const LongBuffer& signal, const MasterEdit& edit,
                     const std::vector<Delivery>& deliveries, std::vector<RenderedOutput>& outputs) {
  using Key = std::tuple<double, double, double>;
  std::map<Key, std::vector<const Delivery*>> groups;
  for (const Delivery& delivery : deliveries)
    groups[{delivery.write.sample_rate_hz, delivery.target_lufs.value_or(1e9),
            delivery.limiter ? delivery.limiter->ceiling_dbtp : 1e9}]
        .push_back(&delivery);
  for (const auto& [key, members] : groups) {
    const double rate_hz = std::get<0>(key);
    std::optional<LongBuffer> edited;
    if (changes(edit, signal) || rate_hz != context.session.sample_rate_hz)
      edited.emplace(edited_at_rate(context, signal, edit, rate_hz));
    MasterGroup group(context, *members[0], edited ? *edited : signal);
    group.settle();
    group.write(members, outputs);
  }
}

}  // namespace tutti
