// SPDX-License-Identifier: Apache-2.0
#include "host/engine/written_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>

#include "host/audio/errors.hpp"
#include "host/engine/read_back.hpp"
#include "host/io/decode.hpp"
#include "host/io/unpack.hpp"

namespace tutti {
namespace {

constexpr Frames kPieceFrames = 2048;

[[noreturn]] void fail(const std::filesystem::path& name, const std::string& what,
                       IoFault fault = IoFault::output) {
  throw IoError(name.string(), "does not read back as it was written: " + what, fault);
}

}  // namespace

void SampleSums::take(ConstBlockView block) {
  for (int c = 0; c < block.channels; ++c) {
    Channel channel = channels_[static_cast<std::size_t>(c)];
    const float* samples = block.channel(c);
    const auto take_one = [&](Frames n) {
      const std::size_t lane = static_cast<std::size_t>(frames_ + n) % kLanes;
      channel.sums[lane] += std::bit_cast<std::uint32_t>(samples[n]);
      channel.sums_of_sums[lane] += channel.sums[lane];
    };
    Frames n = 0;
    for (; n < block.frames && static_cast<std::size_t>(frames_ + n) % kLanes != 0; ++n)
      take_one(n);
    constexpr auto kRow = static_cast<Frames>(kLanes);
    for (; n + kRow <= block.frames; n += kRow) {
      for (std::size_t lane = 0; lane < kLanes; ++lane) {
        channel.sums[lane] += std::bit_cast<std::uint32_t>(samples[n + static_cast<Frames>(lane)]);
        channel.sums_of_sums[lane] += channel.sums[lane];
      }
    }
    for (; n < block.frames; ++n) take_one(n);
    channels_[static_cast<std::size_t>(c)] = channel;
  }
  frames_ += block.frames;
}

WrittenCheck::WrittenCheck(const PackDesign& design, int channels)
    : design_(design),
      channels_(channels),
      piece_(channels, kPieceFrames),
      bytes_(static_cast<std::size_t>(kPieceFrames * channels * design.format.bytes) +
             io::kUnpackSlackBytes),
      sums_(channels) {}

void WrittenCheck::take(const Packed& packed) {
  const auto frame_bytes =
      static_cast<std::size_t>(channels_) * static_cast<std::size_t>(design_.format.bytes);
  for (Frames n = 0; n < packed.frames; n += kPieceFrames) {
    const Frames count = std::min(kPieceFrames, packed.frames - n);
    const Frames behind = packed.frames - n - count;
    const BlockView piece = piece_.view().slice(0, count);
    unpack_piece(packed.bytes.subspan(static_cast<std::size_t>(n) * frame_bytes,
                                      static_cast<std::size_t>(count) * frame_bytes),
                 static_cast<std::size_t>(behind) * frame_bytes >= io::kUnpackSlackBytes, piece);
    sums_.take(piece);
  }
  frames_ += packed.frames;
}

void WrittenCheck::unpack_piece(std::span<const std::byte> bytes, bool slack, BlockView out) {
  if (!slack) std::copy(bytes.begin(), bytes.end(), bytes_.begin());
  io::unpack(design_.format, slack ? bytes.data() : bytes_.data(), out);
  const int spare_bits = 8 * design_.format.bytes - design_.bits;
  if (design_.format.kind == SampleKind::floating || spare_bits == 0) return;
  const float scale = std::ldexp(1.0f, spare_bits);  // whole numbers stand to the right
  for (int c = 0; c < out.channels; ++c)
    for (Frames n = 0; n < out.frames; ++n) out.channel(c)[n] *= scale;
}

Measurement WrittenCheck::read_back(Backend& backend, std::span<const double> loudness_weights,
                                    const std::filesystem::path& at,
                                    const std::filesystem::path& name,
                                    const std::atomic<bool>* stop) const {
  try {
    return measure(backend, loudness_weights, at, name, stop);
  } catch (const IoError& problem) {
    if (problem.path() == name.string()) throw;
    const std::string cause = std::string(problem.what()).substr(problem.path().size() + 2);
    fail(name, cause, problem.fault() == IoFault::input ? IoFault::output : problem.fault());
  }
}

// FLAC's own MD5 was taken of the samples a moment ago; the sums say the same and cost a tenth.
Measurement WrittenCheck::measure(Backend& backend, std::span<const double> loudness_weights,
                                  const std::filesystem::path& at,
                                  const std::filesystem::path& name,
                                  const std::atomic<bool>* stop) const {
  const auto reader = open_audio(at, {}, {/*allow_non_finite=*/false, /*check_md5=*/false});
  const AudioInfo& info = reader->info();
  if (info.frames != frames_ || info.channels != channels_ ||
      info.sample_rate_hz != design_.sample_rate_hz)
    fail(name, fmt::format("{} frames of {} channels at {} Hz, not {} of {} at {}", info.frames,
                           info.channels, info.sample_rate_hz, frames_, channels_,
                           design_.sample_rate_hz));
  SampleSums heard(channels_);
  const Measurement measured = measure_blocks(backend, info.sample_rate_hz, loudness_weights,
                                              info.frames, [&](Frames first, BlockView view) {
                                                if (stop && stop->load()) throw Cancelled();
                                                reader->read(first, view);
                                                heard.take(view);
                                              });
  if (heard != sums_) fail(name, "samples differ");
  return measured;
}

}  // namespace tutti
