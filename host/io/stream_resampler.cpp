// SPDX-License-Identifier: Apache-2.0
#include "host/io/stream_resampler.hpp"

#include <fmt/format.h>
#include <soxr.h>

#include <algorithm>
#include <cmath>
#include <new>
#include <stdexcept>
#include <vector>

namespace tutti {
namespace {

// soxr is always fed this many frames at once, so that its results can not depend on the caller's
// block sizes.
constexpr Frames kFeedFrames = 4096;

struct DeleteSoxr {
  void operator()(soxr* handle) const { soxr_delete(handle); }
};

std::unique_ptr<soxr, DeleteSoxr> make_soxr(int channels, double from_rate_hz, double to_rate_hz) {
  const soxr_io_spec_t format = soxr_io_spec(SOXR_FLOAT32_S, SOXR_FLOAT32_S);
  // Without roll-off the passband is flat to 1e-6 dB up to 0.913 of the lower Nyquist frequency;
  // the default droops by 0.006 dB there. The high-precision clock keeps ratios without a small
  // rational form aligned over hours.
  const soxr_quality_spec_t quality =
      soxr_quality_spec(SOXR_VHQ | SOXR_LINEAR_PHASE, SOXR_ROLLOFF_NONE | SOXR_HI_PREC_CLOCK);
  const soxr_runtime_spec_t one_thread = soxr_runtime_spec(1);
  soxr_error_t error = nullptr;
  std::unique_ptr<soxr, DeleteSoxr> handle(soxr_create(from_rate_hz, to_rate_hz,
                                                       static_cast<unsigned>(channels), &error,
                                                       &format, &quality, &one_thread));
  if (error != nullptr || !handle) {
    throw std::invalid_argument(fmt::format("cannot convert {} Hz to {} Hz: {}", from_rate_hz,
                                            to_rate_hz, error != nullptr ? error : "no memory"));
  }
  return handle;
}

}  // namespace

struct StreamResampler::Impl {
  Impl(int channels, double from_rate_hz, double to_rate_hz)
      : ratio(to_rate_hz / from_rate_hz),
        handle(make_soxr(channels, from_rate_hz, to_rate_hz)),
        feed(channels, kFeedFrames),
        sources(static_cast<std::size_t>(channels)),
        targets(static_cast<std::size_t>(channels)) {}

  /// Pushes the full `feed` through soxr and appends what comes out to `out`.
  void push() {
    const Frames room = static_cast<Frames>(std::ceil(kFeedFrames * ratio)) + 16;
    Frames eaten = 0;
    do {
      reserve(out_frames + room);
      for (int c = 0; c < feed.channels(); ++c) {
        sources[static_cast<std::size_t>(c)] = feed.channel(c) + eaten;
        targets[static_cast<std::size_t>(c)] = out.channel(c) + out_frames;
      }
      std::size_t used = 0;
      std::size_t made = 0;
      const soxr_error_t error =
          soxr_process(handle.get(), sources.data(), static_cast<std::size_t>(kFeedFrames - eaten),
                       &used, targets.data(), static_cast<std::size_t>(room), &made);
      if (error != nullptr) throw std::runtime_error(fmt::format("resampling failed: {}", error));
      eaten += static_cast<Frames>(used);
      out_frames += static_cast<Frames>(made);
      drained = made < static_cast<std::size_t>(room);
    } while (eaten < kFeedFrames || !drained);
    fed = 0;
  }

  void reserve(Frames frames) {
    if (frames <= out.frames()) return;
    Buffer larger(feed.channels(), frames + frames / 2);
    for (int c = 0; c < feed.channels(); ++c) {
      std::copy(out.channel(c), out.channel(c) + out_frames, larger.channel(c));
    }
    out = std::move(larger);
  }

  double ratio;
  std::unique_ptr<soxr, DeleteSoxr> handle;
  Buffer feed;  ///< input that waits for a full block
  Frames fed = 0;
  Buffer out;
  Frames out_frames = 0;
  Frames total_in = 0;
  Frames total_out = 0;  ///< what earlier calls have returned
  bool drained = true;
  std::vector<const float*> sources;
  std::vector<float*> targets;
};

StreamResampler::StreamResampler(int channels, double from_rate_hz, double to_rate_hz) {
  const auto valid = [](double rate_hz) { return rate_hz >= 1e3 && rate_hz <= 1e6; };
  if (channels < 1 || !valid(from_rate_hz) || !valid(to_rate_hz)) {
    throw std::invalid_argument(fmt::format("cannot convert {} channels from {} Hz to {} Hz",
                                            channels, from_rate_hz, to_rate_hz));
  }
  impl_ = std::make_unique<Impl>(channels, from_rate_hz, to_rate_hz);
}

StreamResampler::~StreamResampler() = default;
StreamResampler::StreamResampler(StreamResampler&&) noexcept = default;

ConstBlockView StreamResampler::process(ConstBlockView in) {
  Impl& s = *impl_;
  s.out_frames = 0;
  for (Frames n = 0; n < in.frames;) {
    const Frames count = std::min(kFeedFrames - s.fed, in.frames - n);
    for (int c = 0; c < in.channels; ++c) {
      std::copy(in.channel(c) + n, in.channel(c) + n + count, s.feed.channel(c) + s.fed);
    }
    s.fed += count;
    n += count;
    if (s.fed == kFeedFrames) s.push();
  }
  s.total_in += in.frames;
  s.total_out += s.out_frames;
  return s.out.view().slice(0, s.out_frames);
}

ConstBlockView StreamResampler::finish() {
  Impl& s = *impl_;
  s.out_frames = 0;
  const auto exact = static_cast<Frames>(std::llround(static_cast<double>(s.total_in) * s.ratio));
  // Zeros push the rest out of the filter's delay; what they add past the exact length is cut.
  while (s.total_out + s.out_frames < exact) {
    for (int c = 0; c < s.feed.channels(); ++c) {
      std::fill(s.feed.channel(c) + s.fed, s.feed.channel(c) + kFeedFrames, 0.0f);
    }
    s.push();
  }
  s.out_frames = exact - s.total_out;
  s.total_out = exact;
  return s.out.view().slice(0, s.out_frames);
}

}  // namespace tutti
