// SPDX-License-Identifier: Apache-2.0
// Which outputs a job is to have, where its settings are known.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "host/catalogue/item.hpp"
#include "host/catalogue/run.hpp"
#include "host/catalogue/sidecar.hpp"

namespace tutti {

/// Why a render would do an item again whose outputs are there.
enum class StaleCause {
  output,    ///< an output is not what its sidecar says
  input,     ///< the input is another since
  settings,  ///< it was made with others than are asked for now
  sound,     ///< it was made by a version of the program that sounds different
  damaged,   ///< its input is cut or damaged, and now nobody says to take such
  album      ///< its album has other tracks since, or another track of it is made anew
};

/// "output", "input", "settings", "sound", "damaged", "album"
const char* name_of(StaleCause cause);

/// The outputs that a manifest and its settings ask for, by where they are to lie. An output
/// belongs to the item that is to have it, whatever id its sidecar remembers: so does a render take
/// it.
class AskedOutputs {
 public:
  /// `plan` as in CatalogueEngine; `sound_version` without the kind of machine, which need not be
  /// the one that this runs on; `allow_damaged` as in RunOptions. `manifest` outlives it.
  AskedOutputs(const Manifest& manifest, const std::filesystem::path& out,
               const std::function<std::vector<PlannedOutput>(const CatalogueItem&)>& plan,
               std::string sound_version, bool allow_damaged = true);

  struct Output {
    const CatalogueItem* item = nullptr;
    const std::string* settings = nullptr;  ///< their text
    int deliveries = 1;                     ///< of the item
  };
  /// None: nobody asks for this one. `output` is relative to the output folder.
  const Output* find(const std::filesystem::path& output) const;

  /// What of the settings, the sound and the input's state speaks against an output with this
  /// sidecar.
  std::optional<StaleCause> stale(const Output& output, const Sidecar& sidecar) const;

 private:
  std::set<std::string> settings_;  ///< a few texts for thousands of outputs
  std::unordered_map<std::string, Output> outputs_;
  std::string sound_version_;
  bool allow_damaged_;
};

}  // namespace tutti
