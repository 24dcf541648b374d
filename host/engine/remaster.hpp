// SPDX-License-Identifier: Apache-2.0
// Finished mixes in, mastered files out: one file, or the tracks of an album under one gain.
#pragma once

#include <span>
#include <vector>

#include "host/backend/backend.hpp"
#include "host/engine/render.hpp"
#include "host/io/decode.hpp"

namespace tutti {

struct RemasterInput {
  std::filesystem::path file;
  /// One for each output of the chain, absolute; a single one where the chain names none.
  struct Output {
    std::filesystem::path file;
    bool replace = false;  ///< what is there may go; otherwise only the very same bytes may be there
    std::function<void(const std::string& sha256)> before_rename = {};  ///< see WriteSpec
  };
  std::vector<Output> outputs;
};

struct RemasterOptions {
  bool allow_non_finite = false;
  bool allow_damaged = false;  ///< files that are cut or damaged are taken as far as they go
  bool read_ahead = false;     ///< a file alone is decoded by a thread of its own
  AlbumLoudness album = AlbumLoudness::pooled;
  std::uint64_t max_memory_bytes = 0;  ///< 0: 512 MiB for the signals that are kept
  std::function<void(Frames done, Frames total)> progress;  ///< frames read, then frames written
  std::function<void()> after_reading;  ///< all inputs have been read, nothing is written yet
  WarningSink warnings;
  const std::atomic<bool>* stop = nullptr;
};

struct RemasteredTrack {
  AudioInfo info;
  Measurement before;
  std::vector<RenderedOutput> outputs;  ///< decoded and measured (WrittenCheck)
};

/// Masters `tracks` with a chain (session/chain.hpp; it has passed validate_chain). Several tracks
/// get one gain for each output. Without outputs the chain writes one file in the word length of the
/// input (24 bit of a lossy one), as far as its container can. A chain without inserts takes any
/// number of channels, with inserts those of a known layout. Several tracks run side by side. Throws SessionError, IoError,
/// DeviceError, Cancelled: then no file of any track that was not finished is left.
std::vector<RemasteredTrack> remaster(Backend& backend, const Session& chain,
                                      std::span<const RemasterInput> tracks,
                                      const RemasterOptions& options);

}  // namespace tutti
