// SPDX-License-Identifier: Apache-2.0
#include "host/io/text_tags.hpp"

#include <algorithm>

namespace tutti::io {
namespace {

struct InfoName {
  std::string_view id;
  std::string_view key;
};

// Microsoft's names, and those that came into use beside them.
constexpr InfoName kInfoNames[] = {
    {"INAM", "TITLE"},           {"IART", "ARTIST"},    {"IPRD", "ALBUM"},
    {"ITRK", "TRACKNUMBER"},     {"ICRD", "DATE"},      {"IGNR", "GENRE"},
    {"ICMT", "COMMENT"},         {"ICOP", "COPYRIGHT"}, {"ISRC", "SOURCE"},
    {"IENG", "ENGINEER"},        {"ISBJ", "SUBJECT"},   {"IKEY", "KEYWORDS"},
    {"ITCH", "ENCODEDBY"},       {"ISFT", "ENCODING"},  {"ILNG", "LANGUAGE"},
    {"IMUS", "COMPOSER"},        {"IPRT", "PART"},      {"IPUB", "LABEL"},
    {"IARL", "ARCHIVALLOCATION"}};

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

/// Bytes of the sequence that begins with `c`; 0 if none does.
std::size_t sequence_bytes(unsigned char c) {
  if (c < 0x80) return 1;
  if (c >= 0xc2 && c < 0xe0) return 2;
  if (c >= 0xe0 && c < 0xf0) return 3;
  return c >= 0xf0 && c < 0xf5 ? 4 : 0;
}

}  // namespace

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i]);
    const std::size_t count = sequence_bytes(first);
    if (count == 0 || i + count > text.size()) return false;
    for (std::size_t k = 1; k < count; ++k) {
      if (!is_continuation(text[i + k])) return false;
    }
    // Overlong forms, surrogates, and what lies behind the last code point.
    const auto second = count > 1 ? static_cast<unsigned char>(text[i + 1]) : 0;
    if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
        (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f)) {
      return false;
    }
    i += count;
  }
  return true;
}

std::string trimmed_text(std::string_view bytes) {
  bytes = bytes.substr(0, bytes.find('\0'));
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t begin = bytes.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return "";
  bytes = bytes.substr(begin, bytes.find_last_not_of(kBlank) + 1 - begin);
  if (is_utf8(bytes)) return std::string(bytes);
  std::string text;
  for (const char c : bytes) {
    const auto code = static_cast<unsigned char>(c);
    if (code < 0x80) {
      text += c;
    } else {
      text += static_cast<char>(0xc0 | code >> 6);
      text += static_cast<char>(0x80 | (code & 0x3f));
    }
  }
  return text;
}

std::string upper_case(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return result;
}

bool is_replay_gain(std::string_view key) {
  const std::string upper = upper_case(key);
  return upper.starts_with("REPLAYGAIN_") || upper.starts_with("R128_") ||
         upper == "COMMENT:ITUNNORM" || upper == "ITUNNORM";
}

bool is_comment_key(std::string_view key) {
  return !key.empty() && std::all_of(key.begin(), key.end(),
                                     [](char c) { return c >= 0x20 && c <= 0x7d && c != '='; });
}

std::vector<Tag> info_list_tags(const Bytes& body) {
  ByteParser in(body, false);
  std::vector<Tag> tags;
  in.skip(4);
  while (in.ok() && in.left() >= 8) {
    const std::string id = in.text(4);
    const std::uint64_t bytes = in.number(4);
    const std::string text = trimmed_text(in.text(std::min<std::uint64_t>(bytes, in.left())));
    if (bytes % 2 != 0 && in.left() > 0) in.skip(1);
    const auto* name = std::find_if(std::begin(kInfoNames), std::end(kInfoNames),
                                    [&](const InfoName& row) { return row.id == id; });
    if (text.empty()) continue;
    if (name != std::end(kInfoNames)) {
      tags.push_back({std::string(name->key), text});
    } else if (is_comment_key(id)) {
      tags.push_back({upper_case(id), text});
    }
  }
  return tags;
}

Bytes info_list(const std::vector<Tag>& tags) {
  ByteBuilder out(false);
  out.text("INFO");
  for (const InfoName& name : kInfoNames) {
    const auto tag = std::find_if(tags.begin(), tags.end(), [&](const Tag& candidate) {
      return upper_case(candidate.key) == name.key;
    });
    if (tag == tags.end()) continue;
    const std::string text = trimmed_text(tag->value);
    const std::size_t bytes = text.size() + 1;
    out.text(name.id).u32(static_cast<std::int64_t>(bytes)).text(text).zeros(1 + bytes % 2);
  }
  return out.size() > 4 ? out.take() : Bytes{};
}

std::vector<Tag> lasting_tags(const Metadata& metadata, const MetadataLosses& losses,
                              bool into_id3) {
  // About the input's encoding, length and channels.
  constexpr std::string_view kTechnical[] = {"ENCODER", "ENCODING", "ENCODERSETTINGS", "LENGTH",
                                             "WAVEFORMATEXTENSIBLE_CHANNEL_MASK"};
  std::vector<Tag> tags;
  std::vector<std::string> gains, unreadable;
  for (const Tag& tag : metadata.tags) {
    const std::string key = upper_case(tag.key);
    if (is_replay_gain(key)) {
      gains.push_back(tag.key);
    } else if (!is_utf8(tag.key) || !is_utf8(tag.value)) {
      unreadable.push_back(trimmed_text(tag.key));
    } else if (std::find(std::begin(kTechnical), std::end(kTechnical), key) ==
               std::end(kTechnical)) {
      tags.push_back(tag);
    }
  }
  if (!gains.empty()) losses.dropped(replay_gain_message(gains));
  if (!unreadable.empty()) losses.dropped("tags that are not UTF-8: " + list_names(unreadable));
  std::vector<std::string> homeless = metadata.untranslatable;
  if (!into_id3)
    for (const Id3Piece& piece : metadata.id3_pieces) homeless.push_back(piece.name);
  if (!homeless.empty()) {
    losses.dropped("the " + metadata.container +
                   " input's tags and pictures pass, but not: " + list_names(homeless));
  }
  return tags;
}

std::string replay_gain_message(const std::vector<std::string>& names) {
  return "left out, because they say how loud the input was: " + list_names(names);
}

void add_missing(std::vector<Tag>& tags, const std::vector<Tag>& more) {
  const std::size_t there = tags.size();
  for (const Tag& tag : more) {
    const std::string key = upper_case(tag.key);
    const auto end = tags.begin() + static_cast<std::ptrdiff_t>(there);
    if (std::none_of(tags.begin(), end,
                     [&](const Tag& other) { return upper_case(other.key) == key; })) {
      tags.push_back(tag);
    }
  }
}

}  // namespace tutti::io
