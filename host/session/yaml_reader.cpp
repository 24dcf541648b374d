// SPDX-License-Identifier: Apache-2.0
// The structure of YAML: block and flow collections, anchors, document markers.
#include "host/session/yaml_reader.hpp"

#include <algorithm>
#include <optional>

#include "host/session/issues.hpp"
#include "host/session/text.hpp"

namespace tutti::yaml {
namespace {

bool is_null(std::string_view plain) {
  return plain.empty() || plain == "~" || plain == "null" || plain == "Null" || plain == "NULL";
}

constexpr std::size_t kMaximumDuplicates = 1000;

}  // namespace

Reader::Depth::Depth(Reader& owner) : reader_(owner) {
  if (reader_.depth_ == kMaximumDepth) {
    const std::size_t at = reader_.cursor_.position;
    fail(at, at + 1,
         "values are nested more than " + std::to_string(kMaximumDepth) + " levels deep");
  }
  ++reader_.depth_;
}

void Reader::read() {
  read_header();
  const NodeId root = node(-1, Context::root, 0, 0);
  cursor_.skip_to_token();
  if (!cursor_.at_end()) {
    fail(cursor_.position, cursor_.position + 1, "this does not belong to what stands above it",
         "check the indentation");
  }
  read_footer();
  document_.set_root(root);
}

void Reader::read_header() {
  cursor_.skip_to_token();
  while (cursor_.peek() == '%' && cursor_.column() == 0) {
    if (!cursor_.text.substr(cursor_.position).starts_with("%YAML")) {
      fail(cursor_.position, cursor_.position + 1, "only a %YAML directive is understood");
    }
    cursor_.next_line();
    cursor_.skip_to_token();
  }
  if (cursor_.at_marker("---")) cursor_.position += 3;
}

void Reader::read_footer() {
  if (cursor_.at_marker("...")) {
    cursor_.position += 3;
    cursor_.skip_to_token();
  }
  if (cursor_.position < cursor_.text.size()) {
    fail(cursor_.position, cursor_.position + 3, "a session is one document",
         "remove the second `---` and what follows");
  }
}

// ---- block structure ------------------------------------------------------------------------

/// A value that starts at the cursor or on a later line; null when nothing is there. The span of an
/// absent value is that of its owner (the key or the dash).
NodeId Reader::node(int parent, Context context, std::uint32_t owner_begin,
                    std::uint32_t owner_end) {
  const Depth depth(*this);
  cursor_.skip_blanks();
  Anchor name = anchor();
  bool same_line = true;
  std::optional<NodeId> id;
  if (cursor_.at_line_end()) {
    same_line = false;
    cursor_.skip_to_token();
    const int column = cursor_.at_end() ? -1 : cursor_.block_column();
    const bool list_at_key = context == Context::map_value && column == parent && cursor_.at_dash();
    if (cursor_.at_end() || (column <= parent && !list_at_key)) {
      count_value(owner_begin);
      id = document_.add_scalar(NodeKind::null, false, {}, owner_begin, owner_end);
    } else if (!name && cursor_.peek() == '&') {
      name = anchor();
      if (cursor_.at_line_end()) return node(parent, context, owner_begin, owner_end);
      same_line = true;
    }
  }
  if (!id) id = content(parent, context, same_line, static_cast<bool>(name));
  if (name) anchors_[name.name] = *id;
  return *id;
}

NodeId Reader::content(int parent, Context context, bool same_line, bool anchored) {
  const std::size_t at = cursor_.position;
  const bool inline_value = same_line && context == Context::map_value;
  const std::size_t colon = cursor_.at_dash() ? kNoKey : implicit_key();
  const bool collection = cursor_.at_dash() || colon != kNoKey;
  if (collection && same_line && anchored) {
    fail(at, at + 1, "an anchor stands before the first key or dash of a block",
         "put the anchor at the end of the line above");
  }
  if (cursor_.at_dash()) {
    if (inline_value) {
      fail(at, at + 1, "a list with dashes can not start on the line of its key",
           "start it on the next line, or write it in brackets: [a, b]");
    }
    return block_list(cursor_.block_column());
  }
  if (cursor_.peek() == '?' && cursor_.blank_at(1)) {
    fail(at, at + 1, "keys with `?` are not supported", "write `key: value`");
  }
  if (colon != kNoKey) {
    if (inline_value) {
      fail(colon, colon + 1, "a second `:` on the line of a key",
           "start the inner keys on the next line, or put quotes around text that has `: `");
    }
    return block_map(cursor_.block_column());
  }
  const char c = cursor_.peek();
  const bool flow = c == '[' || c == '{' || c == '*';
  const NodeId id = flow ? flow_node() : scalar(parent, false);
  if (c != '|' && c != '>') expect_line_end();
  return id;
}

NodeId Reader::block_list(int column) {
  const std::size_t begin = cursor_.position;
  std::vector<Entry> entries;
  while (true) {
    const std::uint32_t dash = offset(cursor_.position);
    ++cursor_.position;
    Entry entry;
    entry.value = node(column, Context::list_item, dash, dash + 1);
    entries.push_back(entry);
    cursor_.skip_to_token();
    if (cursor_.at_end()) break;
    const int next = cursor_.block_column();
    if (next < column || (next == column && !cursor_.at_dash())) break;
    if (next > column) {
      fail(cursor_.position, cursor_.position + 1,
           "this is indented deeper than the list that it stands in",
           "give it the indentation of the `-` above, or of the keys after it");
    }
  }
  return add(NodeKind::list, entries, begin, begin + 1);
}

NodeId Reader::block_map(int column) {
  const std::size_t begin = cursor_.position;
  std::vector<Entry> entries;
  while (true) {
    entries.push_back(block_entry(column));
    cursor_.skip_to_token();
    if (cursor_.at_end()) break;
    const int next = cursor_.block_column();
    if (next < column) break;
    const std::size_t at = cursor_.position;
    if (next > column) {
      fail(at, at + 1, "this is indented deeper than the keys above it",
           "give it the indentation of the keys that it belongs to");
    }
    if (cursor_.at_dash()) {
      fail(at, at + 1, "a list item stands among keys",
           "indent the list below its key, or remove the dash");
    }
    if (implicit_key() == kNoKey) {
      const std::size_t end = plain_line_end(cursor_, at, false);
      const bool colon = cursor_.text.substr(at, end - at).find(':') != std::string_view::npos;
      fail(at, std::max(end, at + 1), "expected `key: value` here",
           colon ? "put a space after the colon" : "");
    }
  }
  const Entry first = entries.front();
  drop_duplicates(entries);
  return add(NodeKind::map, entries, begin, first.key_end);
}

Entry Reader::block_entry(int column) {
  const std::size_t colon = implicit_key();
  Entry entry = key_text(colon);
  cursor_.position = colon + 1;
  entry.value = node(column, Context::map_value, entry.key_begin, entry.key_end);
  return entry;
}

std::size_t Reader::implicit_key() const {
  Cursor look = cursor_;
  const char c = look.peek();
  if (std::string_view("[]{},#&*!|>%@`").find(c) != std::string_view::npos) return kNoKey;
  if (c == '"' || c == '\'') {
    for (++look.position; look.peek() != c; ++look.position) {
      if (c == '"' && look.peek() == '\\') ++look.position;
      if (look.position >= look.text.size() || is_break(look.peek())) return kNoKey;
    }
    ++look.position;
    look.skip_blanks();
  } else {
    if (look.at_line_end() || (c == '?' && look.blank_at(1))) return kNoKey;
    const std::size_t end = plain_line_end(look, look.position, false);
    look.position = end;
    look.skip_blanks();
  }
  if (look.peek() != ':' || !look.blank_at(1)) return kNoKey;
  return look.position;
}

/// The key at the cursor, which ends before `limit`.
Entry Reader::key_text(std::size_t limit) {
  Entry entry;
  entry.key_begin = offset(cursor_.position);
  const char c = cursor_.peek();
  if (c == '"' || c == '\'') {
    const ScalarText key =
        c == '"' ? read_double_quoted(cursor_, document_) : read_single_quoted(cursor_, document_);
    entry.key = key.text;
    entry.key_end = offset(key.end);
  } else {
    const std::size_t end = plain_line_end(cursor_, cursor_.position, false);
    entry.key = cursor_.text.substr(cursor_.position, std::min(end, limit) - cursor_.position);
    entry.key_end = offset(std::min(end, limit));
    reject_bad_key(entry);
  }
  return entry;
}

void Reader::reject_bad_key(const Entry& entry) const {
  if (entry.key == "<<") {
    fail(entry.key_begin, entry.key_end, "merge keys (`<<`) are not supported",
         "write the keys out, or use an alias for a whole value: `key: *name`");
  }
  if (entry.key.empty()) fail(entry.key_begin, entry.key_begin + 1, "a key is missing before `:`");
}

void Reader::expect_line_end() {
  cursor_.skip_blanks();
  if (cursor_.at_line_end()) return;
  const std::size_t at = cursor_.position;
  if (cursor_.peek() == ':') {
    fail(at, at + 1, "a `:` where the value should be over",
         "put quotes around text that has `: ` in it; a list or a map can not be a key");
  }
  fail(at, at + 1, "unexpected text after the value",
       "a comment needs a space before its `#`; quotes go around the whole text");
}

// ---- leaves ---------------------------------------------------------------------------------

NodeId Reader::scalar(int parent, bool flow) {
  const std::size_t begin = cursor_.position;
  const char c = cursor_.peek();
  const bool block = !flow && (c == '|' || c == '>');
  const bool quoted = block || c == '"' || c == '\'';
  refuse_tag();
  const ScalarText read = block       ? read_block_scalar(cursor_, document_, parent)
                          : c == '"'  ? read_double_quoted(cursor_, document_)
                          : c == '\'' ? read_single_quoted(cursor_, document_)
                                      : read_plain(cursor_, document_, parent, flow);
  const NodeKind kind = !quoted && is_null(read.text) ? NodeKind::null : NodeKind::scalar;
  count_value(begin);
  return document_.add_scalar(kind, quoted, read.text, offset(begin), offset(read.end));
}

void Reader::refuse_tag() const {
  if (cursor_.peek() != '!') return;
  std::size_t end = cursor_.position + 1;
  while (end < cursor_.text.size() && !is_blank(cursor_.text[end]) &&
         !is_break(cursor_.text[end])) {
    ++end;
  }
  fail(cursor_.position, end, "tags are not supported",
       "put quotes around text that starts with `!`");
}

Reader::Anchor Reader::anchor() {
  refuse_tag();
  if (cursor_.peek() != '&') return {};
  const std::size_t begin = cursor_.position++;
  while (!cursor_.blank_at(0) && !is_flow_indicator(cursor_.peek())) ++cursor_.position;
  const Anchor name{cursor_.text.substr(begin + 1, cursor_.position - begin - 1)};
  if (!name) fail(begin, begin + 1, "an anchor without a name");
  cursor_.skip_blanks();
  if (cursor_.peek() == '&') fail(cursor_.position, cursor_.position + 1, "a second anchor");
  refuse_tag();
  return name;
}

NodeId Reader::alias() {
  const std::size_t begin = cursor_.position++;
  while (!cursor_.blank_at(0) && !is_flow_indicator(cursor_.peek())) ++cursor_.position;
  const std::string_view name = cursor_.text.substr(begin + 1, cursor_.position - begin - 1);
  const auto found = anchors_.find(name);
  if (found == anchors_.end()) {
    std::vector<std::string> names;
    for (const auto& known : anchors_) names.emplace_back(known.first);
    std::sort(names.begin(), names.end());  // a hash table has no order of its own
    const std::string close = did_you_mean(std::string(name), names);
    fail(begin, cursor_.position,
         "no anchor named " + text::quoted(name) + " stands before this alias",
         close.empty() ? "put quotes around text that starts with `*`"
                       : "did you mean `*" + text::printable(close, 40) + "`?");
  }
  aliased_values_ += document_.node(found->second).expanded;
  if (aliased_values_ > kMaximumAliasedValues) {
    fail(begin, cursor_.position,
         "the aliases stand for more than " + std::to_string(kMaximumAliasedValues) + " values");
  }
  return found->second;
}

void Reader::drop_duplicates(std::vector<Entry>& entries) {
  std::vector<Entry> kept;
  std::unordered_map<std::string_view, std::uint32_t> seen;
  const bool few = entries.size() <= 16;  // a hash table pays beyond
  kept.reserve(entries.size());
  for (const Entry& entry : entries) {
    const Entry* first = nullptr;
    if (few) {
      const auto at = std::find_if(kept.begin(), kept.end(),
                                   [&](const Entry& other) { return other.key == entry.key; });
      if (at != kept.end()) first = &*at;
    } else if (const auto [at, fresh] = seen.try_emplace(entry.key, offset(kept.size())); !fresh) {
      first = &kept[at->second];
    }
    if (first == nullptr) {
      kept.push_back(entry);
      continue;
    }
    const int line = document_.line_of(first->key_begin);
    if (problems_.size() > kMaximumDuplicates)
      fail(entry.key_begin, entry.key_end, "more duplicate keys than are worth reading on");
    problems_.push_back({entry.key_begin, entry.key_end,
                         "the key " + text::quoted(entry.key) + " stands here twice",
                         "the first one is on line " + std::to_string(line)});
  }
  entries = std::move(kept);
}

NodeId Reader::add(NodeKind kind, const std::vector<Entry>& entries, std::size_t begin,
                   std::size_t end) {
  count_value(begin);
  return document_.add_collection(kind, entries, offset(begin), offset(end));
}

void Reader::count_value(std::size_t at) const {
  if (document_.size() < kMaximumValues) return;
  fail(at, at + 1, "the session has more than " + std::to_string(kMaximumValues) + " values");
}

}  // namespace tutti::yaml
