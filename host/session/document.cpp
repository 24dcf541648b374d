// SPDX-License-Identifier: Apache-2.0
#include "host/session/document.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace tutti::yaml {
namespace {

/// The next segment of a path, taken off its front: a key, or an index in brackets ("[3]").
std::string_view next_segment(std::string_view& path) {
  if (path.starts_with('.')) path.remove_prefix(1);
  const std::size_t end = path.find_first_of(".[", 1);
  std::string_view segment = path.substr(0, end);
  path.remove_prefix(segment.size());
  return segment;
}

/// Characters of valid UTF-8: the bytes that do not continue one. Counted like this because a
/// session in JSON may be one line of many megabytes.
int count_characters(std::string_view text) {
  return static_cast<int>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

}  // namespace

Document::Document(std::string source) : source_(std::move(source)) {
  if (source_.starts_with("\xEF\xBB\xBF")) source_.erase(0, 3);
  line_starts_.push_back(0);
  for (std::size_t i = source_.find('\n'); i != std::string::npos; i = source_.find('\n', i + 1)) {
    line_starts_.push_back(static_cast<std::uint32_t>(i + 1));
  }
  nodes_.emplace_back();  // the root of a document that could not be read: null
}

std::span<const Entry> Document::entries(const Node& node) const {
  return {entries_.data() + node.first_entry, node.entry_count};
}

SourceSpan Document::span(std::uint32_t begin, std::uint32_t end) const {
  const auto next = std::upper_bound(line_starts_.begin(), line_starts_.end(), begin);
  const std::uint32_t line_start = *(next - 1);
  std::uint32_t line_end =
      next != line_starts_.end() ? *next - 1 : static_cast<std::uint32_t>(source_.size());
  if (line_end > line_start && source_[line_end - 1] == '\r') --line_end;
  const std::string_view all = source_;
  SourceSpan out;
  out.line = static_cast<int>(next - line_starts_.begin());
  out.column = 1 + count_characters(all.substr(line_start, begin - line_start));
  end = std::min(end, line_end);
  const std::string_view covered = end > begin ? all.substr(begin, end - begin) : "";
  out.length = std::max(1, count_characters(covered));
  return out;
}

int Document::line_of(std::uint32_t offset) const {
  const auto next = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  return static_cast<int>(next - line_starts_.begin());
}

const Entry* Document::child(const Node& node, std::string_view segment) const {
  const std::span<const Entry> all = entries(node);
  if (segment.starts_with('[')) {
    std::size_t index = 0;
    const auto parsed = std::from_chars(segment.data() + 1, segment.data() + segment.size(), index);
    if (parsed.ec != std::errc() || node.kind != NodeKind::list) return nullptr;
    return index < all.size() ? &all[index] : nullptr;
  }
  if (node.kind != NodeKind::map) return nullptr;
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const Entry& entry) { return entry.key == segment; });
  return found != all.end() ? &*found : nullptr;
}

SourceSpan Document::find(std::string_view path) const {
  const Node* here = &root();
  std::uint32_t begin = here->begin;
  std::uint32_t end = here->end;
  while (!path.empty()) {
    const std::string_view segment = next_segment(path);
    const Entry* entry = child(*here, segment);
    if (entry == nullptr && segment == "clips" && child(*here, "file") != nullptr) {
      next_segment(path);  // the index of the only clip
      continue;
    }
    if (entry == nullptr) break;
    here = &node(entry->value);
    begin = here->begin;
    end = here->end;
  }
  return span(begin, end);
}

NodeId Document::add_scalar(NodeKind kind, bool quoted, std::string_view text, std::uint32_t begin,
                            std::uint32_t end) {
  Node node;
  node.kind = kind;
  node.quoted = quoted;
  node.text = text;
  node.begin = begin;
  node.end = end;
  nodes_.push_back(node);
  return static_cast<NodeId>(nodes_.size() - 1);
}

NodeId Document::add_collection(NodeKind kind, std::span<const Entry> entries, std::uint32_t begin,
                                std::uint32_t end) {
  Node node;
  node.kind = kind;
  node.begin = begin;
  node.end = end;
  node.first_entry = static_cast<std::uint32_t>(entries_.size());
  node.entry_count = static_cast<std::uint32_t>(entries.size());
  std::uint64_t expanded = 1;
  for (const Entry& entry : entries) expanded += nodes_[entry.value].expanded;
  node.expanded = static_cast<std::uint32_t>(
      std::min<std::uint64_t>(expanded, std::numeric_limits<std::uint32_t>::max()));
  entries_.insert(entries_.end(), entries.begin(), entries.end());
  nodes_.push_back(node);
  return static_cast<NodeId>(nodes_.size() - 1);
}

std::string_view Document::keep(std::string text) {
  texts_.push_back(std::move(text));
  return texts_.back();
}

}  // namespace tutti::yaml
