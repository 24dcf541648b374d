// SPDX-License-Identifier: Apache-2.0
// What stands beside an output and says from what it was made and what it is.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "host/audio/errors.hpp"
#include "host/audio/units.hpp"
#include "host/dsp/measurement.hpp"

namespace tutti {

struct Sidecar {
  std::string key, id, album, sound_version;
  struct Input {
    std::string file;  ///< see public_input_name: never a host's path
    std::string sha256;
    std::uint64_t bytes = 0;
  } input;
  /// album_hash of the tracks that share its gain; empty: it has no album, or an older version wrote it.
  std::string album_inputs;
  nlohmann::ordered_json settings;  ///< canonical: equal settings are equal text
  struct Output {
    std::string file;  ///< its name, without folders
    std::string sha256, audio_md5, format;
    std::uint64_t bytes = 0;
    Frames frames = 0;
    double sample_rate_hz = 0;
    int channels = 0;
  } output;
  Measurement before, after;  ///< written in the form of `tutti measure --json`
  std::optional<double> target_lufs, ceiling_dbtp;
  double tolerance_lu = 0.1;
  std::optional<double> gain_db, limiter_max_reduction_db;
  std::int64_t clipped_samples = 0;
  std::vector<Warning> findings;    ///< code and message, without paths of the host
  nlohmann::ordered_json services;  ///< the delivery page; may be empty (null)
  int deliveries = 1;               ///< output files that the item has, this one included
};

/// Whether the output was made of a file that is cut or damaged, because somebody said to take it.
bool is_of_damaged_input(const Sidecar& sidecar);

/// out/a.flac → out/a.flac.json
std::filesystem::path sidecar_path(const std::filesystem::path& output);

/// SHA-256 over what decides the output: the input (key_input), the settings' text, the sound's
/// version. Never a host, a path or a time.
std::string catalogue_key(const std::string& key_input, const std::string& settings,
                          const std::string& sound_version);

/// What of the inputs decides an output: its own's hash; in an album of several, whose gain depends
/// on all its tracks, those of all too, in the manifest's order.
std::string key_input(const std::string& own_sha256, std::span<const std::string> album_sha256);

/// SHA-256 over those of all inputs of an album, in the manifest's order: which album it was, whatever
/// becomes of the settings' text.
std::string album_hash(std::span<const std::string> album_sha256);

/// The document's bytes: a function of the sidecar alone.
std::string sidecar_text(const Sidecar& sidecar);

/// None: there is no such file. Throws IoError: unreadable, or not a sidecar of ours.
std::optional<Sidecar> read_sidecar(const std::filesystem::path& sidecar);

/// What makes good what stands there and read_sidecar refuses: a render replaces what is left of a
/// sidecar of ours, and nothing else.
const char* sidecar_repair(const std::filesystem::path& sidecar);

/// Throws IoError (IoFault::output) where something has the sidecar's name that write_sidecar would not
/// replace: whoever can not show that a file is ours leaves it. To be asked before the output is
/// written: an output without its sidecar is nobody's.
void check_sidecar_place(const std::filesystem::path& sidecar, bool replace_damaged);

/// Through a temporary name that is unique to its writer, flushed, renamed, the folder flushed.
/// Call it after the output has its name. Replaces a sidecar of ours, with `replace_damaged` one that
/// can not be read any more too, and nothing else: throws IoError (IoFault::output) where another
/// file or a link has its name.
void write_sidecar(const std::filesystem::path& sidecar, const Sidecar& content,
                   bool replace_damaged = false);

enum class OutputState {
  missing,
  up_to_date,
  stale,    ///< its bytes are what its sidecar says, but of another key or a damaged input: may be
            ///< redone
  changed,  ///< not what its sidecar says: somebody edited it
  damaged,  ///< what stands at its sidecar's name began as one of ours, and can not be read
  foreign   ///< no sidecar of ours or no file; or the sidecar's name is taken, output or not
};

/// `full_hash`: an output of this key is hashed too; otherwise its size is compared. What may be
/// replaced is always hashed. `allow_damaged`: one of a damaged input counts like any other. A
/// writer killed between its two renames leaves `foreign` or `changed`: a renderer may take such an
/// output for its own when what it would write has the same SHA-256. Throws IoError when it can not
/// be read.
OutputState output_state(const std::filesystem::path& output, const std::string& key,
                         bool full_hash, bool allow_damaged = true);

/// What the output was made of before, by its sidecar; none where that is the input of this hash, or
/// nobody knows.
std::optional<std::string> other_input_of(const std::filesystem::path& output,
                                          const std::string& input_sha256);

/// SHA-256 of a regular file's bytes, and how many there are. Throws IoError: pipes, devices and
/// folders are refused at once; IoFault::exhausted for what may be read later.
struct FileHash {
  std::string sha256;
  std::uint64_t bytes = 0;
};
FileHash hash_file(const std::filesystem::path& file);

}  // namespace tutti
