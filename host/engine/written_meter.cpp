// SPDX-License-Identifier: Apache-2.0
#include "host/engine/written_meter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "host/audio/errors.hpp"
#include "host/io/decode.hpp"
#include "host/io/unpack.hpp"

namespace tutti {
namespace {

constexpr Frames kPieceFrames = 2048;
constexpr Frames kComparedFrames = 8192;  // at each end: two blocks of FLAC

[[noreturn]] void fail(const std::filesystem::path& name, const std::string& what,
                       IoFault fault = IoFault::output) {
  throw IoError(name.string(), "does not read back as it was written: " + what, fault);
}

}  // namespace

WrittenMeter::WrittenMeter(Backend& backend, const PackDesign& design, int channels,
                           std::span<const double> loudness_weights)
    : backend_(backend),
      design_(design),
      meter_(backend.make_meter(design.sample_rate_hz, loudness_weights, {})),
      tile_(backend.allocate(channels, backend.block_frames())),
      bytes_(static_cast<std::size_t>(kPieceFrames * channels * design.format.bytes) +
             io::kUnpackSlackBytes),
      first_(channels, kComparedFrames),
      last_(channels, kComparedFrames) {}

void WrittenMeter::take(const Packed& packed) {
  const auto frame_bytes =
      static_cast<std::size_t>(first_.channels()) * static_cast<std::size_t>(design_.format.bytes);
  const Frames tile_frames = tile_->view().frames;
  for (Frames done = 0; done < packed.frames; done += tile_frames) {
    const TileView tile = tile_->view().slice(0, std::min(tile_frames, packed.frames - done));
    backend_.fill(tile, [&](BlockView view) {
      for (Frames n = 0; n < view.frames; n += kPieceFrames) {
        const BlockView piece = view.slice(n, std::min(kPieceFrames, view.frames - n));
        const Frames behind = packed.frames - done - n - piece.frames;
        unpack_piece(packed.bytes.subspan(static_cast<std::size_t>(done + n) * frame_bytes,
                                          static_cast<std::size_t>(piece.frames) * frame_bytes),
                     static_cast<std::size_t>(behind) * frame_bytes >= io::kUnpackSlackBytes, piece);
        // The end of the file is in the last frames of a block.
        if (frames_ < kComparedFrames || behind < kComparedFrames) keep(piece);
        frames_ += piece.frames;
      }
    });
    meter_->process(tile);
  }
}

void WrittenMeter::unpack_piece(std::span<const std::byte> bytes, bool slack, BlockView out) {
  if (!slack) std::copy(bytes.begin(), bytes.end(), bytes_.begin());
  io::unpack(design_.format, slack ? bytes.data() : bytes_.data(), out);
  const int spare_bits = 8 * design_.format.bytes - design_.bits;
  if (design_.format.kind == SampleKind::floating || spare_bits == 0) return;
  const float scale = std::ldexp(1.0f, spare_bits);  // whole numbers stand to the right
  for (int c = 0; c < out.channels; ++c)
    for (Frames n = 0; n < out.frames; ++n) out.channel(c)[n] *= scale;
}

void WrittenMeter::keep(ConstBlockView block) {
  for (int c = 0; c < block.channels; ++c) {
    const float* from = block.channel(c);
    if (frames_ < kComparedFrames)
      std::copy_n(from, std::min(block.frames, kComparedFrames - frames_),
                  first_.view().channel(c) + frames_);
    for (Frames n = 0; n < block.frames;) {
      const Frames at = (frames_ + n) % kComparedFrames;
      const Frames count = std::min(block.frames - n, kComparedFrames - at);
      std::copy_n(from + n, count, last_.view().channel(c) + at);
      n += count;
    }
  }
}

void WrittenMeter::check_file(const std::filesystem::path& at, const std::filesystem::path& name) const {
  try {
    compare_file(at, name);
  } catch (const IoError& problem) {
    if (problem.path() == name.string()) throw;
    const std::string cause = std::string(problem.what()).substr(problem.path().size() + 2);
    fail(name, cause, problem.fault() == IoFault::input ? IoFault::output : problem.fault());
  }
}

void WrittenMeter::compare_file(const std::filesystem::path& at, const std::filesystem::path& name) const {
  const auto reader = open_audio(at);
  const AudioInfo& info = reader->info();
  const int channels = first_.channels();
  if (info.frames != frames_ || info.channels != channels ||
      info.sample_rate_hz != design_.sample_rate_hz)
    fail(name, fmt::format("{} frames of {} channels at {} Hz, not {} of {} at {}", info.frames,
                           info.channels, info.sample_rate_hz, frames_, channels,
                           design_.sample_rate_hz));
  const Frames count = std::min(frames_, kComparedFrames);
  Buffer heard(channels, kComparedFrames);
  const auto compare = [&](Frames begin, const auto& expected) {
    reader->read(begin, heard.view().slice(0, count));
    for (int c = 0; c < channels; ++c)
      for (Frames n = 0; n < count; ++n)
        if (heard.view().channel(c)[n] != expected(c, begin + n))
          fail(name, fmt::format("frame {} of channel {} differs", begin + n, c + 1));
  };
  compare(0, [&](int c, Frames n) { return first_.view().channel(c)[n]; });
  compare(frames_ - count, [&](int c, Frames n) { return last_.view().channel(c)[n % kComparedFrames]; });
}

}  // namespace tutti
