// SPDX-License-Identifier: Apache-2.0
#include "host/session/yaml.hpp"

#include "host/session/text.hpp"
#include "host/session/yaml_reader.hpp"

namespace tutti::yaml {
namespace {

/// Refuses text that is no UTF-8 or has control characters, before anything is read from it.
bool check_characters(const std::string& source, std::vector<YamlProblem>& problems) {
  const auto refuse = [&](std::size_t at, std::string message, std::string hint) {
    const auto begin = static_cast<std::uint32_t>(at);
    problems.push_back({begin, begin + 1, std::move(message), std::move(hint)});
    return false;
  };
  for (std::size_t i = 0; i < source.size();) {
    const auto byte = static_cast<unsigned char>(source[i]);
    if ((byte >= 0x20 && byte < 0x7F) || byte == '\t' || byte == '\n') {
      ++i;
      continue;
    }
    const text::CodePoint point = text::decode_utf8(source, i);
    const bool utf16 = source.starts_with("\xFF\xFE") || source.starts_with("\xFE\xFF");
    if (utf16) return refuse(0, "this file is UTF-16, not UTF-8", "save it as UTF-8");
    if (!point.valid) return refuse(i, "this is not UTF-8 text", "save the file as UTF-8");
    const bool line_end = byte == '\r' && i + 1 < source.size() && source[i + 1] == '\n';
    const bool next_line = point.value == 0x85;
    const bool control = point.value < 0x20 || (point.value >= 0x7F && point.value < 0xA0);
    if (control && !line_end && !next_line) {
      return refuse(i, "a control character (" + std::to_string(byte) + ") in the text",
                    byte == '\r' ? "end lines with a line feed" : "remove it");
    }
    i += point.bytes;
  }
  return true;
}

}  // namespace

bool read_yaml(Document& document, std::vector<YamlProblem>& problems) {
  if (document.source().size() > kMaximumSourceBytes) {
    problems.push_back({0, 1, "the session is larger than 64 MiB", ""});
    return false;
  }
  if (!check_characters(document.source(), problems)) return false;
  try {
    Reader(document, problems).read();
    return true;
  } catch (SyntaxError& error) {
    problems.push_back(std::move(error.problem));
    return false;
  }
}

}  // namespace tutti::yaml
