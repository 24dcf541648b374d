// SPDX-License-Identifier: Apache-2.0
#include "host/catalogue/file_walk.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "host/audio/errors.hpp"
#include "host/report/terminal_text.hpp"

namespace tutti::catalogue {
namespace {

namespace fs = std::filesystem;

struct Name {
  std::string name;
  bool folder = false;
};

class Walk {
 public:
  Walk(const fs::path& root, const WalkOptions& options,
       const std::function<void(const fs::path&)>& sink)
      : root_(root), options_(options), sink_(sink) {
    if (!options.except.empty()) first_time(options.except);
  }

  void folder(const fs::path& relative) {
    const fs::path path = relative.empty() ? root_ : root_ / relative;
    if (!first_time(path)) return;
    for (const Name& name : names_in(path, relative.empty())) {
      const fs::path inside = relative / name.name;
      if (!name.folder)
        sink_(inside);
      else if (!options_.enters || options_.enters(inside))
        folder(inside);
    }
  }

 private:
  bool first_time(const fs::path& folder) {
    struct stat status {};
    return ::stat(folder.c_str(), &status) == 0 &&
           entered_.insert({status.st_dev, status.st_ino}).second;
  }

  std::vector<Name> names_in(const fs::path& folder, bool is_root) const {
    std::vector<Name> names;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error)) {
      std::string name = entry->path().filename().string();
      if (!options_.hidden && name.starts_with('.')) continue;
      std::error_code gone;
      const fs::file_type type = entry->status(gone).type();
      // Pipes, sockets and devices hold no file and may block whoever opens them. A link that
      // leads nowhere stays: its name was meant.
      if (type == fs::file_type::directory || type == fs::file_type::regular ||
          type == fs::file_type::not_found)
        names.push_back({std::move(name), type == fs::file_type::directory});
    }
    // A folder may vanish under the walk: writers remove those that they left empty.
    if (error && (is_root || error != std::errc::no_such_file_or_directory))
      throw IoError(printable(folder.string()), "can not be read: " + error.message());
    std::sort(names.begin(), names.end(),
              [](const Name& a, const Name& b) { return a.name < b.name; });
    return names;
  }

  const fs::path& root_;
  const WalkOptions& options_;
  const std::function<void(const fs::path&)>& sink_;
  std::set<std::pair<dev_t, ino_t>> entered_;
};

}  // namespace

void walk_files(const fs::path& root, const WalkOptions& options,
                const std::function<void(const fs::path& relative)>& sink) {
  std::error_code error;
  if (!fs::is_directory(root, error))
    throw IoError(printable(root.string()), error ? error.message() : "is no folder");
  Walk(root, options, sink).folder({});
}

}  // namespace tutti::catalogue
