// SPDX-License-Identifier: Apache-2.0
// What a mastering job is to make of its files: the options that decide the sound.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/command_line.hpp"
#include "host/catalogue/item.hpp"
#include "host/dsp/programme_loudness.hpp"
#include "host/session/model.hpp"

namespace tutti::cli {

struct ChainOptions {
  Session chain;
  bool albums = true;  ///< items of one album share a gain
  AlbumLoudness album = AlbumLoudness::pooled;
  bool allow_non_finite = false;
  bool allow_damaged = false;
};

/// --chain, --preset, --target, --ceiling, --album, --allow-non-finite, --allow-damaged.
class ChainArguments {
 public:
  explicit ChainArguments(CommandLine& line);
  /// Whether anything says what to master to.
  bool given() const;
  /// Reads and checks the chain. Throws UsageError (also when nothing is given), SessionError,
  /// IoError.
  ChainOptions take(bool quiet) const;
  /// The same options as words that mean the same in whatever folder.
  std::vector<std::string> words() const;

 private:
  Session chain(bool quiet) const;

  std::string chain_, preset_, album_ = "pooled";
  std::optional<double> target_lufs_, ceiling_dbtp_;
  bool allow_non_finite_ = false;
  bool allow_damaged_ = false;
};

/// The manifest as a job with these options takes it: without albums, where each item is for
/// itself.
Manifest with_albums(Manifest manifest, const ChainOptions& options);

}  // namespace tutti::cli
