// SPDX-License-Identifier: Apache-2.0
// Flow collections of YAML: [a, b] and {a: b}.
#include <vector>

#include "host/session/yaml_reader.hpp"

namespace tutti::yaml {

NodeId Reader::flow_node() {
  const Depth depth(*this);
  const Anchor name = anchor();
  if (name) cursor_.skip_to_token();
  NodeId id = 0;
  switch (cursor_.peek()) {
    case '[':
      id = flow_list();
      break;
    case '{':
      id = flow_map();
      break;
    case '*':
      id = alias();
      break;
    default:
      id = scalar(-1, true);
  }
  if (name) anchors_[name.name] = id;
  return id;
}

NodeId Reader::flow_list() {
  const std::size_t begin = cursor_.position++;
  std::vector<Entry> entries;
  while (true) {
    cursor_.skip_to_token();
    if (cursor_.at_end()) fail(begin, begin + 1, "this `[` is never closed", "add the `]`");
    if (cursor_.peek() == ']') break;
    Entry entry;
    entry.value = flow_node();
    entries.push_back(entry);
    cursor_.skip_to_token();
    const std::size_t at = cursor_.position;
    if (cursor_.at_end()) fail(begin, begin + 1, "this `[` is never closed", "add the `]`");
    if (cursor_.peek() == ',') {
      ++cursor_.position;
    } else if (cursor_.peek() == ':') {
      fail(at, at + 1, "a `:` inside a list", "write a map in braces: {key: value}");
    } else if (cursor_.peek() != ']') {
      const int line = document_.line_of(offset(begin));
      fail(at, at + 1, "expected `,` or `]`",
           "the `[` of line " + std::to_string(line) + " is still open");
    }
  }
  return add(NodeKind::list, entries, begin, ++cursor_.position);
}

NodeId Reader::flow_map() {
  const std::size_t begin = cursor_.position++;
  std::vector<Entry> entries;
  while (true) {
    cursor_.skip_to_token();
    if (cursor_.at_end()) fail(begin, begin + 1, "this `{` is never closed", "add the `}`");
    if (cursor_.peek() == '}') break;
    entries.push_back(flow_entry());
    cursor_.skip_to_token();
    const std::size_t at = cursor_.position;
    if (cursor_.at_end()) fail(begin, begin + 1, "this `{` is never closed", "add the `}`");
    if (cursor_.peek() == ',') {
      ++cursor_.position;
    } else if (cursor_.peek() != '}') {
      const int line = document_.line_of(offset(begin));
      fail(at, at + 1, "expected `,` or `}`",
           "the `{` of line " + std::to_string(line) + " is still open");
    }
  }
  drop_duplicates(entries);
  return add(NodeKind::map, entries, begin, ++cursor_.position);
}

Entry Reader::flow_entry() {
  Entry entry;
  const char c = cursor_.peek();
  entry.key_begin = offset(cursor_.position);
  if (c == '[' || c == '{' || c == '*' || (c == '?' && cursor_.blank_at(1))) {
    fail(cursor_.position, cursor_.position + 1, "a key has to be plain text");
  }
  refuse_tag();
  const bool quoted = c == '"' || c == '\'';
  const ScalarText key = c == '"'    ? read_double_quoted(cursor_, document_)
                         : c == '\'' ? read_single_quoted(cursor_, document_)
                                     : read_plain(cursor_, document_, -1, true);
  entry.key = key.text;
  entry.key_end = offset(key.end);
  if (!quoted) reject_bad_key(entry);
  cursor_.skip_to_token();
  if (!cursor_.at_end() && cursor_.peek() == ':') {
    ++cursor_.position;
    cursor_.skip_to_token();
    if (!cursor_.at_end() && cursor_.peek() != ',' && cursor_.peek() != '}') {
      entry.value = flow_node();
      return entry;
    }
  }
  count_value(entry.key_begin);
  entry.value = document_.add_scalar(NodeKind::null, false, {}, entry.key_begin, entry.key_end);
  return entry;
}

}  // namespace tutti::yaml
