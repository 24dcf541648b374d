// SPDX-License-Identifier: Apache-2.0
// Positions inside chunks of WAV: markers, loops, play lists, regions, timers.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "host/io/metadata.hpp"
#include "host/io/metadata_losses.hpp"
#include "host/io/position_map.hpp"

namespace tutti::io {

/// Moves the positions of one file's chunks, and leaves out what fell outside with all that refers
/// to it: a marker's labels, its places in the play list. [Microsoft's multimedia registrations;
/// AES46 for the timers of "cart"]
class RiffPositions {
 public:
  /// Looks for the markers first: labels may stand before them.
  RiffPositions(const std::vector<MetadataChunk>& chunks, PositionMap map,
                const MetadataLosses& losses);

  const PositionMap& map() const { return map_; }

  /// The body for the output; none if nothing of it is left. Other chunks come back as they are.
  std::optional<Bytes> adapt(const MetadataChunk& chunk);
  /// One warning of all that was left out.
  void report() const;

 private:
  std::optional<Bytes> adapt_cue(const Bytes& body);
  std::optional<Bytes> adapt_play_list(const Bytes& body);
  Bytes adapt_sampler(const Bytes& body);
  Bytes adapt_labels(const Bytes& body);
  Bytes adapt_cart(const Bytes& body);
  std::optional<Bytes> label(std::string_view id, std::span<const std::byte> body);
  Bytes unreadable(const std::string& id, const Bytes& body);

  PositionMap map_;
  const MetadataLosses& losses_;
  std::set<std::uint32_t> lost_cues_;
  int lost_loops_ = 0;
};

}  // namespace tutti::io
