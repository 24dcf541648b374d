// SPDX-License-Identifier: Apache-2.0
#include "host/io/metadata_flac.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "host/io/metadata_reader.hpp"
#include "host/io/text_tags.hpp"

namespace tutti::io {
namespace {

constexpr std::string_view kMaskKey = "WAVEFORMATEXTENSIBLE_CHANNEL_MASK";
constexpr std::size_t kLargestBlockBytes = (std::size_t{1} << 24) - 1;

std::string application_id(const FlacBlock& block) {
  std::string id(characters(block.body).substr(0, 4));
  for (char& c : id) c = c >= 0x20 && c <= 0x7e ? c : '?';
  return id;
}

bool is_foreign_header(const FlacBlock& block) {
  const std::string id = application_id(block);
  return id == "riff" || id == "aiff" || id == "w64 ";
}

const char* name_of(int type) {
  constexpr const char* kNames[] = {"STREAMINFO",     "PADDING",  "APPLICATION", "SEEKTABLE",
                                    "VORBIS_COMMENT", "CUESHEET", "PICTURE"};
  return type < 7 ? kNames[type] : "unknown";
}

/// Takes one block over into the reader's metadata.
void take_block(MetadataReader& reader, FlacBlock block) {
  Metadata& metadata = reader.metadata;
  if (block.type == kFlacComments) {
    if (const auto tags = parse_comments(block.body)) {
      metadata.tags.insert(metadata.tags.end(), tags->begin(), tags->end());
    } else {
      reader.dropped("the comments of the FLAC header contradict themselves");
    }
    return;
  }
  if (block.type == kFlacPicture) {
    auto picture = parse_picture(block.body);
    if (!picture) return reader.dropped("a picture of the FLAC header contradicts itself");
    metadata.pictures.push_back(std::move(*picture));
  } else if (block.type == kFlacApplication) {
    if (block.body.size() < 4) return reader.dropped("an APPLICATION block without a name");
    metadata.untranslatable.push_back("APPLICATION '" + application_id(block) + "'");
  } else {
    metadata.untranslatable.push_back(name_of(block.type));
  }
  metadata.flac_blocks.push_back(std::move(block));
}

/// A picture that is legal: icons exist once, and the small one has a fixed shape.
Picture lawful(Picture picture, std::array<bool, 3>& icons) {
  const bool small = picture.width == 32 && picture.height == 32 && picture.mime == "image/png";
  const bool icon = picture.kind == 1 || picture.kind == 2;
  if (icon && (icons[picture.kind] || (picture.kind == 1 && !small))) {
    picture.kind = 0;
  } else if (icon) {
    icons[picture.kind] = true;
  }
  std::erase_if(picture.mime, [](char c) { return c < 0x20 || c > 0x7e; });
  picture.description = trimmed_text(picture.description);
  return picture;
}

class BlockList {
 public:
  explicit BlockList(const WriteSpec& spec) : spec_(spec), map_(spec), losses_(spec) {}

  std::vector<FlacBlock> make() {
    add_comments();
    if (!spec_.metadata) return std::move(blocks_);
    if (spec_.metadata->family == MetadataFamily::flac) {
      for (const FlacBlock& block : spec_.metadata->flac_blocks) copy(block);
    } else {
      for (const Picture& picture : spec_.metadata->pictures) add_picture(picture);
    }
    return std::move(blocks_);
  }

 private:
  void add(int type, Bytes body) {
    if (body.size() <= kLargestBlockBytes) {
      blocks_.push_back({type, std::move(body)});
    } else {
      losses_.dropped(
          fmt::format("FLAC has no room for a {} of {} bytes", name_of(type), body.size()));
    }
  }

  std::vector<Tag> tags_of_flac() const {
    std::vector<Tag> tags;
    std::vector<std::string> gains;
    for (const Tag& tag : spec_.metadata->tags) {
      if (is_replay_gain(tag.key)) {
        gains.push_back(tag.key);
      } else if (upper_case(tag.key) != kMaskKey) {
        tags.push_back(tag);
      }
    }
    if (!gains.empty()) losses_.dropped(replay_gain_message(gains));
    return tags;
  }

  void add_comments() {
    std::vector<Tag> tags;
    // FLAC has no channel mask of its own; decoders agreed on this comment.
    if (spec_.wave_mask != 0 && spec_.channels > 2) {
      tags.push_back({std::string(kMaskKey), fmt::format("0x{:X}", spec_.wave_mask)});
    }
    if (spec_.metadata) {
      const bool flac = spec_.metadata->family == MetadataFamily::flac;
      const auto kept = flac ? tags_of_flac() : lasting_tags(*spec_.metadata, losses_);
      std::vector<std::string> unlawful;
      for (const Tag& tag : kept) {
        if (is_comment_key(tag.key) && is_utf8(tag.value)) {
          tags.push_back(tag);
        } else {
          unlawful.push_back(trimmed_text(tag.key));
        }
      }
      if (!unlawful.empty()) {
        losses_.dropped("comments that are not UTF-8 or have no proper name: " +
                        list_names(unlawful));
      }
    }
    add(kFlacComments, comments_body(tags));
  }

  void add_picture(const Picture& picture) {
    add(kFlacPicture, picture_body(lawful(picture, icons_)));
  }

  void copy(const FlacBlock& block) {
    if (block.type == kFlacPicture) {
      if (const auto picture = parse_picture(block.body)) add_picture(*picture);
    } else if (block.type == kFlacCueSheet) {
      auto sheet = adapt_cue_sheet(block.body, map_);
      if (sheet) return add(block.type, std::move(*sheet));
      losses_.dropped("the CUESHEET: its tracks do not fit the output's rate and length any more");
    } else if (block.type == kFlacApplication && is_foreign_header(block)) {
      if (!foreign_said_) {
        losses_.dropped(
            fmt::format("the APPLICATION blocks '{}': the header of a file that the "
                        "output does not decode to any more",
                        application_id(block)));
      }
      foreign_said_ = true;
    } else {
      add(block.type, block.body);
    }
  }

  const WriteSpec& spec_;
  PositionMap map_;
  MetadataLosses losses_;
  std::vector<FlacBlock> blocks_;
  std::array<bool, 3> icons_ = {};
  bool foreign_said_ = false;
};

}  // namespace

void read_flac_metadata(MetadataReader& reader, std::int64_t at) {
  constexpr int kMostBlocks = 4096;
  reader.metadata.container = "FLAC";
  reader.metadata.family = MetadataFamily::flac;
  if (at > 0) reader.dropped("an ID3 tag in front of the FLAC stream, which has its own comments");
  at += 4;
  bool last = false;
  for (int count = 0; !last; ++count) {
    std::array<std::byte, 4> header;
    if (count >= kMostBlocks || reader.file.read_at(at, header.data(), 4) != 4) {
      return reader.dropped("the FLAC header does not end; what was not reached is not kept");
    }
    last = (header[0] & std::byte{0x80}) != std::byte{0};
    const int type = std::to_integer<int>(header[0] & std::byte{0x7f});
    const auto bytes = load_integer<std::uint32_t>(header.data(), true) & 0xffffffu;
    at += 4;
    const bool ours = type == kFlacStreamInfo || type == kFlacPadding || type == kFlacSeekTable;
    if (type == kFlacInvalid) return reader.dropped("the FLAC header has a block that can not be");
    if (!ours) {
      auto body = reader.body(fmt::format("the FLAC block {}", name_of(type)), at, bytes);
      if (body) take_block(reader, {type, std::move(*body)});
    }
    at += bytes;
  }
}

std::vector<FlacBlock> flac_blocks(const WriteSpec& spec) { return BlockList(spec).make(); }

}  // namespace tutti::io
