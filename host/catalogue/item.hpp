// SPDX-License-Identifier: Apache-2.0
// What a bulk job is asked to do: one input and one output a line.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "host/catalogue/errors.hpp"

namespace tutti {

struct CatalogueItem {
  std::string id;               ///< unique in the manifest; default: output without its extension
  std::string album;            ///< items of one album share one gain; empty: none
  std::filesystem::path input;  ///< absolute: the reader has resolved it against the manifest
  /// Relative to the output folder, stays inside it. Its extension chooses the container: the
  /// readers have filled in a missing one (the input's; lossy becomes .flac).
  std::filesystem::path output;
  double seconds = 0;                               ///< of audio; 0: not known
  std::optional<double> target_lufs, ceiling_dbtp;  ///< of this item, before the command's own
  int line = 0;                                     ///< of the manifest; 0: of no file
};

struct Manifest {
  std::filesystem::path file;  ///< empty: made from folders
  std::vector<CatalogueItem> items;
  /// Audio in folders that is no item, because nothing here decodes its kind; absolute.
  std::vector<std::filesystem::path> undecodable = {};
};

/// Reads .jsonl (one object a line) or .csv (a head line, RFC 4180). Throws ManifestError with all
/// problems at once: unknown keys, wrong types, no input, duplicate ids, two items with one output,
/// outputs that leave the folder or name no container that can be written. Throws IoError when the
/// file can not be read.
Manifest read_manifest(const std::filesystem::path& file);

/// Files and folders mirrored, sorted by bytes. The album is that of the tags: "Artist – Album", or
/// "folder – Album" where there is no ALBUMARTIST; a file without ALBUM has none, or with
/// `folders_are_albums` is of its folder's when it was not named itself.
/// One input folder is mirrored without its own name, several keep
/// theirs. Hidden files and what is no audio by its name are left out, and so are (told in
/// `undecodable`) audio of kinds that can not be decoded,
/// a folder's files with a sidecar of ours beside them, which are outputs, and the folder `except`
/// (where the outputs go). Throws IoError for an input that is missing, ManifestError
/// when two files would get one output.
Manifest manifest_of_folders(std::span<const std::filesystem::path> inputs,
                             const std::filesystem::path& except = {},
                             bool folders_are_albums = false);

/// The item's line of a .jsonl manifest that lies in `folder` (absolute), line feed included.
/// Inputs inside the folder are written relative to it. Throws CatalogueError for a name that is
/// not UTF-8.
std::string manifest_line(const CatalogueItem& item, const std::filesystem::path& folder);

/// The input as sidecars name it: relative to the manifest when it lies beside or under it,
/// otherwise the file's name only. Never a path of the host.
std::string public_input_name(const Manifest& manifest, const CatalogueItem& item);

}  // namespace tutti
