// SPDX-License-Identifier: Apache-2.0
#include "host/io/output_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <utility>

#include "host/audio/errors.hpp"
#include "host/io/write_fault.hpp"

namespace tutti {
namespace io {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 18;

}  // namespace

OutputFile::OutputFile(const WriteSpec& spec)
    : path_(spec.path),
      name_(path_.string()),
      overwrite_(spec.overwrite),
      adopt_same_(spec.adopt_same),
      before_rename_(spec.before_rename),
      digests_(spec.digests) {
  if (digests_) digest_ = Digest::sha256();
  std::error_code error;
  const auto status = std::filesystem::symlink_status(path_, error);
  if (std::filesystem::is_directory(std::filesystem::status(path_, error))) {
    throw IoError(name_, "is a folder; name a file", IoFault::output);
  }
  if (std::filesystem::exists(status) && !overwrite_ && !adopt_same_) {
    throw IoError(name_, "exists already; give --overwrite to replace it", IoFault::output);
  }
  try {
    create_folders();
    create_temporary();
    buffer_.reserve(kBufferBytes);
  } catch (...) {
    abandon();
    throw;
  }
}

OutputFile::~OutputFile() { abandon(); }

void OutputFile::fail(const char* action, int error) const {
  throw IoError(name_, fmt::format("{}: {}", action, std::strerror(error)), write_fault(error));
}

void OutputFile::create_folders() {
  if (const int error = folders_.create(path_.parent_path()); error != 0)
    fail("its folder cannot be created", error);
}

void OutputFile::create_temporary() {
  Temporaries& all = Temporaries::instance();
  for (int attempt = 0; attempt < 16; ++attempt) {
    const auto candidate = path_.parent_path() / temporary_name();
    const std::lock_guard lock(all.mutex);
    descriptor_ = ::open(candidate.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor_ >= 0) {
      temporary_ = candidate;
      all.files.insert(temporary_);
      return;
    }
    if (errno != EEXIST) break;
  }
  fail("cannot be written there", errno);
}

void OutputFile::append(const void* bytes, std::size_t count) {
  if (digest_) digest_->update(bytes, count);
  if (buffer_.size() + count > kBufferBytes) flush();
  if (count >= kBufferBytes) {
    write_all(size_bytes_, static_cast<const char*>(bytes), count);
  } else {
    const auto* from = static_cast<const char*>(bytes);
    buffer_.insert(buffer_.end(), from, from + count);
  }
  size_bytes_ += static_cast<std::int64_t>(count);
}

void OutputFile::flush() {
  const std::int64_t offset = size_bytes_ - static_cast<std::int64_t>(buffer_.size());
  write_all(offset, buffer_.data(), buffer_.size());
  buffer_.clear();
}

void OutputFile::overwrite_at(std::int64_t offset, const void* bytes, std::size_t count) {
  flush();
  digest_.reset();
  write_all(offset, static_cast<const char*>(bytes), count);
  size_bytes_ = std::max(size_bytes_, offset + static_cast<std::int64_t>(count));
}

void OutputFile::truncate(std::int64_t size_bytes) {
  flush();
  digest_.reset();
  if (::ftruncate(descriptor_, static_cast<off_t>(size_bytes)) != 0) fail("cannot be cut", errno);
  size_bytes_ = size_bytes;
}

std::size_t OutputFile::read_at(std::int64_t offset, void* to, std::size_t count) {
  flush();
  std::size_t done = 0;
  while (done < count) {
    const ssize_t got = ::pread(descriptor_, static_cast<char*>(to) + done, count - done,
                                static_cast<off_t>(offset + static_cast<std::int64_t>(done)));
    if (got == 0) break;
    if (got < 0 && errno != EINTR) fail("cannot be read back", errno);
    done += static_cast<std::size_t>(std::max<ssize_t>(got, 0));
  }
  return done;
}

void OutputFile::write_all(std::int64_t offset, const char* bytes, std::size_t count) {
  while (count > 0) {
    const ssize_t written = ::pwrite(descriptor_, bytes, count, static_cast<off_t>(offset));
    if (written < 0) {
      if (errno == EINTR) continue;
      write_error_ = errno;
      fail("cannot be written", write_error_);
    }
    bytes += written;
    offset += written;
    count -= static_cast<std::size_t>(written);
  }
}

std::string OutputFile::hash_file() {
  Digest digest = Digest::sha256();
  std::vector<char> piece(kBufferBytes);
  for (std::int64_t at = 0;;) {
    const std::size_t got = read_at(at, piece.data(), piece.size());
    if (got == 0) break;
    digest.update(piece.data(), got);
    at += static_cast<std::int64_t>(got);
  }
  return digest.hex();
}

std::string OutputFile::commit() {
  if (write_error_ != 0) fail("cannot be written", write_error_);
  flush();
  std::string sha256 = digest_ ? digest_->hex() : digests_ ? hash_file() : "";
  if (::fsync(descriptor_) != 0) fail("cannot be flushed to disk", errno);
  // Network file systems report a full disk only here.
  if (::close(std::exchange(descriptor_, -1)) != 0) fail("cannot be written", errno);
  if (before_rename_) before_rename_(sha256);
  rename_into_place(sha256);
  const auto folder = path_.has_parent_path() ? path_.parent_path() : std::filesystem::path(".");
  const int folder_descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder_descriptor >= 0) {
    ::fsync(folder_descriptor);  // some file systems refuse; the file itself is safe
    ::close(folder_descriptor);
  }
  return sha256;
}

/// Whether what stands under the final name is what was written, which is then not needed.
bool OutputFile::adopts(const std::string& sha256) {
  if (!adopt_same_ || sha256.empty()) return false;
  const int there = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  if (there < 0) return false;
  Digest digest = Digest::sha256();
  std::vector<char> bytes(kBufferBytes);
  ssize_t count = 0;
  while ((count = ::read(there, bytes.data(), bytes.size())) > 0)
    digest.update(bytes.data(), static_cast<std::size_t>(count));
  ::close(there);
  return count == 0 && digest.hex() == sha256 && ::unlink(temporary_.c_str()) == 0;
}

void OutputFile::rename_into_place(const std::string& sha256) {
  Temporaries& all = Temporaries::instance();
  const std::lock_guard lock(all.mutex);
  if (all.files.count(temporary_) == 0) throw Cancelled();
  int result = -1;
  if (overwrite_) {
    result = ::rename(temporary_.c_str(), path_.c_str());
  } else {
    // Atomic where the file system can; elsewhere a name taken since the start is noticed first.
    result = ::renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, path_.c_str(), RENAME_NOREPLACE);
    if (result != 0 && (errno == EINVAL || errno == ENOSYS)) {
      std::error_code error;
      if (std::filesystem::exists(std::filesystem::symlink_status(path_, error))) {
        errno = EEXIST;
      } else {
        result = ::rename(temporary_.c_str(), path_.c_str());
      }
    }
  }
  if (result != 0 && errno == EEXIST && adopts(sha256)) {
    result = 0;
  } else if (result != 0 && errno == EEXIST && adopt_same_) {
    throw IoError(name_, "exists already and is something else; give --overwrite to replace it",
                  IoFault::output);
  } else if (result != 0 && errno == EEXIST) {
    throw IoError(name_, "exists already; give --overwrite to replace it", IoFault::output);
  }
  if (result != 0) fail("cannot be given its name", errno);
  all.files.erase(temporary_);
  temporary_.clear();
}

void OutputFile::abandon() noexcept {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
  if (!temporary_.empty()) {
    Temporaries& all = Temporaries::instance();
    const std::lock_guard lock(all.mutex);
    if (all.files.erase(temporary_) > 0) ::unlink(temporary_.c_str());
    temporary_.clear();
  }
  folders_.remove_empty();  // keeps what others filled
}

}  // namespace io
}  // namespace tutti
