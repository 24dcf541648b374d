// SPDX-License-Identifier: Apache-2.0
#include "host/io/temporaries.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <random>

#include "host/io/encode.hpp"

namespace tutti {
namespace io {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::hours kForeignAge{7 * 24};

/// Stands for where a process number means this process: the machine since it was started, and the
/// container in it. 0: unknown here.
std::uint64_t machine_mark() {
  static const std::uint64_t mark = [] {
    std::ifstream in("/proc/sys/kernel/random/boot_id");
    const std::string boot(std::istreambuf_iterator<char>(in), {});
    std::error_code error;
    const std::string processes = fs::read_symlink("/proc/self/ns/pid", error).string();
    if (boot.empty() || processes.empty()) return std::uint64_t{0};
    std::uint64_t hash = 0xcbf29ce484222325u;  // FNV-1a
    for (const char c : boot + processes)
      hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
    return hash;
  }();
  return mark;
}

struct NameParts {
  std::uint64_t machine = 0;
  unsigned process = 0;
};

/// The parts of a name that `temporary_name` made; false for any other.
bool parse_name(const std::string& name, NameParts& parts) {
  unsigned random = 0;
  unsigned long long machine = 0;
  if (std::sscanf(name.c_str(), ".tutti-%16llx-%8x-%8x.part", &machine, &parts.process, &random) !=
      3)
    return false;
  parts.machine = machine;
  return name == fmt::format(".tutti-{:016x}-{:08x}-{:08x}.part", machine, parts.process, random);
}

bool is_abandoned(const fs::path& path) {
  NameParts parts;
  if (!parse_name(path.filename().string(), parts)) return false;
  std::error_code error;
  const fs::file_type type = fs::symlink_status(path, error).type();
  if (type != fs::file_type::regular && type != fs::file_type::directory) return false;
  if (parts.machine != 0 && parts.machine == machine_mark())
    return ::kill(static_cast<pid_t>(parts.process), 0) != 0 && errno == ESRCH;
  // A folder does not get younger by what is written inside it.
  if (type == fs::file_type::directory) return false;
  const auto changed = fs::last_write_time(path, error);
  return !error && fs::file_time_type::clock::now() - changed > kForeignAge;
}

}  // namespace

Temporaries& Temporaries::instance() {
  static auto* all = new Temporaries;  // outlives every static writer
  return *all;
}

std::string temporary_name() {
  static std::random_device random;
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  return fmt::format(".tutti-{:016x}-{:08x}-{:08x}.part", machine_mark(),
                     static_cast<unsigned>(::getpid()), random());
}

void remove_abandoned_temporaries(const fs::path& folder) noexcept {
  try {
    std::error_code error;
    std::vector<fs::path> abandoned;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error))
      if (is_abandoned(entry->path())) abandoned.push_back(entry->path());
    for (const fs::path& path : abandoned) fs::remove_all(path, error);
  } catch (const std::exception&) {  // tidying up is worth no error
  }
}

int CreatedFolders::create(const fs::path& folder) {
  std::vector<fs::path> missing;
  std::error_code error;
  for (fs::path at = folder; !at.empty() && !fs::exists(at, error); at = at.parent_path())
    missing.push_back(at);
  for (auto at = missing.rbegin(); at != missing.rend(); ++at) {
    Temporaries& all = Temporaries::instance();
    const std::lock_guard lock(all.mutex);
    if (::mkdir(at->c_str(), 0777) == 0) {
      folders_.push_back(*at);
      all.folders.insert(*at);
    } else if (errno != EEXIST) {
      return errno;
    }
  }
  return 0;
}

void CreatedFolders::remove_empty() noexcept {
  Temporaries& all = Temporaries::instance();
  const std::lock_guard lock(all.mutex);
  for (auto folder = folders_.rbegin(); folder != folders_.rend(); ++folder) {
    ::rmdir(folder->c_str());  // keeps what holds something
    all.folders.erase(*folder);
  }
  folders_.clear();
}

}  // namespace io

void remove_temporaries() noexcept {
  io::Temporaries& all = io::Temporaries::instance();
  const std::lock_guard lock(all.mutex);
  for (const auto& path : all.files) ::unlink(path.c_str());
  all.files.clear();
  // Sorted, so that what lies inside a folder comes after it.
  for (auto folder = all.folders.rbegin(); folder != all.folders.rend(); ++folder)
    ::rmdir(folder->c_str());
  all.folders.clear();
}

}  // namespace tutti
