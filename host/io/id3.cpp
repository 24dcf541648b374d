// SPDX-License-Identifier: Apache-2.0
#include "host/io/id3.hpp"

#include <attachedpictureframe.h>
#include <id3v2framefactory.h>
#include <id3v2tag.h>
#include <mpegfile.h>
#include <tbytevectorstream.h>

#include <algorithm>
#include <set>

#include "host/io/id3_frames.hpp"
#include "host/io/taglib_text.hpp"
#include "host/io/text_tags.hpp"

namespace tutti::io {
namespace {

namespace ID3v2 = TagLib::ID3v2;

/// Frames of text, links, pictures: what tags and pictures are made of.
bool is_simple(const Id3Frame& frame) {
  static const std::set<std::string, std::less<>> kSimple = {"APIC", "PIC",  "COMM", "COM",  "USLT",
                                                             "ULT",  "UFID", "UFI",  "PCST", "GRP1",
                                                             "MVNM", "MVIN", "IPLS", "IPL"};
  if (frame.opaque) return false;
  return frame.id[0] == 'T' || frame.id[0] == 'W' || kSimple.count(frame.id) != 0;
}

/// The description of a frame in any encoding, as far as it is ASCII.
std::string ascii_start(std::span<const std::byte> text) {
  std::string out;
  for (const std::byte byte : text.first(std::min<std::size_t>(text.size(), 64))) {
    const auto c = std::to_integer<unsigned char>(byte);
    if (c >= 0x20 && c < 0x7f) out += static_cast<char>(c);
  }
  return upper_case(out);
}

bool is_gain_frame(const Id3Frames& tag, const Id3Frame& frame) {
  static const std::set<std::string, std::less<>> kGains = {"RVA2", "RVAD", "RVA", "XRVA", "RGAD"};
  if (kGains.count(frame.id) != 0) return true;
  if (frame.opaque) return false;
  const auto body = std::span(tag.bytes).subspan(frame.body, frame.end - frame.body);
  if (frame.id == "TXXX" || frame.id == "TXX") {
    return body.size() > 1 && ascii_start(body.subspan(1)).starts_with("REPLAYGAIN_");
  }
  if (frame.id == "COMM" || frame.id == "COM") {
    // iTunes keeps its gain and the padding of an encoder in comments of that name.
    const std::string name = body.size() > 4 ? ascii_start(body.subspan(4)) : "";
    return name.starts_with("ITUNNORM") || name.starts_with("ITUNSMPB");
  }
  return false;
}

Picture picture_of(const ID3v2::AttachedPictureFrame& frame) {
  Picture picture;
  picture.kind = static_cast<std::uint32_t>(frame.type());
  picture.mime = from_taglib(frame.mimeType());
  picture.description = from_taglib(frame.description());
  picture.data = from_taglib(frame.picture());
  return picture;
}

std::span<const std::byte> body_of(const Id3Frames& tag, const Id3Frame& frame) {
  return std::span(tag.bytes).subspan(frame.body, frame.end - frame.body);
}

/// Identifiers, ratings, counts, enclosed files and what programs keep for themselves: of one form
/// in 2.3 and 2.4, and true whatever became of the audio.
bool is_piece(const Id3Frames& tag, const Id3Frame& frame) {
  static const std::set<std::string, std::less<>> kPieces = {"GEOB", "MCDI", "OWNE", "PCNT",
                                                             "POPM", "PRIV", "UFID", "USER"};
  if (!frame.plain || tag.unsynchronised || kPieces.count(frame.id) == 0) return false;
  const std::string_view body = characters(body_of(tag, frame));
  // Among the tags.
  if (frame.id == "UFID")
    return !body.starts_with(std::string_view("http://musicbrainz.org\0", 23));
  // Windows Media's replay gain.
  return frame.id != "PRIV" || !(body.starts_with(std::string_view("PeakValue\0", 10)) ||
                                 body.starts_with(std::string_view("AverageLevel\0", 13)));
}

/// The tag as TagLib may see it; takes or names what it may not see.
Bytes harmless(std::span<const std::byte> bytes, Id3Content& content) {
  const auto tag = split_id3(bytes);
  if (!tag) return {};
  for (const Id3Frame& frame : tag->frames) {
    const std::string name = "ID3 frame " + frame.id;
    if (is_piece(*tag, frame)) {
      const auto body = body_of(*tag, frame);
      content.pieces.push_back({name, frame.id, Bytes(body.begin(), body.end())});
    } else if (!is_simple(frame)) {
      content.unknown.push_back(name);
    }
  }
  if (!tag->complete) content.unknown.push_back("the unreadable end of the ID3 tag");
  return join_id3(
      *tag, [&](const Id3Frame& frame) { return is_simple(frame) && !is_piece(*tag, frame); }, 0);
}

/// Of text and pictures, by TagLib.
Bytes write_simple_id3(const std::vector<Tag>& tags, const std::vector<Picture>& pictures,
                       const MetadataLosses& losses) {
  silence_taglib();
  ID3v2::Tag tag;
  const TagLib::PropertyMap rest = tag.setProperties(properties_of(tags));
  if (!rest.isEmpty()) losses.dropped("ID3 has no place for " + list_names(keys_of(rest)));
  for (const Picture& picture : pictures) {
    auto* frame = new ID3v2::AttachedPictureFrame;  // the tag's from here on
    frame->setType(static_cast<ID3v2::AttachedPictureFrame::Type>(std::min(picture.kind, 20u)));
    frame->setMimeType(to_taglib(picture.mime));
    frame->setDescription(to_taglib(picture.description));
    frame->setTextEncoding(TagLib::String::UTF8);
    frame->setPicture(to_taglib(picture.data));
    tag.addFrame(frame);
  }
  return from_taglib(tag.render());
}

}  // namespace

Id3Content read_id3(std::span<const std::byte> bytes) { return read_mpeg_tags(bytes, {}); }

Id3Content read_mpeg_tags(std::span<const std::byte> front, std::span<const std::byte> back) {
  silence_taglib();
  Id3Content content;
  Bytes bytes = harmless(front, content);
  bytes.insert(bytes.end(), back.begin(), back.end());
  if (bytes.empty()) return content;
  TagLib::ByteVector memory = to_taglib(bytes);
  TagLib::ByteVectorStream stream(memory);
  TagLib::MPEG::File file(&stream, ID3v2::FrameFactory::instance(), /*readProperties=*/false);
  const TagLib::PropertyMap properties = file.properties();
  content.tags = tags_of(properties);
  for (const TagLib::String& name : properties.unsupportedData()) {
    content.unknown.push_back("ID3 frame " + from_taglib(name));
  }
  if (file.hasID3v2Tag()) {
    for (const ID3v2::Frame* frame : file.ID3v2Tag()->frameListMap()["APIC"]) {
      const auto* picture = dynamic_cast<const ID3v2::AttachedPictureFrame*>(frame);
      if (picture != nullptr) content.pictures.push_back(picture_of(*picture));
    }
  }
  // Pictures are among what TagLib's properties leave out.
  std::erase_if(content.unknown, [](const std::string& name) {
    return name.starts_with("ID3 frame APIC") || name.starts_with("ID3 frame PIC");
  });
  return content;
}

Bytes write_id3(const std::vector<Tag>& tags, const std::vector<Picture>& pictures,
                const std::vector<Id3Piece>& pieces, const MetadataLosses& losses) {
  Bytes out;
  if (!tags.empty() || !pictures.empty()) out = write_simple_id3(tags, pictures, losses);
  if (pieces.empty()) return out;
  Id3Frames all = split_id3(out).value_or(Id3Frames{});
  constexpr std::size_t kMostBytes = (std::size_t{1} << 28) - 64;  // sizes have 28 bits
  for (const Id3Piece& piece : pieces)
    if (all.bytes.size() + piece.body.size() < kMostBytes)
      append_frame(all, piece.id, piece.body);
    else
      losses.dropped(piece.name + ": the ID3 tag is full");
  return join_id3(
      all, [](const Id3Frame&) { return true; }, 0);
}

Bytes without_replay_gain(const Bytes& tag, const MetadataLosses& losses) {
  const auto frames = split_id3(tag);
  if (!frames) return tag;
  std::vector<std::string> names;
  for (const Id3Frame& frame : frames->frames) {
    if (is_gain_frame(*frames, frame)) names.push_back("ID3 frame " + frame.id);
  }
  if (names.empty()) return tag;
  losses.dropped(replay_gain_message(names));
  return join_id3(
      *frames, [&](const Id3Frame& frame) { return !is_gain_frame(*frames, frame); }, tag.size());
}

}  // namespace tutti::io
