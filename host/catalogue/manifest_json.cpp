// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "host/catalogue/manifest_rows.hpp"
#include "host/catalogue/text_lines.hpp"
#include "host/session/text.hpp"

namespace tutti::catalogue {
namespace {

using Json = nlohmann::json;

/// Takes one flat object apart. No document is built: 100,000 lines are read, and a key that
/// stands there twice is noticed.
class FlatObject : public nlohmann::json_sax<Json> {
 public:
  explicit FlatObject(ManifestRow& row) : row_(row) {}
  const std::string& problem() const { return problem_; }

  bool null() override { return in_object() && (row_.cells.pop_back(), true); }
  bool boolean(bool value) override {
    return in_object() && fail(fmt::format("`{}` is {}, which is neither text nor a number",
                                           row_.cells.back().key, value));
  }
  bool number_integer(number_integer_t value) override { return set(static_cast<double>(value)); }
  bool number_unsigned(number_unsigned_t value) override { return set(static_cast<double>(value)); }
  bool number_float(number_float_t value, const string_t&) override { return set(value); }
  bool string(string_t& value) override { return set(std::move(value)); }
  bool binary(binary_t&) override { return fail("is no JSON object"); }
  bool start_array(std::size_t) override {
    return in_object() && fail(fmt::format("{} is a list; each key has one text or one number",
                                           text::quoted(row_.cells.back().key)));
  }
  bool end_array() override { return true; }
  bool start_object(std::size_t) override {
    if (inside_)
      return fail(fmt::format("{} is an object; each key has one text or one number",
                              text::quoted(row_.cells.back().key)));
    return inside_ = true;
  }
  bool key(string_t& name) override {
    if (std::any_of(row_.cells.begin(), row_.cells.end(),
                    [&](const ManifestCell& cell) { return cell.key == name; }))
      return fail(fmt::format("{} stands there twice", text::quoted(name)));
    row_.cells.push_back({name, {}});
    return true;
  }
  bool end_object() override { return true; }
  bool parse_error(std::size_t position, const std::string&, const Json::exception&) override {
    return fail(fmt::format("is no JSON object (column {})", position));
  }

 private:
  bool fail(std::string problem) {
    problem_ = std::move(problem);
    return false;
  }
  bool in_object() { return inside_ || fail("is no JSON object"); }
  template <typename T>
  bool set(T&& value) {
    if (!in_object()) return false;
    row_.cells.back().value = std::forward<T>(value);
    return true;
  }

  ManifestRow& row_;
  bool inside_ = false;
  std::string problem_;
};

}  // namespace

void read_json_lines(std::istream& in, const RowSink& sink, Problems& problems) {
  std::string line;
  for (int number = 1; next_line(in, line, kMaximumTextBytes); ++number) {
    if (number == 1 && line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);
    if (line.find_first_not_of(" \t") == std::string::npos) continue;
    if (line.size() > kMaximumTextBytes) {
      problems.add(number, "is longer than 1 MiB", "a manifest has one item a line");
      continue;
    }
    ManifestRow row;
    row.line = number;
    FlatObject object(row);
    if (Json::sax_parse(line, &object))
      sink(std::move(row));
    else
      problems.add(number, object.problem(),
                   "write {\"input\": \"a.wav\", \"output\": \"a.flac\"}");
  }
}

}  // namespace tutti::catalogue
