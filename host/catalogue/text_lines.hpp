// SPDX-License-Identifier: Apache-2.0
// Lines of a file that may be anything.
#pragma once

#include <cstddef>
#include <istream>
#include <string>

namespace tutti::catalogue {

/// The next line without its end (a line feed, or a carriage return and one). False: there is none.
/// A longer line is cut to one byte more than `most_bytes`, so a file without line feeds costs no
/// memory.
inline bool next_line(std::istream& in, std::string& line, std::size_t most_bytes) {
  line.clear();
  std::streambuf& from = *in.rdbuf();
  bool any = false;
  for (int c = from.sbumpc(); c != std::char_traits<char>::eof(); c = from.sbumpc()) {
    any = true;
    if (c == '\n') break;
    if (line.size() <= most_bytes) line += static_cast<char>(c);
  }
  if (line.ends_with('\r')) line.pop_back();
  return any;
}

}  // namespace tutti::catalogue
