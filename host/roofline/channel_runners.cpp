// SPDX-License-Identifier: Apache-2.0
// Delays and the `stereo` unit: how their calls are cut, and when they are quiet.
#include <algorithm>

#include "host/dsp/stereo_glide.hpp"
#include "host/roofline/kernels.hpp"
#include "host/roofline/lane_unit.hpp"
#include "host/roofline/units.hpp"

namespace tutti::roofline {
namespace {

class CountingDelay : public ChannelRunner {
 public:
  CountingDelay(Ledger& ledger, const char* kernel, Frames delay_frames, int channels,
                Frames stored_bytes, Frames memory_frames)
      : ledger_(ledger),
        kernel_(kernel),
        delay_frames_(delay_frames),
        stored_bytes_(stored_bytes),
        memory_frames_(memory_frames),
        line_(ledger, channels * delay_state_bytes(delay_frames, stored_bytes)) {
    CountingDelay::reset();
  }

  void process(TileView in, TileView out) override {
    silent_frames_ = in.sounds() ? 0 : std::min(memory_frames_, silent_frames_ + out.frames);
    if (out.channels > 0 && out.frames > 0)
      ledger_.launch(
          kernel_, delay_cost(out.channels, out.frames, delay_frames_, stored_bytes_, in.sounds()));
  }
  bool quiet() const override { return silent_frames_ >= memory_frames_; }
  void reset() override {
    ledger_.clear(line_.bytes());
    silent_frames_ = memory_frames_;
  }

 private:
  Ledger& ledger_;
  const char* kernel_;
  Frames delay_frames_, stored_bytes_, memory_frames_;
  Held line_;
  Frames silent_frames_ = 0;
};

class CountingStereo : public StereoRunner {
 public:
  CountingStereo(Ledger& ledger, const StereoDesign& design)
      : ledger_(ledger),
        filtered_(design.section_count > 0),
        memory_frames_(memory_frames(design)),
        glide_(design.mid, design.side, static_cast<int>(kControlFrames)) {
    ledger_.send(592);  // SideFilter
    forget();
  }

  void process(TileView in, TileView out, std::span<const StereoChange> changes) override {
    const Frames stretches = count_stretches(out.frames, changes);
    silent_frames_ = in.sounds() ? 0 : std::min(memory_frames_, silent_frames_ + out.frames);
    if (out.frames == 0) return;
    ledger_.send(48 * stretches);
    if (!filtered_) {
      ledger_.launch("stereo.gains", stereo_gains_cost(out.frames, stretches, in.sounds()));
      return;
    }
    for (Frames first = 0; first < out.frames;) {
      const Frames begun = position_ % kChunkFrames;
      const Frames end = begun ? std::min(out.frames, first + kChunkFrames - begun) : out.frames;
      const Frames chunks = begun ? 0 : (end - first) / kChunkFrames;
      if (chunks > 0)
        ledger_.launch("stereo.ends", stereo_ends_cost(chunks, stretches, in.sounds()));
      ledger_.launch("stereo.filter",
                     stereo_filter_cost(end - first, chunks, stretches, in.sounds()));
      position_ += end - first;
      first = end;
    }
  }

  bool quiet() const override { return silent_frames_ >= memory_frames_; }
  void reset() override {
    forget();
    glide_.finish();
  }

 private:
  void forget() {
    ledger_.clear(stereo_state_bytes());
    position_ = 0;
    silent_frames_ = memory_frames_;
  }

  Frames count_stretches(Frames frames, std::span<const StereoChange> changes) {
    Frames stretches = 0, done = 0;
    const auto until = [&](Frames end) {
      for (; done < end; ++stretches) done += glide_.next(end - done).frames;
    };
    for (const StereoChange& change : changes) {
      until(change.frame);
      glide_.set_gains(change.design.mid, change.design.side);
    }
    until(frames);
    return stretches;
  }

  Ledger& ledger_;
  bool filtered_;
  Frames memory_frames_;
  StereoGlide glide_;
  Frames position_ = 0, silent_frames_ = 0;
};

}  // namespace

std::unique_ptr<ChannelRunner> make_delay(Ledger& ledger, const DelayDesign& design, int channels) {
  return std::make_unique<CountingDelay>(ledger, "delay", design.delay_frames, channels, 8,
                                         memory_frames(design));
}

std::unique_ptr<ChannelRunner> make_alignment(Ledger& ledger, Frames delay_frames, int channels) {
  return std::make_unique<CountingDelay>(ledger, "alignment", delay_frames, channels, 4,
                                         delay_frames);
}

std::unique_ptr<StereoRunner> make_stereo(Ledger& ledger, const StereoDesign& design) {
  return std::make_unique<CountingStereo>(ledger, design);
}

}  // namespace tutti::roofline
