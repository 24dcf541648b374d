// SPDX-License-Identifier: Apache-2.0
#include "host/engine/inputs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "host/audio/channel_layout.hpp"
#include "host/engine/impulse_files.hpp"
#include "host/graph/convolution.hpp"

namespace tutti {
namespace {

constexpr double kLongestImpulseS = 120;

class Opener {
 public:
  Opener(const Session& session, const WarningSink& warnings, const DecodeOptions& decoding,
         std::vector<Issue>& issues)
      : session_(session), warnings_(warnings), decoding_(decoding), issues_(issues) {
    layout_channels_ = layout_by_name(session.layout).value_or(*layout_by_name("stereo")).channels();
  }

  SessionInputs run() {
    for (std::size_t i = 0; i < session_.stems.size(); ++i) open_stem(i);
    for (std::size_t i = 0; i < session_.stems.size(); ++i)
      open_impulses(session_.stems[i].inserts, fmt::format("stems[{}]", i));
    for (std::size_t i = 0; i < session_.buses.size(); ++i)
      open_impulses(session_.buses[i].inserts, fmt::format("buses[{}]", i));
    open_impulses(session_.master.inserts, "master");
    read_impulses();
    for (auto& [path, file] : files_)
      if (file) result_.files.push_back(std::move(*file));
    return std::move(result_);
  }

 private:
  void add_issue(const std::string& place, std::string message, std::string hint = {}) {
    issues_.push_back(issue_at(session_, place, std::move(message), std::move(hint)));
  }

  /// Header of a file at the session's rate, read once however many clips use it.
  std::optional<AudioInfo> info_of(const std::string& file, const std::string& place) {
    const std::string path = resolve(session_, file).string();
    const auto [known, fresh] = files_.try_emplace(path);
    if (!fresh && !known->second) return {};
    try {
      if (fresh)
        known->second = InputFile{path, place, open_audio(path, warnings_, decoding_)->info()};
    } catch (const IoError& problem) {
      add_issue(place, problem.what());
      return {};
    }
    return at_session_rate(known->second->info);
  }

  AudioInfo at_session_rate(AudioInfo info) const {
    if (info.sample_rate_hz == session_.sample_rate_hz) return info;
    info.frames = static_cast<Frames>(std::llround(static_cast<double>(info.frames) *
                                                   (session_.sample_rate_hz / info.sample_rate_hz)));
    info.sample_rate_hz = session_.sample_rate_hz;
    return info;
  }

  void open_stem(std::size_t index) {
    const StemSpec& stem = session_.stems[index];
    StemInput input;
    std::set<int> channel_counts;
    for (std::size_t c = 0; c < stem.clips.size(); ++c) {
      const std::string clip_path = fmt::format("stems[{}].clips[{}]", index, c);
      const std::string file_path = find_span(session_.spans, clip_path + ".file").line != 0
                                        ? clip_path + ".file"
                                        : fmt::format("stems[{}].file", index);
      if (stem.clips[c].file.empty()) continue;  // missing: the parser said so
      const auto info = info_of(stem.clips[c].file, file_path);
      if (!info) continue;
      if (info->channels > layout_channels_ && info->channels != 1 && info->channels != 2) {
        add_issue(file_path,
                  fmt::format("{} has {} channels, a {} session takes 1 or 2", stem.clips[c].file,
                              info->channels, session_.layout),
                  "split it into mono or stereo files");
        continue;
      }
      channel_counts.insert(info->channels);
      stage_clip(stem.clips[c], *info, clip_path, input);
    }
    if (!channel_counts.empty()) {
      input.channels = *channel_counts.rbegin();
      if (*channel_counts.begin() != 1 && channel_counts.size() > 1)
        add_issue(fmt::format("stems[{}]", index),
                  fmt::format("the clips of \"{}\" have {} and {} channels", stem.name,
                              *channel_counts.begin(), *channel_counts.rbegin()),
                  "clips of one stem have the same number of channels, or are mono");
    }
    result_.end_frame = std::max(result_.end_frame, input.end_frame);
    result_.stems.push_back(std::move(input));
  }

  void stage_clip(const ClipSpec& spec, const AudioInfo& info, const std::string& path,
                  StemInput& input) {
    const double rate = session_.sample_rate_hz;
    StagedClip clip;
    if (spec.at.value < 0 || spec.from.value < 0 || (spec.length && spec.length->frames(rate) <= 0))
      return;  // validation said so
    clip.at = spec.at.frames(rate);
    clip.from = spec.from.frames(rate);
    clip.length = spec.length ? spec.length->frames(rate) : info.frames - clip.from;
    if (clip.from > info.frames || clip.from + clip.length > info.frames) {
      add_issue(path, fmt::format("the clip reads {} up to {:.3f} s, the file ends at {:.3f} s",
                                  spec.file, static_cast<double>(clip.from + std::max<Frames>(clip.length, 0)) / rate,
                                  static_cast<double>(info.frames) / rate));
      return;
    }
    clip.gain = db_to_linear(spec.gain_db);
    if (spec.fade_in) {
      clip.fade_in = ms_to_frames(spec.fade_in->length_ms, rate);
      clip.fade_in_shape = spec.fade_in->shape;
    }
    if (spec.fade_out) {
      clip.fade_out = ms_to_frames(spec.fade_out->length_ms, rate);
      clip.fade_out_shape = spec.fade_out->shape;
    }
    if (clip.fade_in > clip.length || clip.fade_out > clip.length) {
      if (spec.length) return;  // validation said so
      add_issue(path, fmt::format("a fade is longer than its clip of {:.3f} s",
                                  static_cast<double>(clip.length) / rate));
      return;
    }
    clip.identity = identity_of(spec.file);
    clip.open = [file = resolve(session_, spec.file), rate, warnings = warnings_,
                 decoding = decoding_] { return open_at_rate(file, rate, warnings, decoding); };
    input.end_frame = std::max(input.end_frame, clip.at + clip.length);
    input.clips.push_back(std::move(clip));
  }

  /// Equal for the same bytes at the same rate, as far as name, size and time of change can tell.
  std::uint64_t identity_of(const std::string& file) const {
    const std::filesystem::path path = resolve(session_, file);
    const std::string text =
        fmt::format("{}|{}|{}|{}", path.string(), std::filesystem::file_size(path),
                    std::filesystem::last_write_time(path).time_since_epoch().count(),
                    session_.sample_rate_hz);
    return std::hash<std::string>{}(text) | 1;  // 0 stands for unknown
  }

  void open_impulses(const std::vector<InsertSpec>& inserts, const std::string& strip) {
    for (std::size_t i = 0; i < inserts.size(); ++i) {
      const auto* convolver = std::get_if<ConvolverSpec>(&inserts[i].processor);
      if (!convolver || !inserts[i].enabled || !named_.insert(convolver->impulse).second) continue;
      if (convolver->impulse.empty()) continue;  // validation said so
      const std::string path = fmt::format("{}.inserts[{}].convolver.impulse", strip, i);
      const auto info = info_of(convolver->impulse, path);
      if (!info) continue;
      if (info->frames == 0) {
        add_issue(path, convolver->impulse + " holds no audio: nothing would come out of it");
        continue;
      }
      if (static_cast<double>(info->frames) > kLongestImpulseS * session_.sample_rate_hz) {
        add_issue(path, fmt::format("{} is {:.0f} s long, an impulse response has at most {:.0f} s",
                                    convolver->impulse,
                                    static_cast<double>(info->frames) / session_.sample_rate_hz,
                                    kLongestImpulseS));
        continue;
      }
      if (!are_impulse_channels(info->channels)) {
        add_issue(path, fmt::format("{} has {} channels, an impulse response has 1, 2 or 4",
                                    convolver->impulse, info->channels));
        continue;
      }
      unread_.emplace_back();
      unread_.back().file = convolver->impulse;
      unread_.back().place = path;
    }
  }

  void read_impulses() {
    for (UnreadImpulse& impulse : unread_) impulse.path = resolve(session_, impulse.file);
    read_side_by_side(unread_, session_.sample_rate_hz, decoding_);
    for (UnreadImpulse& impulse : unread_) {
      if (warnings_) std::for_each(impulse.warnings.begin(), impulse.warnings.end(), warnings_);
      if (impulse.problem.empty()) {
        result_.impulses[impulse.file] = std::move(impulse.read);
        continue;
      }
      std::optional<InputFile>& file = files_[impulse.path.string()];
      if (file) add_issue(impulse.place, impulse.problem);  // once, however often it is spelt
      file.reset();
    }
  }

  const Session& session_;
  const WarningSink& warnings_;
  const DecodeOptions& decoding_;
  std::vector<Issue>& issues_;
  int layout_channels_ = 2;
  SessionInputs result_;
  std::set<std::string> named_;
  std::vector<UnreadImpulse> unread_;
  std::map<std::string, std::optional<InputFile>> files_;  // by path; none: it can not be used
};

}  // namespace

GraphInputs SessionInputs::graph_inputs() const {
  GraphInputs inputs;
  for (const StemInput& stem : stems) inputs.stem_channels.push_back(stem.channels);
  inputs.load_impulse = [this](const std::string& file) { return impulses.at(file); };
  return inputs;
}

const InputFile* SessionInputs::find_file(const std::string& path) const {
  const auto found = std::find_if(files.begin(), files.end(),
                                  [&](const InputFile& file) { return file.path == path; });
  return found == files.end() ? nullptr : &*found;
}

SessionInputs open_inputs(const Session& session, const WarningSink& warnings,
                          const DecodeOptions& decoding, std::vector<Issue>& issues) {
  return Opener(session, warnings, decoding, issues).run();
}

Issue issue_at(const Session& session, const std::string& place, std::string message,
               std::string hint) {
  Issue issue;
  issue.file = session.file.string();
  issue.path = place;
  issue.span = find_span(session.spans, place);
  issue.message = std::move(message);
  issue.hint = std::move(hint);
  return issue;
}

}  // namespace tutti
