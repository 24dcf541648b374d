// SPDX-License-Identifier: Apache-2.0
// Any bytes as a programme that draws a signal: what is encoded to FLAC, libFLAC decodes to the
// very samples, and every width of vectors writes the same bytes.
#include <hwy/targets.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <vector>

#include "tests/flac/input.hpp"
#include "tests/flac/streams.hpp"

namespace {

using tutti::flac::StreamFormat;
using tutti::test::Input;
using tutti::test::Signal;
using Samples = std::vector<std::int32_t>;

std::int32_t lowest(int bits) {
  return static_cast<std::int32_t>(-(std::int64_t{1} << (bits - 1)));
}
std::int32_t highest(int bits) { return -1 - lowest(bits); }

/// The lowest `bits` of `value`, as a number with a sign.
std::int32_t cut(std::uint32_t value, int bits) {
  return static_cast<std::int32_t>(value << (32 - bits)) >> (32 - bits);
}

enum Stroke { kConstant, kExtremes, kRandom, kSine, kRamp, kImpulse, kBytes, kEdges, kStrokes };

/// A stretch of up to `most` frames of numbers of `bits`, of which some are used and some wasted.
void draw(Input& in, int bits, std::size_t most, Samples& out) {
  const int stroke = in.below(kStrokes);
  const std::size_t wanted = 1 + in.number(in.below(2) + 1) % tutti::flac::kBlockFrames;
  const std::size_t length = std::min(wanted, most);
  const int used = 1 + in.below(bits);
  const int wasted = in.below(bits - used + 1);
  const auto parameter = in.number(2);
  std::minstd_rand random(parameter + 1);
  const std::int32_t constant = cut(in.number(4), used);
  const auto value_at = [&](std::size_t n) -> std::int32_t {
    const auto t = static_cast<std::uint32_t>(n);
    switch (stroke) {
      case kExtremes:  // a square wave of any length
        return t / (1 + parameter % 64) % 2 == 0 ? highest(used) : lowest(used);
      case kRandom:
        return cut(static_cast<std::uint32_t>(random()) * 2654435761u, used);
      case kSine:
        return static_cast<std::int32_t>(highest(used) * std::sin(1e-4 * parameter * t));
      case kRamp:  // and over the edge
        return cut(static_cast<std::uint32_t>(constant) + t * parameter, used);
      case kImpulse:
        return t % (1 + parameter) == parameter ? lowest(used) : constant;
      case kBytes:
        return cut(in.number((used + 7) / 8), used);
      case kEdges: {
        const std::array<std::int32_t, 4> edges = {lowest(used), highest(used), 0, -1};
        return edges[random() >> 8 & 3];
      }
      default:
        return constant;
    }
  };
  for (std::size_t n = 0; n < length; ++n)
    out.push_back(static_cast<std::int32_t>(static_cast<std::uint32_t>(value_at(n)) << wasted));
}

/// A channel of its own, or one that follows the one before: equal, opposite, one off.
Samples draw_channel(Input& in, int bits, std::size_t frames, const Samples* before) {
  Samples out;
  const int relation = before != nullptr ? in.below(6) : 5;
  if (relation >= 3) {
    while (out.size() < frames) draw(in, bits, frames - out.size(), out);
    return out;
  }
  for (const std::int32_t x : *before)
    out.push_back(relation == 0   ? x
                  : relation == 1 ? std::max(x, -highest(bits)) * -1
                                  : std::max(x, lowest(bits) + 1) - 1);
  return out;
}

std::size_t draw_frames(Input& in) {
  constexpr std::array<std::size_t, 16> kEdges = {1,  2,  3,  4,   5,   15,  16,   17,
                                                  63, 64, 65, 255, 256, 576, 4096, 4097};
  const int which = in.below(24);
  if (which < 16) return kEdges[static_cast<std::size_t>(which)];
  return 1 + in.number(2) % (which < 20 ? 600u : 9000u);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t count) {
  Input in(bytes, count);
  StreamFormat format;
  format.channels = 1 + in.below(8);
  format.sample_bits = 8 * (1 + in.below(4));
  format.sample_rate_hz = 8000 + in.number(3) % (384000 - 8000 + 1);
  const auto targets = hwy::SupportedAndGeneratedTargets();
  const std::int64_t target = targets[in.number(1) % targets.size()];
  const std::uint64_t first_number = in.number(4) & 0x7fffff00;
  const std::size_t frames = draw_frames(in);
  Signal signal;
  for (int c = 0; c < format.channels; ++c)
    signal.push_back(
        draw_channel(in, format.sample_bits, frames, c > 0 ? &signal.back() : nullptr));

  const auto stream = tutti::test::encode_stream(format, signal, first_number);
  hwy::SetSupportedTargetsForTest(target);
  const bool same = tutti::test::encode_stream(format, signal, first_number) == stream;
  hwy::SetSupportedTargetsForTest(0);
  if (!same) abort();
  const auto decoded = tutti::test::decode_stream(stream);
  if (!decoded.error.empty() || decoded.samples != signal) abort();
  if (decoded.headers.front().sample_rate != format.sample_rate_hz) abort();
  return 0;
}
