// SPDX-License-Identifier: Apache-2.0
#include "host/io/file_pool.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <utility>

#include "host/audio/errors.hpp"
#include "host/io/read_fault.hpp"

namespace tutti::io {

/// The open descriptors, most recently used first. A file in use (`busy_`) is never closed by
/// others.
class DescriptorPool {
 public:
  static DescriptorPool& instance() {
    static auto* pool = new DescriptorPool;  // outlives every static reader
    return *pool;
  }

  int acquire(PooledFile& file) {
    {
      std::lock_guard lock(mutex_);
      if (file.descriptor_ >= 0) {
        open_.splice(open_.begin(), open_, file.place_);
        file.busy_ = true;
        return file.descriptor_;
      }
    }
    close_down_to(limit() - 1);
    int descriptor = file.open_descriptor();
    while (descriptor < 0 && (errno == EMFILE || errno == ENFILE) && close_down_to(count() - 1)) {
      descriptor = file.open_descriptor();
    }
    if (descriptor < 0) fail(file, errno);
    std::lock_guard lock(mutex_);
    open_.push_front(&file);
    file.place_ = open_.begin();
    file.descriptor_ = descriptor;
    file.busy_ = true;
    return descriptor;
  }

  void release(PooledFile& file) {
    std::lock_guard lock(mutex_);
    file.busy_ = false;
  }

  void forget(PooledFile& file) {
    std::lock_guard lock(mutex_);
    if (file.descriptor_ >= 0) close_one(file.place_);
  }

  int count() {
    std::lock_guard lock(mutex_);
    return static_cast<int>(open_.size());
  }

 private:
  // A quarter of what the process may hold leaves room for outputs, pipes and drivers.
  static int limit() {
    rlimit limits = {};
    getrlimit(RLIMIT_NOFILE, &limits);
    return static_cast<int>(std::clamp<rlim_t>(limits.rlim_cur / 4, 4, 200));
  }

  void close_one(std::list<PooledFile*>::iterator at) {
    PooledFile& file = **at;
    ::close(file.descriptor_);
    file.descriptor_ = -1;
    open_.erase(at);
  }

  /// Closes idle files, oldest first, until at most `target` are open; whether any was closed.
  bool close_down_to(int target) {
    std::lock_guard lock(mutex_);
    bool closed = false;
    auto at = open_.end();
    while (at != open_.begin() && static_cast<int>(open_.size()) > std::max(target, 0)) {
      const auto candidate = std::prev(at);
      if ((*candidate)->busy_) {
        at = candidate;
      } else {
        close_one(candidate);
        closed = true;
      }
    }
    return closed;
  }

  [[noreturn]] static void fail(const PooledFile& file, int error) {
    throw IoError(file.name(), std::string("cannot be opened: ") + std::strerror(error),
                  read_fault(error));
  }

  std::mutex mutex_;
  std::list<PooledFile*> open_;
};

namespace {

class Lease {
 public:
  explicit Lease(PooledFile& file)
      : file_(file), descriptor_(DescriptorPool::instance().acquire(file)) {}
  ~Lease() { DescriptorPool::instance().release(file_); }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  int descriptor() const { return descriptor_; }

 private:
  PooledFile& file_;
  int descriptor_;
};

}  // namespace

PooledFile::PooledFile(std::filesystem::path path) : path_(std::move(path)), name_(path_.string()) {
  const Lease lease(*this);
}

PooledFile::~PooledFile() { DescriptorPool::instance().forget(*this); }

int PooledFile::open_descriptor() {
  // Non-blocking: opening a pipe must not wait for a writer.
  const int descriptor = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return -1;
  struct stat status = {};
  const char* problem = nullptr;
  if (::fstat(descriptor, &status) != 0) {
    problem = "cannot be examined";
  } else if (S_ISDIR(status.st_mode)) {
    problem = "is a folder, not an audio file";
  } else if (!S_ISREG(status.st_mode)) {
    problem = "is not a regular file";
  } else if (size_bytes_ >= 0 &&
             (status.st_dev != device_ || status.st_ino != inode_ ||
              status.st_size != size_bytes_ || status.st_mtim.tv_sec != modified_.tv_sec ||
              status.st_mtim.tv_nsec != modified_.tv_nsec)) {
    problem = "changed while it was being read";
  }
  if (problem != nullptr) {
    ::close(descriptor);
    throw IoError(name_, problem);
  }
  size_bytes_ = status.st_size;
  device_ = status.st_dev;
  inode_ = status.st_ino;
  modified_ = status.st_mtim;
  return descriptor;
}

std::size_t PooledFile::read_at(std::int64_t offset, void* to, std::size_t bytes) {
  const Lease lease(*this);
  std::size_t done = 0;
  while (done < bytes) {
    const ssize_t got = ::pread(lease.descriptor(), static_cast<char*>(to) + done, bytes - done,
                                static_cast<off_t>(offset + static_cast<std::int64_t>(done)));
    if (got == 0) break;
    if (got < 0) {
      if (errno == EINTR) continue;
      throw IoError(name_, std::string("cannot be read: ") + std::strerror(errno),
                    read_fault(errno));
    }
    done += static_cast<std::size_t>(got);
  }
  return done;
}

int pooled_descriptors() { return DescriptorPool::instance().count(); }

}  // namespace tutti::io
