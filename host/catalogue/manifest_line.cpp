// SPDX-License-Identifier: Apache-2.0
#include "host/catalogue/errors.hpp"
#include "host/catalogue/item.hpp"
#include "host/report/json_values.hpp"
#include "host/report/terminal_text.hpp"

namespace tutti {
namespace {

namespace fs = std::filesystem;

/// `path` from `folder` on, where it lies in it; otherwise empty.
fs::path inside(const fs::path& path, const fs::path& folder) {
  const fs::path relative = path.lexically_relative(folder);
  return relative.empty() || relative == "." || *relative.begin() == ".." ? fs::path() : relative;
}

std::string utf8_name(const fs::path& path) {
  if (!is_valid_utf8(path.native()))
    throw CatalogueError(printable(path.string()) +
                         ": its name is not UTF-8, which a manifest can not say; rename it");
  return path.string();
}

}  // namespace

std::string manifest_line(const CatalogueItem& item, const fs::path& folder) {
  const fs::path relative = inside(item.input, folder.lexically_normal());
  nlohmann::ordered_json line;
  line["id"] = json_text(item.id);
  if (!item.album.empty()) line["album"] = json_text(item.album);
  line["input"] = utf8_name(relative.empty() ? item.input : relative);
  line["output"] = utf8_name(item.output);
  if (item.seconds > 0) line["seconds"] = item.seconds;
  if (item.target_lufs) line["target_lufs"] = *item.target_lufs;
  if (item.ceiling_dbtp) line["ceiling_dbtp"] = *item.ceiling_dbtp;
  return line.dump() + "\n";
}

std::string public_input_name(const Manifest& manifest, const CatalogueItem& item) {
  fs::path name;
  if (!manifest.file.empty())
    name = inside(item.input, fs::absolute(manifest.file).lexically_normal().parent_path());
  return utf8_or_escaped((name.empty() ? item.input.filename() : name).string());
}

}  // namespace tutti
