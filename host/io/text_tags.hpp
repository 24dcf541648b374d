// SPDX-License-Identifier: Apache-2.0
// Names and texts that containers share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/io/byte_builder.hpp"
#include "host/io/metadata.hpp"
#include "host/io/metadata_losses.hpp"

namespace tutti::io {

/// Text up to its first NUL, without spaces around it, as UTF-8: what is none is read as Latin-1.
std::string trimmed_text(std::string_view bytes);

bool is_utf8(std::string_view text);
std::string upper_case(std::string_view text);  ///< ASCII letters only

/// REPLAYGAIN_…, R128_… and the like: how loud the input was, which the output is not.
bool is_replay_gain(std::string_view key);
std::string replay_gain_message(const std::vector<std::string>& names);

/// Whether a key can stand in a Vorbis comment: ASCII 0x20 … 0x7d without '='.
bool is_comment_key(std::string_view key);

/// Tags of a list "INFO" (its body begins with that word) under their common names.
std::vector<Tag> info_list_tags(const Bytes& body);
/// The other way: the body of a LIST chunk; empty if nothing fits there.
Bytes info_list(const std::vector<Tag>& tags);

/// The tags that hold for the output too, where the container is not the input's. Says what is left
/// out, and what `metadata` has that only its own container could hold. `into_id3`: the output has a
/// tag for the pieces of one.
std::vector<Tag> lasting_tags(const Metadata& metadata, const MetadataLosses& losses,
                              bool into_id3 = false);

/// Adds what has no namesake among `tags`.
void add_missing(std::vector<Tag>& tags, const std::vector<Tag>& more);

}  // namespace tutti::io
