// SPDX-License-Identifier: Apache-2.0
#include "host/catalogue/bag.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>

#include "host/audio/errors.hpp"
#include "host/catalogue/collect.hpp"
#include "host/catalogue/errors.hpp"
#include "host/io/output_file.hpp"
#include "host/report/terminal_text.hpp"
#include "host/session/text.hpp"

namespace tutti {
namespace {

namespace fs = std::filesystem;

/// SHA-256 by path in the bag; sorted, as the manifest is to be the same every time.
using Hashes = std::map<std::string, std::string>;

/// A folder under a temporary name, removed unless it gets its own.
class TemporaryBag {
 public:
  explicit TemporaryBag(const fs::path& bag) : bag_(fs::absolute(bag).lexically_normal()) {
    if (!bag_.has_filename()) bag_ = bag_.parent_path();
    if (fs::exists(fs::symlink_status(bag_)))
      throw IoError(printable(bag.string()), "exists already; a bag is not changed, name another",
                    IoFault::output);
    io::remove_abandoned_temporaries(bag_.parent_path());  // of a bag that was killed
    path_ = bag_.parent_path() / io::temporary_name();
    std::error_code error;
    if (!fs::create_directory(path_, error))
      throw IoError(printable(bag.string()), "can not be made there: " + error.message(),
                    IoFault::output);
  }
  ~TemporaryBag() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  TemporaryBag(const TemporaryBag&) = delete;

  const fs::path& path() const { return path_; }

  void rename_into_place() {
    if (::renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, bag_.c_str(), RENAME_NOREPLACE) != 0)
      throw IoError(printable(bag_.string()),
                    "can not be given its name: " + std::string(std::strerror(errno)),
                    IoFault::output);
    path_.clear();
    const int folder = ::open(bag_.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return;
    ::fsync(folder);  // some file systems refuse; the bag itself is safe
    ::close(folder);
  }

 private:
  fs::path bag_, path_;
};

class BagWriter {
 public:
  BagWriter(const fs::path& out, const fs::path& folder, const BagOptions& options)
      : out_(out), folder_(folder), options_(options) {}

  void add_output(const FoundSidecar& found) {
    const std::string sha256 = copy(found.output);
    if (sha256 != found.sidecar.output.sha256)
      throw CatalogueError(printable((out_ / found.output).string()) +
                           ": is not what its sidecar says; render again with --verify full "
                           "--overwrite");
    copy(sidecar_path(found.output));
  }

  BagContent finish() {
    Hashes tags;
    std::string list;
    for (const auto& [path, sha256] : payload_) list += line(path, sha256);
    write(tags, "manifest-sha256.txt", list);
    write(tags, "bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n");
    std::string info;
    if (!options_.software.empty()) info += "Bag-Software-Agent: " + options_.software + "\n";
    if (!options_.description.empty())
      info += "External-Description: " + text::printable(options_.description) + "\n";
    info += fmt::format("Payload-Oxum: {}.{}\n", content_.bytes, content_.files);
    write(tags, "bag-info.txt", info);
    list.clear();
    for (const auto& [path, sha256] : tags) list += line(path, sha256);
    Hashes ignored;  // a tag manifest does not list itself
    write(ignored, "tagmanifest-sha256.txt", list);
    return content_;
  }

 private:
  static std::string line(const std::string& path, const std::string& sha256) {
    return sha256 + "  " + bag_path(path) + "\n";
  }

  io::OutputFile open(const fs::path& relative) const {
    WriteSpec spec;
    spec.path = folder_ / relative;
    return io::OutputFile(spec);
  }

  std::string copy(const fs::path& relative) {
    const std::string in_bag = (fs::path("data") / relative).string();
    if (!is_valid_utf8(in_bag))
      throw CatalogueError(printable((out_ / relative).string()) +
                           ": its name is not UTF-8, which a bag can not say; rename it");
    std::ifstream in(out_ / relative, std::ios::binary);
    if (!in) throw IoError(printable((out_ / relative).string()), "can not be read");
    io::OutputFile file = open(in_bag);
    std::vector<char> piece(std::size_t{1} << 18);
    while (in) {
      if (options_.stop != nullptr && *options_.stop) throw Cancelled();
      in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
      file.append(piece.data(), static_cast<std::size_t>(in.gcount()));
    }
    if (in.bad())
      throw IoError(printable((out_ / relative).string()), "can not be read to its end");
    content_.bytes += static_cast<std::uint64_t>(file.size_bytes());
    ++content_.files;
    return payload_[in_bag] = file.commit();
  }

  void write(Hashes& hashes, const std::string& name, const std::string& text) const {
    io::OutputFile file = open(name);
    file.append(text.data(), text.size());
    hashes[name] = file.commit();
  }

  const fs::path& out_;
  const fs::path& folder_;
  const BagOptions& options_;
  BagContent content_;
  Hashes payload_;
};

}  // namespace

std::string bag_path(const std::string& path) {
  std::string out;
  for (const char c : path) {
    if (c == '\r')
      out += "%0D";
    else if (c == '\n')
      out += "%0A";
    else if (c == '%')
      out += "%25";
    else
      out += c;
  }
  return out;
}

BagContent write_bag(const fs::path& out, const fs::path& bag, const BagOptions& options) {
  const fs::path inside = fs::weakly_canonical(bag).lexically_relative(fs::weakly_canonical(out));
  if (!inside.empty() && *inside.begin() != "..")
    throw CatalogueError(printable(bag.string()) +
                         ": lies in the output folder and would be part of it; name another");
  TemporaryBag temporary(bag);
  BagWriter writer(out, temporary.path(), options);
  bool any = false;
  for_each_sidecar(
      out,
      [&](FoundSidecar&& found) {
        if (!found.output_agrees)
          throw CatalogueError(printable((out / found.output).string()) +
                               ": is missing, or not as long as its sidecar says; render again "
                               "with --overwrite");
        writer.add_output(found);
        any = true;
      },
      [&](const UnreadableSidecar& damaged) {
        throw CatalogueError(printable(sidecar_path(out / damaged.output).string()) + ": " +
                             damaged.message);
      });
  if (!any)
    throw CatalogueError(printable(out.string()) + ": holds no output with a sidecar to pack");
  const BagContent content = writer.finish();
  temporary.rename_into_place();
  return content;
}

}  // namespace tutti
