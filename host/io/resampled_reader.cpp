// SPDX-License-Identifier: Apache-2.0
// A reader at another rate. The output is cut into segments of fixed position; each is computed by
// a fresh resampler that starts a warm-up before it, where an input frame and an output frame fall
// on the same instant. So the bits of a frame depend on its position alone, and a jump costs one
// warm-up, not the file.
#include <cmath>
#include <numeric>
#include <optional>
#include <utility>

#include "host/io/readers.hpp"
#include "host/io/stream_resampler.hpp"

namespace tutti {
namespace {

// soxr's best filter rings for about 160 periods of the lower rate to each side and then for the
// part of the stopband below −180 dB; ten times that is beyond doubt.
constexpr Frames kWarmUpFrames = 2048;
constexpr Frames kSegmentFrames = Frames{1} << 20;
constexpr Frames kChunkFrames = 8192;

/// Where segments may start: multiples of `in` input frames, which are `out` output frames.
struct Grid {
  Frames in = 0;  ///< 0: the rates have no useful common grid
  Frames out = 0;
};

Grid common_grid(double from_hz, double to_hz) {
  if (from_hz != std::floor(from_hz) || to_hz != std::floor(to_hz)) return {};
  const auto from = static_cast<Frames>(from_hz);
  const auto to = static_cast<Frames>(to_hz);
  const Frames divisor = std::gcd(from, to);
  return {from / divisor, to / divisor};
}

class ResampledReader final : public io::RangeReader {
 public:
  ResampledReader(std::unique_ptr<AudioReader> source, double to_rate_hz)
      : source_(std::move(source)), info_(source_->info()), from_hz_(info_.sample_rate_hz) {
    ratio_ = to_rate_hz / from_hz_;
    info_.sample_rate_hz = to_rate_hz;
    info_.frames = convert(info_.frames);
    if (info_.time_reference_frames) {
      info_.time_reference_frames = convert(*info_.time_reference_frames);
    }
    const Grid grid = common_grid(from_hz_, to_rate_hz);
    if (grid.in > 0) {
      const auto round_up = [&](double frames) {
        return static_cast<Frames>(std::ceil(frames / static_cast<double>(grid.in)));
      };
      const Frames steps = round_up(static_cast<double>(kSegmentFrames));
      segment_ = {steps * grid.in, steps * grid.out};
      const Frames warm_steps = round_up(kWarmUpFrames * std::max(1.0, 1.0 / ratio_));
      warm_up_ = {warm_steps * grid.in, warm_steps * grid.out};
    }
    chunk_ = Buffer(info_.channels, kChunkFrames);
  }

  const AudioInfo& info() const override { return info_; }

 private:
  Frames convert(Frames frames) const {
    return static_cast<Frames>(std::llround(static_cast<double>(frames) * ratio_));
  }

  Frames segment_of(Frames frame) const { return segment_.out > 0 ? frame / segment_.out : 0; }

  /// Prepares to produce segment `index` from its start.
  void start(Frames index) {
    current_ = index;
    const bool warm = index > 0;
    input_ = warm ? index * segment_.in - warm_up_.in : 0;
    position_ = warm ? index * segment_.out - warm_up_.out : 0;
    resampler_.emplace(info_.channels, from_hz_, info_.sample_rate_hz);
    ready_ = {};
  }

  /// The next output of the current segment's resampler into ready_.
  void produce() {
    position_ += ready_.frames;
    ready_ = {};
    while (ready_.frames == 0) {
      source_->read(input_, chunk_.view());  // zeros past the end
      input_ += kChunkFrames;
      ready_ = resampler_->process(chunk_.view());
    }
  }

  void read_inside(Frames first, BlockView out) override {
    for (Frames n = 0; n < out.frames;) {
      const Frames at = first + n;
      const Frames index = segment_of(at);
      if (!resampler_ || index != current_ || at < position_) start(index);
      while (at >= position_ + ready_.frames) produce();
      const Frames skip = at - position_;
      Frames count = std::min(ready_.frames - skip, out.frames - n);
      if (segment_.out > 0) count = std::min(count, (index + 1) * segment_.out - at);
      for (int c = 0; c < out.channels; ++c) {
        const float* from = ready_.channel(c) + skip;
        std::copy(from, from + count, out.channel(c) + n);
      }
      n += count;
    }
  }

  std::unique_ptr<AudioReader> source_;
  AudioInfo info_;
  double from_hz_;
  double ratio_ = 1;
  Grid segment_;
  Grid warm_up_;
  std::optional<StreamResampler> resampler_;
  Frames current_ = -1;
  Frames input_ = 0;     ///< next input frame to feed
  Frames position_ = 0;  ///< output frame of ready_[0]
  ConstBlockView ready_;
  Buffer chunk_;
};

}  // namespace

std::unique_ptr<AudioReader> resample(std::unique_ptr<AudioReader> source, double to_rate_hz) {
  if (source->info().sample_rate_hz == to_rate_hz) return source;
  return std::make_unique<ResampledReader>(std::move(source), to_rate_hz);
}

}  // namespace tutti
