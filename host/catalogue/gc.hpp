// SPDX-License-Identifier: Apache-2.0
// What killed processes left behind in an output folder.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <vector>

namespace tutti {

struct Leftover {
  std::filesystem::path file;  ///< relative to the folder
  std::uint64_t bytes = 0;
};

/// Temporary files of writers (".tutti-….part", nothing else) that nobody has written to for
/// `older_than`: a render that still runs touches its own again and again. Throws IoError.
std::vector<Leftover> find_leftovers(const std::filesystem::path& out,
                                     std::chrono::seconds older_than);

/// Removes them. One that has gone since is no error. Throws IoError.
void remove_leftovers(const std::filesystem::path& out, const std::vector<Leftover>& leftovers);

}  // namespace tutti
