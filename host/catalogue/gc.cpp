// SPDX-License-Identifier: Apache-2.0
#include "host/catalogue/gc.hpp"

#include <algorithm>

#include "host/audio/errors.hpp"
#include "host/catalogue/file_walk.hpp"
#include "host/catalogue/intent.hpp"
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

using Time = fs::file_time_type;

/// All of a folder: its bytes, and when it was written to last.
struct FolderAge {
  std::uint64_t bytes = 0;
  Time changed = Time::min();
};

FolderAge age_of(const fs::path& folder) {
  std::error_code gone;  // somebody else may be sweeping
  FolderAge age{0, fs::last_write_time(folder, gone)};
  fs::recursive_directory_iterator entry(folder, gone), end;
  for (; !gone && entry != end; entry.increment(gone)) {
    std::error_code error;
    age.changed = std::max(age.changed, entry->last_write_time(error));
    if (entry->is_regular_file(error)) age.bytes += entry->file_size(error);
  }
  return age;
}

class Search {
 public:
  Search(const fs::path& out, std::chrono::seconds older_than)
      : out_(out), before_(Time::clock::now() - older_than) {}

  void look_at_file(const fs::path& relative) {
    const std::string name = relative.filename().string();
    const bool note = catalogue::is_intent_name(name);
    if (!note && !is_temporary_name(name)) return;
    std::error_code error;
    const fs::path file = out_ / relative;
    if (!fs::is_regular_file(fs::symlink_status(file, error))) return;
    const Time changed = fs::last_write_time(file, error);
    if (error || changed > before_ || (note && catalogue::intent_is_needed(file))) return;
    const std::uintmax_t bytes = fs::file_size(file, error);
    if (!error) leftovers.push_back({relative, bytes});
  }

  /// False for a folder that a bag was made in: what it holds belongs to it.
  bool enters(const fs::path& relative) {
    if (!is_temporary_name(relative.filename().string())) return true;
    std::error_code error;
    if (!fs::is_directory(fs::symlink_status(out_ / relative, error))) return false;
    const FolderAge age = age_of(out_ / relative);
    if (age.changed <= before_) leftovers.push_back({relative, age.bytes});
    return false;
  }

  std::vector<Leftover> leftovers;

 private:
  const fs::path& out_;
  Time before_;
};

}  // namespace

std::vector<Leftover> find_leftovers(const fs::path& out, std::chrono::seconds older_than) {
  Search search(out, older_than);
  catalogue::WalkOptions options;
  options.hidden = true;
  options.enters = [&](const fs::path& folder) { return search.enters(folder); };
  catalogue::walk_files(out, options, [&](const fs::path& file) { search.look_at_file(file); });
  return std::move(search.leftovers);
}

void remove_leftovers(const fs::path& out, const std::vector<Leftover>& leftovers) {
  for (const Leftover& leftover : leftovers) {
    std::error_code error;
    fs::remove_all(out / leftover.file, error);  // a link is not followed
    if (error)
      throw IoError(printable((out / leftover.file).string()),
                    "can not be removed: " + error.message(), IoFault::output);
  }
}

}  // namespace tutti
