// SPDX-License-Identifier: Apache-2.0
// What an output may be called, and what it is called when nobody says.
#pragma once

#include <filesystem>
#include <string>

namespace tutti::catalogue {

/// Whether a file is audio by its name.
bool has_audio_name(const std::filesystem::path& file);

/// Whether a name ends in what means a kind of file: "take.pcm", but not "Vol. 2".
bool has_extension(const std::filesystem::path& file);

/// Whether it is audio by its name, but of a kind that nothing here decodes.
bool has_foreign_audio_name(const std::filesystem::path& file);

/// The container of an output whose input is this: the input's own; ".flac" for a lossy input;
/// ".wav" for what can be read but not written.
std::string container_for(const std::filesystem::path& input);

/// An output's name with room for its sidecar's: what does not fit is cut off in front of the
/// extension, whole characters of it.
std::filesystem::path fitting(const std::filesystem::path& output);

struct OutputName {
  std::filesystem::path path;  ///< normal form, with an extension that names a container
  std::string problem, hint;   ///< problem empty: none
};

/// Checks what the manifest says and fills in the container where it does not. `text` is UTF-8.
OutputName output_name(const std::string& text, const std::filesystem::path& input);

/// Folders and name without the extension.
std::string default_id(const std::filesystem::path& output);

}  // namespace tutti::catalogue
