// SPDX-License-Identifier: Apache-2.0
#include "host/catalogue/regular_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "host/io/read_fault.hpp"
#include "host/report/terminal_text.hpp"

namespace tutti::catalogue {

RegularFile::RegularFile(const std::filesystem::path& file) : name_(printable(file.string())) {
  descriptor_ = ::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (descriptor_ < 0)
    throw IoError(name_, std::string("can not be opened: ") + std::strerror(errno),
                  io::read_fault(errno));
  struct stat status {};
  const int error = ::fstat(descriptor_, &status) != 0 ? errno : 0;
  if (error == 0 && S_ISREG(status.st_mode)) {
    size_bytes_ = static_cast<std::uint64_t>(status.st_size);
    return;
  }
  ::close(descriptor_);
  if (error != 0)
    throw IoError(name_, std::string("can not be examined: ") + std::strerror(error),
                  io::read_fault(error));
  throw IoError(name_, "is no regular file; name one");
}

RegularFile::~RegularFile() { ::close(descriptor_); }

std::size_t RegularFile::read(void* to, std::size_t bytes) {
  for (;;) {
    const ssize_t got = ::read(descriptor_, to, bytes);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno == EINTR) continue;
    throw IoError(name_, std::string("can not be read: ") + std::strerror(errno),
                  io::read_fault(errno));
  }
}

void read_ahead(const std::filesystem::path& file) noexcept {
  constexpr off_t kMostBytes = off_t{256} << 20;
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0) return;
  struct stat status {};
  if (::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode))
    ::posix_fadvise(descriptor, 0, kMostBytes, POSIX_FADV_WILLNEED);
  ::close(descriptor);
}

}  // namespace tutti::catalogue
