// SPDX-License-Identifier: Apache-2.0
// Times: the range of the timeline, clips and their fades, the master's trim.
#include "host/session/text.hpp"
#include "host/session/validation.hpp"

namespace tutti {
namespace {

void refuse_negative(Validation& v, const std::string& path, const TimeSpec& time) {
  const std::string key = path.substr(path.rfind('.') + 1);  // npos + 1 is 0
  if (time.value < 0) v.error(path, key + " can not be negative");
}

void check_range(Validation& v, const std::string& prefix, const std::optional<TimeSpec>& start,
                 const std::optional<TimeSpec>& end) {
  const double rate_hz = v.session.sample_rate_hz;
  if (start) refuse_negative(v, prefix + "start", *start);
  if (end && start && end->frames(rate_hz) <= start->frames(rate_hz)) {
    v.error(prefix + "end", "the end has to come after the start");
  } else if (end && end->frames(rate_hz) <= 0) {
    v.error(prefix + "end", "the end has to come after 0");
  }
}

void check_fade(Validation& v, const std::string& path, const std::optional<FadeSpec>& fade,
                Frames clip_frames) {
  if (!fade || ms_to_frames(fade->length_ms, v.session.sample_rate_hz) <= clip_frames) return;
  const double clip_ms = static_cast<double>(clip_frames) / v.session.sample_rate_hz * 1000;
  v.error(path + ".length_ms", "the fade is longer than its clip",
          "the clip lasts " + text::number(clip_ms) + " ms");
}

void check_clip(Validation& v, const std::string& path, const ClipSpec& clip) {
  refuse_negative(v, path + ".at", clip.at);
  refuse_negative(v, path + ".from", clip.from);
  if (!clip.length) return;
  const Frames length_frames = clip.length->frames(v.session.sample_rate_hz);
  if (clip.length->value < 0 || length_frames <= 0) {
    v.error(path + ".length", "length must be greater than 0");
    return;
  }
  check_fade(v, path + ".fade_in", clip.fade_in, length_frames);
  check_fade(v, path + ".fade_out", clip.fade_out, length_frames);
}

}  // namespace

void check_timeline(Validation& v) {
  const Session& session = v.session;
  check_range(v, "", session.start, session.end);
  check_range(v, "master.trim.", session.master.trim.start, session.master.trim.end);
  for (std::size_t i = 0; i < session.stems.size(); ++i) {
    const StemSpec& stem = session.stems[i];
    for (std::size_t c = 0; c < stem.clips.size(); ++c) {
      const ClipSpec& clip = stem.clips[c];
      const bool whole = clip.at.value == 0 && clip.from.value == 0 && !clip.length;
      if (whole) continue;
      check_clip(v, "stems[" + std::to_string(i) + "].clips[" + std::to_string(c) + "]", clip);
    }
  }
}

}  // namespace tutti
