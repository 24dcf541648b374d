// SPDX-License-Identifier: Apache-2.0
// Stems without files: clips of generated samples in any format, read by the CPU's own stage.
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstring>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "host/io/unpack.hpp"
#include "host/stage/stem_stage.hpp"
#include "kernels/stem_store.hpp"

namespace tutti::cuda::test {

/// What a file would hold.
struct FakeFile {
  std::vector<std::byte> bytes;
  StoredFormat format;
  int channels = 1;
  Frames frames = 0;
  bool packed = true;   ///< else it is handed over decoded, as planar floats
  std::string failure;  ///< not empty: every read throws IoError with this text
  std::uint64_t identity = 0;
};

inline std::shared_ptr<FakeFile> noise_file(StoredFormat format, int channels, Frames frames,
                                            unsigned seed, bool packed = true) {
  auto file = std::make_shared<FakeFile>();
  file->format = format;
  file->channels = channels;
  file->frames = frames;
  file->packed = packed;
  file->identity = seed + 1;
  std::mt19937 random(seed);
  const auto samples = static_cast<std::size_t>(frames * channels);
  file->bytes.resize(samples * static_cast<std::size_t>(format.bytes));
  if (format.kind == SampleKind::floating) {
    std::uniform_real_distribution<float> uniform(-1.5F, 1.5F);
    for (std::size_t i = 0; i < samples; ++i) {
      auto word = std::bit_cast<std::uint32_t>(uniform(random));
      if (format.big_endian) word = __builtin_bswap32(word);
      std::memcpy(file->bytes.data() + 4 * i, &word, 4);
    }
  } else {
    for (std::byte& byte : file->bytes) byte = static_cast<std::byte>(random());
  }
  return file;
}

class FakeReader : public AudioReader {
 public:
  explicit FakeReader(std::shared_ptr<const FakeFile> file) : file_(std::move(file)) {
    info_.channels = file_->channels;
    info_.frames = file_->frames;
  }
  const AudioInfo& info() const override { return info_; }
  void read(Frames first, BlockView out) override {
    std::vector<std::byte> bytes(size_of(out.frames) + io::kUnpackSlackBytes);
    copy(first, out.frames, bytes.data());
    io::unpack(file_->format, bytes.data(), out);
  }
  std::optional<StoredFormat> packed_format() const override {
    if (!file_->packed) return std::nullopt;
    return file_->format;
  }
  void read_packed(Frames first, Frames count, std::byte* to) override { copy(first, count, to); }

 private:
  std::size_t size_of(Frames frames) const {
    return static_cast<std::size_t>(frames * file_->channels * file_->format.bytes);
  }
  void copy(Frames first, Frames count, std::byte* to) const {
    if (!file_->failure.empty()) throw IoError("fake.wav", file_->failure);
    if (first < 0 || first + count > file_->frames) throw std::logic_error("outside the file");
    std::memcpy(to, file_->bytes.data() + size_of(first), size_of(count));
  }

  std::shared_ptr<const FakeFile> file_;
  AudioInfo info_;
};

inline StagedClip clip_of(std::shared_ptr<const FakeFile> file, Frames at, Frames from,
                          Frames length) {
  StagedClip clip;
  clip.identity = file->identity;
  clip.open = [file = std::move(file)] { return std::make_unique<FakeReader>(file); };
  clip.at = at;
  clip.from = from;
  clip.length = length;
  return clip;
}

/// A stem's clips, of which any number of stages can be made.
struct FakeStem {
  int channels = 1;
  std::vector<StagedClip> clips;
};

/// Notes when two threads use a stem at once.
class WatchedStem : public StemSource {
 public:
  explicit WatchedStem(const FakeStem& stem) : stage_(stem.channels, stem.clips) {}
  int channels() const override { return stage_.channels(); }
  bool sounds(Frames first, Frames count) const override { return stage_.sounds(first, count); }
  void read(Frames first, BlockView out) override { stage_.read(first, out); }
  std::vector<StemPiece> pieces(Frames first, Frames count) override {
    const Watch watch(*this);
    return stage_.pieces(first, count);
  }
  void read_piece(const StemPiece& piece, std::byte* to) override {
    const Watch watch(*this);
    ++reads;
    stage_.read_piece(piece, to);
  }
  bool met() const { return met_; }
  std::atomic<int> reads{0};

 private:
  struct Watch {
    explicit Watch(WatchedStem& stem) : stem_(stem) {
      if (stem_.inside_++ > 0) stem_.met_ = true;
    }
    ~Watch() { --stem_.inside_; }
    WatchedStem& stem_;
  };
  StemStage stage_;
  std::atomic<int> inside_{0};
  std::atomic<bool> met_{false};
};

using Words = std::vector<std::vector<std::uint32_t>>;  ///< [channel][frame], the bits

/// Frames [first, first + frames) as the CPU reads them.
inline Words cpu_words(const FakeStem& stem, Frames first, Frames frames) {
  StemStage stage(stem.channels, stem.clips);
  Buffer buffer(stem.channels, frames);
  stage.read(first, buffer.view());
  Words words;
  for (int c = 0; c < stem.channels; ++c) {
    words.emplace_back(static_cast<std::size_t>(frames));
    std::memcpy(words.back().data(), buffer.channel(c), words.back().size() * 4);
  }
  return words;
}

/// Sources of stems, and what a store makes of them, tile after tile.
class StoreRun {
 public:
  StoreRun(SharedDevice device, StemStore& store, const std::vector<FakeStem>& stems)
      : device_(std::move(device)), store_(store), stems_(stems) {
    for (const FakeStem& stem : stems) sources_.push_back(std::make_unique<WatchedStem>(stem));
  }

  /// Queues one tile into `outs`, whose signals it makes.
  void queue(Frames first, Frames frames, std::vector<DeviceSignal>& outs) {
    std::vector<StemStore::Request> requests;
    {
      const Device::Queue queue(*device_);
      for (const FakeStem& stem : stems_)
        outs.emplace_back(device_->compute(), stem.channels, frames);
    }
    for (std::size_t s = 0; s < stems_.size(); ++s)
      requests.push_back({sources_[s].get(), outs[s].view()});
    store_.assemble(first, requests);
  }
  std::vector<Words> fetch(const std::vector<DeviceSignal>& outs) {
    std::vector<Words> all;
    for (const DeviceSignal& out : outs) {
      const ConstDeviceBlock from = out.view();
      Words words;
      for (int c = 0; c < from.channels; ++c) {
        std::vector<float> samples(static_cast<std::size_t>(from.frames));
        if (!samples.empty())
          device_->fetch(DeviceSpan<const float>(from.channel(c), samples.size()),
                         std::span<float>(samples));
        words.emplace_back(samples.size());
        std::memcpy(words.back().data(), samples.data(), 4 * samples.size());
      }
      all.push_back(std::move(words));
    }
    return all;
  }
  /// Tiles are all queued before the first is fetched.
  std::vector<Words> run(Frames first, Frames frames, Frames tile_frames) {
    std::vector<std::vector<DeviceSignal>> tiles;
    for (Frames done = 0; done < frames; done += tile_frames)
      queue(first + done, std::min(tile_frames, frames - done), tiles.emplace_back());
    std::vector<Words> all(stems_.size());
    for (const auto& tile : tiles) {
      const std::vector<Words> words = fetch(tile);
      for (std::size_t s = 0; s < words.size(); ++s) {
        all[s].resize(words[s].size());
        for (std::size_t c = 0; c < words[s].size(); ++c)
          all[s][c].insert(all[s][c].end(), words[s][c].begin(), words[s][c].end());
      }
    }
    return all;
  }
  const WatchedStem& source(std::size_t stem) const { return *sources_[stem]; }

 private:
  SharedDevice device_;
  StemStore& store_;
  const std::vector<FakeStem>& stems_;
  std::vector<std::unique_ptr<WatchedStem>> sources_;
};

}  // namespace tutti::cuda::test
