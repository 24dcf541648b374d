// SPDX-License-Identifier: Apache-2.0
// A YAML document as a tree of values, each with its place in the text.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/session/model.hpp"

namespace tutti::yaml {

enum class NodeKind : std::uint8_t { null, scalar, list, map };

using NodeId = std::uint32_t;

/// One value. `text` is the scalar's text after quotes and folding; [begin, end) are byte offsets
/// of the value, for a block collection those of its first key or dash.
struct Node {
  NodeKind kind = NodeKind::null;
  bool quoted = false;  ///< in quotes, or a block scalar: never a number, a boolean or null
  std::uint32_t begin = 0, end = 0;
  std::uint32_t first_entry = 0, entry_count = 0;
  std::uint32_t expanded = 1;  ///< values in it, aliases followed; saturates
  std::string_view text;
};

/// One item of a list (no key) or of a map.
struct Entry {
  std::string_view key;
  std::uint32_t key_begin = 0, key_end = 0;
  NodeId value = 0;
};

/// The tree, its text and the texts of its scalars. Neither copied nor moved: nodes point into it.
class Document {
 public:
  /// Takes the text of a file; a byte order mark is dropped.
  explicit Document(std::string source);
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;

  const std::string& source() const { return source_; }
  const Node& node(NodeId id) const { return nodes_[id]; }
  const Node& root() const { return nodes_[root_]; }
  std::span<const Entry> entries(const Node& node) const;

  /// Line and column, counted in characters from 1, of bytes [begin, end); the length stops at the
  /// end of the line and is at least 1.
  SourceSpan span(std::uint32_t begin, std::uint32_t end) const;

  /// Number of the line, from 1, on which a byte stands.
  int line_of(std::uint32_t offset) const;

  /// Span of the value at a path such as "stems[3].clips[0].fade_in", or of the nearest enclosing
  /// value. `clips[0]` of a stem written with `file:` alone is that stem.
  SourceSpan find(std::string_view path) const;

  /// For the reader that builds the tree. The texts must outlive the document or be its own.
  NodeId add_scalar(NodeKind kind, bool quoted, std::string_view text, std::uint32_t begin,
                    std::uint32_t end);
  NodeId add_collection(NodeKind kind, std::span<const Entry> entries, std::uint32_t begin,
                        std::uint32_t end);
  std::string_view keep(std::string text);
  void set_root(NodeId id) { root_ = id; }
  std::size_t size() const { return nodes_.size(); }

 private:
  const Entry* child(const Node& node, std::string_view segment) const;

  std::string source_;
  std::vector<std::uint32_t> line_starts_;
  std::vector<Node> nodes_;
  std::vector<Entry> entries_;
  std::deque<std::string> texts_;
  NodeId root_ = 0;
};

}  // namespace tutti::yaml
