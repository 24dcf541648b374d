// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <unordered_map>

#include "host/audio/errors.hpp"
#include "host/catalogue/item.hpp"
#include "host/catalogue/manifest_rows.hpp"
#include "host/catalogue/output_names.hpp"
#include "host/report/terminal_text.hpp"
#include "host/session/issues.hpp"
#include "host/session/text.hpp"

namespace tutti {
namespace {

namespace fs = std::filesystem;
using catalogue::ManifestCell;
using catalogue::ManifestRow;
using catalogue::OutputName;
using catalogue::Problems;

const std::vector<std::string> kKeys = {"id",      "album",       "input",       "output",
                                        "seconds", "target_lufs", "ceiling_dbtp"};
constexpr double kMostSeconds = 1e7;  // 115 days: more is a mistake of units

/// Rows to items, and what is wrong with each.
class ItemReader {
 public:
  ItemReader(Manifest& manifest, Problems& problems)
      : manifest_(manifest),
        problems_(problems),
        folder_(fs::absolute(manifest.file).lexically_normal().parent_path()) {}

  void add(const ManifestRow& row) {
    row_ = &row;
    good_ = true;
    CatalogueItem item;
    item.line = row.line;
    std::string input, output;
    for (const ManifestCell& cell : row.cells) {
      if (cell.key == "id")
        item.id = text_of(cell);
      else if (cell.key == "album")
        item.album = text_of(cell);
      else if (cell.key == "input")
        input = text_of(cell);
      else if (cell.key == "output")
        output = text_of(cell);
      else if (cell.key == "seconds")
        item.seconds = number_of(cell, 0, kMostSeconds).value_or(0);
      else if (cell.key == "target_lufs")
        item.target_lufs = number_of(cell, -70, 0);
      else if (cell.key == "ceiling_dbtp")
        item.ceiling_dbtp = number_of(cell, -60, 0);
      else
        unknown_key(cell.key);
    }
    if (!good_) return;
    if (input.empty()) return problem("has no input", "name the audio file: input");
    if (input.find('\0') != std::string::npos) return problem("input holds a zero byte");
    item.input = (folder_ / input).lexically_normal();
    name_output(item, input, output);
    if (good_) manifest_.items.push_back(std::move(item));
  }

 private:
  void problem(const std::string& what, const std::string& hint = {}) {
    problems_.add(row_->line, what, hint);
    good_ = false;
  }

  std::string text_of(const ManifestCell& cell) {
    if (const auto* text = std::get_if<std::string>(&cell.value)) return *text;
    problem(fmt::format("`{}` is a number, not a text", cell.key), "put it in quotes");
    return {};
  }

  std::optional<double> number_of(const ManifestCell& cell, double least, double most) {
    double value = NAN;
    if (const auto* number = std::get_if<double>(&cell.value)) {
      value = *number;
    } else {
      const std::string& text = std::get<std::string>(cell.value);
      const auto end = text.data() + text.size();
      const auto [stop, error] = std::from_chars(text.data(), end, value);
      if (!row_->numbers_are_text || error != std::errc() || stop != end) {
        problem(fmt::format("`{}` is {}, not a number", cell.key, text::quoted(text)),
                "write it like -14.5, without quotes or a unit");
        return {};
      }
    }
    if (value >= least && value <= most) return value;
    problem(fmt::format("`{}` is {}", cell.key, text::number(value)),
            fmt::format("{:.0f} to {:.0f} are possible", least, most));
    return {};
  }

  void unknown_key(const std::string& key) {
    catalogue::add_unknown_key(problems_, row_->line, key);
    good_ = false;
  }

  void name_output(CatalogueItem& item, const std::string& input, const std::string& output) {
    // An input under the manifest's folder is mirrored, another one goes by its name.
    const fs::path relative = fs::path(input).lexically_normal();
    const bool inside = relative.is_relative() && *relative.begin() != "..";
    std::string wanted = output;
    if (wanted.empty()) {
      fs::path mirrored = inside ? relative : relative.filename();
      mirrored.replace_extension(catalogue::container_for(relative));
      wanted = mirrored.string();
    }
    OutputName name = catalogue::output_name(wanted, item.input);
    if (!name.problem.empty()) return problem(name.problem, name.hint);
    item.output = std::move(name.path);
    if (item.id.empty()) item.id = catalogue::default_id(item.output);
  }

  Manifest& manifest_;
  Problems& problems_;
  fs::path folder_;
  const ManifestRow* row_ = nullptr;
  bool good_ = true;
};

using Lines = std::unordered_map<std::string, int>;

void find_duplicates(const Manifest& manifest, Problems& problems) {
  Lines ids, outputs;
  for (const CatalogueItem& item : manifest.items) {
    const auto [id, new_id] = ids.emplace(item.id, item.line);
    if (!new_id)
      problems.add(
          item.line,
          fmt::format("id {} is that of line {} already", text::quoted(item.id), id->second),
          "give each item an id of its own");
    const auto [output, new_output] = outputs.emplace(item.output.string(), item.line);
    if (!new_output)
      problems.add(item.line,
                   fmt::format("output {} is that of line {} already",
                               text::quoted(item.output.string()), output->second),
                   "give each item an output of its own");
  }
  for (const CatalogueItem& item : manifest.items)
    for (fs::path folder = item.output.parent_path(); !folder.empty();
         folder = folder.parent_path())
      if (const auto file = outputs.find(folder.string()); file != outputs.end())
        problems.add(item.line,
                     fmt::format("output {} lies in {}, which is the file of line {}",
                                 text::quoted(item.output.string()), text::quoted(file->first),
                                 file->second),
                     "rename one of them");
}

std::string lower_extension(const fs::path& file) {
  std::string text = file.extension().string();
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return text;
}

}  // namespace

namespace catalogue {

bool is_known_key(const std::string& key) {
  return std::find(kKeys.begin(), kKeys.end(), key) != kKeys.end();
}

void add_unknown_key(Problems& problems, int line, const std::string& key) {
  const std::string guess = did_you_mean(key, kKeys);
  problems.add(line, fmt::format("unknown key {}", text::quoted(key)),
               guess.empty() ? "known are " + text::enumerate(kKeys.data(), kKeys.size(), "and")
                             : fmt::format("did you mean `{}`?", guess));
}

}  // namespace catalogue

Manifest read_manifest(const fs::path& file) {
  const std::string shown = printable(file.string());
  const std::string extension = lower_extension(file);
  const bool csv = extension == ".csv";
  if (!csv && extension != ".jsonl" && extension != ".ndjson")
    throw CatalogueError(shown +
                         ": is no manifest by its name; a manifest is a .jsonl or .csv file");
  std::error_code error;
  if (fs::is_directory(file, error))
    throw IoError(shown, "is a folder; `tutti catalogue scan` makes a manifest of it");
  std::ifstream in(file, std::ios::binary);
  if (!in) throw IoError(shown, "can not be opened; check its name");
  Manifest manifest;
  manifest.file = file;
  Problems problems(file);
  ItemReader reader(manifest, problems);
  const auto sink = [&](const ManifestRow& row) { reader.add(row); };
  if (csv)
    catalogue::read_csv_rows(in, sink, problems);
  else
    catalogue::read_json_lines(in, sink, problems);
  find_duplicates(manifest, problems);
  problems.throw_if_any();
  if (manifest.items.empty()) throw ManifestError({shown + ": holds no item; write one a line"});
  return manifest;
}

}  // namespace tutti
