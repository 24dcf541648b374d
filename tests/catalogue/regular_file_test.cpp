// SPDX-License-Identifier: Apache-2.0
#include "host/catalogue/regular_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "host/audio/errors.hpp"
#include "tests/catalogue/fixture.hpp"

namespace tutti::test {
namespace {

constexpr std::size_t kBytes = std::size_t{8} << 20;

/// Share of a file's pages that are in memory.
double resident(const std::string& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY);
  void* const map = ::mmap(nullptr, kBytes, PROT_READ, MAP_SHARED, descriptor, 0);
  ::close(descriptor);
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  std::vector<unsigned char> pages(kBytes / page);
  ::mincore(map, kBytes, pages.data());
  ::munmap(map, kBytes);
  const auto count = std::count_if(pages.begin(), pages.end(), [](unsigned char p) { return p & 1; });
  return static_cast<double>(count) / static_cast<double>(pages.size());
}

void drop_from_memory(const std::string& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY);
  ::fsync(descriptor);
  ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED);
  ::close(descriptor);
}

TEST(ReadAhead, BringsAFileIntoMemoryBeforeItIsRead) {
  const TemporaryFolder folder;
  folder.write("x", std::string(kBytes, 'x'));
  drop_from_memory(folder.file("x"));
  if (resident(folder.file("x")) > 0.5) GTEST_SKIP() << "this file system keeps its files in memory";
  catalogue::read_ahead(folder.file("x"));
  for (int tries = 0; tries < 200 && resident(folder.file("x")) < 1; ++tries)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(resident(folder.file("x")), 1);
}

TEST(ReadAhead, PassesOverWhatIsNoFile) {
  const TemporaryFolder folder;
  ASSERT_EQ(::mkfifo(folder.file("pipe").c_str(), 0600), 0);
  catalogue::read_ahead(folder.file("pipe"));  // does not wait for a writer
  catalogue::read_ahead(folder.file("nothing"));
  EXPECT_THROW(catalogue::RegularFile(folder.file("pipe")), IoError);
}

}  // namespace
}  // namespace tutti::test
