// SPDX-License-Identifier: Apache-2.0
// A manifest made from what lies on disk.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "host/audio/errors.hpp"
#include "host/catalogue/file_walk.hpp"
#include "host/catalogue/item.hpp"
#include "host/catalogue/output_names.hpp"
#include "host/catalogue/problems.hpp"
#include "host/catalogue/regular_file.hpp"
#include "host/catalogue/sidecar.hpp"
#include "host/catalogue/tags.hpp"
#include "host/report/terminal_text.hpp"
#include "host/session/text.hpp"

namespace tutti {
namespace {

namespace fs = std::filesystem;

/// Whether a job made this file: earlier outputs are not mastered again.
bool is_output(const fs::path& file) {
  try {
    return read_sidecar(sidecar_path(file)).has_value();
  } catch (const IoError& problem) {
    if (problem.fault() == IoFault::exhausted) throw;
    return false;
  }
}

/// Old systems named files without an extension: the first bytes of the containers that we write.
bool begins_as_audio(const fs::path& file) {
  constexpr std::array<std::string_view, 7> kMarks = {"RIFF", "RF64", "BW64", "FORM",
                                                      "caff", "fLaC", "OggS"};
  std::string mark(4, '\0');
  try {
    catalogue::RegularFile regular(file);
    std::size_t done = 0;
    while (done < mark.size()) {
      const std::size_t got = regular.read(mark.data() + done, mark.size() - done);
      if (got == 0) return false;
      done += got;
    }
  } catch (const IoError& problem) {
    if (problem.fault() == IoFault::exhausted) throw;
    return false;
  }
  return std::find(kMarks.begin(), kMarks.end(), mark) != kMarks.end();
}

bool is_audio(const fs::path& file) {
  return catalogue::has_audio_name(file) ||
         (!catalogue::has_extension(file) && begins_as_audio(file));
}

/// Every file gets its folder's album, which its tags may overrule.
void add_folder(const fs::path& root, const fs::path& prefix, const fs::path& except,
                Manifest& manifest) {
  catalogue::WalkOptions options;
  options.except = except;
  catalogue::walk_files(root, options, [&](const fs::path& relative) {
    if (catalogue::has_foreign_audio_name(relative))
      manifest.undecodable.push_back(root / relative);
    if (!is_audio(root / relative) || is_output(root / relative)) return;
    CatalogueItem item;
    item.input = root / relative;
    item.output = prefix / relative;
    // The input folder's own name in front, so that its own files and those of a folder of that
    // name in it are two albums.
    item.album = root.filename().string();
    if (relative.has_parent_path()) item.album += "/" + relative.parent_path().string();
    item.album = utf8_or_escaped(item.album);
    manifest.items.push_back(std::move(item));
  });
}

/// Records of many artists have one title: without an ALBUMARTIST an album ends with its folder.
std::string album_of(const CatalogueItem& item, const AlbumTags& tags) {
  std::string whose = tags.artist;
  if (whose.empty()) whose = item.album;  // its folder's, unless it was named itself
  if (whose.empty()) whose = utf8_or_escaped(item.input.parent_path().filename().string());
  return whose.empty() ? tags.album : whose + " – " + tags.album;
}

void choose_albums(std::vector<CatalogueItem>& items, bool folders_are_albums) {
  for (CatalogueItem& item : items)
    if (const AlbumTags tags = album_tags(item.input); !tags.album.empty())
      item.album = album_of(item, tags);
    else if (!folders_are_albums)
      item.album.clear();
}

fs::path without_slash(const fs::path& folder) {
  const fs::path path = fs::absolute(folder).lexically_normal();
  return path.has_filename() ? path : path.parent_path();
}

using Uses = std::unordered_map<std::string, int>;

// Where "a.mp3" would become the "a.flac" that stands beside it, it becomes "a.mp3.flac", and "a"
// that would become "a.wav" becomes "a.wav.wav".
void choose_outputs(std::vector<CatalogueItem>& items) {
  Uses uses;
  std::vector<fs::path> outputs;
  for (const CatalogueItem& item : items) {
    fs::path output = item.output;
    if (catalogue::has_extension(output)) output.replace_extension();
    output += catalogue::container_for(item.input);
    output = catalogue::fitting(output);
    ++uses[output.string()];
    outputs.push_back(std::move(output));
  }
  for (std::size_t i = 0; i < items.size(); ++i) {
    const bool changed = outputs[i].extension() != items[i].output.extension();
    const std::string container = catalogue::container_for(items[i].input);
    if (!changed || uses[outputs[i].string()] == 1)
      items[i].output = std::move(outputs[i]);
    else if (catalogue::has_extension(items[i].output))
      items[i].output = catalogue::fitting(items[i].output += container);
    else
      items[i].output = catalogue::fitting(outputs[i] += container);
  }
}

void choose_ids(std::vector<CatalogueItem>& items) {
  Uses uses;
  for (CatalogueItem& item : items)
    ++uses[item.id = utf8_or_escaped(catalogue::default_id(item.output))];
  for (CatalogueItem& item : items)
    if (uses[item.id] > 1) item.id = utf8_or_escaped(item.output.string());
}

void refuse_duplicates(const std::vector<CatalogueItem>& items) {
  catalogue::Problems problems{fs::path()};
  for (std::size_t i = 1; i < items.size(); ++i)
    if (items[i].output == items[i - 1].output)
      problems.add(0,
                   fmt::format("{} and {} would both become {}",
                               text::printable(items[i - 1].input.string()),
                               text::printable(items[i].input.string()),
                               text::quoted(items[i].output.string())),
                   "rename one, or give them in two runs with two output folders");
  problems.throw_if_any();
}

}  // namespace

Manifest manifest_of_folders(std::span<const fs::path> inputs, const fs::path& except,
                             bool folders_are_albums) {
  Manifest manifest;
  std::ptrdiff_t folders = 0;
  for (const fs::path& input : inputs) {
    std::error_code error;
    if (!fs::exists(input, error))
      throw IoError(printable(input.string()),
                    error ? error.message() : "there is no such file or folder; check its name");
    folders += fs::is_directory(input, error);
  }
  for (const fs::path& input : inputs) {
    const fs::path path = without_slash(input);
    if (fs::is_directory(path)) {
      const std::string prefix = folders > 1 ? path.filename().string() : "";
      add_folder(path, prefix, except, manifest);
    } else {
      CatalogueItem item;
      item.input = path;
      item.output = path.filename();
      manifest.items.push_back(std::move(item));
    }
  }
  choose_outputs(manifest.items);
  choose_ids(manifest.items);
  std::stable_sort(manifest.items.begin(), manifest.items.end(), [](const auto& a, const auto& b) {
    return a.output.native() < b.output.native();
  });
  // The same file given twice is one item.
  const auto same = [](const auto& a, const auto& b) {
    return a.output == b.output && a.input == b.input;
  };
  manifest.items.erase(std::unique(manifest.items.begin(), manifest.items.end(), same),
                       manifest.items.end());
  refuse_duplicates(manifest.items);
  choose_albums(manifest.items, folders_are_albums);
  return manifest;
}

}  // namespace tutti
