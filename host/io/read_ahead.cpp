// SPDX-License-Identifier: Apache-2.0
// Decoding on a thread of its own, a few blocks before they are asked for.
#include <algorithm>
#include <array>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>

#include "host/audio/buffer.hpp"
#include "host/io/readers.hpp"

namespace tutti {
namespace {

constexpr Frames kBlockFrames = 32768;
constexpr std::size_t kBlocks = 4;  // 1 MiB of stereo; two would do where both sides are as fast

class ReadAheadReader final : public io::RangeReader {
 public:
  explicit ReadAheadReader(std::unique_ptr<AudioReader> source) : source_(std::move(source)) {}

  const AudioInfo& info() const override { return source_->info(); }

 private:
  struct Block {
    Buffer audio;
    Frames first = 0, frames = 0;
    std::exception_ptr error;  ///< instead of frames
  };

  void read_inside(Frames first, BlockView out) override {
    if (!started_) start(first);
    if (first != next_) stop();  // who jumps once will do so again
    if (stopped_) return source_->read(first, out);
    for (Frames done = 0; done < out.frames;) done += take(out.slice(done, out.frames - done));
  }

  void start(Frames first) {
    started_ = true;
    next_ = first;
    thread_ = std::jthread([this, first](const std::stop_token& stop) { decode(first, stop); });
  }

  void stop() {
    stopped_ = true;
    thread_ = {};  // asks it to end, and waits
  }

  void decode(Frames first, const std::stop_token& stop) {
    for (std::size_t at = 0; first < info().frames; ++at) {
      Block& block = blocks_[at % kBlocks];
      {
        std::unique_lock lock(mutex_);
        if (!changed_.wait(lock, stop, [&] { return decoded_ - taken_ < kBlocks; })) return;
      }
      block.first = first;
      block.frames = std::min(kBlockFrames, info().frames - first);
      try {
        if (block.audio.channels() == 0) block.audio = Buffer(info().channels, kBlockFrames);
        source_->read(first, block.audio.view().slice(0, block.frames));
      } catch (...) {
        block.error = std::current_exception();
      }
      first = block.error ? info().frames : first + block.frames;
      const std::lock_guard lock(mutex_);
      ++decoded_;
      changed_.notify_all();
    }
  }

  /// Frames from next_ on, of one block; returns how many.
  Frames take(BlockView out) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return decoded_ > taken_; });
    }
    Block& block = blocks_[taken_ % kBlocks];
    if (block.error) {
      stop();
      std::rethrow_exception(block.error);
    }
    const Frames skip = next_ - block.first;
    const Frames count = std::min(out.frames, block.frames - skip);
    for (int c = 0; c < out.channels; ++c)
      std::copy_n(block.audio.channel(c) + skip, count, out.channel(c));
    next_ += count;
    if (skip + count == block.frames) {
      const std::lock_guard lock(mutex_);
      ++taken_;
      changed_.notify_all();
    }
    return count;
  }

  std::unique_ptr<AudioReader> source_;  ///< the thread's while it runs
  bool started_ = false, stopped_ = false;
  Frames next_ = 0;
  std::array<Block, kBlocks> blocks_;  ///< those that are decoded and not taken: the reader's
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::size_t decoded_ = 0, taken_ = 0;  ///< blocks so far
  std::jthread thread_;                  ///< last: it ends before the others
};

}  // namespace

std::unique_ptr<AudioReader> read_ahead(std::unique_ptr<AudioReader> source) {
  return std::make_unique<ReadAheadReader>(std::move(source));
}

}  // namespace tutti
