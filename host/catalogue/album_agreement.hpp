// SPDX-License-Identifier: Apache-2.0
// Whether outputs were made as the albums that a manifest has now: their gain depends on every track.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "host/catalogue/item.hpp"
#include "host/catalogue/sidecar.hpp"

namespace tutti {

/// Takes the sidecars of a job one after the other and keeps a little of those of albums. The album is
/// not looked up by its name, which decides nothing, but by its inputs: as the sidecar has them or, of an older version, as the key was made of them.
class AlbumAgreement {
 public:
  /// `albums_known`: the manifest's albums are those of the render, as with_albums leaves them.
  /// Otherwise an output that was made without an album is left alone: its render may have had
  /// --album off. `manifest` outlives this.
  AlbumAgreement(const Manifest& manifest, bool albums_known);

  /// A sidecar of the item with this id, which has so many outputs. `settings` are the text that the
  /// render made a key of: what is asked for, where that is known, or else the sidecar's own.
  void add(const std::string& id, const Sidecar& sidecar, const std::string& settings,
           std::filesystem::file_time_type written, int deliveries);

  /// Once all were added: whether the item's outputs are those of the album that it is in now, or
  /// of none where it is in none. An item that left nothing agrees with everything.
  bool agrees(const CatalogueItem& item) const;

  /// Whether the item is made anew as soon as another one of its album is.
  bool shares_a_gain(const CatalogueItem& item) const;

 private:
  struct Output {
    std::string key, album_inputs;
    const std::string *settings, *sound_version;
  };
  struct Known {
    std::vector<Output> outputs;
    int deliveries = 1;
    bool in_album = false;
    std::string input_sha256;  ///< of the newest
    std::filesystem::file_time_type written = std::filesystem::file_time_type::min();
  };

  /// The inputs of an album; none: one of its tracks left nothing.
  struct Inputs {
    std::vector<std::string> sha256;
    std::string hash;
  };
  Inputs inputs_of(const std::string& album) const;

  bool albums_known_;
  std::unordered_map<std::string, std::vector<const CatalogueItem*>> members_;
  std::set<std::string> ids_;    ///< of the albums' items
  std::set<std::string> texts_;  ///< a few for thousands of outputs
  std::unordered_map<std::string, Known> known_;
  mutable std::unordered_map<std::string, Inputs> inputs_;  ///< looked up once an album, not once a track
};

}  // namespace tutti
