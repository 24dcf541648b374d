// SPDX-License-Identifier: Apache-2.0
#include "host/catalogue/gc.hpp"

#include "host/audio/errors.hpp"
#include "host/catalogue/file_walk.hpp"
#include "host/report/terminal_text.hpp"

namespace tutti {
namespace {

namespace fs = std::filesystem;

/// What io::temporary_name makes: ".tutti-", 16, 8 and 8 hexadecimal digits, ".part".
bool is_temporary_name(const std::string& name) {
  const std::string pattern = ".tutti-................-........-.........part";
  if (name.size() != pattern.size()) return false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const bool digit_here = i >= 7 && i < pattern.size() - 5 && i != 23 && i != 32;
    const bool digit = (name[i] >= '0' && name[i] <= '9') || (name[i] >= 'a' && name[i] <= 'f');
    if (digit_here ? !digit : name[i] != pattern[i]) return false;
  }
  return true;
}

}  // namespace

std::vector<Leftover> find_leftovers(const fs::path& out, std::chrono::seconds older_than) {
  std::vector<Leftover> leftovers;
  catalogue::WalkOptions options;
  options.hidden = true;
  catalogue::walk_files(out, options, [&](const fs::path& relative) {
    if (!is_temporary_name(relative.filename().string())) return;
    std::error_code error;
    const fs::path file = out / relative;
    if (!fs::is_regular_file(fs::symlink_status(file, error))) return;
    const auto changed = fs::last_write_time(file, error);
    if (error || fs::file_time_type::clock::now() - changed < older_than) return;
    const std::uintmax_t bytes = fs::file_size(file, error);
    if (!error) leftovers.push_back({relative, bytes});
  });
  return leftovers;
}

void remove_leftovers(const fs::path& out, const std::vector<Leftover>& leftovers) {
  for (const Leftover& leftover : leftovers) {
    std::error_code error;
    fs::remove(out / leftover.file, error);
    if (error)
      throw IoError(printable((out / leftover.file).string()),
                    "can not be removed: " + error.message(), IoFault::output);
  }
}

}  // namespace tutti
