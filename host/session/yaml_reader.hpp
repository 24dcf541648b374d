// SPDX-License-Identifier: Apache-2.0
// The recursive-descent reader behind read_yaml. Written by hand, because what the usual libraries
// give is too little here: they queue a whole flow collection before its first event, tell no byte
// range of a value and need 10 s for a session of 100,000 clips; this one needs 0.2 s.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "host/session/yaml.hpp"

namespace tutti::yaml {

/// Thrown inside the reader only.
struct SyntaxError {
  YamlProblem problem;
};

[[noreturn]] void fail(std::size_t begin, std::size_t end, std::string message,
                       std::string hint = {});

inline std::uint32_t offset(std::size_t position) { return static_cast<std::uint32_t>(position); }
inline bool is_blank(char c) { return c == ' ' || c == '\t'; }
inline bool is_break(char c) { return c == '\n' || c == '\r'; }
inline bool is_flow_indicator(char c) {
  return c == ',' || c == '[' || c == ']' || c == '{' || c == '}';
}

/// A position in the text and what can be asked of it.
class Cursor {
 public:
  explicit Cursor(std::string_view all) : text(all) {}

  std::string_view text;
  std::size_t position = 0;
  std::size_t line_start = 0;

  /// The character at `position + ahead`, or '\0' past the end.
  char peek(std::size_t ahead = 0) const {
    return position + ahead < text.size() ? text[position + ahead] : '\0';
  }
  int column() const { return static_cast<int>(position - line_start); }
  /// At the end of the text or at a document marker.
  bool at_end() const { return position >= text.size() || at_marker("---") || at_marker("..."); }
  bool at_marker(std::string_view marker) const;
  /// At the end of a line, or at a comment after a blank.
  bool at_line_end() const;
  /// Whether the character `ahead` is blank, a line break or the end.
  bool blank_at(std::size_t ahead) const;
  /// At "- ".
  bool at_dash() const { return peek() == '-' && blank_at(1); }

  void skip_blanks();
  /// Over blanks, comments and line ends to the next token.
  void skip_to_token();
  /// Over the line break at `position`.
  void next_line();
  /// Column of a token of the block structure; a tab before it is refused.
  int block_column() const;
};

/// Text of a scalar and where it ends. Adjacent text is a view of the source, folded text is kept
/// by the document.
struct ScalarText {
  std::string_view text;
  std::size_t end = 0;
};

/// End of the plain text that starts at `from` on its line: before ": ", " #" or, in a flow
/// collection, before a flow indicator; trailing blanks left out.
std::size_t plain_line_end(const Cursor& cursor, std::size_t from, bool flow);

/// Each reads one scalar at the cursor and moves behind it. `parent` is the indentation of the
/// enclosing block, −1 at the top.
ScalarText read_plain(Cursor& cursor, Document& document, int parent, bool flow);
ScalarText read_single_quoted(Cursor& cursor, Document& document);
ScalarText read_double_quoted(Cursor& cursor, Document& document);
ScalarText read_block_scalar(Cursor& cursor, Document& document, int parent);

/// What a node is the value of.
enum class Context { root, map_value, list_item };

class Reader {
 public:
  Reader(Document& document, std::vector<YamlProblem>& problems)
      : document_(document), problems_(problems), cursor_(document.source()) {}
  void read();

 private:
  struct Anchor {
    std::string_view name;
    explicit operator bool() const { return !name.empty(); }
  };

  void read_header();
  void read_footer();
  NodeId node(int parent, Context context, std::uint32_t owner_begin, std::uint32_t owner_end);
  NodeId content(int parent, Context context, bool same_line, bool anchored);
  NodeId block_list(int column);
  NodeId block_map(int column);
  Entry block_entry(int column);
  NodeId flow_node();
  NodeId flow_list();
  NodeId flow_map();
  Entry flow_entry();
  NodeId scalar(int parent, bool flow);
  NodeId alias();
  Anchor anchor();
  void refuse_tag() const;
  /// Position of the colon when `key:` starts here, else kNoKey.
  std::size_t implicit_key() const;
  static constexpr std::size_t kNoKey = std::string_view::npos;
  Entry key_text(std::size_t limit);
  void expect_line_end();
  void drop_duplicates(std::vector<Entry>& entries);
  void reject_bad_key(const Entry& entry) const;
  NodeId add(NodeKind kind, const std::vector<Entry>& entries, std::size_t begin, std::size_t end);
  void count_value(std::size_t at) const;

  /// Counts a level of nesting while it lives; refuses one too many.
  class Depth {
   public:
    explicit Depth(Reader& owner);
    ~Depth() { --reader_.depth_; }
    Depth(const Depth&) = delete;
    Depth& operator=(const Depth&) = delete;

   private:
    Reader& reader_;
  };
  int depth_ = 0;
  Document& document_;
  std::vector<YamlProblem>& problems_;
  Cursor cursor_;
  std::unordered_map<std::string_view, NodeId> anchors_;
  std::size_t aliased_values_ = 0;
};

}  // namespace tutti::yaml
