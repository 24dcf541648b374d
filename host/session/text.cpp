// SPDX-License-Identifier: Apache-2.0
#include "host/session/text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>

namespace tutti::text {
namespace {

struct CharacterRange {
  char32_t first, last;
};

constexpr bool contains(const CharacterRange* begin, const CharacterRange* end, char32_t value) {
  for (const CharacterRange* range = begin; range != end; ++range) {
    if (value >= range->first && value <= range->last) return true;
  }
  return false;
}

// Blocks of Unicode 15, not single characters: a caret one column off in a rare script does no
// harm.
constexpr CharacterRange kCombining[] = {
    {0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x064B, 0x065F}, {0x1AB0, 0x1AFF},
    {0x1DC0, 0x1DFF}, {0x200B, 0x200D}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}};
constexpr CharacterRange kWide[] = {
    {0x1100, 0x115F}, {0x2E80, 0xA4CF}, {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},
    {0xFF00, 0xFF60}, {0xFFE0, 0xFFE6}, {0x1F300, 0x1F64F}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};
// Marks and overrides of the bidirectional algorithm, line separators, invisible operators, tags.
constexpr CharacterRange kReordering[] = {{0x061C, 0x061C},  {0x200E, 0x200F}, {0x2028, 0x202E},
                                          {0x2060, 0x2069},  {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB},
                                          {0xE0000, 0xE007F}};

constexpr char32_t kReplacement = 0xFFFD;

}  // namespace

CodePoint decode_utf8(std::string_view text, std::size_t offset) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[offset + i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1, true};
  const std::size_t bytes = lead >= 0xF0 && lead < 0xF8 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead >= 0xF8 || text.size() - offset < bytes) return {kReplacement, 1, false};
  char32_t value = lead & (0xFFu >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {kReplacement, 1, false};
    value = (value << 6) | (byte(i) & 0x3Fu);
  }
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (value < kLeast[bytes] || value > 0x10FFFF || surrogate) return {kReplacement, 1, false};
  return {value, bytes, true};
}

void append_utf8(std::string& out, char32_t value) {
  if (value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) value = kReplacement;
  if (value < 0x80) {
    out += static_cast<char>(value);
    return;
  }
  const int tail = value < 0x800 ? 1 : value < 0x10000 ? 2 : 3;
  const unsigned lead_bits = tail == 1 ? 0xC0u : tail == 2 ? 0xE0u : 0xF0u;
  out += static_cast<char>(lead_bits | (value >> (6 * tail)));
  for (int i = tail - 1; i >= 0; --i) {
    out += static_cast<char>(0x80u | ((value >> (6 * i)) & 0x3Fu));
  }
}

bool is_printable(char32_t value) {
  if (value < 0x20 || (value >= 0x7F && value < 0xA0)) return false;
  return !contains(std::begin(kReordering), std::end(kReordering), value);
}

int display_columns(char32_t value) {
  if (value < 0x300) return 1;
  if (contains(std::begin(kCombining), std::end(kCombining), value)) return 0;
  return contains(std::begin(kWide), std::end(kWide), value) ? 2 : 1;
}

std::size_t count_characters(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < text.size(); i += decode_utf8(text, i).bytes) ++count;
  return count;
}

std::string printable(std::string_view text, std::size_t maximum_characters) {
  std::string out;
  std::size_t count = 0;
  for (std::size_t i = 0; i < text.size(); ++count) {
    const CodePoint point = decode_utf8(text, i);
    i += point.bytes;
    if (count + 1 >= maximum_characters && i < text.size()) return out + "…";
    const bool tab = point.value == '\t';
    append_utf8(out, tab ? U' ' : is_printable(point.value) ? point.value : kReplacement);
  }
  return out;
}

std::string quoted(std::string_view text) { return "`" + printable(text, 40) + "`"; }

std::string number(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  char digits[32];
  const auto end = std::to_chars(std::begin(digits), std::end(digits), value).ptr;
  return std::string(std::begin(digits), end);
}

std::string enumerate(const std::string* first, std::size_t count, std::string_view last_joint) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0 && i + 1 == count) {
      out += " ";
      out += last_joint;
      out += " ";
    } else if (i > 0) {
      out += ", ";
    }
    out += first[i];
  }
  return out;
}

}  // namespace tutti::text
