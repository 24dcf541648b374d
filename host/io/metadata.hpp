// SPDX-License-Identifier: Apache-2.0
// What a file says beside its audio, carried from an input to the outputs that are made of it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "host/audio/errors.hpp"
#include "host/audio/units.hpp"
#include "host/dsp/measurement.hpp"
#include "host/io/byte_builder.hpp"

namespace tutti {

namespace io {

/// One line of text under a name as Vorbis comments use it: "TITLE". A name may come twice.
struct Tag {
  std::string key;    ///< as in the file where that is FLAC; else upper case
  std::string value;  ///< UTF-8
};

/// An image; kinds are those of ID3v2's APIC frame and FLAC (3: the front cover).
struct Picture {
  std::uint32_t kind = 3;
  std::string mime;
  std::string description;  ///< UTF-8
  std::uint32_t width = 0, height = 0, depth = 0, colours = 0;
  Bytes data;
};

/// A chunk of RIFF, AIFF or CAF that is no audio.
struct MetadataChunk {
  std::string id;    ///< four characters
  Bytes body;        ///< without header and padding
  bool after_audio;  ///< it stood behind the samples
  std::string guid;  ///< 16 bytes where Wave64 names it in its own way
};

/// A metadata block of FLAC, as its bytes.
struct FlacBlock {
  int type;
  Bytes body;
};

/// A frame of an ID3 tag that is neither text nor picture, as ID3v2.4 has it.
struct Id3Piece {
  std::string name;  ///< "ID3 frame PRIV"
  std::string id;    ///< four characters
  Bytes body;
};

/// Whose chunks a file has: between two of one family they are copied, elsewhere only tags and
/// pictures pass.
enum class MetadataFamily { none, riff, aiff, caf, flac };

/// A longer chunk is left behind with a warning: artwork and object metadata are far below that.
inline constexpr std::int64_t kLargestChunkBytes = std::int64_t{64} << 20;
/// And so is what comes after that much of one file.
inline constexpr std::int64_t kLargestMetadataBytes = std::int64_t{256} << 20;

}  // namespace io

/// Everything a file says beside its audio. Callers pass it on; the writers look inside.
struct Metadata {
  std::string container;  ///< "WAV", "FLAC", …
  io::MetadataFamily family = io::MetadataFamily::none;
  std::vector<io::MetadataChunk> chunks;   ///< in the order of the file
  std::vector<io::FlacBlock> flac_blocks;  ///< in the order of the file
  std::vector<io::Tag> tags;               ///< of whatever the container keeps them in
  std::vector<io::Picture> pictures;
  std::vector<io::Id3Piece> id3_pieces;  ///< kept where the output has an ID3 tag too
  std::vector<std::string> untranslatable;  ///< what only its own container could hold, by name
};

/// What changed about the audio since `Metadata` was read.
struct MetadataChange {
  double from_rate_hz = 0;    ///< of the input; 0: that of the output
  double to_rate_hz = 0;      ///< of the output; 0: `WriteSpec::sample_rate_hz`
  Frames trimmed_frames = 0;  ///< taken away at the start, at the input's rate; negative: added
  Frames frames = 0;          ///< of the output; 0: `WriteSpec::expected_frames`; if
                              ///< that is not known either, no marker is too late
  std::optional<Measurement> loudness;  ///< of the output, for bext; or `AudioWriter::set_loudness`
};

/// Reads it by the file's content, not its name. Odd content is not an error: what can not be read
/// is named in `warnings` ("metadata_dropped"). Throws IoError only when the file can not be opened
/// or read. The file is opened read-only.
Metadata read_metadata(const std::filesystem::path& input, std::vector<Warning>& warnings);

}  // namespace tutti
