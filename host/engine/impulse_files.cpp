// SPDX-License-Identifier: Apache-2.0
#include "host/engine/impulse_files.hpp"

#include <tbb/enumerable_thread_specific.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <utility>

#include "host/audio/buffer.hpp"
#include "host/audio/errors.hpp"

namespace tutti {
namespace {

/// `buffer` is used again: memory that is new for each file costs as much as reading it.
std::shared_ptr<const Impulse> read_impulse(UnreadImpulse& unread, double sample_rate_hz,
                                            const DecodeOptions& decoding, Buffer& buffer) {
  const WarningSink keep = [&](const Warning& warning) { unread.warnings.push_back(warning); };
  const auto reader = open_at_rate(unread.path, sample_rate_hz, keep, decoding);
  const AudioInfo& info = reader->info();
  if (buffer.channels() < info.channels || buffer.frames() < info.frames)
    buffer = Buffer(std::max(buffer.channels(), info.channels), std::max(buffer.frames(), info.frames));
  const BlockView samples = buffer.view().channel_range(0, info.channels).slice(0, info.frames);
  reader->read(0, samples);
  auto impulse = std::make_shared<Impulse>();
  impulse->file = unread.file;
  for (int c = 0; c < samples.channels; ++c)
    impulse->channels.emplace_back(samples.channel(c), samples.channel(c) + samples.frames);
  return impulse;
}

}  // namespace

std::unique_ptr<AudioReader> open_at_rate(const std::filesystem::path& path, double sample_rate_hz,
                                          const WarningSink& warnings, const DecodeOptions& decoding) {
  auto reader = open_audio(path, warnings, decoding);
  if (reader->info().sample_rate_hz != sample_rate_hz)
    reader = resample(std::move(reader), sample_rate_hz);
  return reader;
}

void read_side_by_side(std::span<UnreadImpulse> impulses, double sample_rate_hz,
                       const DecodeOptions& decoding) {
  tbb::enumerable_thread_specific<Buffer> buffers;
  tbb::parallel_for(std::size_t{0}, impulses.size(), [&](std::size_t i) {
    try {
      impulses[i].read = read_impulse(impulses[i], sample_rate_hz, decoding, buffers.local());
    } catch (const IoError& problem) {
      impulses[i].problem = problem.what();
    }
  });
}

}  // namespace tutti
