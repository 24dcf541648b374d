// SPDX-License-Identifier: Apache-2.0
// Writes the collection of awkward files into a folder, as seeds of the decoder's fuzzer.
#include <filesystem>
#include <fstream>

#include "tests/io/awkward_files.hpp"

int main(int count, char** arguments) {
  if (count != 2) return 2;
  const std::filesystem::path folder = arguments[1];
  std::filesystem::create_directories(folder);
  int number = 0;
  for (const auto& file : tutti::test::awkward_files()) {
    // The head carries the structure; a fuzzer wants short inputs.
    const std::string head = file.bytes.substr(0, 4096);
    std::ofstream(folder / ("seed" + std::to_string(number++)), std::ios::binary)
        .write(head.data(), static_cast<std::streamsize>(head.size()));
  }
  return 0;
}
