// SPDX-License-Identifier: Apache-2.0
// What killed processes left behind in an output folder.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <vector>

namespace tutti {

struct Leftover {
  std::filesystem::path file;  ///< relative to the folder; of a bag the folder that it was made in
  std::uint64_t bytes = 0;
};

/// What nobody has written to for `older_than`, and nothing else: temporary files of writers
/// (".tutti-….part"; a render that still runs touches its own again and again), folders of that name
/// in which a bag was made, and notes of outputs (intent.hpp) that no run needs any more. Throws
/// IoError.
std::vector<Leftover> find_leftovers(const std::filesystem::path& out,
                                     std::chrono::seconds older_than);

/// Removes them. One that has gone since is no error. Throws IoError.
void remove_leftovers(const std::filesystem::path& out, const std::vector<Leftover>& leftovers);

}  // namespace tutti
