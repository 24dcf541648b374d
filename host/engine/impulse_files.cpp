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

/// An opened file, and the place for its samples: memory of the thread that opens, where what is made of
/// them later finds it again.
struct OpenImpulse {
  std::unique_ptr<AudioReader> reader;
  std::shared_ptr<Impulse> impulse;
};

OpenImpulse open_impulse(UnreadImpulse& unread, double sample_rate_hz, const DecodeOptions& decoding) {
  const WarningSink keep = [&unread](const Warning& warning) { unread.warnings.push_back(warning); };
  OpenImpulse open{open_at_rate(unread.path, sample_rate_hz, keep, decoding), std::make_shared<Impulse>()};
  const AudioInfo& info = open.reader->info();
  open.impulse->file = unread.file;
  open.impulse->channels.resize(static_cast<std::size_t>(info.channels));
  for (std::vector<float>& channel : open.impulse->channels)
    channel.reserve(static_cast<std::size_t>(info.frames));
  return open;
}

/// `buffer` is used again: memory that is new for each file costs as much as reading it.
std::shared_ptr<const Impulse> read_impulse(const OpenImpulse& open, Buffer& buffer) {
  const AudioInfo& info = open.reader->info();
  if (buffer.channels() < info.channels || buffer.frames() < info.frames)
    buffer = Buffer(std::max(buffer.channels(), info.channels), std::max(buffer.frames(), info.frames));
  const BlockView samples = buffer.view().channel_range(0, info.channels).slice(0, info.frames);
  open.reader->read(0, samples);
  for (int c = 0; c < samples.channels; ++c)
    open.impulse->channels[static_cast<std::size_t>(c)].assign(samples.channel(c),
                                                               samples.channel(c) + samples.frames);
  return open.impulse;
}

/// What `step` says of a file that it can not use stands in `problem`.
template <typename Step>
void try_on(UnreadImpulse& impulse, const Step& step) {
  try {
    step();
  } catch (const IoError& problem) {
    impulse.problem = problem.what();
  }
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
  std::vector<OpenImpulse> opened(impulses.size());
  for (std::size_t i = 0; i < impulses.size(); ++i)
    try_on(impulses[i], [&] { opened[i] = open_impulse(impulses[i], sample_rate_hz, decoding); });
  tbb::enumerable_thread_specific<Buffer> buffers;
  tbb::parallel_for(std::size_t{0}, impulses.size(), [&](std::size_t i) {
    if (!impulses[i].problem.empty()) return;
    try_on(impulses[i], [&] { impulses[i].read = read_impulse(opened[i], buffers.local()); });
    opened[i].reader.reset();
  });
}

}  // namespace tutti
