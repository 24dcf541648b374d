// SPDX-License-Identifier: Apache-2.0
#include "host/catalogue/result_log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "host/audio/errors.hpp"
#include "host/io/write_fault.hpp"
#include "host/report/terminal_text.hpp"

namespace tutti {
namespace {

namespace fs = std::filesystem;

constexpr int kMostAttempts = 100'000;

}  // namespace

ResultLog::ResultLog(fs::path out, std::string run, const ShardChoice& shard)
    : out_(std::move(out)), run_(std::move(run)), shard_(shard) {}

ResultLog::~ResultLog() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void ResultLog::fail(int error) const {
  const fs::path& shown = file_.empty() ? out_ / "results" : file_;
  throw IoError(printable(shown.string()),
                "result lines can not be written: " + std::string(std::strerror(error)),
                io::write_fault(error));
}

void ResultLog::open() {
  std::error_code error;
  for (int attempt = 1; attempt < kMostAttempts; ++attempt) {
    const fs::path file = results_path(out_, run_, shard_, attempt);
    if (attempt == 1 && !fs::create_directories(file.parent_path(), error) && error)
      fail(error.value());
    descriptor_ = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0666);
    if (descriptor_ >= 0) {
      file_ = file;
      return;
    }
    if (errno != EEXIST) fail(errno);
  }
  fail(EEXIST);
}

void ResultLog::append(const ItemResult& result) {
  if (descriptor_ < 0) open();
  // A line that a full disk cut off gets an end, so that it spoils nothing but itself.
  const std::string line = (torn_ ? "\n" : "") + result_line(result);
  ssize_t written = -1;
  do written = ::write(descriptor_, line.data(), line.size());
  while (written < 0 && errno == EINTR);
  const int error = written < 0 ? errno : ENOSPC;
  if (written == static_cast<ssize_t>(line.size())) {
    torn_ = false;
    return;
  }
  torn_ |= written > 0;
  fail(error);
}

}  // namespace tutti
