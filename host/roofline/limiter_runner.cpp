// SPDX-License-Identifier: Apache-2.0
// The limiter as a stream runs through it: pieces of at most 2^18 frames, three stages each.
#include <algorithm>
#include <vector>

#include "host/roofline/kernels.hpp"
#include "host/roofline/ring.hpp"
#include "host/roofline/true_peak_table.hpp"
#include "host/roofline/units.hpp"

namespace tutti::roofline {
namespace {

constexpr Frames kMostFrames = Frames{1} << 18, kChunk = 256;

class Stage {
 public:
  Stage(Ledger& ledger, const LimiterDesign& design, int index, Frames channels)
      : ledger_(ledger),
        stage_(design.stages[static_cast<std::size_t>(index)]),
        lines_(channels + (index > 0 ? 1 : 0),
               std::max<Frames>(stage_.latency_frames(), kTruePeakTaps - 1), 4),
        needed_(streams(design, channels), stage_.window_frames + stage_.hold_frames + kChunk, 4),
        sums_(streams(design, channels), stage_.window_frames + 2 + kChunk, 8),
        starts_(3 * streams(design, channels), (stage_.window_frames + 2) / kChunk + 2, 8) {
    shape_.channels = channels;
    shape_.streams = streams(design, channels);
    shape_.window_frames = stage_.window_frames;
    shape_.hold_frames = stage_.hold_frames;
    shape_.latency_frames = stage_.latency_frames();
    shape_.reduced_before = index > 0;
    shape_.last_stage = index + 1 == kLimiterStages;
    const Frames table = (kChunk + 1) * 8;  // powers of the pole
    ledger_.send(table);
    ledger_.clear(2 * 8 * shape_.streams);
    tables_ = Held(ledger, table + 2 * 8 * shape_.streams);
  }

  void make_room(Frames first, Frames frames) {
    shape_.first_frame = first;
    shape_.frames = frames;
    lines_.make_room(ledger_, frames);
    needed_.make_room(ledger_, frames);
    sums_.make_room(ledger_, frames);
    starts_.make_room(ledger_, shape_.chunks());
  }

  void run() {
    ledger_.scratch(8 * shape_.streams * shape_.chunks() * (kChunk + 4));
    ledger_.launch("limiter.needed", limiter_needed_cost(shape_));
    ledger_.launch("limiter.hold", limiter_hold_cost(shape_));
    ledger_.launch("limiter.sum", limiter_sum_cost(shape_));
    ledger_.launch("limiter.chunks", limiter_chunks_cost(shape_));
    ledger_.launch("limiter.apply", limiter_apply_cost(shape_));
  }

 private:
  static Frames streams(const LimiterDesign& design, Frames channels) {
    return design.link >= 1 ? 1 : channels;
  }

  Ledger& ledger_;
  LimiterStageDesign stage_;
  LimiterShape shape_;
  Ring lines_, needed_, sums_, starts_;
  Held tables_;
};

class Limiter {
 public:
  Limiter(Ledger& ledger, const LimiterDesign& design, int channels)
      : ledger_(ledger),
        design_(design),
        channels_(channels),
        table_(ledger, kTruePeakTableBytes + 4) {
    ledger_.send(kTruePeakTableBytes);
    restart();
  }

  void process(TileView in, TileView out) {
    for (Frames done = 0; done < out.frames; done += kMostFrames) {
      const Frames count = std::min(out.frames - done, kMostFrames);
      for (Stage& stage : stages_) stage.make_room(frames_, count);
      ledger_.launch("ring.append", append_cost(channels_, in.sounds(), count));
      for (Stage& stage : stages_) stage.run();
      frames_ += count;
    }
  }

  void restart() {
    stages_.clear();
    for (int s = 0; s < kLimiterStages; ++s) stages_.emplace_back(ledger_, design_, s, channels_);
    frames_ = 0;
    ledger_.send(4);  // the least gain
  }

  void read_reduction() const { ledger_.fetch(4); }

 private:
  Ledger& ledger_;
  LimiterDesign design_;
  Frames channels_;
  Held table_;
  std::vector<Stage> stages_;
  Frames frames_ = 0;
};

class CountingLimiter : public LimiterRunner {
 public:
  CountingLimiter(Ledger& ledger, const LimiterDesign& design, int channels)
      : limiter_(ledger, design, channels) {}
  void process(TileView in, TileView out) override { limiter_.process(in, out); }
  double max_reduction_db() const override {
    limiter_.read_reduction();
    return 0;
  }

 private:
  Limiter limiter_;
};

class CountingLimiterInsert : public ChannelRunner {
 public:
  CountingLimiterInsert(Ledger& ledger, const LimiterDesign& design, int channels)
      : limiter_(ledger, design, channels), memory_frames_(limiter_memory_frames(design)) {}
  void process(TileView in, TileView out) override {
    silent_frames_ = in.sounds() ? 0 : silent_frames_ + out.frames;
    limiter_.process(in, out);
  }
  bool quiet() const override { return silent_frames_ >= memory_frames_; }
  void reset() override {
    limiter_.restart();
    silent_frames_ = memory_frames_;
  }

 private:
  Limiter limiter_;
  Frames memory_frames_, silent_frames_ = 0;
};

}  // namespace

std::unique_ptr<LimiterRunner> make_limiter(Ledger& ledger, const LimiterDesign& design,
                                            int channels) {
  return std::make_unique<CountingLimiter>(ledger, design, channels);
}

std::unique_ptr<ChannelRunner> make_limiter_insert(Ledger& ledger, const LimiterDesign& design,
                                                   int channels) {
  return std::make_unique<CountingLimiterInsert>(ledger, design, channels);
}

}  // namespace tutti::roofline
