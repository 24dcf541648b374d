// SPDX-License-Identifier: Apache-2.0
#include "host/engine/master_edit.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "host/audio/errors.hpp"
#include "host/io/stream_resampler.hpp"

namespace tutti {
namespace {

constexpr Frames kBlockFrames = 65536;
// Near-silence that `trim: auto` removes: half a step of 16 bit.
constexpr double kTrimDbfs = -96;

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

void LongSignalPlace::check_stop() const {
  if (stop && stop->load()) throw Cancelled();
}

MasterEdit plan_edit(const MasterSpec& master, double sample_rate_hz, const LongBuffer& signal,
                     Frames timeline_start) {
  const TrimSpec& trim = master.trim;
  const double rate = sample_rate_hz;
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
  if (master.fade_in) {
    edit.fade_in = std::min(length, seconds_to_frames(master.fade_in->length_s, rate));
    edit.fade_in_shape = master.fade_in->shape;
  }
  if (master.fade_out) {
    edit.fade_out = std::min(length, seconds_to_frames(master.fade_out->length_s, rate));
    edit.fade_out_shape = master.fade_out->shape;
  }
  return edit;
}

LongBuffer edited_at_rate(const LongSignalPlace& place, const LongBuffer& signal,
                          double sample_rate_hz, const MasterEdit& edit, double to_rate_hz,
                          const std::function<void(ConstBlockView)>& hear) {
  LongBuffer result(signal.channels(), place.memory_budget_bytes, place.spill_folder);
  const Frames length = edit.end - edit.begin;
  result.reserve(static_cast<Frames>(static_cast<double>(length) * to_rate_hz / sample_rate_hz) +
                 1);
  std::optional<StreamResampler> resampler;
  if (to_rate_hz != sample_rate_hz)
    resampler.emplace(signal.channels(), sample_rate_hz, to_rate_hz);
  const auto keep = [&](ConstBlockView block) {
    result.append(block);
    hear(block);
  };
  Buffer block(signal.channels(), kBlockFrames);
  for (Frames first = 0; first < length; first += kBlockFrames) {
    place.check_stop();
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
    keep(resampler ? resampler->process(view) : ConstBlockView(view));
  }
  if (resampler) keep(resampler->finish());
  return result;
}

}  // namespace tutti
