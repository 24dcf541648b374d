// SPDX-License-Identifier: Apache-2.0
#include "host/stage/stem_stage.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>

namespace tutti {
namespace {

/// Adds the time of its life to a sum.
class Stopwatch {
 public:
  explicit Stopwatch(double& seconds) : seconds_(seconds) {}
  ~Stopwatch() {
    seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  double& seconds_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

double clip_gain(const StagedClip& clip, Frames position) {
  double gain = clip.gain;
  if (position < clip.fade_in)
    gain *= fade_gain(clip.fade_in_shape,
                      static_cast<double>(position) / static_cast<double>(clip.fade_in));
  const Frames left = clip.length - position;
  if (left <= clip.fade_out)
    gain *= fade_gain(clip.fade_out_shape,
                      static_cast<double>(left) / static_cast<double>(clip.fade_out));
  return gain;
}

bool is_plain(const StagedClip& clip) {
  return clip.gain == 1.0 && clip.fade_in == 0 && clip.fade_out == 0;
}

}  // namespace

StemStage::StemStage(int channels, std::vector<StagedClip> clips)
    : channels_(channels), clips_(std::move(clips)) {
  std::stable_sort(clips_.begin(), clips_.end(),
                   [](const StagedClip& a, const StagedClip& b) { return a.at < b.at; });
  for (const StagedClip& clip : clips_) {
    end_frame_ = std::max(end_frame_, clip.at + clip.length);
    latest_end_.push_back(end_frame_);
  }
}

bool StemStage::sounds(Frames first, Frames count) const {
  // Clips before `later` begin before the span ends; one of them reaches into it or none does.
  const auto later = std::partition_point(clips_.begin(), clips_.end(), [&](const StagedClip& clip) {
    return clip.at < first + count;
  });
  return later != clips_.begin() && latest_end_[static_cast<std::size_t>(later - clips_.begin()) - 1] > first;
}

AudioReader& StemStage::reader_of(std::size_t clip) {
  for (Open& open : open_)
    if (open.clip == clip) return *open.reader;
  open_.push_back({clip, clips_[clip].open()});
  return *open_.back().reader;
}

void StemStage::add_clip(std::size_t index, Frames first, BlockView out) {
  const StagedClip& clip = clips_[index];
  const Frames begin = std::max(first, clip.at);
  const Frames end = std::min(first + out.frames, clip.at + clip.length);
  if (begin >= end) return;
  AudioReader& reader = reader_of(index);
  const int file_channels = reader.info().channels;
  if (scratch_.channels() < file_channels || scratch_.frames() < out.frames)
    scratch_ = Buffer(std::max(file_channels, channels_), out.frames);
  const Frames count = end - begin;
  const BlockView block = scratch_.view().channel_range(0, file_channels).slice(0, count);
  reader.read(clip.from + begin - clip.at, block);
  const bool plain = is_plain(clip);
  for (int c = 0; c < channels_; ++c) {
    const float* in = block.channel(file_channels == 1 ? 0 : c);
    float* to = out.channel(c) + (begin - first);
    if (plain) {
      for (Frames n = 0; n < count; ++n) to[n] += in[n];
    } else {
      for (Frames n = 0; n < count; ++n)
        to[n] += static_cast<float>(in[n] * clip_gain(clip, begin - clip.at + n));
    }
  }
}

void StemStage::read(Frames first, BlockView out) {
  const Stopwatch watch(seconds_);
  assemble(first, out);
}

std::vector<std::size_t> StemStage::touching_clips(Frames first, Frames count) {
  std::erase_if(open_, [&](const Open& open) {
    return clips_[open.clip].at + clips_[open.clip].length <= first;
  });
  const auto later = std::partition_point(clips_.begin(), clips_.end(), [&](const StagedClip& clip) {
    return clip.at < first + count;
  });
  std::vector<std::size_t> touching;
  for (std::size_t i = 0; i < static_cast<std::size_t>(later - clips_.begin()); ++i)
    if (clips_[i].at + clips_[i].length > first) touching.push_back(i);
  return touching;
}

std::vector<StemPiece> StemStage::pieces(Frames first, Frames count) {
  const Stopwatch watch(seconds_);
  std::vector<StemPiece> pieces;
  for (std::size_t index : touching_clips(first, count)) {
    const StagedClip& clip = clips_[index];
    const AudioReader& reader = reader_of(index);
    const std::optional<StoredFormat> packed = reader.packed_format();
    const Frames begin = std::max(first, clip.at);
    StemPiece piece;
    piece.clip = index;
    piece.at = begin - first;
    piece.frames = std::min(first + count, clip.at + clip.length) - begin;
    piece.format = packed.value_or(StoredFormat{SampleKind::floating, 4, false});
    piece.channels = reader.info().channels;
    piece.planar = !packed;
    piece.clip_frame = begin - clip.at;
    piece.file_frame = clip.from + piece.clip_frame;
    piece.identity = clip.identity;
    piece.clip_length = clip.length;
    piece.gain = clip.gain;
    piece.fade_in = clip.fade_in;
    piece.fade_out = clip.fade_out;
    piece.fade_in_shape = clip.fade_in_shape;
    piece.fade_out_shape = clip.fade_out_shape;
    pieces.push_back(piece);
  }
  return pieces;
}

void StemStage::read_piece(const StemPiece& piece, std::byte* to) {
  const Stopwatch watch(seconds_);
  AudioReader& reader = reader_of(piece.clip);
  if (piece.planar)
    reader.read(piece.file_frame,
                {reinterpret_cast<float*>(to), piece.channels, piece.frames, piece.frames});
  else
    reader.read_packed(piece.file_frame, piece.frames, to);
}

void StemStage::assemble(Frames first, BlockView out) {
  const std::vector<std::size_t> touching = touching_clips(first, out.frames);
  if (touching.size() == 1) {
    const StagedClip& clip = clips_[touching[0]];
    AudioReader& reader = reader_of(touching[0]);
    if (is_plain(clip) && reader.info().channels == channels_ && clip.at <= first &&
        clip.at + clip.length >= first + out.frames) {
      reader.read(clip.from + first - clip.at, out);
      return;
    }
  }
  for (int c = 0; c < channels_; ++c)
    std::memset(out.channel(c), 0, sizeof(float) * static_cast<std::size_t>(out.frames));
  for (std::size_t i : touching) add_clip(i, first, out);
}

}  // namespace tutti
