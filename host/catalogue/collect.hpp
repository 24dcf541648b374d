// SPDX-License-Identifier: Apache-2.0
// Every sidecar under an output folder.
#pragma once

#include <filesystem>
#include <functional>

#include "host/catalogue/sidecar.hpp"

namespace tutti {

struct FoundSidecar {
  std::filesystem::path output;  ///< relative to the folder
  Sidecar sidecar;
  bool output_agrees = false;  ///< the output is there, and as long as its sidecar says
};

/// Calls `sink` with one sidecar after the other, sorted by the bytes of their names; 100,000 of
/// them are never in memory together. Other people's .json files are passed over. Throws IoError
/// when a folder can not be read.
void for_each_sidecar(const std::filesystem::path& out,
                      const std::function<void(FoundSidecar&& found)>& sink);

}  // namespace tutti
